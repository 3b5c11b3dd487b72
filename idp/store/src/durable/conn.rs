//! A connection to either database, and the one macro for statements that have to be written for each.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use diesel::backend::Backend;
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BoolOrNullableBool;

use crate::durable::testing;
use crate::durable::{Stats, StoreError};

/// Either database.
#[derive(diesel::MultiConnection)]
pub(crate) enum Conn {
    /// A file.
    Sqlite(SqliteConnection),
    /// A server.
    Postgres(PgConnection),
}

/// Writes a statement once for both databases: where it needs ON CONFLICT, RETURNING or a row lock, which the common
/// connection can't express; or where it is hot, since the common connection builds its text anew at each run. Each use
/// says in a comment which.
macro_rules! each_backend {
    ($read:expr, |$conn:ident| $statement:expr) => {
        match &mut *$read.conn {
            $crate::durable::conn::Conn::Sqlite($conn) => $statement,
            $crate::durable::conn::Conn::Postgres($conn) => $statement,
        }
    };
}
pub(crate) use each_backend;

/// An UPDATE that is prepared once a connection. Diesel prepares its own anew at each run, since the columns that one
/// sets may differ from run to run. Only for those whose text follows from their type: columns set to values, no list,
/// no optional changeset; a debug build of the tests refuses others.
pub(crate) struct Update<T, S, W> {
    table: T,
    set: S,
    which: W,
}

/// `UPDATE table SET set WHERE which`.
pub(crate) fn update<T, S, W>(table: T, set: S, which: W) -> Update<T, S::Changeset, W>
where
    S: AsChangeset<Target = T>,
    W: AppearsOnTable<T, SqlType: BoolOrNullableBool>,
{
    Update { table, set: set.as_changeset(), which }
}

impl<T, S, W> Update<T, S, W> {
    /// And tells something of the rows that it changed.
    pub(crate) fn returning<R: SelectableExpression<T>>(self, what: R) -> Returning<Self, R> {
        Returning { update: self, what }
    }
}

impl<DB, T, S, W> QueryFragment<DB> for Update<T, S, W>
where
    DB: Backend<QueryBuilder: Default> + 'static,
    T: QueryFragment<DB>,
    S: QueryFragment<DB> + 'static,
    W: QueryFragment<DB> + 'static,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !testing::is_same(&self.set, out.backend()) || !testing::is_same(&self.which, out.backend()) {
            return Err(diesel::result::Error::QueryBuilderError("prepared once, but not always the same".into()));
        }
        out.push_sql("UPDATE ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.set.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.which.walk_ast(out)
    }
}

impl<T: 'static, S: 'static, W: 'static> QueryId for Update<T, S, W> {
    type QueryId = Self;
}

impl<T, S, W, C> RunQueryDsl<C> for Update<T, S, W> {}

/// An [`Update`] that tells something of the rows that it changed.
pub(crate) struct Returning<U, R> {
    update: U,
    what: R,
}

impl<DB: Backend, U: QueryFragment<DB>, R: QueryFragment<DB>> QueryFragment<DB> for Returning<U, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.update.walk_ast(out.reborrow())?;
        out.push_sql(" RETURNING ");
        self.what.walk_ast(out)
    }
}

impl<U: 'static, R: 'static> QueryId for Returning<U, R> {
    type QueryId = Self;
}

impl<U, R: Expression> Query for Returning<U, R> {
    type SqlType = R::SqlType;
}

impl<U, R, C> RunQueryDsl<C> for Returning<U, R> {}

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
        Access::Write => "PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;",
        Access::Read => "PRAGMA query_only = ON; PRAGMA cache_size = -4096;",
    };
    let mut made = conn.batch_execute(common).and_then(|()| conn.batch_execute(own));
    if access == Access::Write {
        made = made.and_then(|()| to_wal(&mut conn));
    }
    made.map_err(|e| StoreError::Unavailable(format!("{}: {e}", path.display())))?;
    if let Some(pages) = testing::pages() {
        conn.batch_execute(&format!("PRAGMA max_page_count = {pages}")).map_err(|e| unavailable(&e))?;
    }
    Ok(conn)
}

/// How often somebody else may be found switching a new file to WAL before we do.
const OTHERS: usize = 20;

/// Switches the file to WAL. Of several who do that to a new file at once SQLite turns some away instead of letting them
/// wait; so they wait for the one it lets, and find that it is done.
fn to_wal(conn: &mut SqliteConnection) -> QueryResult<()> {
    for _ in 0..OTHERS {
        if conn.batch_execute("PRAGMA journal_mode = WAL").is_ok() {
            return Ok(());
        }
        wait_for_writer(conn)?;
    }
    conn.batch_execute("PRAGMA journal_mode = WAL")
}

/// Waits until nobody writes the file, as long as any statement would.
pub(crate) fn wait_for_writer(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute("BEGIN IMMEDIATE; ROLLBACK")
}

/// A larger file is not read whole at the start; `idp db verify` does that.
const READ_WHOLE: u64 = 64 * 1024 * 1024;

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = diesel::sql_types::Text)]
    quick_check: String,
}

/// Refuses a damaged file before anything is written to it.
pub(crate) fn sound(path: &Path) -> Result<(), StoreError> {
    let size = std::fs::metadata(path).map_or(0, |found| found.len());
    if size == 0 || size > READ_WHOLE {
        return Ok(());
    }
    let damaged = |why: &dyn std::fmt::Display| {
        StoreError::Unavailable(format!("{} is damaged ({why}); it is left as it is, restore a backup", path.display()))
    };
    std::fs::File::open(path).map_err(|e| {
        StoreError::Unavailable(format!("{} can't be opened: {e}; it has to be its server's own", path.display()))
    })?;
    let text = path.to_str().ok_or_else(|| StoreError::Unavailable("the path of the database isn't UTF-8".into()))?;
    let mut conn = SqliteConnection::establish(text).map_err(|e| damaged(&e))?;
    conn.batch_execute("PRAGMA busy_timeout = 2000; PRAGMA query_only = ON;").map_err(|e| damaged(&e))?;
    let verdict: Verdict = diesel::sql_query("PRAGMA quick_check(1)").get_result(&mut conn).map_err(|e| damaged(&e))?;
    if verdict.quick_check == "ok" { Ok(()) } else { Err(damaged(&verdict.quick_check)) }
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    synchronous_commit: String,
}

/// What libpq is told if the address says nothing: how soon a server that is gone is noticed. (One that is frozen still
/// acknowledges; that is the lane's to notice.)
const IMPATIENCE: [(&str, &str); 5] = [
    ("connect_timeout", "2"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "2"),
    ("tcp_user_timeout", "5000"),
];

/// The address with [`IMPATIENCE`] where it leaves that open.
fn impatient(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in IMPATIENCE {
        if !url.contains(&format!("{name}=")) {
            let before = if url.contains('?') { "&" } else { "?" };
            url.extend([before, name, "=", value]);
        }
    }
    url
}

/// Opens a connection. OpenSSL is told before libpq uses it not to clean up when the process ends: other threads may
/// still be in it then, and what should be a quiet end is a crash.
pub(crate) fn reach(url: &str) -> ConnectionResult<PgConnection> {
    openssl_sys::init();
    PgConnection::establish(url)
}

/// Connects to the server and refuses one that would forget what it acknowledged.
pub(crate) fn postgres(url: &str) -> Result<PgConnection, StoreError> {
    let mut conn = reach(&impatient(url)).map_err(|e| unavailable(&e))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Cached(Arc<std::sync::atomic::AtomicUsize>);

    impl Instrumentation for Cached {
        fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
            if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn a_new_file_is_opened_by_many_at_once() {
        let folder = tempfile::TempDir::new().unwrap();
        for round in 0..100 {
            let path = folder.path().join(format!("{round}.db"));
            let start = std::sync::Barrier::new(4);
            let open = || {
                start.wait();
                sqlite(&path, Access::Write).map(drop)
            };
            let opened: Vec<_> = std::thread::scope(|scope| {
                let all: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect()
            });
            assert!(opened.iter().all(Result::is_ok), "round {round}: {opened:?}");
        }
    }

    #[test]
    fn an_update_is_prepared_once() {
        use crate::durable::schema::families;
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute(
            "CREATE TABLE families (id BLOB, generation INTEGER, retried BOOLEAN); INSERT INTO families VALUES (x'01', 1, 0)",
        )
        .unwrap();
        let prepared = Arc::default();
        conn.set_instrumentation(Cached(Arc::clone(&prepared)));
        for n in 2..5_i64 {
            let to = |n: i64| update(families::table, families::generation.eq(n), families::generation.eq(n - 1));
            assert_eq!(to(n).execute(&mut conn), Ok(1));
            assert_eq!(to(n).execute(&mut conn), Ok(0));
            let told: Vec<i64> = update(families::table, families::retried.eq(true), families::generation.eq(n))
                .returning(families::generation)
                .load(&mut conn)
                .unwrap();
            assert_eq!(told, [n]);
        }
        assert_eq!(prepared.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn what_the_operator_says_about_patience_stays() {
        let url = impatient("postgres://u@a,b/d?connect_timeout=9");
        assert!(url.starts_with("postgres://u@a,b/d?connect_timeout=9&keepalives_idle=5&"), "{url}");
        assert_eq!(url.matches("connect_timeout").count(), 1);
        assert!(impatient("postgres://h/d").starts_with("postgres://h/d?connect_timeout=2&"));
    }
}
