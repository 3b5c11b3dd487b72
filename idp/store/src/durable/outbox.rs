//! What has to leave. A message is written with the change that caused it; a worker takes it, once at a time.

use diesel::prelude::*;
use idp_core::ids::{OutboxId, TenantId};
use idp_core::time::Timestamp;

use crate::durable::conn::Conn;
use crate::durable::schema::outbox;
use crate::durable::{Read, StoreError, Write};

/// The outcome of a message that arrived.
pub const SENT: &str = "sent";

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its row.
    pub id: OutboxId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which worker sends it.
    pub kind: String,
    /// What it says, as the worker of its kind wrote it.
    pub payload: String,
    /// Not before then.
    pub next_at: Timestamp,
    /// Not after then.
    pub expires_at: Timestamp,
    /// How often it was tried.
    pub attempts: i32,
}

/// Puts a message in.
///
/// # Errors
/// If the statement fails.
pub fn push(w: &mut Write<'_>, message: &Message) -> Result<(), StoreError> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(message.id.bytes().to_vec()),
            outbox::tenant.eq(message.tenant.bytes().to_vec()),
            outbox::kind.eq(&message.kind),
            outbox::payload.eq(&message.payload),
            outbox::created_at.eq(message.next_at.micros()),
            outbox::next_at.eq(message.next_at.micros()),
            outbox::expires_at.eq(message.expires_at.micros()),
            outbox::attempts.eq(message.attempts),
            outbox::outcome.eq(""),
        ))
        .execute(w.conn)?;
    Ok(())
}

type Row = (Vec<u8>, Vec<u8>, String, String, i64, i64, i32);

fn read((id, tenant, kind, payload, next_at, expires_at, attempts): Row) -> Result<Message, StoreError> {
    let wrong = |column| StoreError::row("outbox", column);
    Ok(Message {
        id: OutboxId::from_slice(&id).ok_or_else(|| wrong("id"))?,
        tenant: TenantId::from_slice(&tenant).ok_or_else(|| wrong("tenant"))?,
        kind,
        payload,
        next_at: Timestamp::from_micros(next_at),
        expires_at: Timestamp::from_micros(expires_at),
        attempts,
    })
}

/// Takes messages whose turn it is. They come back at `lease_ends` if nobody says what became of them.
///
/// # Errors
/// If a statement fails.
pub fn claim(w: &mut Write<'_>, now: Timestamp, lease_ends: Timestamp, limit: i64) -> Result<Vec<Message>, StoreError> {
    let due = outbox::table
        .filter(outbox::done_at.is_null().and(outbox::next_at.le(now.micros())))
        .order(outbox::next_at)
        .limit(limit)
        .select((
            outbox::id,
            outbox::tenant,
            outbox::kind,
            outbox::payload,
            outbox::next_at,
            outbox::expires_at,
            outbox::attempts,
        ));
    // FOR UPDATE SKIP LOCKED: two workers never take the same row. SQLite has one writer anyway.
    let rows: Vec<Row> = match &mut *w.conn {
        Conn::Sqlite(c) => due.load(c)?,
        Conn::Postgres(c) => due.for_update().skip_locked().load(c)?,
    };
    let messages: Vec<Message> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    let ids: Vec<Vec<u8>> = messages.iter().map(|m| m.id.bytes().to_vec()).collect();
    diesel::update(outbox::table.filter(outbox::id.eq_any(ids)))
        .set((outbox::next_at.eq(lease_ends.micros()), outbox::attempts.eq(outbox::attempts + 1)))
        .execute(w.conn)?;
    Ok(messages)
}

/// Notes what became of a message: `sent`, `refused` or `expired`.
///
/// # Errors
/// If the statement fails.
pub fn finish(w: &mut Write<'_>, id: OutboxId, outcome: &str, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(outbox::table.filter(outbox::id.eq(id.bytes().to_vec())))
        .set((outbox::done_at.eq(now.micros()), outbox::outcome.eq(outcome)))
        .execute(w.conn)?;
    Ok(())
}

/// Which of these messages arrived.
///
/// # Errors
/// If the statement fails.
pub fn arrived(r: &mut Read<'_>, ids: &[OutboxId]) -> Result<Vec<OutboxId>, StoreError> {
    let ids: Vec<Vec<u8>> = ids.iter().map(|id| id.bytes().to_vec()).collect();
    let sent: Vec<Vec<u8>> =
        outbox::table.filter(outbox::id.eq_any(ids).and(outbox::outcome.eq(SENT))).select(outbox::id).load(r.conn)?;
    sent.iter().map(|id| OutboxId::from_slice(id).ok_or_else(|| StoreError::row("outbox", "id"))).collect()
}

/// Puts a message back for later.
///
/// # Errors
/// If the statement fails.
pub fn postpone(w: &mut Write<'_>, id: OutboxId, until: Timestamp) -> Result<(), StoreError> {
    diesel::update(outbox::table.filter(outbox::id.eq(id.bytes().to_vec())))
        .set(outbox::next_at.eq(until.micros()))
        .execute(w.conn)?;
    Ok(())
}

/// How many wait, and since when the oldest.
///
/// # Errors
/// If the statement fails.
pub fn backlog(r: &mut Read<'_>) -> Result<(i64, Option<Timestamp>), StoreError> {
    let waiting = outbox::table.filter(outbox::done_at.is_null());
    let found: (i64, Option<i64>) =
        waiting.select((diesel::dsl::count_star(), diesel::dsl::min(outbox::created_at))).get_result(r.conn)?;
    Ok((found.0, found.1.map(Timestamp::from_micros)))
}

/// Forgets messages that were done before then.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<Vec<u8>> =
        outbox::table.filter(outbox::done_at.lt(before.micros())).select(outbox::id).limit(limit).load(w.conn)?;
    Ok(diesel::delete(outbox::table.filter(outbox::id.eq_any(old))).execute(w.conn)?)
}
