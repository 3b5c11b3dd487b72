//! With several nodes on PostgreSQL there is one clock: the database's. Each node knows how far its own is away from
//! it.

use std::sync::Arc;

use idp_core::time::{Lifetime, Timestamp};

use crate::clock::Clock;
use crate::context::Ctx;
use crate::error::ServiceError;

/// A node whose own clock is farther away than this has a problem: others read its logs, its certificates, its tokens.
const ALARM: Lifetime = Lifetime::seconds(2);

pub(super) async fn run(cx: Arc<Ctx>) -> Result<(), ServiceError> {
    let before = Clock::own();
    let Some(there) = cx.store.read(idp_store::instance::clock).await? else { return Ok(()) };
    let after = Clock::own();
    let offset = there.since(Timestamp::from_micros(before.micros().midpoint(after.micros())));
    let unsure = Lifetime::from_micros((after.micros() - before.micros()) / 2);
    if offset.micros().abs() > ALARM.micros() {
        tracing::warn!(event = "clock_skew", micros = offset.micros(), "this machine's clock is not the database's");
    }
    cx.clock.follow(offset, unsure);
    Ok(())
}
