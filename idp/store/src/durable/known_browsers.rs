//! Browsers that an account has been signed in from: strangers' failures don't keep them out.

use diesel::prelude::*;
use idp_core::ids::{AccountId, TenantId};
use idp_core::secret::TokenHash;
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::known_browsers;
use crate::durable::{Read, StoreError, Write};

/// Browsers that an account knows, at most: whoever signs in without keeping cookies is a new one each time.
const MOST: i64 = 50;

/// Does the account know this browser?
///
/// # Errors
/// If the statement fails.
pub fn is_known(r: &mut Read<'_>, account: AccountId, digest: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
    let found = known_browsers::table
        .filter(known_browsers::account.eq(account.bytes().to_vec()))
        .filter(known_browsers::digest.eq(digest.bytes().to_vec()))
        .filter(known_browsers::expires_at.gt(now.micros()))
        .select(known_browsers::expires_at)
        .get_result::<i64>(r.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Does the account know browsers, and this one not?
///
/// # Errors
/// If the statement fails.
pub fn is_strange(r: &mut Read<'_>, account: AccountId, digest: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
    let known: Vec<Vec<u8>> = known_browsers::table
        .filter(known_browsers::account.eq(account.bytes().to_vec()).and(known_browsers::expires_at.gt(now.micros())))
        .select(known_browsers::digest)
        .load(r.conn)?;
    Ok(!known.is_empty() && !known.iter().any(|k| k.as_slice() == digest.bytes().as_slice()))
}

/// Does anybody know this browser? One that nobody knows was not given its cookie by us.
///
/// # Errors
/// If the statement fails.
pub fn is_anybodys(r: &mut Read<'_>, digest: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
    let found = known_browsers::table
        .filter(known_browsers::digest.eq(digest.bytes().to_vec()).and(known_browsers::expires_at.gt(now.micros())))
        .select(known_browsers::expires_at)
        .first::<i64>(r.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Remembers a browser after a complete sign-in; of too many the oldest are forgotten.
///
/// # Errors
/// If the statement fails.
pub fn remember(
    w: &mut Write<'_>,
    tenant: TenantId,
    account: AccountId,
    digest: TokenHash,
    until: Timestamp,
) -> Result<(), StoreError> {
    let row = (
        known_browsers::tenant.eq(tenant.bytes().to_vec()),
        known_browsers::account.eq(account.bytes().to_vec()),
        known_browsers::digest.eq(digest.bytes().to_vec()),
        known_browsers::expires_at.eq(until.micros()),
    );
    // ON CONFLICT: the time starts again.
    each_backend!(w, |c| diesel::insert_into(known_browsers::table)
        .values(row)
        .on_conflict((known_browsers::account, known_browsers::digest))
        .do_update()
        .set(known_browsers::expires_at.eq(until.micros()))
        .execute(c))?;
    let own = || known_browsers::table.filter(known_browsers::account.eq(account.bytes().to_vec()));
    let oldest: Option<i64> = own()
        .order(known_browsers::expires_at.desc())
        .offset(MOST)
        .select(known_browsers::expires_at)
        .first(w.conn)
        .optional()?;
    if let Some(oldest) = oldest {
        diesel::delete(own().filter(known_browsers::expires_at.le(oldest))).execute(w.conn)?;
    }
    Ok(())
}

/// Knows none of the account's browsers any more.
///
/// # Errors
/// If the statement fails.
pub fn forget_all(w: &mut Write<'_>, account: AccountId) -> Result<(), StoreError> {
    diesel::delete(known_browsers::table.filter(known_browsers::account.eq(account.bytes().to_vec())))
        .execute(w.conn)?;
    Ok(())
}

/// Drops those whose time is over.
///
/// # Errors
/// If the statement fails.
pub fn drop_expired(w: &mut Write<'_>, now: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(known_browsers::table.filter(known_browsers::expires_at.le(now.micros()))).execute(w.conn)?)
}
