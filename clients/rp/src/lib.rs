#![doc = include_str!("../README.md")]
//!
//! # Where things are
//! [`Rp`] is put together from an [`RpConfig`] and brings its routes; handlers ask for [`User`] or [`MaybeUser`].
//! [`Pages`] lets the application draw what the library has to say. No look and no text of any portal is in here.

mod activity;
mod clock;
mod config;
mod cookies;
mod exchange;
mod extract;
mod flow;
mod id_token;
mod local_path;
mod logout_token;
mod oidc;
mod pages;
mod provider;
mod routes;
mod rp;
mod same_origin;
mod session;
mod transport;

pub use clock::{Clock, SystemClock};
pub use config::{ConfigError, IdTokenAlgorithm, RpConfig, Secret};
pub use extract::{MaybeUser, User};
pub use local_path::LocalPath;
pub use pages::{Notice, Pages, PlainPages};
pub use rp::{Rp, RpBuilder};
pub use session::memory::MemorySessions;
pub use session::{Person, Session, SessionKey, SessionStore, StoreUnavailable, Tokens, Whose};
