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

/// Refuses a schema that a newer release wrote: this program wouldn't know what it destroys.
fn check_known<DB: diesel::backend::Backend>(applied: &[MigrationVersion<'_>]) -> Result<(), StoreError>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known: Vec<Box<dyn Migration<DB>>> = MIGRATIONS.migrations().map_err(|e| failed(&e))?;
    let is_known = |version: &MigrationVersion<'_>| known.iter().any(|m| m.name().version() == *version);
    match applied.iter().find(|v| !is_known(v)) {
        None => Ok(()),
        Some(version) => Err(failed(&format!("step {version} is from a newer release; use that release's program"))),
    }
}

/// Takes the steps that are missing and names them.
pub(crate) fn run(url: &Url) -> Result<Vec<String>, StoreError> {
    match url {
        Url::Sqlite(path) => {
            conn::sound(path)?;
            let mut conn = conn::sqlite(path, Access::Write)?;
            check_known::<diesel::sqlite::Sqlite>(&conn.applied_migrations().map_err(|e| failed(&e))?)?;
            conn.run_pending_migrations(MIGRATIONS).map(|v| names(&v)).map_err(|e| failed(&e))
        }
        Url::Postgres(url) => {
            let mut conn = PgConnection::establish(url).map_err(|e| failed(&e))?;
            conn.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})")).map_err(|e| failed(&e))?;
            check_known::<diesel::pg::Pg>(&conn.applied_migrations().map_err(|e| failed(&e))?)?;
            let taken = conn.run_pending_migrations(MIGRATIONS).map(|v| names(&v)).map_err(|e| failed(&e));
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})")).map_err(|e| failed(&e))?;
            taken
        }
    }
}

/// Names the steps that are missing.
pub(crate) fn pending(url: &Url) -> Result<Vec<String>, StoreError> {
    let name = |m: &dyn std::fmt::Display| m.to_string();
    match url {
        Url::Sqlite(path) => {
            conn::sound(path)?;
            let mut conn = conn::sqlite(path, Access::Write)?;
            check_known::<diesel::sqlite::Sqlite>(&conn.applied_migrations().map_err(|e| failed(&e))?)?;
            let steps = conn.pending_migrations(MIGRATIONS).map_err(|e| failed(&e))?;
            Ok(steps.iter().map(|m| name(&m.name())).collect())
        }
        Url::Postgres(url) => {
            let mut conn = conn::postgres(url)?;
            check_known::<diesel::pg::Pg>(&conn.applied_migrations().map_err(|e| failed(&e))?)?;
            let steps = conn.pending_migrations(MIGRATIONS).map_err(|e| failed(&e))?;
            Ok(steps.iter().map(|m| name(&m.name())).collect())
        }
    }
}
