//! The one place that asks for the time. A use case reads it once and hands `now` on.

use std::sync::atomic::{AtomicI64, Ordering};

use idp_core::time::{Lifetime, Timestamp};

/// A clock that never goes backwards within a process.
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
        Timestamp::from_micros(self.latest.fetch_max(read, Ordering::Relaxed).max(read))
    }

    /// This machine's own clock.
    pub(crate) fn own() -> Timestamp {
        system()
    }

    /// Goes by another clock that is so far ahead.
    pub(crate) fn follow(&self, offset: Lifetime) {
        self.offset.store(offset.micros(), Ordering::Relaxed);
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

    #[test]
    fn a_clock_follows_another_and_never_goes_back() {
        let clock = Clock::system();
        let before = clock.now();
        clock.follow(Lifetime::hours(1));
        let ahead = clock.now();
        assert!(ahead.since(before).micros() >= Lifetime::hours(1).micros());
        clock.follow(Lifetime::seconds(0));
        assert!(clock.now() >= ahead, "it stands still until the other clock has caught up");
    }
}
