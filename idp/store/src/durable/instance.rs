//! What there is one of: the epoch of the whole installation.

use diesel::prelude::*;
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
    Ok(dsl::instance.select(dsl::epoch).first(r.conn)?)
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
