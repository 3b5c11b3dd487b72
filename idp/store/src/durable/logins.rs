//! The names accounts sign in with: one key, one account, in each company.

use diesel::prelude::*;
use idp_core::account::LoginName;
use idp_core::ids::{AccountId, TenantId};

use crate::durable::conn::each_backend;
use crate::durable::schema::logins;
use crate::durable::{Read, StoreError, Write};

/// Whose name that is.
///
/// # Errors
/// If the statement fails.
pub fn holder(r: &mut Read<'_>, tenant: TenantId, name: &LoginName) -> Result<Option<AccountId>, StoreError> {
    let row: Option<Vec<u8>> = logins::table
        .filter(logins::tenant.eq(tenant.bytes().to_vec()).and(logins::key.eq(name.as_str())))
        .select(logins::account)
        .get_result(r.conn)
        .optional()?;
    row.map(|id| AccountId::from_slice(&id).ok_or_else(|| StoreError::row("logins", "account"))).transpose()
}

/// Is the name free?
///
/// # Errors
/// If the statement fails.
pub fn is_free(r: &mut Read<'_>, tenant: TenantId, name: &LoginName) -> Result<bool, StoreError> {
    holder(r, tenant, name).map(|h| h.is_none())
}

/// Gives the name to an account that exists; false if somebody has it.
///
/// # Errors
/// If the statement fails.
pub fn take(w: &mut Write<'_>, tenant: TenantId, name: &LoginName, account: AccountId) -> Result<bool, StoreError> {
    let row = (
        logins::tenant.eq(tenant.bytes().to_vec()),
        logins::key.eq(name.as_str()),
        logins::account.eq(account.bytes().to_vec()),
    );
    // ON CONFLICT: a taken name is an answer, not an error.
    let made =
        each_backend!(w, |c| diesel::insert_into(logins::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(made == 1)
}

/// Gives back what was taken in this very act: the account that took it never was.
///
/// # Errors
/// If the statement fails.
pub fn give_back(w: &mut Write<'_>, account: AccountId) -> Result<(), StoreError> {
    diesel::delete(logins::table.filter(logins::account.eq(account.bytes().to_vec()))).execute(w.conn)?;
    Ok(())
}
