#![doc = include_str!("../README.md")]
//!
//! # Where things are
//! [`router`] puts a portal together; its pages ask for a [`Visit`]. Signing in is the work of `switchboard_rp`; no
//! page of a single portal is in here.

mod assets;
mod config;
mod headers;
mod language;
mod notices;
mod portal;
mod preferences;
mod settings;
mod shell;
mod texts;
mod theme;
mod visit;

#[cfg(feature = "testing")]
pub mod testing;

pub use config::PortalConfig;
pub use language::Language;
pub use portal::{Portal, Product, Section, router, router_with, router_with_sessions};
pub use switchboard_rp::{Clock, ConfigError, MemorySessions, Person, Secret, SessionStore};
pub use theme::Theme;
pub use visit::{Visit, Who, company, initials};
