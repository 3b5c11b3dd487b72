//! Can this process do its work?

use std::time::{Duration, Instant};

use crate::context::Ctx;
use crate::error::ServiceError;

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

/// Writes something durable that changes nothing, and says how long that took.
///
/// # Errors
/// If it can't be written.
pub async fn write_test(cx: &Ctx) -> Result<Duration, ServiceError> {
    let (began, now) = (Instant::now(), cx.clock.now());
    cx.store.write(move |w| idp_store::instance::ensure(w, now)).await?;
    Ok(began.elapsed())
}
