//! The one place that asks for the time. A use case reads it once and hands `now` on.

use std::sync::atomic::{AtomicI64, Ordering};

use idp_core::time::Timestamp;

/// A clock that never goes backwards within a process.
#[derive(Debug)]
pub struct Clock {
    source: Source,
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
        Self { source: Source::System, latest: AtomicI64::new(0) }
    }

    /// The system's clock, moved by the seconds in a file.
    #[cfg(feature = "testing")]
    pub fn moved(file: std::path::PathBuf) -> Self {
        Self { source: Source::Moved(file), latest: AtomicI64::new(0) }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        let read = match &self.source {
            Source::System => system(),
            #[cfg(feature = "testing")]
            Source::Moved(file) => system() + moved_by(file),
        };
        Timestamp::from_micros(self.latest.fetch_max(read.micros(), Ordering::Relaxed).max(read.micros()))
    }
}

#[cfg(feature = "testing")]
fn moved_by(file: &std::path::Path) -> idp_core::time::Lifetime {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    idp_core::time::Lifetime::seconds(text.trim().parse().unwrap_or(0))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
