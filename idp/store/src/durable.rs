//! What must survive: SQLite or PostgreSQL behind the same two calls. A file per entity; how closures reach a
//! connection is in `lane`.

mod conn;
mod lane;
mod migrate;
mod patience;
mod place;
mod schema;
mod testing;
mod url;

pub mod accounts;
pub mod audit;
pub mod audit_seals;
pub mod backup;
pub mod changes;
pub mod clients;
pub mod codes;
pub mod connectors;
pub mod entitlements;
pub mod families;
pub mod grants;
pub mod identities;
pub mod instance;
pub mod journeys;
pub mod known_browsers;
pub mod logins;
pub mod mails;
pub mod one_time;
pub mod outbox;
pub mod passkeys;
pub mod passwords;
pub mod second_factors;
pub mod sessions;
pub mod shares;
pub mod signing_keys;
pub mod tenants;
pub mod throttles;
pub mod trusted_browsers;

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use self::url::Url;
use conn::Conn;
use lane::{Answer, Job, Lane, read_job, write_job};
use patience::Wait;

/// Why nothing came out. What a caller does about it: wait and try again, or report a defect.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Too much waits already, or the time of the request is used up; or the answer took too long: then it isn't known
    /// whether a write happened.
    #[error("the database is too busy")]
    Busy,
    /// The database can't be reached or can't write.
    #[error("the database can't be used: {0}")]
    Unavailable(String),
    /// A statement or a row is wrong: a defect.
    #[error("a statement failed: {0}")]
    Broken(String),
}

impl StoreError {
    /// A row that doesn't read as the program expects.
    pub(crate) fn row(table: &'static str, column: &'static str) -> Self {
        Self::Broken(format!("{table}.{column} holds something unknown"))
    }

    /// True if the transaction of the others in the batch is sound.
    pub(crate) fn is_isolated(&self) -> bool {
        matches!(self, Self::Broken(_))
    }
}

impl From<diesel::result::Error> for StoreError {
    fn from(cause: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind as Kind;
        use diesel::result::Error;
        let told = cause.to_string();
        let ours = matches!(
            cause,
            Error::DatabaseError(
                Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation,
                _,
            ) | Error::NotFound
                | Error::QueryBuilderError(_)
                | Error::DeserializationError(_)
                | Error::SerializationError(_)
        );
        if ours { Self::Broken(told) } else { Self::Unavailable(told) }
    }
}

/// How the store is opened.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which database.
    pub url: Url,
    /// Threads that read SQLite, or connections to PostgreSQL.
    pub threads: usize,
    /// How long a caller waits for an answer; for all of them, in [`Store::as_one_request`].
    pub deadline: Duration,
}

impl Settings {
    /// Good for two cores.
    pub fn new(url: Url) -> Self {
        let threads = match &url {
            Url::Sqlite(_) => 3,
            Url::Postgres(_) => 10,
        };
        Self { url, threads, deadline: Duration::from_secs(2) }
    }
}

/// Work done since the start; tests count it.
#[derive(Debug, Default)]
pub struct Stats {
    reads: AtomicU64,
    writes: AtomicU64,
    statements: AtomicU64,
}

impl Stats {
    /// Read closures.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Write closures: each is one transaction.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// Statements of both.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

/// What a read closure works with.
pub struct Read<'c> {
    conn: &'c mut Conn,
}

/// What a write closure works with; it can read, too.
pub struct Write<'c>(Read<'c>);

impl<'c> Deref for Write<'c> {
    type Target = Read<'c>;
    fn deref(&self) -> &Read<'c> {
        &self.0
    }
}

impl<'c> DerefMut for Write<'c> {
    fn deref_mut(&mut self) -> &mut Read<'c> {
        &mut self.0
    }
}

impl std::fmt::Debug for Read<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Read")
    }
}

impl std::fmt::Debug for Write<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Write")
    }
}

/// The durable store. Cloning gives another handle to the same threads.
#[derive(Clone)]
pub struct Store {
    readers: Lane,
    writer: Lane,
    stats: Arc<Stats>,
    deadline: Duration,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("stats", &self.stats).finish_non_exhaustive()
    }
}

impl Store {
    /// Brings the schema up to date: one process at a time, forward only.
    ///
    /// # Errors
    /// If the database can't be reached, or was written by a newer release.
    pub fn migrate(url: &Url) -> Result<Vec<String>, StoreError> {
        migrate::run(url)
    }

    /// The steps that are still to be taken.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub fn pending(url: &Url) -> Result<Vec<String>, StoreError> {
        migrate::pending(url)
    }

    /// Copies a database into a file, while it works.
    ///
    /// # Errors
    /// If it can't be read, or the file is there or can't be written.
    pub fn backup(url: &Url, to: &Path) -> Result<(), StoreError> {
        backup::backup(url, to)
    }

    /// Checks a backup, or a database where it stands, and says what was found.
    ///
    /// # Errors
    /// If it is damaged or can't be read.
    pub fn verify(url: &Url, file: Option<&Path>) -> Result<String, StoreError> {
        backup::verify(url, file)
    }

    /// Was a restore begun here and not finished?
    ///
    /// # Errors
    /// If the database can't be read.
    pub fn restore_begun(url: &Url) -> Result<Option<backup::Begun>, StoreError> {
        backup::begun(url)
    }

    /// Puts a backup into a place where nothing is. Nobody serves it before [`backup::finish_restore`].
    ///
    /// # Errors
    /// If something is there, or the backup can't be read.
    pub fn restore(url: &Url, from: &Path) -> Result<(), StoreError> {
        backup::restore(url, from)
    }

    /// Starts the threads and opens their connections.
    ///
    /// # Errors
    /// If the database can't be opened as the settings say.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        let stats = Arc::new(Stats::default());
        let (readers, writer) = match &settings.url {
            Url::Sqlite(path) => {
                let writer = lane::sqlite_writer(path, &stats)?;
                (lane::sqlite_readers(path, settings.threads, &stats)?, writer)
            }
            Url::Postgres(url) => {
                let lane = lane::postgres(url, settings.threads, &stats)?;
                (lane.clone(), lane)
            }
        };
        Ok(Self { readers, writer, stats, deadline: settings.deadline })
    }

    /// Work done so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Runs a closure that only reads.
    ///
    /// # Errors
    /// What the closure fails with, or that no answer came in time.
    pub async fn read<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Read<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.stats.reads.fetch_add(1, Ordering::Relaxed);
        self.ask(&self.readers, read_job(f)).await
    }

    /// Runs a closure as one transaction and answers after its commit. It may run again after a deadlock, so it draws
    /// nothing and owns its arguments.
    ///
    /// # Errors
    /// What the closure fails with, which rolls back; or that no answer came in time, when it may have happened or not.
    pub async fn write<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Write<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.stats.writes.fetch_add(1, Ordering::Relaxed);
        let written = self.ask(&self.writer, write_job(f)).await;
        if written.is_ok() {
            patience::changed();
        }
        written
    }

    /// Runs the work of one request: its calls wait for as long together as one call alone would, and a little more once
    /// it has changed something. Tasks that it starts wait on their own.
    pub fn as_one_request<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        patience::shared(self.deadline, work)
    }

    async fn ask<T>(&self, lane: &Lane, (job, answer): (Box<dyn Job>, Answer<T>)) -> Result<T, StoreError> {
        let wait = Wait::begin(self.deadline).ok_or(StoreError::Busy)?;
        lane.submit(job)?;
        lane.wait(answer, wait.longest()).await
    }
}
