//! How closures reach a connection: bounded queues and threads that own the connections.
//!
//! SQLite has one writer. It takes the closures that wait already, where there are many lets others bring theirs first,
//! runs all in one transaction, commits once and answers all. If one fails, the transaction is taken back and run
//! again, each closure in a savepoint. Reading a SQLite file takes a few microseconds, less than it takes to wake a
//! thread: one reader works, and others help where somebody has waited for long, behind a read that takes its time.
//! PostgreSQL has threads that each run one closure in a transaction of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::durable::conn::{self, Access, Conn};
use crate::durable::place::Place;
use crate::durable::testing;
use crate::durable::{Read, Stats, StoreError, Write};

/// Closures that share a commit, at most.
const BATCH: usize = 64;

/// Closures that may wait, in each lane.
const QUEUE: usize = 1024;

/// How often a closure is run again after a deadlock.
const ATTEMPTS: usize = 3;

/// Where an answer arrives.
pub(crate) type Answer<T> = oneshot::Receiver<Result<T, StoreError>>;

/// A closure on its way to a connection.
pub(crate) trait Job: Send {
    /// Runs it and keeps the result.
    fn run(&mut self, conn: &mut Conn) -> Result<(), StoreError>;
    /// Hands the result out; after an error, hands that out instead.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
    /// True if it has to be a transaction.
    fn writes(&self) -> bool;
    /// False if nobody waits for the answer any more.
    fn is_wanted(&self) -> bool;
}

struct Pending<T, F> {
    run: Option<F>,
    kept: Option<T>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

fn hand_out<T>(answer: oneshot::Sender<Result<T, StoreError>>, kept: Option<T>, outcome: Result<(), StoreError>) {
    let result = outcome.and_then(|()| kept.ok_or_else(|| StoreError::Broken("a closure gave nothing".into())));
    answer.send(result).ok(); // a caller that left meanwhile needs no answer
}

/// A panic in a closure is a defect of ours; it must not take the thread and everybody else's work with it.
fn guarded<T>(f: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_panic| Err(StoreError::Broken("a closure panicked".into())))
}

struct Reading<T, F>(Pending<T, F>);
struct Writing<T, F>(Pending<T, F>);

impl<T: Send, F: FnOnce(&mut Read<'_>) -> Result<T, StoreError> + Send> Job for Reading<T, F> {
    fn run(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        let Some(run) = self.0.run.take() else { return Ok(()) };
        self.0.kept = Some(guarded(|| run(&mut Read { conn }))?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        hand_out(self.0.answer, self.0.kept, outcome);
    }

    fn writes(&self) -> bool {
        false
    }

    fn is_wanted(&self) -> bool {
        !self.0.answer.is_closed()
    }
}

impl<T: Send, F: Fn(&mut Write<'_>) -> Result<T, StoreError> + Send> Job for Writing<T, F> {
    fn run(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        let Some(run) = &self.0.run else { return Ok(()) };
        self.0.kept = Some(guarded(|| run(&mut Write(Read { conn })))?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        hand_out(self.0.answer, self.0.kept, outcome);
    }

    fn writes(&self) -> bool {
        true
    }

    fn is_wanted(&self) -> bool {
        !self.0.answer.is_closed()
    }
}

/// Packs a read closure.
pub(crate) fn read_job<T, F>(f: F) -> (Box<dyn Job>, Answer<T>)
where
    T: Send + 'static,
    F: FnOnce(&mut Read<'_>) -> Result<T, StoreError> + Send + 'static,
{
    let (answer, receiver) = oneshot::channel();
    (Box::new(Reading(Pending { run: Some(f), kept: None, answer })), receiver)
}

/// Packs a write closure.
pub(crate) fn write_job<T, F>(f: F) -> (Box<dyn Job>, Answer<T>)
where
    T: Send + 'static,
    F: Fn(&mut Write<'_>) -> Result<T, StoreError> + Send + 'static,
{
    let (answer, receiver) = oneshot::channel();
    (Box::new(Writing(Pending { run: Some(f), kept: None, answer })), receiver)
}

/// Who has waited for so long calls for help, and who comes while the first thread is at one piece of work for longer.
const PATIENCE: Duration = Duration::from_millis(20);

/// Where more wait than so many, each who comes calls for help.
const CROWD: usize = 64;

/// A queue with threads behind it.
#[derive(Clone)]
pub(crate) struct Lane {
    queue: flume::Sender<Box<dyn Job>>,
    /// Wakes a thread that helps; nobody does where each takes what comes.
    help: flume::Sender<()>,
    watch: Arc<Watch>,
}

impl Lane {
    /// Puts a closure into the queue. Refuses it if the queue is full, or if every thread has been at its work for so
    /// long that the database has to be asleep: whoever comes then is told at once.
    pub(crate) fn submit(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        if self.watch.is_stuck() {
            return Err(StoreError::Unavailable("it does not answer".into()));
        }
        self.queue.try_send(job).map_err(|e| match e {
            flume::TrySendError::Full(_) => StoreError::Busy,
            flume::TrySendError::Disconnected(_) => StoreError::Unavailable("its threads have stopped".into()),
        })?;
        if self.queue.len() > CROWD || self.watch.is_held_up() {
            self.call();
        }
        Ok(())
    }

    /// If it can't be sent, help is on its way or there is none.
    fn call(&self) {
        self.help.try_send(()).ok();
    }

    /// Waits for the answer to a closure that was put into the queue.
    pub(crate) async fn wait<T>(&self, mut answer: Answer<T>, deadline: Duration) -> Result<T, StoreError> {
        let patience = PATIENCE.min(deadline);
        let answered = match timeout(patience, &mut answer).await {
            Err(_long) => {
                self.call();
                timeout(deadline.saturating_sub(patience), answer).await
            }
            answered => answered,
        };
        match answered {
            Ok(Ok(result)) => result,
            Ok(Err(_gone)) => Err(StoreError::Unavailable("its threads have stopped".into())),
            Err(_late) => Err(StoreError::Busy),
        }
    }
}

/// A thread that has been at one piece of work for longer than this is stuck.
const STUCK: Duration = Duration::from_secs(1);

/// Since when each thread is at its work.
struct Watch {
    began: Instant,
    /// Milliseconds after `began`, plus one; 0 while there is nothing to do.
    since: Vec<AtomicU64>,
}

impl Watch {
    fn new(threads: usize) -> Arc<Self> {
        let since = (0..threads).map(|_| AtomicU64::new(0)).collect();
        Arc::new(Self { began: Instant::now(), since })
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Notes that a thread is at its work, or is done.
    fn note(&self, thread: usize, works: bool) {
        if let Some(since) = self.since.get(thread) {
            since.store(if works { self.elapsed() + 1 } else { 0 }, Ordering::Relaxed);
        }
    }

    fn is_longer(&self, since: &AtomicU64, limit: Duration) -> bool {
        let since = since.load(Ordering::Relaxed);
        since > 0 && u128::from(self.elapsed().saturating_sub(since)) > limit.as_millis()
    }

    /// Each of them stands still.
    fn is_stuck(&self) -> bool {
        self.since.iter().all(|since| self.is_longer(since, STUCK))
    }

    /// The one that others help has something in hand that takes its time.
    fn is_held_up(&self) -> bool {
        self.since.first().is_some_and(|since| self.is_longer(since, PATIENCE))
    }
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    let started = std::thread::Builder::new().name(name).spawn(work);
    started.map(drop).map_err(|e| StoreError::Unavailable(format!("no thread could be started: {e}")))
}

/// How often the writer looks after its files while there is nothing to write.
const LOOK: Duration = Duration::from_secs(1);

/// The one thread that writes a SQLite file.
pub(crate) fn sqlite_writer(path: &Path, stats: &Arc<Stats>) -> Result<Lane, StoreError> {
    let (sender, jobs) = flume::bounded::<Box<dyn Job>>(QUEUE);
    let opener = Opener { path: path.to_owned(), access: Access::Write, stats: Arc::clone(stats) };
    let conn = opener.open()?;
    let mut writer = Writer { place: Place::of(path), opener, conn: None };
    writer.conn = Some(writer.began(conn)?);
    let watch = Watch::new(1);
    let noted = Arc::clone(&watch);
    spawn("sqlite-writer".into(), move || {
        let mut is_crowded = false;
        loop {
            let first = match jobs.recv_timeout(LOOK) {
                Ok(first) => first,
                Err(flume::RecvTimeoutError::Timeout) => {
                    writer.in_place().ok(); // whoever writes next is told
                    continue;
                }
                Err(flume::RecvTimeoutError::Disconnected) => break,
            };
            if is_crowded {
                std::thread::yield_now(); // whoever is about to bring more goes first: the more share a commit the better
            }
            let waiting = std::iter::once(first).chain(jobs.try_iter().take(BATCH - 1));
            let batch: Vec<_> = waiting.filter(|job| job.is_wanted()).collect();
            is_crowded = batch.len() > 1;
            noted.note(0, true);
            match writer.ready() {
                Ok(mut open) => {
                    if commit_together(&mut open, batch) {
                        writer.conn = Some(open);
                    }
                }
                Err(error) => batch.into_iter().for_each(|job| job.answer(Err(error.clone()))),
            }
            noted.note(0, false);
        }
    })?;
    Ok(Lane { queue: sender, help: flume::bounded(0).0, watch })
}

/// The connection that writes a SQLite file, if it is sound, and where the file is.
struct Writer {
    opener: Opener,
    place: Place,
    conn: Option<Conn>,
}

impl Writer {
    fn ready(&mut self) -> Result<Conn, StoreError> {
        self.in_place()?;
        match self.conn.take() {
            Some(conn) => Ok(conn),
            None => self.opener.open().and_then(|conn| self.began(conn)),
        }
    }

    /// With the first read the files beside the database are there.
    fn began(&mut self, mut conn: Conn) -> Result<Conn, StoreError> {
        execute(&mut conn, "PRAGMA schema_version")?;
        self.place.reopened();
        if self.place.has_moved() { Err(self.place.error()) } else { Ok(conn) }
    }

    /// Refuses to write where nobody would find it again. What is in a journal that was deleted is still at hand, for
    /// as long as it is open: it is put into the file.
    fn in_place(&mut self) -> Result<(), StoreError> {
        let Some(conn) = &mut self.conn else {
            // What lay beside the file may have gone with our own connection: that is no reason to stand still.
            return if self.place.has_file() { Ok(()) } else { Err(self.place.error()) };
        };
        if !self.place.has_moved() {
            return Ok(());
        }
        execute(conn, "PRAGMA wal_checkpoint(FULL)")?;
        Err(self.place.error())
    }
}

/// Runs a batch as one transaction and answers everybody. False if the connection should be opened anew.
fn commit_together(conn: &mut Conn, mut batch: Vec<Box<dyn Job>>) -> bool {
    // Hardly ever does one fail: only then each has to be kept apart from the others.
    let ended = together(conn, &mut batch).and_then(|outcomes| match outcomes {
        Some(outcomes) => Ok(outcomes),
        None => apart(conn, &mut batch),
    });
    let sound = ended.is_ok();
    if !sound {
        execute(conn, "ROLLBACK").ok(); // the connection is dropped next, which rolls back anyway
    }
    let outcomes = ended.unwrap_or_else(|error| batch.iter().map(|_| Err(error.clone())).collect());
    for (job, outcome) in batch.into_iter().zip(outcomes) {
        job.answer(outcome);
    }
    sound
}

type Outcomes = Vec<Result<(), StoreError>>;

/// All in one transaction. None if one of them failed, for a reason of its own: then nothing has happened.
fn together(conn: &mut Conn, batch: &mut [Box<dyn Job>]) -> Result<Option<Outcomes>, StoreError> {
    execute(conn, "BEGIN IMMEDIATE")?;
    for job in &mut *batch {
        match job.run(conn) {
            Ok(()) => {}
            Err(error) if error.is_isolated() => {
                execute(conn, "ROLLBACK")?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
    commit(conn)?;
    Ok(Some(vec![Ok(()); batch.len()]))
}

/// All in one transaction, each in a savepoint.
fn apart(conn: &mut Conn, batch: &mut [Box<dyn Job>]) -> Result<Outcomes, StoreError> {
    execute(conn, "BEGIN IMMEDIATE")?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for job in batch {
        let outcome = in_savepoint(conn, job.as_mut());
        if let Err(error) = &outcome
            && !error.is_isolated()
        {
            return Err(error.clone());
        }
        outcomes.push(outcome);
    }
    commit(conn)?;
    Ok(outcomes)
}

fn in_savepoint(conn: &mut Conn, job: &mut dyn Job) -> Result<(), StoreError> {
    execute(conn, "SAVEPOINT one")?;
    let outcome = job.run(conn);
    if outcome.is_err() {
        execute(conn, "ROLLBACK TO one")?;
    }
    execute(conn, "RELEASE one")?;
    outcome
}

fn commit(conn: &mut Conn) -> Result<(), StoreError> {
    execute(conn, "COMMIT")?;
    testing::committed();
    Ok(())
}

fn execute(conn: &mut Conn, statement: &str) -> Result<(), StoreError> {
    let ran = match conn {
        Conn::Sqlite(c) => c.batch_execute(statement),
        Conn::Postgres(c) => c.batch_execute(statement),
    };
    ran.map_err(|e| StoreError::Unavailable(e.to_string()))
}

/// Opens connections for one thread.
struct Opener {
    path: PathBuf,
    access: Access,
    stats: Arc<Stats>,
}

impl Opener {
    fn open(&self) -> Result<Conn, StoreError> {
        let mut conn = Conn::Sqlite(conn::sqlite(&self.path, self.access)?);
        conn::count(&mut conn, &self.stats);
        Ok(conn)
    }
}

/// The threads that read a SQLite file.
pub(crate) fn sqlite_readers(path: &Path, threads: usize, stats: &Arc<Stats>) -> Result<Lane, StoreError> {
    pool("sqlite-reader", (threads, Work::Helped), || {
        let opener = Opener { path: path.to_owned(), access: Access::Read, stats: Arc::clone(stats) };
        let conn = Some(opener.open()?);
        let place = Place::of(path);
        Ok((conn, move || if place.has_file() { opener.open() } else { Err(place.error()) }))
    })
}

/// The threads that serve PostgreSQL, each with a connection. The first is opened now, to see that it can be.
pub(crate) fn postgres(url: &str, threads: usize, stats: &Arc<Stats>) -> Result<Lane, StoreError> {
    let mut is_first = true;
    pool("postgres", (threads, Work::Shared), || {
        let (url, stats) = (url.to_owned(), Arc::clone(stats));
        let open = move || {
            let mut conn = Conn::Postgres(conn::postgres(&url)?);
            conn::count(&mut conn, &stats);
            Ok(conn)
        };
        let conn = if std::mem::take(&mut is_first) { Some(open()?) } else { None };
        Ok((conn, open))
    })
}

/// Who of several threads takes what comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Each.
    Shared,
    /// The first; the others when they are called.
    Helped,
}

/// Threads that each run one closure after the other, with a connection of their own.
fn pool<O>(
    name: &str,
    (threads, work): (usize, Work),
    mut with: impl FnMut() -> Result<(Option<Conn>, O), StoreError>,
) -> Result<Lane, StoreError>
where
    O: Fn() -> Result<Conn, StoreError> + Send + 'static,
{
    let threads = threads.max(1);
    let (queue, jobs) = flume::bounded::<Box<dyn Job>>(QUEUE);
    let (help, called) = flume::bounded(1);
    let watch = Watch::new(threads);
    for n in 0..threads {
        let (mut conn, open) = with()?;
        let (jobs, called, noted) = (jobs.clone(), called.clone(), Arc::clone(&watch));
        let mut failed = None;
        spawn(format!("{name}-{n}"), move || {
            let take = |job: Box<dyn Job>| {
                if job.is_wanted() {
                    noted.note(n, true);
                    serve(&mut conn, || calmly(&mut failed, &open), job);
                    noted.note(n, false);
                }
            };
            if n == 0 || work == Work::Shared {
                jobs.iter().for_each(take);
            } else {
                called.iter().flat_map(|()| jobs.try_iter()).for_each(take);
            }
        })?;
    }
    Ok(Lane { queue, help, watch })
}

/// After a connection could not be opened, nobody tries again for so long: a server that is starting has other things
/// to do.
const CALM: Duration = Duration::from_millis(200);

/// Opens a connection, but not right after that failed.
fn calmly(
    failed: &mut Option<(Instant, StoreError)>,
    open: impl Fn() -> Result<Conn, StoreError>,
) -> Result<Conn, StoreError> {
    if let Some((at, error)) = failed
        && at.elapsed() < CALM
    {
        return Err(error.clone());
    }
    let opened = open();
    *failed = opened.as_ref().err().map(|error| (Instant::now(), error.clone()));
    opened
}

/// Runs one closure; after an error that isn't the closure's own the connection is opened anew for the next, unless the
/// server still takes statements on it: what a statement trips over is not always a fault of the connection.
fn serve(conn: &mut Option<Conn>, open: impl FnOnce() -> Result<Conn, StoreError>, mut job: Box<dyn Job>) {
    let opened = conn.take().map_or_else(open, Ok);
    let outcome = opened.and_then(|mut open| {
        let outcome = if job.writes() { in_transaction(&mut open, job.as_mut()) } else { job.run(&mut open) };
        let is_sound = outcome.as_ref().err().is_none_or(StoreError::is_isolated);
        if is_sound || (matches!(open, Conn::Postgres(_)) && execute(&mut open, "ROLLBACK").is_ok()) {
            *conn = Some(open);
        }
        outcome
    });
    job.answer(outcome);
}

/// A transaction of its own, run again after a deadlock: then nothing has happened yet. A COMMIT whose answer got lost
/// is never run again.
fn in_transaction(conn: &mut Conn, job: &mut dyn Job) -> Result<(), StoreError> {
    let mut attempt = 1;
    loop {
        execute(conn, "BEGIN")?;
        match job.run(conn) {
            Ok(()) => return commit(conn),
            Err(error) => {
                execute(conn, "ROLLBACK")?;
                if attempt >= ATTEMPTS || !is_deadlock(&error) {
                    return Err(error);
                }
                attempt += 1;
            }
        }
    }
}

fn is_deadlock(error: &StoreError) -> bool {
    match error {
        StoreError::Unavailable(told) => told.contains("deadlock detected") || told.contains("could not serialize"),
        StoreError::Busy | StoreError::Broken(_) => false,
    }
}
