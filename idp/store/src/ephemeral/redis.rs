//! Budgets in Redis: one script a take, with a deadline of its own.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use idp_core::time::{Lifetime, Timestamp};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::{Budget, EphemeralError};

/// Longer than this nobody waits for a budget.
const DEADLINE: Duration = Duration::from_millis(50);

/// After it didn't answer, Redis is left alone for so long: a frozen one must not cost everybody the deadline.
const REST: Duration = Duration::from_secs(1);

/// Counts in a window that begins with the first take. Answers the count and the milliseconds the window still has.
const TAKE: &str = r"
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}
";

/// A connection that mends itself.
#[derive(Clone)]
pub struct Redis {
    manager: ConnectionManager,
    /// Not before then.
    rests_until: Arc<Mutex<Option<Instant>>>,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

fn refused(cause: &impl fmt::Display) -> EphemeralError {
    EphemeralError(cause.to_string())
}

impl Redis {
    pub(super) async fn connect(url: &str) -> Result<Self, EphemeralError> {
        let client = redis::Client::open(url).map_err(|e| refused(&e))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(DEADLINE))
            .set_number_of_retries(1);
        let mut manager = client.get_connection_manager_with_config(config).await.map_err(|e| refused(&e))?;
        let answer: Result<Vec<String>, _> =
            redis::cmd("CONFIG").arg("GET").arg("maxmemory-policy").query_async(&mut manager).await;
        // A hosted Redis may forbid CONFIG; then its operator has to know.
        match answer.ok().and_then(|pair| pair.into_iter().nth(1)) {
            Some(policy) if policy != "noeviction" => Err(EphemeralError(format!(
                "maxmemory-policy is {policy} and would drop counters; set it to noeviction"
            ))),
            _ => Ok(Self { manager, rests_until: Arc::default() }),
        }
    }

    /// Nothing if Redis didn't answer in time.
    pub(super) async fn take(&self, key: &str, budget: Budget, now: Timestamp) -> Option<Result<(), Timestamp>> {
        if self.rests() {
            return None;
        }
        let script = redis::Script::new(TAKE);
        let mut call = script.key(format!("idp:budget:{key}"));
        let window_ms = budget.window.micros() / 1000;
        let mut connection = self.manager.clone();
        let asked = call.arg(window_ms).invoke_async::<(u32, i64)>(&mut connection);
        let answer = tokio::time::timeout(DEADLINE, asked).await.ok().and_then(Result::ok);
        let Some((used, left_ms)) = answer else {
            self.rest();
            return None;
        };
        self.answered();
        let ends = now + Lifetime::seconds(left_ms.max(0) / 1000 + 1);
        Some(if used <= budget.most { Ok(()) } else { Err(ends) })
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
