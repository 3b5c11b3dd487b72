//! The databases tests run on: SQLite always, PostgreSQL where the test command started one. Where services are
//! required, a missing one is a failure.

use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use tempfile::TempDir;

/// Numbers the databases of this process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A database of its own for one test.
#[derive(Debug)]
pub struct Backend {
    /// Its address.
    pub url: String,
    /// What it is, for messages.
    pub name: &'static str,
    folder: TempDir,
}

impl Backend {
    /// A SQLite file.
    pub fn sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("idp.db").display());
        Self { url, name: "SQLite", folder }
    }

    /// A new database on the test command's PostgreSQL, if there is one.
    pub fn postgres() -> Option<Self> {
        let server = service("IDP_TEST_POSTGRES")?;
        let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        openssl::init(); // before libpq does, as the store has it
        let mut conn = PgConnection::establish(&server).expect("the test command's PostgreSQL");
        conn.batch_execute(&format!("CREATE DATABASE {name}")).expect("a new database");
        let mut url = url::Url::parse(&server).expect("an address");
        url.set_path(&name);
        Some(Self { url: url.into(), name: "PostgreSQL", folder: TempDir::new().expect("a temporary folder") })
    }

    /// A place like it with nothing in it, and the same folder beside it: the same master key.
    #[must_use]
    pub fn emptied(&self) -> Self {
        let mut other = if self.name == "SQLite" { Self::sqlite() } else { Self::postgres().expect("PostgreSQL") };
        let key = self.folder.path().join("master.key");
        std::fs::copy(key, other.folder.path().join("master.key")).expect("the key");
        if self.name == "SQLite" {
            other.url = format!("sqlite:{}", other.folder.path().join("restored.db").display());
        }
        other
    }

    /// The same database at another address.
    #[must_use]
    pub fn at(self, url: String) -> Self {
        Self { url, ..self }
    }

    /// What the database says about its own soundness: `ok`.
    pub fn verdict(&self) -> String {
        let Some(path) = self.url.strip_prefix("sqlite:") else { return "ok".to_owned() };
        let mut conn = SqliteConnection::establish(path).expect("the file");
        let verdict: Verdict = diesel::sql_query("PRAGMA integrity_check").get_result(&mut conn).expect("a verdict");
        verdict.integrity_check
    }

    /// The number that a query answers as `n`.
    pub fn count(&self, query: &str) -> i64 {
        let query = diesel::sql_query(query);
        let count: Count = match self.url.strip_prefix("sqlite:") {
            Some(path) => query.get_result(&mut SqliteConnection::establish(path).expect("the file")),
            None => query.get_result(&mut PgConnection::establish(&self.url).expect("the server")),
        }
        .expect("a count");
        count.n
    }

    /// Runs a statement.
    pub fn execute(&self, statement: &str) {
        match self.url.strip_prefix("sqlite:") {
            Some(path) => SqliteConnection::establish(path).expect("the file").batch_execute(statement),
            None => PgConnection::establish(&self.url).expect("the server").batch_execute(statement),
        }
        .expect("a statement that runs");
    }

    /// A folder for what else a test needs.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// All of them, each new.
pub fn backends() -> Vec<Backend> {
    std::iter::once(Backend::sqlite()).chain(Backend::postgres()).collect()
}

/// The test command's Redis, if there is one.
pub fn redis_url() -> Option<String> {
    service("IDP_TEST_REDIS")
}

/// How often a race is run: a few times, or as often as the long tests want.
pub fn rounds(few: usize, many: usize) -> usize {
    if std::env::var_os("IDP_TEST_LONG").is_some() { many } else { few }
}

fn service(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok().filter(|v| !v.is_empty());
    let required = std::env::var_os("IDP_TEST_REQUIRE_SERVICES").is_some();
    assert!(found.is_some() || !required, "{variable} is needed here; run tests/run");
    found
}
