//! Browsers that are not asked for the second factor: for one account each, for so long, and only while nothing ends
//! it.

use diesel::prelude::*;
use idp_core::ids::{AccountId, TenantId, TrustId};
use idp_core::secret::TokenHash;
use idp_core::standing::Epochs;
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::trusted_browsers;
use crate::durable::{Read, StoreError, Write};

/// A trusted browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Its row.
    pub id: TrustId,
    /// The digest of its device cookie.
    pub device: TokenHash,
    /// The browser in words.
    pub agent: String,
    /// What it was born under.
    pub epochs: Epochs,
    /// Since when.
    pub made_at: Timestamp,
    /// Until when, as the policy was then.
    pub expires_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = trusted_browsers)]
struct Row {
    id: Vec<u8>,
    device: Vec<u8>,
    agent: String,
    instance_epoch: i64,
    tenant_epoch: i64,
    account_epoch: i64,
    made_at: i64,
    expires_at: i64,
}

impl TryFrom<Row> for Trusted {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::row("trusted_browsers", column);
        Ok(Self {
            id: TrustId::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
            device: TokenHash::from_slice(&row.device).ok_or_else(|| wrong("device"))?,
            agent: row.agent,
            epochs: Epochs {
                instance: row.instance_epoch,
                tenant: row.tenant_epoch,
                account: row.account_epoch,
                client: 0,
            },
            made_at: Timestamp::from_micros(row.made_at),
            expires_at: Timestamp::from_micros(row.expires_at),
        })
    }
}

/// The account's trust in this browser; whether it still counts is the rules' to say.
///
/// # Errors
/// If the statement fails.
pub fn of(r: &mut Read<'_>, account: AccountId, device: TokenHash) -> Result<Option<Trusted>, StoreError> {
    let row: Option<Row> = trusted_browsers::table
        .filter(trusted_browsers::account.eq(account.bytes().to_vec()))
        .filter(trusted_browsers::device.eq(device.bytes().to_vec()))
        .select(Row::as_select())
        .get_result(r.conn)
        .optional()?;
    row.map(Trusted::try_from).transpose()
}

/// All browsers an account trusts, the newest first.
///
/// # Errors
/// If the statement fails.
pub fn list(r: &mut Read<'_>, account: AccountId, now: Timestamp) -> Result<Vec<Trusted>, StoreError> {
    let rows: Vec<Row> = trusted_browsers::table
        .filter(trusted_browsers::account.eq(account.bytes().to_vec()))
        .filter(trusted_browsers::expires_at.gt(now.micros()))
        .order(trusted_browsers::made_at.desc())
        .select(Row::as_select())
        .load(r.conn)?;
    rows.into_iter().map(Trusted::try_from).collect()
}

/// Trusts a browser from now on.
///
/// # Errors
/// If the statement fails.
pub fn put(w: &mut Write<'_>, (tenant, account): (TenantId, AccountId), trusted: &Trusted) -> Result<(), StoreError> {
    let of_account = trusted_browsers::account.eq(account.bytes().to_vec());
    let same =
        trusted_browsers::table.filter(of_account.and(trusted_browsers::device.eq(trusted.device.bytes().to_vec())));
    diesel::delete(same).execute(w.conn)?;
    let row = (
        trusted_browsers::id.eq(trusted.id.bytes().to_vec()),
        trusted_browsers::tenant.eq(tenant.bytes().to_vec()),
        trusted_browsers::account.eq(account.bytes().to_vec()),
        trusted_browsers::device.eq(trusted.device.bytes().to_vec()),
        trusted_browsers::agent.eq(&trusted.agent),
        trusted_browsers::instance_epoch.eq(trusted.epochs.instance),
        trusted_browsers::tenant_epoch.eq(trusted.epochs.tenant),
        trusted_browsers::account_epoch.eq(trusted.epochs.account),
        trusted_browsers::made_at.eq(trusted.made_at.micros()),
        trusted_browsers::expires_at.eq(trusted.expires_at.micros()),
    );
    // ON CONFLICT: two sign-ins at once trust it once.
    each_backend!(w, |c| diesel::insert_into(trusted_browsers::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Trusts one of the account's browsers no more; false if it has no such one.
///
/// # Errors
/// If the statement fails.
pub fn drop_one(w: &mut Write<'_>, account: AccountId, id: TrustId) -> Result<bool, StoreError> {
    let target = trusted_browsers::table.filter(
        trusted_browsers::account.eq(account.bytes().to_vec()).and(trusted_browsers::id.eq(id.bytes().to_vec())),
    );
    Ok(diesel::delete(target).execute(w.conn)? == 1)
}

/// Trusts none of the account's browsers any more.
///
/// # Errors
/// If the statement fails.
pub fn drop_all(w: &mut Write<'_>, account: AccountId) -> Result<usize, StoreError> {
    let target = trusted_browsers::table.filter(trusted_browsers::account.eq(account.bytes().to_vec()));
    Ok(diesel::delete(target).execute(w.conn)?)
}

/// Drops those whose time is over.
///
/// # Errors
/// If the statement fails.
pub fn drop_expired(w: &mut Write<'_>, now: Timestamp) -> Result<usize, StoreError> {
    let target = trusted_browsers::table.filter(trusted_browsers::expires_at.le(now.micros()));
    Ok(diesel::delete(target).execute(w.conn)?)
}
