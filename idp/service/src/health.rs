//! Can this process do its work?

use crate::context::Ctx;

/// What readiness rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The database answers in time.
    pub database: bool,
    /// There are keys to sign with.
    pub keys: bool,
}

impl Readiness {
    /// All of it.
    pub fn is_ready(self) -> bool {
        self.database && self.keys
    }
}

/// Asks.
pub async fn readiness(cx: &Ctx) -> Readiness {
    let database = cx.store.read(idp_store::instance::epoch).await.is_ok();
    Readiness { database, keys: !cx.keys.current().keys().is_empty() }
}
