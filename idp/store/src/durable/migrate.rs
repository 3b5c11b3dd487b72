//! Bringing the schema up to date. One process at a time: SQLite locks its file, PostgreSQL gives an advisory lock.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::durable::conn::{self, Access};
use crate::durable::{StoreError, Url};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Any number that nobody else on the server uses for a lock.
const LOCK: i64 = 0x5377_6974_6368;

fn failed(cause: &impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("the schema could not be brought up to date: {cause}"))
}

fn names(versions: &[MigrationVersion<'_>]) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

#[derive(QueryableByName)]
struct Reach {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    least_step: i64,
}

/// A schema that a newer release wrote is fine as long as that release has only added to it; it says so itself.
fn check_known<DB: diesel::backend::Backend>(
    applied: &[MigrationVersion<'_>],
    least_step: impl FnOnce() -> QueryResult<i64>,
) -> Result<(), StoreError>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<Box<dyn Migration<DB>>> = MIGRATIONS.migrations().map_err(|e| failed(&e))?;
    let is_known = |version: &MigrationVersion<'_>| known.iter().any(|m| m.name().version() == *version);
    let Some(version) = applied.iter().find(|v| !is_known(v)) else { return Ok(()) };
    let newest = known.iter().filter_map(|m| m.name().version().to_string().parse::<i64>().ok()).max().unwrap_or(0);
    if least_step().is_ok_and(|least| least <= newest) {
        return Ok(());
    }
    Err(failed(&format!("step {version} is from a newer release; use that release's program")))
}

const REACH: &str = "SELECT least_step FROM instance";

fn check_sqlite(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let applied: Vec<_> = conn.applied_migrations().map_err(|e| failed(&e))?.iter().map(owned).collect();
    check_known::<diesel::sqlite::Sqlite>(&applied, || {
        diesel::sql_query(REACH).get_result::<Reach>(conn).map(|r| r.least_step)
    })
}

fn check_postgres(conn: &mut PgConnection) -> Result<(), StoreError> {
    let applied: Vec<_> = conn.applied_migrations().map_err(|e| failed(&e))?.iter().map(owned).collect();
    check_known::<diesel::pg::Pg>(&applied, || diesel::sql_query(REACH).get_result::<Reach>(conn).map(|r| r.least_step))
}

fn owned(version: &MigrationVersion<'_>) -> MigrationVersion<'static> {
    version.to_string().into()
}

/// Takes the steps that are missing and names them.
pub(crate) fn run(url: &Url) -> Result<Vec<String>, StoreError> {
    match url {
        Url::Sqlite(path) => {
            conn::sound(path)?;
            let mut conn = conn::sqlite(path, Access::Write)?;
            check_sqlite(&mut conn)?;
            step_by_step(&mut conn)
        }
        Url::Postgres(url) => {
            let mut conn = conn::reach(url).map_err(|e| failed(&e))?;
            conn.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})")).map_err(|e| failed(&e))?;
            check_postgres(&mut conn)?;
            let taken = conn.run_pending_migrations(MIGRATIONS).map(|v| names(&v)).map_err(|e| failed(&e));
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})")).map_err(|e| failed(&e))?;
            taken
        }
    }
}

/// SQLite has no lock that outlives a transaction, and each step is one: who comes second at a step fails, waits for
/// the first, and looks what is left.
fn step_by_step(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let mut taken = Vec::new();
    while let Some(next) = next_step(conn)? {
        match conn.run_next_migration(MIGRATIONS) {
            Ok(version) => taken.push(version.to_string()),
            Err(error) => {
                conn::wait_for_writer(conn).map_err(|e| failed(&e))?;
                if next_step(conn)?.as_ref() == Some(&next) {
                    return Err(failed(&error));
                }
            }
        }
    }
    Ok(taken)
}

fn next_step(conn: &mut SqliteConnection) -> Result<Option<String>, StoreError> {
    let steps = conn.pending_migrations(MIGRATIONS).map_err(|e| failed(&e))?;
    Ok(steps.first().map(|step| step.name().to_string()))
}

/// Names the steps that are missing.
pub(crate) fn pending(url: &Url) -> Result<Vec<String>, StoreError> {
    let name = |m: &dyn std::fmt::Display| m.to_string();
    match url {
        // Nothing is opened: that would make a file.
        Url::Sqlite(path) if std::fs::metadata(path).map_or(0, |found| found.len()) == 0 => {
            let all: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> =
                MIGRATIONS.migrations().map_err(|e| failed(&e))?;
            Ok(all.iter().map(|m| name(&m.name())).collect())
        }
        Url::Sqlite(path) => {
            conn::sound(path)?;
            let mut conn = conn::sqlite(path, Access::Write)?;
            check_sqlite(&mut conn)?;
            let steps = conn.pending_migrations(MIGRATIONS).map_err(|e| failed(&e))?;
            Ok(steps.iter().map(|m| name(&m.name())).collect())
        }
        Url::Postgres(url) => {
            let mut conn = conn::postgres(url)?;
            check_postgres(&mut conn)?;
            let steps = conn.pending_migrations(MIGRATIONS).map_err(|e| failed(&e))?;
            Ok(steps.iter().map(|m| name(&m.name())).collect())
        }
    }
}
