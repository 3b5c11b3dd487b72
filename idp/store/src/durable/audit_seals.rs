//! The chains over the audit rows, one a company.

use diesel::prelude::*;
use idp_core::ids::TenantId;
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::{audit, audit_heads, audit_seals, tenants};
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
}

/// Companies with rows that are not sealed, and since when the oldest waits.
///
/// # Errors
/// If a statement fails.
pub fn open_chains(r: &mut Read<'_>) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
    // "NOT sealed" as the index has it: a bound value would not match it. Rows of a company that there isn't are
    // nobody's chain; the check of the log names them.
    let rows: Vec<(Vec<u8>, Option<i64>)> = audit::table
        .inner_join(tenants::table.on(tenants::id.eq(audit::tenant)))
        .filter(diesel::dsl::not(audit::sealed))
        .group_by(audit::tenant)
        .select((audit::tenant, diesel::dsl::min(audit::at)))
        .load(r.conn)?;
    let read = |(id, at): (Vec<u8>, Option<i64>)| {
        let id = TenantId::from_slice(&id).ok_or_else(|| StoreError::row("audit", "tenant"))?;
        Ok((id, Timestamp::from_micros(at.unwrap_or_default())))
    };
    rows.into_iter().map(read).collect()
}

/// A company's rows that are not sealed, the oldest first. Their number is small whatever the size of the log.
///
/// # Errors
/// If a statement fails.
pub fn open(r: &mut Read<'_>, tenant: TenantId, limit: i64) -> Result<Vec<Row>, StoreError> {
    // A program older than the column seals without setting it.
    Ok(audit::table
        .left_join(audit_seals::table.on(audit_seals::audit_id.eq(audit::id)))
        .filter(diesel::dsl::not(audit::sealed).and(audit_seals::audit_id.nullable().is_null()))
        .filter(audit::tenant.eq(tenant.bytes().to_vec()))
        .order((audit::at, audit::id))
        .limit(limit)
        .select(Row::as_select())
        .load(r.conn)?)
}

/// Rows in no chain after an id, in the order of ids, whatever is noted at them; with what is: for who checks
/// everything.
///
/// # Errors
/// If a statement fails.
pub fn in_no_chain(r: &mut Read<'_>, after: &[u8], limit: i64) -> Result<Vec<(Row, bool)>, StoreError> {
    Ok(audit::table
        .left_join(audit_seals::table.on(audit_seals::audit_id.eq(audit::id)))
        .filter(audit::id.gt(after).and(audit_seals::audit_id.nullable().is_null()))
        .order(audit::id)
        .limit(limit)
        .select((Row::as_select(), audit::sealed))
        .load(r.conn)?)
}

/// Where the chains end.
///
/// # Errors
/// If the statement fails.
pub fn heads(r: &mut Read<'_>) -> Result<Vec<Head>, StoreError> {
    Ok(audit_heads::table.order(audit_heads::tenant).select(Head::as_select()).load(r.conn)?)
}

/// Where the chain of a company ends, if it has begun.
///
/// # Errors
/// If the statement fails.
pub fn head(r: &mut Read<'_>, tenant: &[u8]) -> Result<Option<Head>, StoreError> {
    Ok(audit_heads::table.find(tenant).select(Head::as_select()).get_result(r.conn).optional()?)
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
pub fn extend(w: &mut Write<'_>, tenant: TenantId, from: Option<&Head>, seals: &[Seal]) -> Result<bool, StoreError> {
    let (id, Some(last)) = (tenant.bytes().to_vec(), seals.last()) else { return Ok(true) };
    let set = (audit_heads::seq.eq(last.seq), audit_heads::mac.eq(&last.mac));
    let moved = match from {
        // ON CONFLICT: somebody else began the chain. Only older programs read `newest_at`.
        None => each_backend!(w, |c| diesel::insert_into(audit_heads::table)
            .values((audit_heads::tenant.eq(&id), set, audit_heads::newest_at.eq(0)))
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
        // Hot: as many as there are rows in the log.
        each_backend!(w, |c| diesel::insert_into(audit_seals::table).values(row).execute(c))?;
    }
    let covered = audit::table.filter(audit::id.eq_any(seals.iter().map(|s| &s.audit_id)));
    diesel::update(covered).set(audit::sealed.eq(true)).execute(w.conn)?;
    Ok(true)
}
