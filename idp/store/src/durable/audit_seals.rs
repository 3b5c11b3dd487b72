//! The chains over the audit rows, one a company.

use diesel::prelude::*;
use idp_core::ids::TenantId;
use idp_core::time::{Lifetime, Timestamp};

use crate::durable::conn::each_backend;
use crate::durable::schema::{audit, audit_heads, audit_seals};
use crate::durable::{Read, StoreError, Write};

/// An audit row as it is kept: nothing of it is believed before its digest is computed.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct Row {
    /// Its id.
    pub id: Vec<u8>,
    /// Its company.
    pub tenant: Vec<u8>,
    /// Its time.
    pub at: i64,
    /// Who.
    pub actor: Option<Vec<u8>>,
    /// From where.
    pub address: Option<String>,
    /// The event's name.
    pub event: String,
    /// The event as text.
    pub payload: String,
    /// The digest.
    pub mac: Vec<u8>,
}

/// A seal.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = audit_seals)]
pub struct Seal {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// The row it covers.
    pub audit_id: Vec<u8>,
    /// The digest over the seal before and the row.
    pub mac: Vec<u8>,
}

/// Where a chain ends.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = audit_heads)]
pub struct Head {
    /// Whose chain.
    pub tenant: Vec<u8>,
    /// The last seal's place.
    pub seq: i64,
    /// Its digest.
    pub mac: Vec<u8>,
    /// The time of the newest row in it.
    pub newest_at: i64,
}

/// Rows of one time are not committed in its order. One that is older than the newest that was sealed by more than this was
/// sealed with it.
const DISORDER: Lifetime = Lifetime::minutes(10);

/// Rows that are not sealed, the oldest first.
///
/// # Errors
/// If a statement fails.
pub fn unsealed(r: &mut Read<'_>, limit: i64) -> Result<Vec<Row>, StoreError> {
    let newest: Option<i64> = audit_heads::table.select(diesel::dsl::max(audit_heads::newest_at)).first(r.conn)?;
    let since = newest.map_or(i64::MIN, |at| (Timestamp::from_micros(at) - DISORDER).micros());
    Ok(audit::table
        .left_join(audit_seals::table.on(audit_seals::audit_id.eq(audit::id)))
        .filter(audit::at.ge(since).and(audit_seals::audit_id.nullable().is_null()))
        .order((audit::at, audit::id))
        .limit(limit)
        .select(Row::as_select())
        .load(r.conn)?)
}

/// All rows that are not sealed, whatever their time: for who checks everything.
///
/// # Errors
/// If a statement fails.
pub fn never_sealed(r: &mut Read<'_>, limit: i64) -> Result<Vec<Row>, StoreError> {
    Ok(audit::table
        .left_join(audit_seals::table.on(audit_seals::audit_id.eq(audit::id)))
        .filter(audit_seals::audit_id.nullable().is_null())
        .order((audit::at, audit::id))
        .limit(limit)
        .select(Row::as_select())
        .load(r.conn)?)
}

/// Where the chains end.
///
/// # Errors
/// If the statement fails.
pub fn heads(r: &mut Read<'_>) -> Result<Vec<Head>, StoreError> {
    Ok(audit_heads::table.order(audit_heads::tenant).select(Head::as_select()).load(r.conn)?)
}

/// The companies that have rows or seals.
///
/// # Errors
/// If a statement fails.
pub fn chains(r: &mut Read<'_>) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut all: Vec<Vec<u8>> = audit_seals::table.select(audit_seals::tenant).distinct().load(r.conn)?;
    all.extend(audit_heads::table.select(audit_heads::tenant).load::<Vec<u8>>(r.conn)?);
    all.sort();
    all.dedup();
    Ok(all)
}

/// Seals of a company after a place, in order, each with its row if there is one.
///
/// # Errors
/// If the statement fails.
pub fn after(r: &mut Read<'_>, tenant: &[u8], seq: i64, limit: i64) -> Result<Vec<(Seal, Option<Row>)>, StoreError> {
    Ok(audit_seals::table
        .left_join(audit::table.on(audit_seals::audit_id.eq(audit::id)))
        .filter(audit_seals::tenant.eq(tenant).and(audit_seals::seq.gt(seq)))
        .order(audit_seals::seq)
        .limit(limit)
        .select((Seal::as_select(), Option::<Row>::as_select()))
        .load(r.conn)?)
}

/// Continues a chain, if it still ends where it was read. False if somebody else continued it.
///
/// # Errors
/// If a statement fails.
pub fn extend(
    w: &mut Write<'_>,
    tenant: TenantId,
    from: Option<&Head>,
    (seals, newest_at): (&[Seal], i64),
) -> Result<bool, StoreError> {
    let (id, Some(last)) = (tenant.bytes().to_vec(), seals.last()) else { return Ok(true) };
    let set = (audit_heads::seq.eq(last.seq), audit_heads::mac.eq(&last.mac), audit_heads::newest_at.eq(newest_at));
    let moved = match from {
        // ON CONFLICT: somebody else began the chain.
        None => each_backend!(w, |c| diesel::insert_into(audit_heads::table)
            .values((audit_heads::tenant.eq(&id), set))
            .on_conflict_do_nothing()
            .execute(c))?,
        Some(head) => {
            let target = audit_heads::table.filter(audit_heads::tenant.eq(&id).and(audit_heads::seq.eq(head.seq)));
            diesel::update(target).set(set).execute(w.conn)?
        }
    };
    if moved != 1 {
        return Ok(false);
    }
    for seal in seals {
        let row = (
            audit_seals::tenant.eq(&id),
            audit_seals::seq.eq(seal.seq),
            audit_seals::audit_id.eq(&seal.audit_id),
            audit_seals::mac.eq(&seal.mac),
        );
        diesel::insert_into(audit_seals::table).values(row).execute(w.conn)?;
    }
    Ok(true)
}
