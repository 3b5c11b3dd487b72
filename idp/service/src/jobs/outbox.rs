//! The worker: takes what waits in the outbox, hands it to the job of its kind, notes what became of it.

use std::sync::Arc;
use std::time::Duration;

use idp_core::time::Lifetime;
use idp_store::outbox::Message;
use tokio::task::{JoinError, JoinSet};

use super::outcome::Outcome;
use super::{Stop, backchannel_logout, mail, report, turn};
use crate::context::Ctx;
use crate::error::ServiceError;

/// Messages in hand at once. One that hangs keeps its own place only, until its deadline.
const HANDFUL: usize = 32;

/// A message that a worker took and never reported on comes back after this.
const LEASE: Lifetime = Lifetime::seconds(30);

/// Without a call the outbox is looked at so often: another process may have written.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) async fn run(cx: Arc<Ctx>, mut stop: Stop) {
    let mut sending = JoinSet::new();
    while !*stop.borrow() {
        report("outbox", turn(take(&cx, &mut sending)).await);
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = cx.outbox_woken() => {}
            Some(done) = sending.join_next() => settle(done),
            _ = stop.changed() => {}
        }
    }
    while let Some(done) = sending.join_next().await {
        settle(done);
    }
}

fn settle(done: Result<Result<(), ServiceError>, JoinError>) {
    report("outbox", done.unwrap_or_else(|e| Err(ServiceError::Broken(e.to_string()))));
}

/// Fills the free places with what waits.
async fn take(cx: &Arc<Ctx>, sending: &mut JoinSet<Result<(), ServiceError>>) -> Result<(), ServiceError> {
    let free = i64::try_from(HANDFUL.saturating_sub(sending.len())).unwrap_or(0);
    if free == 0 {
        return Ok(());
    }
    let now = cx.clock.now();
    for message in cx.store.write(move |w| idp_store::outbox::claim(w, now, now + LEASE, free)).await? {
        let cx = Arc::clone(cx);
        sending.spawn(async move { work_off(&cx, message).await });
    }
    Ok(())
}

async fn work_off(cx: &Ctx, message: Message) -> Result<(), ServiceError> {
    let id = message.id;
    if message.expires_at.reached(cx.clock.now()) {
        let now = cx.clock.now();
        tracing::warn!(event = "outbox_expired", %id, kind = %message.kind, "a message was never taken");
        if message.kind == crate::mail::MAIL {
            mail::expired(cx, &message).await?;
        }
        return Ok(cx.store.write(move |w| idp_store::outbox::finish(w, id, "expired", now)).await?);
    }
    let outcome = match message.kind.as_str() {
        crate::sessions::NOTICE => backchannel_logout::send(cx, &message).await?,
        crate::mail::MAIL => mail::send(cx, &message).await?,
        crate::signin::ask::ASKED => {
            crate::signin::ask::fulfil(cx, &message).await?;
            Outcome::Sent
        }
        // A newer release wrote it: this one leaves it to that.
        _ => Outcome::Later,
    };
    let now = cx.clock.now();
    let until = now + pause(message.attempts);
    cx.store
        .write(move |w| match outcome {
            Outcome::Sent => idp_store::outbox::finish(w, id, idp_store::outbox::SENT, now),
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
