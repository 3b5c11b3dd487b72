//! Five in fifteen minutes: the arithmetic of the first-factor counter.
//!
//! An attempt is counted before it is proved, so that many at once can't pass five. Strangers and browsers the account
//! knows have a counter each; neither uses up the other's.

use serde::{Deserialize, Serialize};

use crate::time::{Lifetime, Timestamp};

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A browser the account has not been signed in from.
    Stranger,
    /// A browser the account has been signed in from.
    Known,
    /// Not tries at all: mails that were asked for.
    Mail,
}

impl Lane {
    /// The number a row holds.
    pub fn number(self) -> i32 {
        match self {
            Self::Stranger => 0,
            Self::Known => 1,
            Self::Mail => 2,
        }
    }

    /// How many guesses may be looked at in 24 hours.
    fn a_day(self) -> u32 {
        match self {
            Self::Stranger => 75,
            Self::Known => 25,
            Self::Mail => 0,
        }
    }
}

/// The policy of the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Failures that start a wait.
    pub threshold: u32,
    /// The first wait, and the window in which failures count together.
    pub wait: Lifetime,
}

/// A failure that still counts: from where, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A digest of the address and browser that tried.
    pub source: u64,
    /// When.
    pub at: Timestamp,
}

/// What a row remembers of one account and lane, or of one bucket of names nobody has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Failures that still count, at most as many as the threshold.
    pub failures: Vec<Failure>,
    /// How many waits there have been without a quiet day.
    pub level: u32,
    /// No attempt before this.
    pub blocked_until: Option<Timestamp>,
    /// Guesses looked at since `day_began`.
    pub day_count: u32,
    /// When the current 24 hours began.
    pub day_began: Option<Timestamp>,
    /// The newest failure, for the quiet day.
    pub last: Option<Timestamp>,
}

/// May the attempt be proved?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// It may; it counts as a failure until it is released.
    Granted,
    /// Not before this.
    Wait(Timestamp),
}

const DAY: Lifetime = Lifetime::hours(24);
const MOST_ENTRIES: usize = 50;

impl Counter {
    /// Counts an attempt, before it is proved.
    #[must_use]
    pub fn reserve(mut self, limits: Limits, lane: Lane, source: u64, now: Timestamp) -> (Self, Reservation) {
        self.forget(limits, now);
        if let Some(until) = self.blocked_until {
            return (self, Reservation::Wait(until));
        }
        if self.day_count >= lane.a_day() {
            let until = self.day_began.unwrap_or(now) + DAY;
            return (self, Reservation::Wait(until));
        }
        self.day_began.get_or_insert(now);
        self.day_count += 1;
        self.failures.push(Failure { source, at: now });
        self.last = Some(now);
        if self.count() >= limits.threshold {
            self.blocked_until = Some(now + wait(limits, self.level));
            self.level += 1;
        }
        (self, Reservation::Granted)
    }

    /// Takes back what a success reserved, and the failures from the same browser and address. Other people's stay.
    #[must_use]
    pub fn release(mut self, limits: Limits, source: u64) -> Self {
        let before = self.count();
        self.failures.retain(|f| f.source != source);
        self.day_count = self.day_count.saturating_sub(1);
        self.reopen(limits, before);
        self
    }

    /// Takes back one attempt that was never looked at; nothing else is forgiven.
    #[must_use]
    pub fn cancel(mut self, limits: Limits, source: u64) -> Self {
        let before = self.count();
        if let Some(at) = self.failures.iter().rposition(|f| f.source == source) {
            self.failures.remove(at);
            self.day_count = self.day_count.saturating_sub(1);
        }
        self.reopen(limits, before);
        self
    }

    /// Forgets failures from one browser and address: it has shown another way who it is. What was looked at today
    /// stays counted.
    #[must_use]
    pub fn forgive(mut self, limits: Limits, source: u64) -> Self {
        let before = self.count();
        self.failures.retain(|f| f.source != source);
        self.reopen(limits, before);
        self
    }

    /// Until when this browser waits, if it is the one that failed so often; others don't wait for it.
    pub fn waits_here(mut self, limits: Limits, source: u64, now: Timestamp) -> Option<Timestamp> {
        self.forget(limits, now);
        let here = self.failures.iter().filter(|f| f.source == source).count();
        self.blocked_until.filter(|_| u32::try_from(here).is_ok_and(|here| here >= limits.threshold))
    }

    /// Ends a wait that the attempt which was taken back had begun.
    fn reopen(&mut self, limits: Limits, before: u32) {
        if before >= limits.threshold && self.count() < limits.threshold && self.blocked_until.take().is_some() {
            self.level = self.level.saturating_sub(1);
        }
    }

    /// Drops what no longer counts: failures older than the window, a wait that is over, a day that is over. A time
    /// that no wait reaches was written by a clock that ran ahead: nobody waits for years because of it.
    fn forget(&mut self, limits: Limits, now: Timestamp) {
        let farthest = now + wait(limits, u32::MAX);
        let is_over = |until: Timestamp| until.reached(now) || !until.reached(farthest);
        if self.blocked_until.is_some_and(is_over) {
            self.blocked_until = None;
            self.failures.clear();
        }
        if self.blocked_until.is_none() {
            self.failures.retain(|f| now.since(f.at) < limits.wait);
            let surplus = self.failures.len().saturating_sub(MOST_ENTRIES);
            self.failures.drain(..surplus);
        }
        if self.day_began.is_some_and(|began| (began + DAY).reached(now) || !began.reached(farthest)) {
            self.day_began = None;
            self.day_count = 0;
        }
        if self.last.is_some_and(|last| (last + DAY).reached(now)) {
            self.level = 0;
        }
    }

    fn count(&self) -> u32 {
        u32::try_from(self.failures.len()).unwrap_or(u32::MAX)
    }
}

/// 15, 30, 60, then 120 minutes, if the first wait is 15.
fn wait(limits: Limits, level: u32) -> Lifetime {
    let factor = 1_i64 << level.min(3);
    Lifetime::seconds(limits.wait.as_seconds().saturating_mul(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { threshold: 5, wait: Lifetime::minutes(15) };
    const START: Timestamp = Timestamp::from_seconds(1_000_000);

    fn fail(counter: Counter, times: u32, now: Timestamp) -> (Counter, Reservation) {
        (0..times).fold((counter, Reservation::Granted), |(c, _), _| c.reserve(LIMITS, Lane::Stranger, 1, now))
    }

    #[test]
    fn a_passkey_waits_only_in_the_browser_that_failed() {
        let (counter, _) = fail(Counter::default(), 5, START);
        assert_eq!(counter.clone().waits_here(LIMITS, 1, START), Some(START + LIMITS.wait));
        assert_eq!(counter.clone().waits_here(LIMITS, 2, START), None, "strangers keep nobody out");
        assert_eq!(counter.clone().waits_here(LIMITS, 1, START + LIMITS.wait), None);
        let forgiven = counter.forgive(LIMITS, 1);
        assert_eq!((forgiven.count(), forgiven.day_count), (0, 5), "what was looked at stays counted");
    }

    #[test]
    fn the_sixth_attempt_waits_fifteen_minutes() {
        let (counter, fifth) = fail(Counter::default(), 5, START);
        assert_eq!(fifth, Reservation::Granted);
        let (counter, sixth) = counter.reserve(LIMITS, Lane::Stranger, 1, START);
        assert_eq!(sixth, Reservation::Wait(START + Lifetime::minutes(15)));
        let just_before = START + Lifetime::seconds(15 * 60 - 1);
        assert!(matches!(counter.clone().reserve(LIMITS, Lane::Stranger, 1, just_before).1, Reservation::Wait(_)));
        let at = START + Lifetime::minutes(15);
        assert_eq!(counter.reserve(LIMITS, Lane::Stranger, 1, at).1, Reservation::Granted);
    }

    #[test]
    fn waiting_attempts_do_not_lengthen_the_wait() {
        let (counter, _) = fail(Counter::default(), 5, START);
        let (counter, _) = fail(counter, 100, START + Lifetime::minutes(10));
        assert_eq!(counter.blocked_until, Some(START + Lifetime::minutes(15)));
    }

    #[test]
    fn waits_grow_and_a_quiet_day_ends_that() {
        let mut counter = Counter::default();
        let mut now = START;
        for minutes in [15, 30, 60, 120, 120] {
            (counter, _) = fail(counter, 5, now);
            assert_eq!(counter.blocked_until, Some(now + Lifetime::minutes(minutes)));
            now = now + Lifetime::minutes(minutes);
        }
        now = now + Lifetime::hours(24);
        (counter, _) = fail(counter, 5, now);
        assert_eq!(counter.blocked_until, Some(now + Lifetime::minutes(15)));
    }

    #[test]
    fn failures_older_than_the_window_do_not_count() {
        let (counter, _) = fail(Counter::default(), 4, START);
        let (counter, _) = fail(counter, 1, START + Lifetime::minutes(15));
        assert_eq!(counter.blocked_until, None);
    }

    #[test]
    fn a_right_fifth_attempt_does_not_start_a_wait() {
        let (counter, _) = fail(Counter::default(), 5, START);
        let counter = counter.release(LIMITS, 1);
        assert_eq!((counter.blocked_until, counter.level, counter.failures.len()), (None, 0, 0));
    }

    #[test]
    fn an_attempt_that_was_never_looked_at_costs_nothing_and_forgives_nothing() {
        let (counter, _) = fail(Counter::default(), 5, START);
        let counter = counter.cancel(LIMITS, 1);
        assert_eq!((counter.failures.len(), counter.day_count, counter.blocked_until, counter.level), (4, 4, None, 0));
    }

    #[test]
    fn a_success_clears_only_what_came_from_the_same_place() {
        let (counter, _) = fail(Counter::default(), 3, START);
        let (counter, _) = counter.reserve(LIMITS, Lane::Stranger, 2, START);
        assert_eq!(counter.release(LIMITS, 2).failures.len(), 3);
    }

    #[test]
    fn a_day_of_guessing_is_bounded_however_patient() {
        for (lane, most) in [(Lane::Stranger, 75), (Lane::Known, 25)] {
            let (mut counter, mut looked_at) = (Counter::default(), 0);
            for minute in 0..(24 * 60) {
                let now = START + Lifetime::minutes(minute);
                let (next, answer) = counter.reserve(LIMITS, lane, 1, now);
                counter = next;
                looked_at += u32::from(answer == Reservation::Granted);
            }
            assert!(looked_at <= most, "{lane:?}: {looked_at}");
        }
    }
}
