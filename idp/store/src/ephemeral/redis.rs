//! Budgets in Redis: one script a take, with a deadline of its own.

use std::fmt;
use std::time::Duration;

use idp_core::time::{Lifetime, Timestamp};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::{Budget, EphemeralError};

/// Longer than this nobody waits for a budget.
const DEADLINE: Duration = Duration::from_millis(80);

/// Counts in a window that begins with the first take. Answers the count and the milliseconds the window still has.
const TAKE: &str = r"
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}
";

/// A connection that mends itself.
#[derive(Clone)]
pub struct Redis(ConnectionManager);

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
            _ => Ok(Self(manager)),
        }
    }

    /// Nothing if Redis didn't answer in time.
    pub(super) async fn take(&self, key: &str, budget: Budget, now: Timestamp) -> Option<Result<(), Timestamp>> {
        let script = redis::Script::new(TAKE);
        let mut call = script.key(format!("idp:budget:{key}"));
        let window_ms = budget.window.micros() / 1000;
        let mut connection = self.0.clone();
        let asked = call.arg(window_ms).invoke_async::<(u32, i64)>(&mut connection);
        let (used, left_ms) = tokio::time::timeout(DEADLINE, asked).await.ok()?.ok()?;
        let ends = now + Lifetime::seconds(left_ms.max(0) / 1000 + 1);
        Some(if used <= budget.most { Ok(()) } else { Err(ends) })
    }
}
