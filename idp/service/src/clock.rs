//! The one place that asks for the time. A use case reads it once and hands `now` on.

use std::sync::atomic::{AtomicI64, Ordering};

use idp_core::time::{AHEAD, Lifetime, Timestamp};

/// A clock that never goes backwards within a process, unless it is corrected: behind by [`AHEAD`] or less, it stands
/// still until it has caught up; behind by more, it was wrong before, and tokens from the future help nobody. What was
/// used, revoked or ended stays so, as time doesn't decide that.
#[derive(Debug)]
pub struct Clock {
    source: Source,
    /// What has to be added to the system's clock to have the database's, in microseconds.
    offset: AtomicI64,
    latest: AtomicI64,
}

#[derive(Debug)]
enum Source {
    System,
    /// The system's, moved by the number of seconds that stands in a file. Tests set it; releases can't.
    #[cfg(feature = "testing")]
    Moved(std::path::PathBuf),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self { source: Source::System, offset: AtomicI64::new(0), latest: AtomicI64::new(0) }
    }

    /// The system's clock, moved by the seconds in a file.
    #[cfg(feature = "testing")]
    pub fn moved(file: std::path::PathBuf) -> Self {
        Self { source: Source::Moved(file), offset: AtomicI64::new(0), latest: AtomicI64::new(0) }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        let read = match &self.source {
            Source::System => system(),
            #[cfg(feature = "testing")]
            Source::Moved(file) => system() + moved_by(file),
        };
        let read = read.micros() + self.offset.load(Ordering::Relaxed);
        let latest = self.latest.fetch_max(read, Ordering::Relaxed).max(read);
        if latest - read <= AHEAD.micros() {
            return Timestamp::from_micros(latest);
        }
        // One of those who notice takes it back.
        if self.latest.compare_exchange(latest, read, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tracing::error!(event = "clock_went_back", micros = latest - read, "the clock ran ahead and was corrected");
        }
        Timestamp::from_micros(read)
    }

    /// This machine's own clock.
    pub(crate) fn own() -> Timestamp {
        system()
    }

    /// Goes by another clock that is so far ahead or behind, give or take what isn't known. Of what is possible it takes what is
    /// nearest to what it went by: a look that took long tells little, and moves nobody's clock.
    pub(crate) fn follow(&self, offset: Lifetime, unsure: Lifetime) {
        let (offset, unsure) = (offset.micros(), unsure.micros().max(0));
        let known = self.offset.load(Ordering::Relaxed);
        self.offset.store(known.clamp(offset - unsure, offset + unsure), Ordering::Relaxed);
    }
}

#[cfg(feature = "testing")]
fn moved_by(file: &std::path::Path) -> Lifetime {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    Lifetime::seconds(text.trim().parse().unwrap_or(0))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SURE: Lifetime = Lifetime::seconds(0);

    #[test]
    fn a_look_that_took_long_moves_no_clock_by_what_it_does_not_know() {
        let clock = Clock::system();
        let offset = || clock.offset.load(Ordering::Relaxed);
        clock.follow(Lifetime::seconds(1), Lifetime::seconds(1));
        assert_eq!(offset(), 0, "it may well be none");
        clock.follow(Lifetime::seconds(50), Lifetime::seconds(1));
        assert_eq!(offset(), Lifetime::seconds(49).micros());
        clock.follow(Lifetime::seconds(48), Lifetime::seconds(1));
        assert_eq!(offset(), Lifetime::seconds(49).micros());
        clock.follow(Lifetime::seconds(48), SURE);
        assert_eq!(offset(), Lifetime::seconds(48).micros());
        clock.follow(Lifetime::from_micros(-Lifetime::seconds(5).micros()), Lifetime::seconds(1));
        assert_eq!(offset(), -Lifetime::seconds(4).micros(), "it may be behind, too");
    }

    #[test]
    fn a_clock_stands_still_until_another_has_caught_up() {
        let clock = Clock::system();
        let before = clock.now();
        clock.follow(Lifetime::seconds(50), SURE);
        let ahead = clock.now();
        assert!(ahead.since(before).micros() >= Lifetime::seconds(50).micros());
        clock.follow(Lifetime::seconds(0), SURE);
        assert!(clock.now() >= ahead);
    }

    #[test]
    fn a_clock_that_was_wrong_by_far_is_corrected() {
        let clock = Clock::system();
        let before = clock.now();
        clock.follow(Lifetime::hours(1), SURE);
        assert!(clock.now().since(before).micros() >= Lifetime::hours(1).micros());
        clock.follow(Lifetime::seconds(0), SURE);
        for _ in 0..2 {
            assert!(clock.now().since(before).micros() < Lifetime::minutes(1).micros());
        }
    }
}
