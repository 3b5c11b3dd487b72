//! Passwords, hashed.

use diesel::prelude::*;
use idp_core::credential::password::StoredPassword;
use idp_core::ids::{AccountId, TenantId};
use idp_core::secret::Secret;
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::passwords;
use crate::durable::testing::{around, guard};
use crate::durable::{Read, StoreError, Write};

/// The password of an account, if it has one.
///
/// # Errors
/// If the statement fails.
pub fn of(r: &mut Read<'_>, account: AccountId) -> Result<Option<StoredPassword>, StoreError> {
    let row: Option<(String, bool, Option<i64>)> = passwords::table
        .filter(passwords::account.eq(account.bytes().to_vec()))
        .select((passwords::phc, passwords::temporary, passwords::expires_at))
        .get_result(r.conn)
        .optional()?;
    Ok(row.map(|(phc, temporary, expires_at)| StoredPassword {
        phc: Secret::new(phc),
        temporary,
        expires_at: expires_at.map(Timestamp::from_micros),
    }))
}

/// How many hashes don't have this mark in them.
///
/// # Errors
/// If the statement fails.
pub fn without_mark(r: &mut Read<'_>, mark: &str) -> Result<i64, StoreError> {
    Ok(passwords::table.filter(passwords::phc.not_like(format!("%{mark}%"))).count().get_result(r.conn)?)
}

/// When the password of an account was last set.
///
/// # Errors
/// If the statement fails.
pub fn changed_at(r: &mut Read<'_>, account: AccountId) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = passwords::table
        .filter(passwords::account.eq(account.bytes().to_vec()))
        .select(passwords::changed_at)
        .get_result(r.conn)
        .optional()?;
    Ok(at.map(Timestamp::from_micros))
}

/// Sets the password of an account.
///
/// # Errors
/// If the statement fails.
pub fn put(
    w: &mut Write<'_>,
    tenant: TenantId,
    account: AccountId,
    password: &StoredPassword,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = (
        passwords::phc.eq(password.phc.expose()),
        passwords::temporary.eq(password.temporary),
        passwords::expires_at.eq(password.expires_at.map(Timestamp::micros)),
        passwords::changed_at.eq(now.micros()),
    );
    let key = (passwords::tenant.eq(tenant.bytes().to_vec()), passwords::account.eq(account.bytes().to_vec()));
    // ON CONFLICT: set, whether there was one before or not.
    each_backend!(w, |c| diesel::insert_into(passwords::table)
        .values((key, values))
        .on_conflict(passwords::account)
        .do_update()
        .set(values)
        .execute(c))?;
    Ok(())
}

/// Takes the password away from an account.
///
/// # Errors
/// If the statement fails.
pub fn drop_of(w: &mut Write<'_>, account: AccountId) -> Result<(), StoreError> {
    diesel::delete(passwords::table.filter(passwords::account.eq(account.bytes().to_vec()))).execute(w.conn)?;
    Ok(())
}

/// Replaces a password that is still the one it was; false if it was replaced meanwhile. Of many at once one wins.
///
/// # Errors
/// If the statement fails.
pub fn replace(
    w: &mut Write<'_>,
    account: AccountId,
    old: &Secret<String>,
    (new, now): (&StoredPassword, Timestamp),
) -> Result<bool, StoreError> {
    let target = passwords::table.filter(
        passwords::account.eq(account.bytes().to_vec()).and(guard!("password", passwords::phc.eq(old.expose()))),
    );
    let set = (
        passwords::phc.eq(new.phc.expose()),
        passwords::temporary.eq(new.temporary),
        passwords::expires_at.eq(new.expires_at.map(Timestamp::micros)),
        passwords::changed_at.eq(now.micros()),
    );
    Ok(around(|| diesel::update(target).set(set).execute(w.conn))? == 1)
}

/// Replaces a hash by one of the same password under today's parameters, unless the password was changed meanwhile.
///
/// # Errors
/// If the statement fails.
pub fn rehash(
    w: &mut Write<'_>,
    account: AccountId,
    old: &Secret<String>,
    new: &Secret<String>,
) -> Result<bool, StoreError> {
    let target =
        passwords::table.filter(passwords::account.eq(account.bytes().to_vec()).and(passwords::phc.eq(old.expose())));
    Ok(diesel::update(target).set(passwords::phc.eq(new.expose())).execute(w.conn)? == 1)
}
