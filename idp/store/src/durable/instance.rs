//! What there is one of: the epoch of the whole installation, and the key of the audit log.

use diesel::prelude::*;
use idp_core::secret::Sealed;
use idp_core::time::Timestamp;

use crate::durable::conn::{Conn, each_backend};
use crate::durable::schema::instance::dsl;
use crate::durable::{Read, StoreError, Write};

/// Makes the row, once.
///
/// # Errors
/// If the statement fails.
pub fn ensure(w: &mut Write<'_>, now: Timestamp) -> Result<(), StoreError> {
    let row = (dsl::id.eq(1), dsl::epoch.eq(1), dsl::created_at.eq(now.micros()));
    // ON CONFLICT: two processes start at once.
    each_backend!(w, |c| diesel::insert_into(dsl::instance).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

#[derive(QueryableByName)]
struct Clock {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    micros: i64,
}

/// The database's clock, if it has one of its own: SQLite runs in this process.
///
/// # Errors
/// If the statement fails.
pub fn clock(r: &mut Read<'_>) -> Result<Option<Timestamp>, StoreError> {
    let Conn::Postgres(conn) = &mut *r.conn else { return Ok(None) };
    let query = diesel::sql_query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros");
    let clock: Clock = query.get_result(conn)?;
    Ok(Some(Timestamp::from_micros(clock.micros)))
}

/// Everything born under an older epoch is dead.
///
/// # Errors
/// If the statement fails.
pub fn epoch(r: &mut Read<'_>) -> Result<i64, StoreError> {
    Ok(dsl::instance.select(dsl::epoch).get_result(r.conn)?)
}

/// Begins an epoch that none was before: the time, or the next number if that is later.
///
/// # Errors
/// If a statement fails.
pub fn begin_epoch(w: &mut Write<'_>, now: Timestamp) -> Result<(), StoreError> {
    let next = now.micros().max(epoch(w)? + 1);
    diesel::update(dsl::instance).set(dsl::epoch.eq(next)).execute(w.conn)?;
    Ok(())
}

/// The key of the audit log, sealed, if there is one yet.
///
/// # Errors
/// If the statement fails.
pub fn audit_key(r: &mut Read<'_>) -> Result<Option<Sealed>, StoreError> {
    let key: Option<Vec<u8>> = dsl::instance.select(dsl::audit_key).get_result(r.conn)?;
    Ok(key.map(Sealed))
}

/// Keeps the key of the audit log, if what is there is still that; false if it isn't.
///
/// # Errors
/// If the statement fails.
pub fn keep_audit_key(w: &mut Write<'_>, instead_of: Option<&Sealed>, key: &Sealed) -> Result<bool, StoreError> {
    let set = dsl::audit_key.eq(&key.0);
    let kept = match instead_of {
        None => diesel::update(dsl::instance.filter(dsl::audit_key.is_null())).set(set).execute(w.conn)?,
        Some(old) => diesel::update(dsl::instance.filter(dsl::audit_key.eq(&old.0))).set(set).execute(w.conn)?,
    };
    Ok(kept == 1)
}
