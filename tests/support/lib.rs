//! What tests are made of: a provider in this process, browsers and clients that talk to it, a clock that tests set,
//! and the databases to run on.

mod authenticator;
mod backend;
mod browser;
mod client;
mod idp;
pub mod inputs;
pub mod passkey;
mod postgres;
mod process;
mod proxy;
mod slow;
mod smtp;
mod tls;
pub mod upstream;

pub use authenticator::Authenticator;
pub use backend::{Backend, backends, redis_url, rounds};
pub use browser::{Browser, Page};
pub use client::{Client, Tokens, VERIFIER};
pub use idp::{DOCUMENT, TestIdp};
pub use postgres::{Postgres, Restart};
pub use process::{CROWD, Process, Setup, Signal, Size, free_port, signal, somebody};
pub use proxy::{Flow, Proxy};
pub use slow::Shape;
pub use smtp::{MailServer, Mood};
pub use tls::SelfSigned;

use idp_core::time::Timestamp;
use idp_service::clock::Clock;

/// What browsers and clients speak HTTP with. It follows nothing, and lets go of a connection it doesn't use before the
/// server does: one that was opened for a crowd and then not needed hears nothing for five seconds and is closed, maybe
/// just now.
fn http() -> reqwest::ClientBuilder {
    let idle = std::time::Duration::from_secs(3);
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).pool_idle_timeout(idle)
}

/// Now, by the clock on the wall: nearly that of a provider whose clock a test moved by little.
pub fn now() -> Timestamp {
    Clock::system().now()
}

/// The body of an ID token or logout token, unverified: tests look at claims with it.
pub fn claims(jwt: &str) -> serde_json::Value {
    let body = jwt.split('.').nth(1).expect("a token has three parts");
    let bytes = data_encoding::BASE64URL_NOPAD.decode(body.as_bytes()).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// Compares text with a golden file; `UPDATE_GOLDEN=1` writes it anew.
pub fn golden(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).expect("golden file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, text, "{name} changed; look at it, then run with UPDATE_GOLDEN=1");
}
