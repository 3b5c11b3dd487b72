//! The one place that asks for the time. A use case reads it once and hands `now` on.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use idp_core::time::{AHEAD, Lifetime, Timestamp};

/// A clock that never goes backwards within a process, unless it is corrected: behind by [`AHEAD`] or less, it stands
/// still until it has caught up; behind by more, it was wrong before, and tokens from the future help nobody. What was
/// used, revoked or ended stays so, as time doesn't decide that.
///
/// It is this machine's, or the database's: then it goes by what the database said last and by how long ago that was,
/// and whoever sets this machine's clock moves nothing.
#[derive(Debug)]
pub struct Clock {
    /// Goes on evenly, whoever sets a clock.
    began: Instant,
    /// What the database's clock said at `began`, in microseconds; 0 while this machine's own clock counts.
    there: AtomicI64,
    latest: AtomicI64,
    #[cfg(feature = "testing")]
    moved: Option<std::path::PathBuf>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self {
            began: Instant::now(),
            there: AtomicI64::new(0),
            latest: AtomicI64::new(0),
            #[cfg(feature = "testing")]
            moved: None,
        }
    }

    /// A clock that is moved by the seconds in a file. With a second number in it, this machine's own clock is wrong by
    /// so many seconds.
    #[cfg(feature = "testing")]
    pub fn moved(file: std::path::PathBuf) -> Self {
        Self { moved: Some(file), ..Self::system() }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        let read = match self.there.load(Ordering::Relaxed) {
            0 => self.own(),
            there => Timestamp::from_micros(there) + self.steady(),
        };
        #[cfg(feature = "testing")]
        let read = read + self.number(0);
        let read = read.micros();
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

    /// How long this clock has been there.
    pub(crate) fn steady(&self) -> Lifetime {
        Lifetime::from_micros(i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX))
    }

    /// Goes by another clock, which was read at some moment between `before` and `after`. Of what is possible it takes
    /// what is nearest to what it went by: a look that took long tells little, and moves nobody's clock. Tells how far
    /// ahead this machine's own clock is for certain, or behind, which is less than nothing.
    pub(crate) fn follow(&self, there: Timestamp, (before, after): (Lifetime, Lifetime)) -> Lifetime {
        let (earliest, latest) = (there.micros() - after.micros(), there.micros() - before.micros());
        let own = self.own().micros() - self.steady().micros();
        let known = match self.there.load(Ordering::Relaxed) {
            0 => own,
            known => known,
        };
        self.there.store(known.clamp(earliest, latest), Ordering::Relaxed);
        Lifetime::from_micros(own - own.clamp(earliest, latest))
    }

    /// This machine's own clock.
    fn own(&self) -> Timestamp {
        let own = system();
        #[cfg(feature = "testing")]
        let own = own + self.number(1);
        own
    }

    #[cfg(feature = "testing")]
    fn number(&self, which: usize) -> Lifetime {
        let text = self.moved.as_ref().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        Lifetime::seconds(text.split_whitespace().nth(which).and_then(|n| n.parse().ok()).unwrap_or(0))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The database says that it is `ahead` seconds later than this machine thinks, which is known for certain.
    fn follow(clock: &Clock, ahead: i64) -> Lifetime {
        let (at, there) = (clock.steady(), system() + Lifetime::seconds(ahead));
        clock.follow(there, (at, at))
    }

    /// How far it is from this machine's, in seconds.
    fn ahead(clock: &Clock) -> i64 {
        (clock.now().micros() - system().micros() + 500_000).div_euclid(1_000_000)
    }

    #[test]
    fn a_look_that_took_long_moves_no_clock_by_what_it_does_not_know() {
        let (second, at) = (Lifetime::seconds(1), Timestamp::from_seconds);
        let clock = Clock { there: AtomicI64::new(at(1_000).micros()), ..Clock::system() };
        let there = || Timestamp::from_micros(clock.there.load(Ordering::Relaxed)).seconds();
        let long = (Lifetime::seconds(8), Lifetime::seconds(12));
        for (said, goes_by) in [(1_010, 1_000), (1_012, 1_000), (1_062, 1_050), (1_058, 1_050), (1_052, 1_044)] {
            clock.follow(at(said), long);
            assert_eq!(there(), goes_by, "{said}");
        }
        clock.follow(at(1_052), (second, second));
        assert_eq!(there(), 1_051);
    }

    #[test]
    fn how_far_this_machine_is_away_is_told() {
        let clock = Clock::system();
        for ahead in [0, 10, -10] {
            assert_eq!((follow(&clock, ahead).micros() + 500_000).div_euclid(1_000_000), -ahead);
        }
        let long = (Lifetime::ZERO, Lifetime::seconds(20));
        assert_eq!(clock.follow(system() + Lifetime::seconds(10), long), Lifetime::ZERO, "it may well be right");
    }

    #[test]
    fn a_clock_stands_still_until_another_has_caught_up() {
        let clock = Clock::system();
        follow(&clock, 50);
        let before = clock.now();
        assert_eq!(ahead(&clock), 50);
        follow(&clock, 0);
        assert!(clock.now() >= before);
    }

    #[test]
    fn a_clock_that_was_wrong_by_far_is_corrected() {
        let clock = Clock::system();
        for hour in [3600, 0, -3600, 0] {
            follow(&clock, hour);
            assert_eq!((ahead(&clock), ahead(&clock)), (hour, hour));
        }
    }

    #[cfg(feature = "testing")]
    #[test]
    fn who_sets_this_machines_clock_moves_nothing_that_goes_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        let clock = Clock::moved(file.clone());
        let wrong = |by: i64| std::fs::write(&file, format!("0 {by}")).unwrap();
        wrong(-3600);
        assert_eq!(ahead(&clock), -3600);
        follow(&clock, 0);
        for by in [0, 7200, -7200] {
            wrong(by);
            assert_eq!(ahead(&clock), 0);
        }
    }
}
