//! First-factor counters. The arithmetic is `idp_core::throttle`; here it runs under a row lock, so that many attempts
//! at once are counted one after the other on every node.

use diesel::prelude::*;
use idp_core::throttle::{Counter, Lane, Limits, Reservation};
use idp_core::time::Timestamp;

use crate::durable::conn::{Conn, each_backend};
use crate::durable::schema::throttles;
use crate::durable::testing::{self, around};
use crate::durable::{Read, StoreError, Write};

/// Which counter: an account's or a bucket's, and whose attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The id of an account, or a bucket of names that nobody has.
    pub subject: [u8; 16],
    /// Strangers or known browsers.
    pub lane: Lane,
}

/// Counts an attempt before it is proved.
///
/// # Errors
/// If the statement fails.
pub fn reserve(
    w: &mut Write<'_>,
    key: Key,
    limits: Limits,
    source: u64,
    now: Timestamp,
) -> Result<Reservation, StoreError> {
    let counter = lock(w, key, now)?;
    let (counter, answer) = counter.reserve(limits, key.lane, source, now);
    keep(w, key, &counter, now)?;
    Ok(answer)
}

/// Takes back what a success reserved.
///
/// # Errors
/// If the statement fails.
pub fn release(w: &mut Write<'_>, key: Key, limits: Limits, source: u64, now: Timestamp) -> Result<(), StoreError> {
    let counter = lock(w, key, now)?.release(limits, source);
    keep(w, key, &counter, now)
}

/// Until when one browser waits, if it is the one that failed so often.
///
/// # Errors
/// If the statement fails.
pub fn waits_here(
    w: &mut Write<'_>,
    key: Key,
    (limits, source): (Limits, u64),
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(lock(w, key, now)?.waits_here(limits, source, now))
}

/// Forgets the failures of one browser, which has shown another way who it is.
///
/// # Errors
/// If the statement fails.
pub fn forgive(w: &mut Write<'_>, key: Key, (limits, source): (Limits, u64), now: Timestamp) -> Result<(), StoreError> {
    let counter = lock(w, key, now)?.forgive(limits, source);
    keep(w, key, &counter, now)
}

/// Takes back one attempt that was never looked at.
///
/// # Errors
/// If the statement fails.
pub fn cancel(w: &mut Write<'_>, key: Key, limits: Limits, source: u64, now: Timestamp) -> Result<(), StoreError> {
    let counter = lock(w, key, now)?.cancel(limits, source);
    keep(w, key, &counter, now)
}

/// Forgets everything: an administrator let the person in again.
///
/// # Errors
/// If the statement fails.
pub fn clear(w: &mut Write<'_>, subject: [u8; 16]) -> Result<(), StoreError> {
    diesel::delete(throttles::table.filter(throttles::key.eq(subject.to_vec()))).execute(w.conn)?;
    Ok(())
}

/// Until when these accounts' strangers wait, for those that do.
///
/// # Errors
/// If the statement fails.
pub fn waits(
    r: &mut Read<'_>,
    subjects: &[[u8; 16]],
    now: Timestamp,
) -> Result<Vec<([u8; 16], Timestamp)>, StoreError> {
    let keys: Vec<Vec<u8>> = subjects.iter().map(|s| s.to_vec()).collect();
    let rows: Vec<(Vec<u8>, String)> = throttles::table
        .filter(throttles::key.eq_any(keys).and(throttles::lane.eq(Lane::Stranger.number())))
        .select((throttles::key, throttles::counter))
        .load(r.conn)?;
    let mut waits = Vec::new();
    for (key, text) in rows {
        let key = key.try_into().map_err(|_bytes| StoreError::row("throttles", "key"))?;
        if let Some(until) = read(&text)?.blocked_until.filter(|until| !until.reached(now)) {
            waits.push((key, until));
        }
    }
    Ok(waits)
}

/// Until when this counter's attempts wait, if they do.
///
/// # Errors
/// If the statement fails.
pub fn wait(r: &mut Read<'_>, key: Key, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let text: Option<String> = throttles::table
        .filter(throttles::key.eq(key.subject.to_vec()).and(throttles::lane.eq(key.lane.number())))
        .select(throttles::counter)
        .get_result(r.conn)
        .optional()?;
    let counter = text.map(|t| read(&t)).transpose()?;
    Ok(counter.and_then(|c| c.blocked_until).filter(|until| !until.reached(now)))
}

/// Drops counters that nothing happened to for so long that they mean nothing any more.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(throttles::table.filter(throttles::updated_at.lt(before.micros()))).execute(w.conn)?)
}

fn read(text: &str) -> Result<Counter, StoreError> {
    serde_json::from_str(text).map_err(|_cause| StoreError::row("throttles", "counter"))
}

/// Makes the row if there is none, and holds it until the end of the transaction.
fn lock(w: &mut Write<'_>, key: Key, now: Timestamp) -> Result<Counter, StoreError> {
    let fresh = serde_json::to_string(&Counter::default()).map_err(|_cause| StoreError::row("throttles", "counter"))?;
    let row = (
        throttles::key.eq(key.subject.to_vec()),
        throttles::lane.eq(key.lane.number()),
        throttles::counter.eq(fresh),
        throttles::updated_at.eq(now.micros()),
    );
    // ON CONFLICT: the row may be there.
    each_backend!(w, |c| diesel::insert_into(throttles::table).values(row).on_conflict_do_nothing().execute(c))?;
    let found = throttles::table
        .filter(throttles::key.eq(key.subject.to_vec()).and(throttles::lane.eq(key.lane.number())))
        .select(throttles::counter);
    let text: String = match &mut *w.conn {
        Conn::Sqlite(c) => found.get_result(c)?, // there is one writer only
        Conn::Postgres(c) if !testing::is_off("throttle") => around(|| found.for_update().get_result(c))?,
        Conn::Postgres(c) => around(|| found.get_result(c))?,
    };
    read(&text)
}

fn keep(w: &mut Write<'_>, key: Key, counter: &Counter, now: Timestamp) -> Result<(), StoreError> {
    let text = serde_json::to_string(counter).map_err(|_cause| StoreError::row("throttles", "counter"))?;
    diesel::update(
        throttles::table.filter(throttles::key.eq(key.subject.to_vec()).and(throttles::lane.eq(key.lane.number()))),
    )
    .set((throttles::counter.eq(text), throttles::updated_at.eq(now.micros())))
    .execute(w.conn)?;
    Ok(())
}

/// Notes that a mail was asked for: for somebody and for nobody alike, so that both cost the same.
///
/// # Errors
/// If the statement fails.
pub fn note(w: &mut Write<'_>, key: Key, now: Timestamp) -> Result<(), StoreError> {
    let row = (
        throttles::key.eq(key.subject.to_vec()),
        throttles::lane.eq(key.lane.number()),
        throttles::counter.eq("{}"),
        throttles::updated_at.eq(now.micros()),
    );
    // ON CONFLICT: it was noted before.
    each_backend!(w, |c| diesel::insert_into(throttles::table)
        .values(row)
        .on_conflict((throttles::key, throttles::lane))
        .do_update()
        .set(throttles::updated_at.eq(now.micros()))
        .execute(c))?;
    Ok(())
}
