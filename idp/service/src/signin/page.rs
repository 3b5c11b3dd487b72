//! What the pages before a sign-in know about the request that waits.

use std::sync::Arc;

use idp_core::language::Language;
use idp_core::oidc::client::Client;
use idp_core::session::Present;
use idp_core::tenant::TenantCode;
use idp_core::time::Timestamp;

use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::sessions;
use crate::visitor::Visitor;
use crate::waiting::{self, Opened};

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
    /// The query with which to ask again, if the request is too old or another browser's.
    pub again: Option<String>,
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
            Opened::Again(params) => page.again = Some(params.to_query()),
            Opened::Nothing => page.again = Some(String::new()),
        }
    }
    if let Some(code) = &code {
        page.company = cx.company_by_code(code).await?;
    }
    Ok(page)
}

/// The accounts somebody can choose from.
///
/// # Errors
/// If the database can't be read.
pub async fn chooser(cx: &Ctx, visitor: &Visitor) -> Result<Vec<Present>, ServiceError> {
    sessions::present(cx, visitor).await
}
