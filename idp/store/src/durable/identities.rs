//! Who at another provider is who here, and which answers of other providers were taken.

use diesel::prelude::*;
use idp_core::ids::{AccountId, ConnectorId, IdentityId, TenantId};
use idp_core::secret::TokenHash;
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::{connectors, upstream_answers, upstream_identities};
use crate::durable::testing::{around, is_off};
use crate::durable::{Read, StoreError, Write};

/// A person at another provider, connected with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Its row.
    pub id: IdentityId,
    /// By which provider.
    pub connector: ConnectorId,
    /// By whom he is known.
    pub issuer: String,
    /// As whom.
    pub subject: String,
    /// What people recognise him by.
    pub shown: String,
    /// Since when.
    pub made_at: Timestamp,
    /// When he last signed in by it.
    pub used_at: Option<Timestamp>,
}

/// Whose account that person has, in a company.
///
/// # Errors
/// If the statement fails.
pub fn account_of(
    r: &mut Read<'_>,
    tenant: TenantId,
    (issuer, subject): (&str, &str),
) -> Result<Option<(IdentityId, AccountId)>, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>)> = upstream_identities::table
        .filter(upstream_identities::tenant.eq(tenant.bytes().to_vec()))
        .filter(upstream_identities::issuer.eq(issuer).and(upstream_identities::subject.eq(subject)))
        .select((upstream_identities::id, upstream_identities::account))
        .get_result(r.conn)
        .optional()?;
    let Some((id, account)) = row else { return Ok(None) };
    let wrong = |column| StoreError::row("upstream_identities", column);
    let id = IdentityId::from_slice(&id).ok_or_else(|| wrong("id"))?;
    Ok(Some((id, AccountId::from_slice(&account).ok_or_else(|| wrong("account"))?)))
}

/// Those of an account, the oldest first, each with what people call the provider, if people may come in by it.
///
/// # Errors
/// If the statement fails.
pub fn of(r: &mut Read<'_>, account: AccountId) -> Result<Vec<(Connected, String, bool)>, StoreError> {
    type Row = (Vec<u8>, Vec<u8>, String, String, String, i64, Option<i64>, String, bool);
    let rows: Vec<Row> = upstream_identities::table
        .inner_join(connectors::table.on(connectors::id.eq(upstream_identities::connector)))
        .filter(upstream_identities::account.eq(account.bytes().to_vec()))
        .order(upstream_identities::id)
        .select((
            upstream_identities::id,
            upstream_identities::connector,
            upstream_identities::issuer,
            upstream_identities::subject,
            upstream_identities::shown,
            upstream_identities::made_at,
            upstream_identities::used_at,
            connectors::label,
            connectors::enabled,
        ))
        .load(r.conn)?;
    let wrong = |column| StoreError::row("upstream_identities", column);
    let read = |(id, connector, issuer, subject, shown, made_at, used_at, label, enabled): Row| {
        let connected = Connected {
            id: IdentityId::from_slice(&id).ok_or_else(|| wrong("id"))?,
            connector: ConnectorId::from_slice(&connector).ok_or_else(|| wrong("connector"))?,
            issuer,
            subject,
            shown,
            made_at: Timestamp::from_micros(made_at),
            used_at: used_at.map(Timestamp::from_micros),
        };
        Ok((connected, label, enabled))
    };
    rows.into_iter().map(read).collect()
}

/// Is anybody connected by this connector?
///
/// # Errors
/// If the statement fails.
pub fn is_any_by(r: &mut Read<'_>, connector: ConnectorId) -> Result<bool, StoreError> {
    let all = upstream_identities::table.filter(upstream_identities::connector.eq(connector.bytes().to_vec()));
    Ok(diesel::select(diesel::dsl::exists(all)).get_result(r.conn)?)
}

/// Connects a person with an account; false if he is connected with one in this company.
///
/// # Errors
/// If the statement fails.
pub fn insert(
    w: &mut Write<'_>,
    (tenant, account): (TenantId, AccountId),
    connected: &Connected,
) -> Result<bool, StoreError> {
    let row = (
        upstream_identities::id.eq(connected.id.bytes().to_vec()),
        upstream_identities::tenant.eq(tenant.bytes().to_vec()),
        upstream_identities::account.eq(account.bytes().to_vec()),
        upstream_identities::connector.eq(connected.connector.bytes().to_vec()),
        upstream_identities::issuer.eq(&connected.issuer),
        upstream_identities::subject.eq(&connected.subject),
        upstream_identities::shown.eq(&connected.shown),
        upstream_identities::made_at.eq(connected.made_at.micros()),
        upstream_identities::used_at.eq(connected.used_at.map(Timestamp::micros)),
    );
    // ON CONFLICT: somebody else's is an answer, not an error.
    let kept = each_backend!(w, |c| diesel::insert_into(upstream_identities::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(kept == 1)
}

/// Notes that somebody signed in by it; false if it was disconnected meanwhile.
///
/// # Errors
/// If the statement fails.
pub fn used(w: &mut Write<'_>, id: IdentityId, now: Timestamp) -> Result<bool, StoreError> {
    let own = upstream_identities::table.filter(upstream_identities::id.eq(id.bytes().to_vec()));
    Ok(diesel::update(own).set(upstream_identities::used_at.eq(now.micros())).execute(w.conn)? == 1)
}

/// Takes one away from an account; false if there is none.
///
/// # Errors
/// If the statement fails.
pub fn remove(w: &mut Write<'_>, account: AccountId, id: IdentityId) -> Result<bool, StoreError> {
    let own = upstream_identities::id.eq(id.bytes().to_vec());
    let own = own.and(upstream_identities::account.eq(account.bytes().to_vec()));
    Ok(diesel::delete(upstream_identities::table.filter(own)).execute(w.conn)? == 1)
}

/// Takes an answer of another provider, or the ticket that was made of one, once: whoever comes first leaves a row.
///
/// # Errors
/// If the statement fails.
pub fn take_answer(w: &mut Write<'_>, digest: TokenHash, expires_at: Timestamp) -> Result<bool, StoreError> {
    let row =
        (upstream_answers::digest.eq(digest.bytes().to_vec()), upstream_answers::expires_at.eq(expires_at.micros()));
    // ON CONFLICT: the second comes too late.
    let kept = around(|| {
        each_backend!(w, |c| diesel::insert_into(upstream_answers::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c))
    })?;
    Ok(kept == 1 || is_off("upstream_answer"))
}

/// Forgets answers that would be refused by their age.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<Vec<u8>> = upstream_answers::table
        .filter(upstream_answers::expires_at.lt(before.micros()))
        .select(upstream_answers::digest)
        .limit(limit)
        .load(w.conn)?;
    Ok(diesel::delete(upstream_answers::table.filter(upstream_answers::digest.eq_any(old))).execute(w.conn)?)
}
