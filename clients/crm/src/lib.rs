#![doc = include_str!("../README.md")]
//!
//! # Where things are
//! This file names the pages; `pages` draws them, `texts` has their words, `articles` the documentation. Header,
//! settings, sign-in and sign-out are not in here.

mod articles;
mod pages;
mod texts;

use axum::Router;
use axum::routing::get;
use switchboard_portal::{ConfigError, MemorySessions, Portal, Product, Section, SessionStore};

pub use switchboard_portal::{Clock, PortalConfig, Secret};

const TILES: &str = "M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM13.5 13.5h6v6h-6z";
pub(crate) const TICKET: &str = "M4 7.5A1.5 1.5 0 0 1 5.5 6h13A1.5 1.5 0 0 1 20 7.5V10a2 2 0 0 0 0 4v2.5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 16.5V14a2 2 0 0 0 0-4zM14 6v2.2M14 10.9v2.2M14 15.8V18";
pub(crate) const BOOK: &str =
    "M12 6.5C10 5 7 4.7 4 5v13.5c3-.3 6 0 8 1.5 2-1.5 5-1.8 8-1.5V5c-3-.3-6 0-8 1.5zM12 6.5V20";

static CRM: Product = Product {
    key: "crm",
    name: "CRM Portal",
    other_name: "Voice Portal",
    accent: "#a8430f",
    glyph: r#"<path d="M8 11.5A1.5 1.5 0 0 1 9.5 10h13a1.5 1.5 0 0 1 1.5 1.5V14a2 2 0 0 0 0 4v2.5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 8 20.5V18a2 2 0 0 0 0-4zM18 10v2M18 15v2M18 20v2"/>"#,
    sections: &[
        Section { path: "/", label: |language| texts::of(language).dashboard, icon: TILES },
        Section { path: "/requests", label: |language| texts::of(language).requests, icon: TICKET },
        Section { path: "/documentation", label: |language| texts::of(language).documentation, icon: BOOK },
        Section::SETTINGS,
    ],
};

/// The portal as one process runs it.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router(config: PortalConfig) -> Result<Router, ConfigError> {
    switchboard_portal::router(&CRM, config, pages())
}

/// The portal with its sessions kept elsewhere, for one that runs on several machines.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router_with_sessions(
    config: PortalConfig,
    sessions: impl SessionStore + 'static,
) -> Result<Router, ConfigError> {
    switchboard_portal::router_with_sessions(&CRM, config, pages(), sessions)
}

/// The portal by another clock: that of a provider in the same process, which may be moved.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router_by(config: PortalConfig, clock: impl Clock + 'static) -> Result<Router, ConfigError> {
    switchboard_portal::router_with(&CRM, config, pages(), (MemorySessions::default(), clock))
}

fn pages() -> Router<Portal> {
    Router::new()
        .route("/", get(pages::dashboard))
        .route("/requests", get(pages::requests))
        .route("/documentation", get(pages::documentation))
}
