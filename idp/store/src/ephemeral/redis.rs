//! Budgets in Redis: one script a take, with a deadline of its own.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::road::Road;
use super::{Budget, EphemeralError};
use idp_core::time::{Lifetime, Timestamp};

/// Longer than this nobody waits for a budget.
const DEADLINE: Duration = Duration::from_millis(50);

/// After it didn't answer, Redis is left alone for so long: a frozen one must not cost everybody the deadline.
const REST: Duration = Duration::from_secs(1);

/// Counts in a window that begins with the first take, or only looks, which leaves nothing behind. Answers the count
/// and the milliseconds the window still has.
const COUNT: &str = r"
if ARGV[2] == '0' then
    return {tonumber(redis.call('GET', KEYS[1]) or '0'), redis.call('PTTL', KEYS[1])}
end
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}
";

/// A way to Redis, and whether it is used now.
#[derive(Clone)]
pub struct Redis {
    road: Road,
    /// Not before then.
    rests_until: Arc<Mutex<Option<Instant>>>,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

impl Redis {
    pub(super) async fn connect(url: &str) -> Result<Self, EphemeralError> {
        let road = Road::open(url, DEADLINE).await?;
        // A hosted Redis may forbid CONFIG; then its operator has to know.
        match road.policy().await {
            Some(policy) if policy != "noeviction" => {
                return Err(EphemeralError(format!(
                    "maxmemory-policy is {policy} and would drop counters; set it to noeviction"
                )));
            }
            Some(_noeviction) => {}
            None => tracing::warn!(
                event = "redis_policy_unknown",
                "CONFIG is refused; see that maxmemory-policy is noeviction"
            ),
        }
        Ok(Self { road, rests_until: Arc::default() })
    }

    /// Nothing if Redis didn't answer in time.
    pub(super) async fn take(&self, key: &str, budget: Budget, now: Timestamp) -> Option<Result<(), Timestamp>> {
        let (used, ends) = self.count(key, (budget, true), now).await?;
        Some(if used <= budget.most { Ok(()) } else { Err(ends) })
    }

    /// Nothing if Redis didn't answer in time.
    pub(super) async fn spent(&self, key: &str, budget: Budget, now: Timestamp) -> Option<Option<Timestamp>> {
        let (used, ends) = self.count(key, (budget, false), now).await?;
        Some((used >= budget.most).then_some(ends))
    }

    async fn count(&self, key: &str, (budget, more): (Budget, bool), now: Timestamp) -> Option<(u32, Timestamp)> {
        if self.rests() {
            return None;
        }
        let script = redis::Script::new(COUNT);
        let mut call = script.key(format!("idp:budget:{key}"));
        call.arg(budget.window.micros() / 1000).arg(i32::from(more));
        let Some((used, left_ms)) = self.road.ask(&call, DEADLINE).await else {
            self.rest();
            return None;
        };
        self.answered();
        Some((used, now + Lifetime::seconds(left_ms.max(0) / 1000 + 1)))
    }

    fn slot(&self) -> MutexGuard<'_, Option<Instant>> {
        self.rests_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is it left alone now? When its rest is over, one caller tries, and the next rest begins for the others.
    fn rests(&self) -> bool {
        let (mut until, now) = (self.slot(), Instant::now());
        match *until {
            None => false,
            Some(end) if end > now => true,
            Some(_over) => {
                *until = Some(now + REST);
                false
            }
        }
    }

    fn rest(&self) {
        let was = self.slot().replace(Instant::now() + REST);
        if was.is_none() {
            tracing::warn!(event = "redis_rests", "Redis did not answer in time; this process counts for itself");
        }
    }

    fn answered(&self) {
        if self.slot().take().is_some() {
            tracing::info!(event = "redis_is_back");
        }
    }
}
