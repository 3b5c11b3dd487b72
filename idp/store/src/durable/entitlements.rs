//! Who has a part in which portal.

use diesel::prelude::*;
use idp_core::ids::{AccountId, ClientKey, TenantId};

use crate::durable::conn::each_backend;
use crate::durable::schema::entitlements;
use crate::durable::{Read, StoreError, Write};

/// The portals an account has a part in.
///
/// # Errors
/// If the statement fails.
pub fn of(r: &mut Read<'_>, account: AccountId) -> Result<Vec<ClientKey>, StoreError> {
    let rows: Vec<Vec<u8>> = entitlements::table
        .filter(entitlements::account.eq(account.bytes().to_vec()))
        .select(entitlements::client)
        .load(r.conn)?;
    rows.iter().map(|id| ClientKey::from_slice(id).ok_or_else(|| StoreError::row("entitlements", "client"))).collect()
}

/// Has the account a part in this portal?
///
/// # Errors
/// If the statement fails.
pub fn has(r: &mut Read<'_>, account: AccountId, client: ClientKey) -> Result<bool, StoreError> {
    let both = entitlements::account.eq(account.bytes().to_vec()).and(entitlements::client.eq(client.bytes().to_vec()));
    // Hot: every authorization request asks it.
    let found = each_backend!(r, |c| entitlements::table
        .filter(both)
        .select(entitlements::client)
        .get_result::<Vec<u8>>(c)
        .optional())?;
    Ok(found.is_some())
}

/// Gives an account exactly these portals.
///
/// # Errors
/// If the statement fails.
pub fn set(w: &mut Write<'_>, tenant: TenantId, account: AccountId, clients: &[ClientKey]) -> Result<(), StoreError> {
    diesel::delete(entitlements::table.filter(entitlements::account.eq(account.bytes().to_vec()))).execute(w.conn)?;
    for client in clients {
        let row = (
            entitlements::tenant.eq(tenant.bytes().to_vec()),
            entitlements::account.eq(account.bytes().to_vec()),
            entitlements::client.eq(client.bytes().to_vec()),
        );
        // ON CONFLICT: the list may name a portal twice.
        each_backend!(w, |c| diesel::insert_into(entitlements::table).values(row).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}
