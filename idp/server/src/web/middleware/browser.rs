//! What a browser brings: cookies, wishes, an address. It gets an anonymous cookie at the first page; nothing is kept
//! here about it.
//!
//! Requests that change something have to come from our own pages: the browser says so itself (Fetch metadata, Origin),
//! and the form carries a token bound to the anonymous cookie. Both are checked.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use http::{HeaderMap, Method, header};
use idp_core::language::Language;
use idp_core::secret::{Secret, TokenHash};
use idp_core::time::Timestamp;
use idp_pages::shell::Theme;
use idp_service::visitor::Visitor;

use super::address;
use crate::web::cookies::{self, Jar, Kind};
use crate::web::middleware::log::Reference;
use crate::web::problem::page::Problem;
use crate::web::{App, Page};

/// What is known about the browser.
#[derive(Clone, Debug)]
pub struct Browser(Arc<Known>);

/// See [`Browser`].
#[derive(Debug)]
pub struct Known {
    /// For the use cases.
    pub visitor: Visitor,
    /// The token its forms carry.
    pub csrf: String,
    /// Light or dark.
    pub theme: Theme,
    /// The language chosen with the icon, and when.
    pub icon: Option<(Language, Timestamp)>,
    /// The browser's own wish.
    pub accepts: Option<Language>,
    /// The company remembered on this device.
    pub company: Option<String>,
    /// How somebody came in here the last time.
    pub last: Option<String>,
    /// No passkeys are offered here.
    pub wants_no_offer: bool,
    /// What a link from a mail carried.
    pub link: Option<Secret<String>>,
    /// The local address of this page, for forms that come back to it.
    pub here: String,
    /// What error pages and the log call this request.
    pub reference: String,
}

impl Known {
    /// What a page names the link by that it is about: another may be opened in another tab before its form is sent.
    pub fn link_name(&self) -> String {
        let link = self.link.as_ref().map_or("", |link| link.expose().as_str());
        TokenHash::of(link).bytes().first_chunk::<6>().map_or_else(String::new, |head| HEXLOWER.encode(head))
    }
}

impl std::ops::Deref for Browser {
    type Target = Known;
    fn deref(&self) -> &Known {
        &self.0
    }
}

/// Methods that change nothing (RFC 9110 section 9.2.1).
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Does the browser itself say that this comes from one of our pages? Where it says nothing, the form's token decides.
fn is_from_here(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), Some(from)) => site == "same-origin" && from == origin,
        (Some(site), None) => site == "same-origin",
        (None, Some(from)) => from == origin,
        (None, None) => true,
    }
}

/// Endpoints that other sites may send a browser to by POST; they read no cookie.
const OPEN_TO_OTHERS: [&str; 2] = ["/authorize", "/logout"];

/// Reads the browser, gives it an anonymous cookie if it has none, and refuses what other sites make it do.
pub async fn identify(app: &App, mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let jar = Jar::read(request.headers(), app.public().secure);
    let (anonymous, is_new) = match jar.get(Kind::Anonymous).filter(|v| v.len() == 43) {
        Some(value) => (value.to_owned(), false),
        None => match app.cx().random.bytes::<32>() {
            Ok(bytes) => (BASE64URL_NOPAD.encode(&bytes), true),
            Err(_none) => return http::StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    };
    let browser = know(app, &request, &jar, (&anonymous, is_new));
    let open = OPEN_TO_OTHERS.contains(&request.uri().path());
    let changes = !is_safe(request.method());
    if changes && !open && !is_from_here(request.headers(), &app.public().origin) {
        return Problem::StaleForm.page(app, &browser).await.into_response();
    }
    request.extensions_mut().insert(browser);
    let mut response = next(request).await;
    // Another site's form brings no cookie along; answering with a new one would take the browser's own away.
    if is_new && !(open && changes) {
        cookies::set(&mut response, &cookies::keep(Kind::Anonymous, &anonymous, app.public().secure));
    }
    response
}

fn know(app: &App, request: &Request, jar: &Jar, (anonymous, is_new): (&str, bool)) -> Browser {
    let digest = |kind| jar.get(kind).map(TokenHash::of);
    let accepts = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let path_and_query = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let here = if is_safe(request.method()) { path_and_query } else { "/" };
    Browser(Arc::new(Known {
        visitor: Visitor {
            address: address::of(app, request),
            agent: agent(request.headers()),
            anonymous: anonymous.to_owned(),
            is_new,
            browser: digest(Kind::Session),
            device: digest(Kind::Device),
        },
        csrf: token(app, anonymous),
        theme: jar.get(Kind::Theme).and_then(Theme::from_name).unwrap_or(Theme::System),
        icon: jar.get(Kind::Language).and_then(read_icon),
        accepts: accepts.and_then(Language::from_accept_language),
        company: jar.get(Kind::Company).map(str::to_owned),
        last: jar.get(Kind::Last).map(str::to_owned),
        wants_no_offer: jar.get(Kind::NoOffer).is_some(),
        link: jar.get(Kind::Link).map(|token| Secret::new(token.to_owned())),
        here: here.to_owned(),
        reference: request.extensions().get::<Reference>().map(ToString::to_string).unwrap_or_default(),
    }))
}

/// A browser in words that a person knows: the last names a program usually gives itself.
fn agent(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| text.contains(mark)).map(|(_, name)| *name);
    let program = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "?".to_owned(),
    }
}

/// `de.1764045000`: the language, and when it was chosen.
fn read_icon(text: &str) -> Option<(Language, Timestamp)> {
    let (tag, seconds) = text.split_once('.')?;
    Some((Language::from_tag(tag)?, Timestamp::from_seconds(seconds.parse().ok()?)))
}

/// The token of forms: a keyed digest of the anonymous cookie.
fn token(app: &App, anonymous: &str) -> String {
    let digest = app.cx().sealer.digest(&[b"form token", anonymous.as_bytes()]);
    digest.map(|d| BASE64URL_NOPAD.encode(&d)).unwrap_or_default()
}

impl Known {
    /// Does the form carry our token?
    pub fn owns(&self, app: &App, token: &str) -> bool {
        let Ok(digest) = BASE64URL_NOPAD.decode(token.as_bytes()) else { return false };
        let parts: [&[u8]; 2] = [b"form token", self.visitor.anonymous.as_bytes()];
        app.cx().sealer.is_digest(&digest, &parts).unwrap_or(false)
    }
}

/// A page with the status and headers of a refusal.
impl From<Page> for Response {
    fn from(page: Page) -> Self {
        page.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&'static str, &str)]) -> bool {
        let headers = pairs.iter().map(|(n, v)| (http::HeaderName::from_static(n), v.parse().unwrap())).collect();
        is_from_here(&headers, "https://id.example")
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        assert!(from(&[("sec-fetch-site", "same-origin"), ("origin", "https://id.example")]));
        assert!(from(&[("origin", "https://id.example")]));
        assert!(from(&[]));
        assert!(!from(&[("sec-fetch-site", "same-site"), ("origin", "https://id.example")]));
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        assert!(!from(&[("origin", "null")]));
        assert!(!from(&[("origin", "https://id.example.evil.example")]));
        assert!(!from(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")]));
    }

    #[test]
    fn an_icon_cookie_tells_its_time() {
        assert_eq!(read_icon("de.5"), Some((Language::De, Timestamp::from_seconds(5))));
        assert_eq!(read_icon("de"), None);
        assert_eq!(read_icon("xx.5"), None);
    }
}
