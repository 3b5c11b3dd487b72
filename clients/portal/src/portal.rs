//! A portal as one value, and how it is put together from its own pages and the shared ones. Not here: any page.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::{HeaderValue, header};
use switchboard_rp::{Clock, ConfigError, MemorySessions, Rp, SessionStore, SystemClock};

use crate::config::PortalConfig;
use crate::headers::{self, content_security_policy};
use crate::language::Language;
use crate::notices::{PortalPages, not_found};
use crate::{assets, preferences, settings, texts};

/// What makes a portal the one it is.
#[derive(Debug)]
pub struct Product {
    /// Begins the names of its cookies, and chooses its accent in the stylesheet.
    pub key: &'static str,
    /// The name in the header.
    pub name: &'static str,
    /// The name of the portal beside it.
    pub other_name: &'static str,
    /// The colour of its icon, as `#rrggbb`.
    pub accent: &'static str,
    /// The drawing on its icon: SVG in a square of 32, drawn in white lines.
    pub glyph: &'static str,
    /// The main navigation.
    pub sections: &'static [Section],
}

/// One entry of the main navigation.
#[derive(Debug)]
pub struct Section {
    /// Where it leads.
    pub path: &'static str,
    /// What it is called.
    pub label: fn(Language) -> &'static str,
    /// The path of its icon: SVG in a square of 24, drawn as lines.
    pub icon: &'static str,
}

impl Section {
    /// The settings page, which all portals have.
    pub const SETTINGS: Self = Self {
        path: "/settings",
        label: |language| texts::of(language).settings,
        icon: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
    };
}

/// The state of all handlers. Cheap to clone.
#[derive(Clone)]
pub struct Portal(Arc<Inner>);

struct Inner {
    product: &'static Product,
    config: PortalConfig,
    rp: Rp,
    content_security_policy: HeaderValue,
}

impl Portal {
    pub(crate) fn product(&self) -> &'static Product {
        self.0.product
    }

    pub(crate) fn config(&self) -> &PortalConfig {
        &self.0.config
    }

    pub(crate) fn rp(&self) -> &Rp {
        &self.0.rp
    }

    pub(crate) fn content_security_policy(&self) -> HeaderValue {
        self.0.content_security_policy.clone()
    }
}

impl FromRef<Portal> for Rp {
    fn from_ref(portal: &Portal) -> Self {
        portal.0.rp.clone()
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal").field("product", &self.0.product.key).finish_non_exhaustive()
    }
}

/// A portal that runs as one process.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router(product: &'static Product, config: PortalConfig, pages: Router<Portal>) -> Result<Router, ConfigError> {
    router_with_sessions(product, config, pages, MemorySessions::default())
}

/// A portal whose sessions are kept elsewhere, for one that runs on several machines.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router_with_sessions(
    product: &'static Product,
    config: PortalConfig,
    pages: Router<Portal>,
    sessions: impl SessionStore + 'static,
) -> Result<Router, ConfigError> {
    router_with(product, config, pages, (sessions, SystemClock))
}

/// A portal that takes the time from elsewhere, too.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router_with(
    product: &'static Product,
    config: PortalConfig,
    pages: Router<Portal>,
    (sessions, clock): (impl SessionStore + 'static, impl Clock + 'static),
) -> Result<Router, ConfigError> {
    let rp = Rp::builder(config.relying_party(product.key))
        .pages(PortalPages::new(product, config.clone()))
        .sessions(sessions)
        .clock(clock)
        .build()?;
    let content_security_policy = HeaderValue::try_from(content_security_policy(&config.issuer))
        .unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let portal = Portal(Arc::new(Inner { product, config, rp: rp.clone(), content_security_policy }));
    Ok(pages
        .merge(rp.router())
        .route("/settings", get(settings::page))
        .route("/theme", post(preferences::set_theme))
        .route("/language", post(preferences::set_language))
        .route("/assets/icon.svg", get(async || icon(product)))
        .route("/assets/app.webmanifest", get(async || manifest(product)))
        .route("/assets/{name}", get(assets::serve))
        .fallback(not_found)
        .layer(from_fn_with_state(portal.clone(), headers::add))
        .with_state(portal))
}

/// Lets a browser install the portal as an app with a window of its own (W3C Web Application Manifest).
fn manifest(product: &Product) -> impl IntoResponse + use<> {
    let manifest = serde_json::json!({
        "name": product.name, "id": "/", "start_url": "/", "scope": "/", "display": "standalone",
        "theme_color": product.accent, "background_color": "#ffffff",
        "icons": [{ "src": "/assets/icon.svg", "type": "image/svg+xml", "sizes": "any" }],
    });
    let head = [(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "public, max-age=86400")];
    (head, manifest.to_string())
}

fn icon(product: &Product) -> impl IntoResponse + use<> {
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"9\" fill=\"{}\"/>\
         <g fill=\"none\" stroke=\"#fff\" stroke-width=\"2.2\" stroke-linecap=\"round\" stroke-linejoin=\"round\">{}</g></svg>",
        product.accent, product.glyph
    );
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")], svg)
}
