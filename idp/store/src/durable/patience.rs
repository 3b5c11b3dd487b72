//! How long one request waits for the database, however often it asks. What waits at other things (a hash, somebody
//! outside) is not counted here.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

/// So much more a request gets, once, that has changed something: what it began should come to its end.
const TO_THE_END: Duration = Duration::from_millis(750);

#[derive(Clone, Copy)]
struct Left {
    time: Duration,
    has_changed: bool,
}

tokio::task_local! {
    /// Of the request that this task answers. An argument would have to go through every use case for the sake of one
    /// line; whoever has none, a job or a command, waits as long for each call.
    static LEFT: Cell<Left>;
}

/// Runs work whose calls share this time. No async function: that would hold the work twice.
pub(crate) fn shared<F: Future>(time: Duration, work: F) -> impl Future<Output = F::Output> {
    LEFT.scope(Cell::new(Left { time, has_changed: false }), work)
}

/// A write was committed.
pub(crate) fn changed() {
    update(|left| if left.has_changed { left } else { Left { time: left.time + TO_THE_END, has_changed: true } });
}

fn update(change: impl FnOnce(Left) -> Left) {
    LEFT.try_with(|left| left.set(change(left.get()))).ok(); // nobody shares: there is nothing to keep
}

/// One call waits. What that took is gone from the request's time when this is dropped, by a caller that gave up, too.
pub(crate) struct Wait {
    began: Instant,
    longest: Duration,
}

impl Wait {
    /// None if the request's time is used up. Who shares none has `alone`.
    pub(crate) fn begin(alone: Duration) -> Option<Self> {
        let longest = LEFT.try_with(|left| left.get().time).unwrap_or(alone);
        (!longest.is_zero()).then(|| Self { began: Instant::now(), longest })
    }

    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        update(|left| Left { time: left.time.saturating_sub(took), ..left });
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, sleep, timeout};

    use super::*;

    const ALONE: Duration = Duration::from_secs(2);

    fn left() -> Option<Duration> {
        Wait::begin(ALONE).map(|wait| wait.longest())
    }

    async fn wait(milliseconds: u64) {
        let _wait = Wait::begin(ALONE);
        sleep(Duration::from_millis(milliseconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn calls_share_what_a_request_may_wait() {
        let request = async {
            wait(1_200).await;
            assert_eq!(left(), Some(Duration::from_millis(800)));
            advance(Duration::from_mins(1)).await; // at something else
            timeout(Duration::from_millis(300), wait(1_000)).await.unwrap_err();
            assert_eq!(left(), Some(Duration::from_millis(500)), "whoever gives up has waited, too");
            wait(700).await;
            assert_eq!(left(), None);
        };
        shared(ALONE, request).await;
        wait(5_000).await;
        assert_eq!(left(), Some(ALONE), "who shares nothing waits as long each time");
    }

    #[tokio::test(start_paused = true)]
    async fn what_changed_something_has_a_little_more_once() {
        let request = async {
            wait(1_500).await;
            changed();
            assert_eq!(left(), Some(Duration::from_millis(1_250)));
            changed();
            wait(1_300).await;
            changed();
            assert_eq!(left(), None);
        };
        shared(ALONE, request).await;
    }
}
