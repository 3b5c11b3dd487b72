//! With several nodes on PostgreSQL there is one clock: the database's. Each node goes by it.

use idp_core::time::Lifetime;
use idp_store::Store;

use crate::clock::Clock;
use crate::error::ServiceError;

/// A node whose own clock is farther away than this has a problem: others read its logs and its certificates.
const ALARM: Lifetime = Lifetime::seconds(2);

pub(super) async fn look(store: &Store, clock: &Clock) -> Result<(), ServiceError> {
    let before = clock.steady();
    let Some(there) = store.read(idp_store::instance::clock).await? else { return Ok(()) };
    let wrong = clock.follow(there, (before, clock.steady()));
    if wrong.micros().abs() > ALARM.micros() {
        tracing::warn!(
            event = "clock_skew",
            ahead_micros = wrong.micros(),
            "this machine's clock is not the database's"
        );
    }
    Ok(())
}
