//! Work that nobody waits for. A job may run twice: what it does is decided by a conditional statement.

mod backchannel_logout;
mod changes;
mod cleanup;
mod clock;
mod expiry;
mod mail;
mod outbox;
mod outcome;
mod sealing;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use idp_store::Store;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::context::Ctx;
use crate::error::ServiceError;

/// How often sessions are looked through for those whose time is over. With the minute in which activity is written
/// down only once, a session ends at most a minute late.
const EXPIRY: Duration = Duration::from_secs(15);

/// How often the database is asked what changed.
const CHANGES: Duration = Duration::from_millis(250);

/// How often what is over is forgotten.
const CLEANUP: Duration = Duration::from_mins(5);

/// How often the database is asked for its time.
const CLOCK: Duration = Duration::from_secs(10);

/// How often new audit rows are sealed.
const SEALING: Duration = Duration::from_secs(2);

/// How often the heads of the chains leave the database, by the log.
const HEADS: Duration = Duration::from_mins(1);

/// How often the published keys are looked at: a new one begins to sign, an old one goes.
const KEYS: Duration = Duration::from_secs(30);

/// The jobs of one process.
#[derive(Debug)]
pub struct Jobs {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// Says when to stop.
type Stop = watch::Receiver<bool>;

impl Jobs {
    /// Starts them.
    pub fn start(cx: &Arc<Ctx>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(outbox::run(Arc::clone(cx), stopped.clone()));
        let mut seen = changes::Seen::default();
        let watching = Arc::clone(cx);
        tasks.spawn(async move {
            let mut stopped = stopped;
            loop {
                report("changes", turn(changes::look(&watching, &mut seen)).await);
                if paused(CHANGES, &mut stopped).await {
                    return;
                }
            }
        });
        every(&mut tasks, (cx, "expiry"), (EXPIRY, stop.subscribe()), expiry::run);
        every(&mut tasks, (cx, "cleanup"), (CLEANUP, stop.subscribe()), cleanup::run);
        every(&mut tasks, (cx, "clock"), (CLOCK, stop.subscribe()), |cx: Arc<Ctx>| async move {
            clock::look(&cx.store, &cx.clock).await
        });
        every(&mut tasks, (cx, "sealing"), (SEALING, stop.subscribe()), sealing::run);
        let told = Arc::<sealing::Told>::default();
        let tell = move |cx| sealing::tell_heads(cx, Arc::clone(&told));
        every(&mut tasks, (cx, "heads"), (HEADS, stop.subscribe()), tell);
        every(&mut tasks, (cx, "keys"), (KEYS, stop.subscribe()), |cx| async move { crate::keys::reload(&cx).await });
        Self { tasks, stop }
    }

    /// Stops them; what is under way is finished.
    pub async fn stop(mut self) {
        self.stop.send(true).ok(); // nobody listens any more: they have stopped
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Waits; true if it is time to stop.
async fn paused(pause: Duration, stop: &mut Stop) -> bool {
    tokio::select! {
        () = tokio::time::sleep(pause) => *stop.borrow(),
        _ = stop.changed() => true,
    }
}

fn every<F, R>(
    tasks: &mut JoinSet<()>,
    (cx, name): (&Arc<Ctx>, &'static str),
    (pause, mut stop): (Duration, Stop),
    run: F,
) where
    F: Fn(Arc<Ctx>) -> R + Send + 'static,
    R: Future<Output = Result<(), ServiceError>> + Send,
{
    let cx = Arc::clone(cx);
    tasks.spawn(async move {
        while !paused(pause, &mut stop).await {
            report(name, turn(run(Arc::clone(&cx))).await);
        }
    });
}

/// A turn that panics is one that failed: the job has its next one.
async fn turn(run: impl Future<Output = Result<(), ServiceError>>) -> Result<(), ServiceError> {
    let ended = AssertUnwindSafe(run).catch_unwind().await;
    ended.unwrap_or_else(|_panic| Err(ServiceError::Broken("a job panicked".to_owned())))
}

fn report(job: &'static str, outcome: Result<(), ServiceError>) {
    if let Err(error) = outcome {
        tracing::warn!(event = "job_failed", job, %error, "a job will try again at its next turn");
    }
}

/// Goes by the database's clock, if it has one, from now on.
///
/// # Errors
/// If it doesn't say.
pub async fn follow_clock(store: &Store, clock: &Clock) -> Result<(), ServiceError> {
    clock::look(store, clock).await
}

/// Seals what is not sealed yet, now. For tests and for who checks the log.
///
/// # Errors
/// If it can't be done now.
pub async fn seal_now(cx: &Arc<Ctx>) -> Result<(), ServiceError> {
    sealing::run(Arc::clone(cx)).await
}

/// Ends what has run out, now. For tests, which set the clock instead of waiting.
///
/// # Errors
/// If it can't be done now.
pub async fn expire_now(cx: &Arc<Ctx>) -> Result<(), ServiceError> {
    expiry::run(Arc::clone(cx)).await
}
