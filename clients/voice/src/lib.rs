#![doc = include_str!("../README.md")]
//!
//! # Where things are
//! This file names the pages; `pages` draws them, `texts` has their words. Header, settings, sign-in and sign-out are
//! not in here.

mod pages;
mod texts;

use axum::Router;
use axum::routing::get;
use switchboard_portal::{ConfigError, MemorySessions, Portal, Product, Section, SessionStore};

pub use switchboard_portal::{Clock, PortalConfig, Secret};

pub(crate) const HANDSET: &str =
    "M6.5 4.5h3l1.5 4-2 1.5a11 11 0 0 0 5 5l1.5-2 4 1.5v3a2 2 0 0 1-2 2A13 13 0 0 1 4.5 6.5a2 2 0 0 1 2-2z";
pub(crate) const HISTORY: &str = "M4.6 14.5A8 8 0 1 0 5 8M4.5 4.5V8.5h4M12 8v4.2l2.8 1.8";
const PEOPLE: &str = "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18.5 14.2a6.5 6.5 0 0 1 3 5.8";

static VOICE: Product = Product {
    key: "voice",
    name: "Voice Portal",
    other_name: "CRM Portal",
    accent: "#2456c7",
    glyph: r#"<path d="M10.5 8.5h3l1.5 4-2 1.5a11 11 0 0 0 5 5l1.5-2 4 1.5v3a2 2 0 0 1-2 2A13 13 0 0 1 8.5 10.5a2 2 0 0 1 2-2z"/>"#,
    sections: &[
        Section { path: "/", label: |language| texts::of(language).phone, icon: HANDSET },
        Section { path: "/calls", label: |language| texts::of(language).calls, icon: HISTORY },
        Section { path: "/team", label: |language| texts::of(language).team, icon: PEOPLE },
        Section::SETTINGS,
    ],
};

/// The portal as one process runs it.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router(config: PortalConfig) -> Result<Router, ConfigError> {
    switchboard_portal::router(&VOICE, config, pages())
}

/// The portal with its sessions kept elsewhere, for one that runs on several machines.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router_with_sessions(
    config: PortalConfig,
    sessions: impl SessionStore + 'static,
) -> Result<Router, ConfigError> {
    switchboard_portal::router_with_sessions(&VOICE, config, pages(), sessions)
}

/// The portal by another clock: that of a provider in the same process, which may be moved.
///
/// # Errors
/// What is wrong with the settings. The provider need not be up.
pub fn router_by(config: PortalConfig, clock: impl Clock + 'static) -> Result<Router, ConfigError> {
    switchboard_portal::router_with(&VOICE, config, pages(), (MemorySessions::default(), clock))
}

fn pages() -> Router<Portal> {
    Router::new().route("/", get(pages::phone)).route("/calls", get(pages::calls)).route("/team", get(pages::team))
}
