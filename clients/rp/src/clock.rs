//! The time as the library sees it, and the few sums it does with times. Not here: what the times are compared for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time. An application hands over [`SystemClock`]; a test hands over one that it can set.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> SystemTime;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place of this library where time enters")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// How long ago `then` was; zero where it lies ahead, because a machine's clock may be set back.
pub(crate) fn since(now: SystemTime, then: SystemTime) -> Duration {
    now.duration_since(then).unwrap_or_default()
}

/// Seconds of the Unix epoch, the form in which tokens and cookies carry time.
pub(crate) fn unix_seconds(time: SystemTime) -> i64 {
    i64::try_from(since(time, UNIX_EPOCH).as_secs()).unwrap_or(i64::MAX)
}
