//! Moments and lengths of time, in microseconds. Nothing here reads a clock: `now` is always an argument.

use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// A moment, in microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A length of time, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lifetime(i64);

/// By less than this clocks may differ, or one may go back, without anybody calling it wrong.
pub const AHEAD: Lifetime = Lifetime::minutes(1);

impl Timestamp {
    /// The moment a row holds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A moment of a token (RFC 7519 section 2, `NumericDate`).
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// What a row holds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// What a token says (RFC 7519 section 2, `NumericDate`).
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// True from this moment on: something that expires at `self` is dead at exactly that time.
    pub fn reached(self, now: Self) -> bool {
        now >= self
    }

    /// True if a clock that ran ahead wrote this: it lies more than [`AHEAD`] after `now`. What was made at such a time
    /// is worth nothing, or its life would be longer by as much as the clock was wrong.
    pub fn is_ahead(self, now: Self) -> bool {
        self.0 > now.0.saturating_add(AHEAD.0)
    }

    /// How long ago `earlier` was; nothing if it lies ahead.
    pub fn since(self, earlier: Self) -> Lifetime {
        Lifetime(self.0.saturating_sub(earlier.0).max(0))
    }

    /// The earlier of two moments.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        self.min(other)
    }
}

impl Lifetime {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The length a row holds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// So many seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }

    /// So many minutes.
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }

    /// So many hours.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n.saturating_mul(60))
    }

    /// So many days.
    pub const fn days(n: i64) -> Self {
        Self::hours(n.saturating_mul(24))
    }

    /// Whole seconds, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Whole seconds, rounded up: what a `Retry-After` needs so that a prompt client isn't early.
    pub const fn seconds_up(self) -> i64 {
        self.0.saturating_add(999_999).div_euclid(1_000_000)
    }

    /// Microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl Add<Lifetime> for Timestamp {
    type Output = Self;
    fn add(self, length: Lifetime) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub<Lifetime> for Timestamp {
    type Output = Self;
    fn sub(self, length: Lifetime) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_ends_exactly_after_sixty_minutes() {
        let start = Timestamp::from_seconds(1_000);
        let end = start + Lifetime::hours(1);
        assert!(!end.reached(start + Lifetime::seconds(3599)));
        assert!(end.reached(start + Lifetime::seconds(3600)));
    }

    #[test]
    fn waiting_is_rounded_up() {
        assert_eq!((Timestamp::from_micros(1_000_001).since(Timestamp::from_micros(0))).seconds_up(), 2);
    }
}
