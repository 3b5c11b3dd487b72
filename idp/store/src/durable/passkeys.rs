//! Passkeys of accounts. How many there may be is decided while the account's row is held.

use diesel::prelude::*;
use idp_core::credential::passkey::Passkey;
use idp_core::ids::{AccountId, PasskeyId, TenantId};
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::passkeys;
use crate::durable::testing::{around, guard};
use crate::durable::{Read, StoreError, Write};

#[derive(Queryable, Selectable)]
#[diesel(table_name = passkeys)]
struct Row {
    id: Vec<u8>,
    credential: Vec<u8>,
    key: String,
    name: String,
    synced: bool,
    made_at: i64,
    used_at: Option<i64>,
}

impl TryFrom<Row> for Passkey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: PasskeyId::from_slice(&row.id).ok_or_else(|| StoreError::row("passkeys", "id"))?,
            credential: row.credential,
            key: row.key,
            name: row.name,
            is_synced: row.synced,
            made_at: Timestamp::from_micros(row.made_at),
            used_at: row.used_at.map(Timestamp::from_micros),
        })
    }
}

/// The passkeys of an account, the oldest first.
///
/// # Errors
/// If the statement fails.
pub fn of(r: &mut Read<'_>, account: AccountId) -> Result<Vec<Passkey>, StoreError> {
    let rows: Vec<Row> = passkeys::table
        .filter(passkeys::account.eq(account.bytes().to_vec()))
        .order(passkeys::id)
        .select(Row::as_select())
        .load(r.conn)?;
    rows.into_iter().map(Passkey::try_from).collect()
}

/// The passkey that authenticators know by this id, and whose it is.
///
/// # Errors
/// If the statement fails.
pub fn by_credential(
    r: &mut Read<'_>,
    credential: &[u8],
) -> Result<Option<(TenantId, AccountId, Passkey)>, StoreError> {
    let found: Option<(Vec<u8>, Vec<u8>, Row)> = passkeys::table
        .filter(passkeys::credential.eq(credential))
        .select((passkeys::tenant, passkeys::account, Row::as_select()))
        .first(r.conn)
        .optional()?;
    let Some((tenant, account, row)) = found else { return Ok(None) };
    let wrong = |column| StoreError::row("passkeys", column);
    let tenant = TenantId::from_slice(&tenant).ok_or_else(|| wrong("tenant"))?;
    let account = AccountId::from_slice(&account).ok_or_else(|| wrong("account"))?;
    Ok(Some((tenant, account, row.try_into()?)))
}

/// Keeps a passkey; false if somebody has one of that credential id.
///
/// # Errors
/// If the statement fails.
pub fn insert(
    w: &mut Write<'_>,
    (tenant, account): (TenantId, AccountId),
    passkey: &Passkey,
) -> Result<bool, StoreError> {
    let row = (
        passkeys::id.eq(passkey.id.bytes().to_vec()),
        passkeys::tenant.eq(tenant.bytes().to_vec()),
        passkeys::account.eq(account.bytes().to_vec()),
        passkeys::credential.eq(&passkey.credential),
        passkeys::key.eq(&passkey.key),
        passkeys::name.eq(&passkey.name),
        passkeys::synced.eq(passkey.is_synced),
        passkeys::made_at.eq(passkey.made_at.micros()),
    );
    // ON CONFLICT: a taken credential is an answer, not an error.
    let kept =
        each_backend!(w, |c| diesel::insert_into(passkeys::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(kept == 1)
}

/// Notes that one has signed somebody in, unless it has done so since it was looked at: a counter goes up once.
///
/// # Errors
/// If the statement fails.
pub fn used(
    w: &mut Write<'_>,
    id: PasskeyId,
    (before, after): (&str, &str),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let as_it_was = passkeys::table
        .filter(passkeys::id.eq(id.bytes().to_vec()))
        .filter(guard!("passkey_counter", passkeys::key.eq(before)));
    let noted = around(|| {
        diesel::update(as_it_was).set((passkeys::key.eq(after), passkeys::used_at.eq(now.micros()))).execute(w.conn)
    })?;
    Ok(noted == 1)
}

/// Calls an account's passkey something else; false if there is none.
///
/// # Errors
/// If the statement fails.
pub fn rename(w: &mut Write<'_>, account: AccountId, id: PasskeyId, name: &str) -> Result<bool, StoreError> {
    let own = passkeys::id.eq(id.bytes().to_vec()).and(passkeys::account.eq(account.bytes().to_vec()));
    Ok(diesel::update(passkeys::table.filter(own)).set(passkeys::name.eq(name)).execute(w.conn)? == 1)
}

/// Takes one away from an account; false if there is none.
///
/// # Errors
/// If the statement fails.
pub fn remove(w: &mut Write<'_>, account: AccountId, id: PasskeyId) -> Result<bool, StoreError> {
    let own = passkeys::id.eq(id.bytes().to_vec()).and(passkeys::account.eq(account.bytes().to_vec()));
    Ok(diesel::delete(passkeys::table.filter(own)).execute(w.conn)? == 1)
}
