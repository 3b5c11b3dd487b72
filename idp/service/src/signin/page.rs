//! What the pages before a sign-in know about the request that waits.

use std::sync::Arc;

use idp_core::account::Account;
use idp_core::federation::Connector;
use idp_core::ids::SessionId;
use idp_core::language::Language;
use idp_core::logout::Reason;
use idp_core::oidc::client::Client;
use idp_core::session::{MOST_ACCOUNTS, Method, Present, Session};
use idp_core::signin::identifier::{self, read_company};
use idp_core::tenant::{TenantCode, TenantState};
use idp_core::time::Timestamp;

use idp_store::identities::Connected;

use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::sessions;
use crate::visitor::Visitor;
use crate::waiting::{self, Opened, Restart};

/// What there is to know.
#[derive(Debug, Default)]
pub struct Page {
    /// The client that waits.
    pub client: Option<Arc<Client>>,
    /// Where the answer will go: the browser applies the page's policy to the redirect after the form, too.
    pub answer_origin: Option<String>,
    /// The company, if the request or the address says one.
    pub company: Option<Arc<Company>>,
    /// The language the client asks for.
    pub language: Option<Language>,
    /// When the request came.
    pub started: Option<Timestamp>,
    /// Who is probably meant.
    pub login_hint: String,
    /// Does the client want the person to prove again who he is?
    pub is_renewal: bool,
    /// Or that he has done so lately?
    pub wants_recent: bool,
    /// How the request begins again, if it can't be answered.
    pub restart: Option<Restart>,
}

/// Reads the sealed request, as far as pages need it. Nothing is decided here.
///
/// # Errors
/// If the database can't be read.
pub async fn page(
    cx: &Ctx,
    visitor: &Visitor,
    sealed: Option<&str>,
    code: Option<&TenantCode>,
) -> Result<Page, ServiceError> {
    let mut page = Page::default();
    let mut code = code.cloned();
    if let Some(sealed) = sealed {
        match waiting::open(cx, visitor, sealed, cx.clock.now())? {
            Opened::Good(waiting) => {
                let get = |name| waiting.params.get(name);
                page.language = get("ui_locales").and_then(Language::from_ui_locales);
                page.login_hint = get("login_hint").unwrap_or_default().to_owned();
                page.started = Some(waiting.started);
                page.wants_recent = get("max_age").is_some();
                page.is_renewal = get("prompt").is_some_and(|p| p.split(' ').any(|w| w == "login"));
                code = code.or_else(|| get("tenant").and_then(|t| t.parse().ok()));
                if let Some(client_id) = get("client_id") {
                    page.client = cx.client(client_id).await?;
                }
                let given = get("redirect_uri");
                page.answer_origin = page.client.as_ref().and_then(|c| {
                    let fits =
                        |uri: &&idp_core::oidc::redirect_uri::RedirectUri| given.is_none_or(|g| uri.as_str() == g);
                    c.redirect_uris.iter().find(fits).map(idp_core::oidc::redirect_uri::RedirectUri::origin)
                });
            }
            Opened::Restart(restart) => page.restart = Some(restart),
        }
    }
    if let Some(code) = &code {
        page.company = cx.company_by_code(code).await?;
    }
    Ok(page)
}

/// The company that somebody means, by its code or its name.
///
/// # Errors
/// If the database can't be read.
pub async fn company_named(cx: &Ctx, typed: &str) -> Result<Option<Arc<Company>>, ServiceError> {
    let spelled = read_company(typed);
    let found = cx.store.read(move |r| match &spelled {
        identifier::Company::Code(code) => match idp_store::tenants::by_code(r, code)? {
            Some(tenant) => Ok(Some(tenant)),
            None => idp_store::tenants::by_name(r, code.as_str()),
        },
        identifier::Company::Name(name) => idp_store::tenants::by_name(r, name),
    });
    match found.await? {
        Some(tenant) => cx.company(tenant.id).await.map(Some),
        None => Ok(None),
    }
}

/// Do the people of any company come in by another provider?
///
/// # Errors
/// If the database can't be read.
pub async fn has_connectors(cx: &Ctx) -> Result<bool, ServiceError> {
    Ok(cx.store.read(idp_store::connectors::is_any).await?)
}

/// An account that was signed in in this browser before.
#[derive(Debug)]
pub struct Past {
    /// The session that ended.
    pub session: Session,
    /// Its account.
    pub account: Account,
    /// Its company.
    pub company: Arc<Company>,
    /// The provider by which he came in, and what it calls him.
    pub by: Option<(Connector, String)>,
}

/// The accounts somebody can choose from.
#[derive(Debug, Default)]
pub struct Chooser {
    /// Signed in.
    pub here: Vec<Present>,
    /// Signed out; they have to sign in again.
    pub past: Vec<Past>,
}

/// Who is, and who was, signed in in this browser.
///
/// # Errors
/// If the database can't be read.
pub async fn chooser(cx: &Ctx, visitor: &Visitor) -> Result<Chooser, ServiceError> {
    let here = sessions::present(cx, visitor).await?;
    let (Some(browser), now) = (visitor.browser, cx.clock.now()) else { return Ok(Chooser::default()) };
    let read = cx.store.read(move |r| {
        let mut found: Vec<(Session, Account, Vec<Connected>)> = Vec::new();
        for session in idp_store::sessions::remembered(r, browser, now)? {
            let is_new = found.iter().all(|(s, ..)| s.account != session.account);
            if is_new && let Some(account) = idp_store::accounts::by_id(r, session.tenant, session.account)? {
                let is_by_provider = session.first_method() == Method::Upstream;
                let all = if is_by_provider { idp_store::identities::of(r, account.id)? } else { Vec::new() };
                found.push((session, account, all.into_iter().map(|(connected, ..)| connected).collect()));
            }
        }
        Ok(found)
    });
    let mut past = Vec::new();
    for (session, account, connected) in read.await? {
        let is_room = here.len() + past.len() < MOST_ACCOUNTS;
        if is_room && here.iter().all(|p| p.account.id != account.id) && account.state.may_sign_in() {
            let company = cx.company(account.tenant).await?;
            if company.tenant.state == TenantState::Active {
                let by = connected.into_iter().max_by_key(|one| one.used_at).and_then(|one| {
                    let connector = company.connectors.iter().find(|c| c.id == one.connector)?;
                    Some((connector.clone(), one.shown))
                });
                past.push(Past { session, account, company, by });
            }
        }
    }
    Ok(Chooser { here, past })
}

/// Offers an account no more in this browser, and signs it out if it is signed in.
///
/// # Errors
/// If the database can't be written.
pub async fn forget(cx: &Ctx, visitor: &Visitor, named: SessionId) -> Result<(), ServiceError> {
    let chooser = chooser(cx, visitor).await?;
    let here = chooser.here.into_iter().map(|p| p.session);
    let found = here.chain(chooser.past.into_iter().map(|p| p.session)).find(|s| s.id == named);
    let Some(session) = found else { return Ok(()) };
    let (browser, account) = (session.browser, session.account);
    sessions::sign_out(cx, visitor, session, Reason::Person).await?;
    Ok(cx.store.write(move |w| idp_store::sessions::stop_offering(w, browser, account)).await?)
}
