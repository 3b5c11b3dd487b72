//! HTTP: what comes in, what goes out. A file per resource; the routes are all in `router`.

pub mod account;
pub mod admin;
pub mod assets;
mod code;
pub mod cookies;
pub mod extract;
pub mod fast;
pub mod health;
pub mod help;
pub mod middleware;
pub mod oidc;
pub mod problem;
pub mod router;
pub mod shell;
pub mod signin;
pub mod ui;
pub mod well_known;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use idp_pages::shell::View;
use idp_service::context::Ctx;
use ipnet::IpNet;

use fast::Document;
pub use router::router;

/// What handlers share.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cx: Arc<Ctx>,
    public: Public,
    metadata: Document,
    jwks: RwLock<(u64, Document)>,
    stopping: AtomicBool,
}

/// How the outside reaches us; from the configuration, never from a request.
#[derive(Clone, Debug)]
pub struct Public {
    /// True on https: cookies are bound to it, and browsers are told to stay with it.
    pub secure: bool,
    /// The origin that our own pages have.
    pub origin: String,
    /// Proxies whose word about the client's address counts.
    pub trusted_proxies: Vec<IpNet>,
}

/// For how many seconds others may keep the metadata.
const METADATA_SECONDS: i64 = 300;

impl App {
    /// Puts the parts together.
    pub fn new(cx: Arc<Ctx>, public: Public) -> Self {
        let metadata = idp_core::oidc::discovery::document(&cx.settings.issuer).to_string().into_bytes();
        let metadata = Document::new(metadata, "application/json", METADATA_SECONDS).hardened(public.secure);
        let jwks = RwLock::new(jwks(&cx, &public));
        Self(Arc::new(Inner { cx, public, metadata, jwks, stopping: AtomicBool::new(false) }))
    }

    /// From now on we are not ready: no more clients should be sent here.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
    }

    /// Are we on our way out?
    pub fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Acquire)
    }

    /// The use cases' context.
    pub fn cx(&self) -> &Arc<Ctx> {
        &self.0.cx
    }

    /// How the outside reaches us.
    pub fn public(&self) -> &Public {
        &self.0.public
    }

    /// What we say about ourselves.
    pub fn metadata(&self) -> Document {
        self.0.metadata.clone()
    }

    /// Our keys: made into a document once, until they change.
    pub fn jwks(&self) -> Document {
        let kept = self.0.jwks.read().unwrap_or_else(PoisonError::into_inner).clone();
        if kept.0 == idp_service::keys::version(&self.0.cx) {
            return kept.1;
        }
        let fresh = jwks(&self.0.cx, &self.0.public);
        self.0.jwks.write().unwrap_or_else(PoisonError::into_inner).clone_from(&fresh);
        fresh.1
    }
}

fn jwks(cx: &Ctx, public: &Public) -> (u64, Document) {
    let published = idp_service::keys::published(cx);
    let document = Document::new(published.jwks, "application/json", published.seconds);
    (published.version, document.hardened(public.secure))
}

/// A page on its way out.
#[derive(Debug)]
pub struct Page {
    html: String,
    status: StatusCode,
    answer_origin: Option<String>,
}

impl Page {
    /// A page.
    pub fn new(view: &impl View) -> Self {
        Self { html: view.render(), status: StatusCode::OK, answer_origin: None }
    }

    /// With another status.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// With a form whose answer leads to that origin in the end: browsers hold `form-action` against the redirect, too.
    #[must_use]
    pub fn answering(self, answer_origin: Option<String>) -> Self {
        Self { answer_origin, ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response =
            (self.status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], self.html).into_response();
        let policy = middleware::headers::content_security_policy(self.answer_origin.as_deref());
        if let Ok(value) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
        }
        response
    }
}

/// To another address, by GET, whatever brought the browser here (RFC 9700 section 4.12).
pub fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(value) => (StatusCode::SEE_OTHER, [(header::LOCATION, value)]).into_response(),
        Err(_unfit) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A local address with parameters.
pub fn local(path: &str, params: &[(&str, &str)]) -> String {
    if params.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    format!("{path}?{query}")
}
