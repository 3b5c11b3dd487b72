//! What surrounds a page: the language, the theme, whose page it is, who is signed in.

use idp_core::account::Account;
use idp_core::ids::TenantId;
use idp_core::language::{Language, Wishes};
use idp_core::session::Present;
use idp_pages::shell::{Brand, Shell, SignedIn};
use idp_service::context::Company;
use idp_service::signin;

use crate::web::App;
use crate::web::middleware::browser::Browser;

/// What a page knows beside the browser.
#[derive(Debug, Default)]
pub struct Around<'a> {
    /// The request that waits.
    pub waiting: Option<&'a signin::Page>,
    /// The company, if it is known and nobody is signed in yet.
    pub tenant: Option<TenantId>,
    /// Whose page it is.
    pub present: Option<&'a Present>,
    /// Whose page it was: his language goes on.
    pub left: Option<&'a Account>,
    /// The local address that the language and theme forms come back to, if not this one.
    pub here: Option<String>,
}

/// Builds what surrounds a page. Without the database the vendor's name and the browser's language have to do.
pub async fn shell(app: &App, browser: &Browser, around: Around<'_>) -> Shell {
    let vendor = app.cx().company(app.cx().vendor).await.ok();
    let owner = around.present.map(|p| &p.account).or(around.left).map(|a| a.tenant).or(around.tenant);
    let company = match (owner, around.waiting) {
        (Some(tenant), _) => app.cx().company(tenant).await.ok(),
        (None, Some(waiting)) => waiting.company.clone(),
        (None, None) => None,
    };
    let general = vendor.as_ref().map_or(Language::En, |v| v.policy.language());
    Shell {
        language: wishes(browser, &around, company.as_deref()).decide(general),
        theme: browser.theme,
        brand: brand(app, company.as_deref().or(vendor.as_deref()), company.is_some()),
        csrf: browser.csrf.clone(),
        here: around.here.unwrap_or_else(|| browser.here.clone()),
        signed_in: around.present.map(|present| signed_in(app, present)),
        pseudo: None,
    }
}

/// Whose page is it, where everybody may see it? That of the account which the address names, or of the only one there
/// is.
pub async fn whose(app: &App, browser: &Browser) -> Option<Present> {
    let mut here = idp_service::sessions::present(app.cx(), &browser.visitor).await.unwrap_or_default();
    let query = browser.here.split_once('?').map_or("", |(_, query)| query);
    let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "as").map(|(_, value)| value);
    match named {
        Some(id) => here.into_iter().find(|p| p.session.id.to_string() == *id),
        None => here.pop().filter(|_| here.is_empty()),
    }
}

/// What surrounds a page that has to do without the database.
pub fn shell_alone(app: &App, browser: &Browser) -> Shell {
    let around = Around::default();
    Shell {
        language: wishes(browser, &around, None).decide(Language::En),
        theme: browser.theme,
        brand: brand(app, None, false),
        csrf: browser.csrf.clone(),
        here: browser.here.clone(),
        signed_in: None,
        pseudo: None,
    }
}

fn wishes(browser: &Browser, around: &Around<'_>, company: Option<&Company>) -> Wishes {
    let started = around.waiting.and_then(|w| w.started);
    Wishes {
        request: around.waiting.and_then(|w| w.language),
        person: around.present.map(|p| &p.account).or(around.left).and_then(|a| a.language),
        icon: browser.icon.map(|(language, _)| language),
        icon_is_newer: browser.icon.is_some_and(|(_, at)| started.is_some_and(|s| at.seconds() >= s.seconds())),
        company: company.map(|c| c.tenant.language),
        browser: browser.accepts,
    }
}

fn brand(app: &App, company: Option<&Company>, is_known: bool) -> Brand {
    let own = company.filter(|_| is_known).map(|c| c.tenant.name.clone());
    let set = company.and_then(|c| c.policy.brand()).map(str::to_owned);
    Brand {
        name: set.or(own).unwrap_or_else(|| app.cx().settings.product.clone()),
        terms: company.and_then(|c| c.policy.terms()).map(str::to_owned),
        privacy: company.and_then(|c| c.policy.privacy()).map(str::to_owned),
    }
}

fn signed_in(app: &App, present: &Present) -> SignedIn {
    SignedIn {
        session: present.session.id.to_string(),
        name: present.account.name.clone(),
        username: present.account.username(&present.tenant.code),
        admin: idp_service::sessions::actor(app.cx(), present).has_console(),
    }
}
