//! A connection to either database, and the one macro for statements that have to be written for each.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;

use crate::durable::{Stats, StoreError};

/// Either database.
#[derive(diesel::MultiConnection)]
pub(crate) enum Conn {
    /// A file.
    Sqlite(SqliteConnection),
    /// A server.
    Postgres(PgConnection),
}

/// Writes a statement once for both databases, where it needs ON CONFLICT, RETURNING or a row lock, which the common
/// connection can't express. Each use says in a comment which.
macro_rules! each_backend {
    ($read:expr, |$conn:ident| $statement:expr) => {
        match &mut *$read.conn {
            $crate::durable::conn::Conn::Sqlite($conn) => $statement,
            $crate::durable::conn::Conn::Postgres($conn) => $statement,
        }
    };
}
pub(crate) use each_backend;

/// Counts statements.
struct Counter(Arc<Stats>);

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.statements.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn unavailable(cause: &impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(cause.to_string().trim().to_owned())
}

/// What a SQLite connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
}

/// Opens the file. Durable before fast: WAL with a full sync at each commit.
pub(crate) fn sqlite(path: &Path, access: Access) -> Result<SqliteConnection, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::Unavailable("the path of the database isn't UTF-8".into()))?;
    let mut conn =
        SqliteConnection::establish(text).map_err(|e| StoreError::Unavailable(format!("{}: {e}", path.display())))?;
    let common =
        "PRAGMA busy_timeout = 2000; PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST; PRAGMA mmap_size = 0;";
    let own = match access {
        Access::Write => "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;",
        Access::Read => "PRAGMA query_only = ON; PRAGMA cache_size = -4096;",
    };
    conn.batch_execute(common).and_then(|()| conn.batch_execute(own)).map_err(|e| unavailable(&e))?;
    Ok(conn)
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    synchronous_commit: String,
}

/// Connects to the server and refuses one that would forget what it acknowledged.
pub(crate) fn postgres(url: &str) -> Result<PgConnection, StoreError> {
    let mut conn = PgConnection::establish(url).map_err(|e| unavailable(&e))?;
    conn.batch_execute(
        "SET statement_timeout = '2s'; SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '5s'",
    )
    .map_err(|e| unavailable(&e))?;
    let setting: Setting = diesel::sql_query("SELECT current_setting('synchronous_commit') AS synchronous_commit")
        .get_result(&mut conn)
        .map_err(|e| unavailable(&e))?;
    if setting.synchronous_commit == "off" {
        return Err(StoreError::Unavailable("PostgreSQL runs with synchronous_commit=off; set it to on".into()));
    }
    Ok(conn)
}

/// Counts this connection's statements from now on.
pub(crate) fn count(conn: &mut Conn, stats: &Arc<Stats>) {
    let counter = Counter(Arc::clone(stats));
    match conn {
        Conn::Sqlite(c) => c.set_instrumentation(counter),
        Conn::Postgres(c) => c.set_instrumentation(counter),
    }
}
