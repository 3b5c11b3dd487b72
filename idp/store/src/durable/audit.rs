//! The audit log. Rows are added, never changed.

use diesel::prelude::*;
use idp_core::audit::{AuditEvent, AuditRecord};
use idp_core::ids::{AccountId, AuditId, TenantId};
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::audit;
use crate::durable::{Read, StoreError, Write};

/// A record ready to be kept: its text, and a keyed digest over everything in it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The record.
    pub record: AuditRecord,
    /// The event as text.
    pub payload: String,
    /// The digest.
    pub mac: [u8; 32],
}

/// Keeps a record, in the act that it is about.
///
/// # Errors
/// If the statement fails.
pub fn append(w: &mut Write<'_>, entry: &Entry) -> Result<(), StoreError> {
    let record = &entry.record;
    let row = (
        audit::id.eq(record.id.bytes().to_vec()),
        audit::tenant.eq(record.tenant.bytes().to_vec()),
        audit::at.eq(record.at.micros()),
        audit::actor.eq(record.actor.map(|a| a.bytes().to_vec())),
        audit::address.eq(record.address.as_deref()),
        audit::event.eq(record.event.name()),
        audit::payload.eq(&entry.payload),
        audit::mac.eq(entry.mac.to_vec()),
        audit::about.eq(record.event.about().map(|a| a.bytes().to_vec())),
    );
    // Hot: an authorization writes one.
    each_backend!(w, |c| diesel::insert_into(audit::table).values(row).execute(c))?;
    Ok(())
}

/// When something was last kept.
///
/// # Errors
/// If the statement fails.
pub fn last(r: &mut Read<'_>) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = audit::table.select(diesel::dsl::max(audit::at)).get_result(r.conn)?;
    Ok(at.map(Timestamp::from_micros))
}

type Row = (Vec<u8>, Vec<u8>, i64, Option<Vec<u8>>, Option<String>, String);

const COLUMNS: (audit::id, audit::tenant, audit::at, audit::actor, audit::address, audit::payload) =
    (audit::id, audit::tenant, audit::at, audit::actor, audit::address, audit::payload);

/// The newest records of a company.
///
/// # Errors
/// If the statement fails.
pub fn newest(r: &mut Read<'_>, tenant: TenantId, limit: i64) -> Result<Vec<AuditRecord>, StoreError> {
    let rows: Vec<Row> = audit::table
        .filter(audit::tenant.eq(tenant.bytes().to_vec()))
        .order((audit::at.desc(), audit::id.desc()))
        .limit(limit)
        .select(COLUMNS)
        .load(r.conn)?;
    rows.into_iter().map(read).collect()
}

/// The newest records about an account.
///
/// # Errors
/// If the statement fails.
pub fn about(r: &mut Read<'_>, account: AccountId, limit: i64) -> Result<Vec<AuditRecord>, StoreError> {
    let rows: Vec<Row> = audit::table
        .filter(audit::about.eq(account.bytes().to_vec()))
        .order((audit::at.desc(), audit::id.desc()))
        .limit(limit)
        .select(COLUMNS)
        .load(r.conn)?;
    rows.into_iter().map(read).collect()
}

fn read((id, tenant, at, actor, address, payload): Row) -> Result<AuditRecord, StoreError> {
    let wrong = |column| StoreError::row("audit", column);
    let event: AuditEvent = serde_json::from_str(&payload).map_err(|_cause| wrong("payload"))?;
    Ok(AuditRecord {
        id: AuditId::from_slice(&id).ok_or_else(|| wrong("id"))?,
        tenant: TenantId::from_slice(&tenant).ok_or_else(|| wrong("tenant"))?,
        at: Timestamp::from_micros(at),
        actor: actor.map(|a| AccountId::from_slice(&a).ok_or_else(|| wrong("actor"))).transpose()?,
        address,
        event,
    })
}
