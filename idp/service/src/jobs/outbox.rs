//! The worker: takes what waits in the outbox, hands it to the job of its kind, notes what became of it.

use std::sync::Arc;
use std::time::Duration;

use idp_core::time::Lifetime;
use idp_store::outbox::Message;
use tokio::task::JoinSet;

use super::{Stop, backchannel_logout, report};
use crate::context::Ctx;
use crate::error::ServiceError;

/// Messages in hand at once.
const HANDFUL: i64 = 16;

/// A message that a worker took and never reported on comes back after this.
const LEASE: Lifetime = Lifetime::seconds(30);

/// Without a call the outbox is looked at so often: another process may have written.
const PAUSE: Duration = Duration::from_millis(500);

/// What became of a message.
pub(super) enum Outcome {
    /// It arrived.
    Sent,
    /// The other side will never take it.
    Refused,
    /// Not now.
    Later,
}

pub(super) async fn run(cx: Arc<Ctx>, mut stop: Stop) {
    loop {
        match empty(&cx).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => report("outbox", Err(error)),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = cx.outbox_woken() => {}
            _ = stop.changed() => return,
        }
        if *stop.borrow() {
            return;
        }
    }
}

/// Works off one handful and says how many there were.
async fn empty(cx: &Arc<Ctx>) -> Result<usize, ServiceError> {
    let now = cx.clock.now();
    let taken = cx.store.write(move |w| idp_store::outbox::claim(w, now, now + LEASE, HANDFUL)).await?;
    let count = taken.len();
    let mut sending = JoinSet::new();
    for message in taken {
        let cx = Arc::clone(cx);
        sending.spawn(async move { work_off(&cx, message).await });
    }
    while let Some(done) = sending.join_next().await {
        report("outbox", done.unwrap_or_else(|e| Err(ServiceError::Broken(e.to_string()))));
    }
    Ok(count)
}

async fn work_off(cx: &Ctx, message: Message) -> Result<(), ServiceError> {
    let id = message.id;
    if message.expires_at.reached(cx.clock.now()) {
        let now = cx.clock.now();
        tracing::warn!(event = "outbox_expired", %id, kind = %message.kind, "a message was never taken");
        return Ok(cx.store.write(move |w| idp_store::outbox::finish(w, id, "expired", now)).await?);
    }
    let outcome = match message.kind.as_str() {
        crate::sessions::NOTICE => backchannel_logout::send(cx, &message).await?,
        // A newer release wrote it: this one leaves it to that.
        _ => Outcome::Later,
    };
    let now = cx.clock.now();
    let until = now + pause(message.attempts);
    cx.store
        .write(move |w| match outcome {
            Outcome::Sent => idp_store::outbox::finish(w, id, "sent", now),
            Outcome::Refused => idp_store::outbox::finish(w, id, "refused", now),
            Outcome::Later => idp_store::outbox::postpone(w, id, until),
        })
        .await?;
    Ok(())
}

/// 1, 2, 4 .. seconds, five minutes at most.
fn pause(attempts: i32) -> Lifetime {
    let doubled = 1_i64 << attempts.clamp(0, 9);
    Lifetime::seconds(doubled.min(300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stop_growing() {
        assert_eq!(pause(0), Lifetime::seconds(1));
        assert_eq!(pause(3), Lifetime::seconds(8));
        assert_eq!(pause(100), Lifetime::minutes(5));
    }
}
