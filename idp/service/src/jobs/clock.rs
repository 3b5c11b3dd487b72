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
    let (offset, unsure) = away(there, (before, Clock::own()));
    if offset.micros().abs() > ALARM.micros() {
        tracing::warn!(event = "clock_skew", micros = offset.micros(), "this machine's clock is not the database's");
    }
    cx.clock.follow(offset, unsure);
    Ok(())
}

/// How far ahead the other clock is, or behind, which is less than nothing, and by how much that may be wrong: it was
/// read at some moment between two of ours.
fn away(there: Timestamp, (before, after): (Timestamp, Timestamp)) -> (Lifetime, Lifetime) {
    let middle = before.micros().midpoint(after.micros());
    (Lifetime::from_micros(there.micros() - middle), Lifetime::from_micros((after.micros() - before.micros()) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_clock_is_ahead_or_behind() {
        let (at, between) = (Timestamp::from_seconds, (Timestamp::from_seconds(100), Timestamp::from_seconds(102)));
        let (second, ten) = (Lifetime::seconds(1), Lifetime::seconds(10));
        assert_eq!(away(at(111), between), (ten, second));
        assert_eq!(away(at(91), between), (Lifetime::from_micros(-ten.micros()), second));
    }
}
