//! Credentials that work once. To look at one decides nothing: what is worth something is decided by the statement that
//! spends it.

use diesel::prelude::*;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::{AccountId, TenantId};
use idp_core::secret::TokenHash;
use idp_core::standing::Epochs;
use idp_core::time::{AHEAD, Timestamp};

use crate::durable::conn::each_backend;
use crate::durable::schema::one_time;
use crate::durable::testing::{around, guard};
use crate::durable::{Read, StoreError, Write};

#[derive(Queryable, Selectable)]
#[diesel(table_name = one_time)]
struct Row {
    tenant: Vec<u8>,
    account: Vec<u8>,
    payload: String,
    instance_epoch: i64,
    tenant_epoch: i64,
    account_epoch: i64,
    expires_at: i64,
}

fn read(row: Row, purpose: Purpose) -> Result<OneTime, StoreError> {
    let wrong = |column| StoreError::row("one_time", column);
    Ok(OneTime {
        tenant: TenantId::from_slice(&row.tenant).ok_or_else(|| wrong("tenant"))?,
        account: AccountId::from_slice(&row.account).ok_or_else(|| wrong("account"))?,
        purpose,
        payload: row.payload,
        epochs: Epochs {
            instance: row.instance_epoch,
            tenant: row.tenant_epoch,
            account: row.account_epoch,
            client: 0,
        },
        expires_at: Timestamp::from_micros(row.expires_at),
    })
}

/// Keeps a credential; false if there is one of that digest.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, digest: TokenHash, made: &OneTime, now: Timestamp) -> Result<bool, StoreError> {
    let row = (
        one_time::digest.eq(digest.bytes().to_vec()),
        one_time::tenant.eq(made.tenant.bytes().to_vec()),
        one_time::account.eq(made.account.bytes().to_vec()),
        one_time::purpose.eq(made.purpose.name()),
        one_time::payload.eq(&made.payload),
        one_time::instance_epoch.eq(made.epochs.instance),
        one_time::tenant_epoch.eq(made.epochs.tenant),
        one_time::account_epoch.eq(made.epochs.account),
        one_time::created_at.eq(now.micros()),
        one_time::expires_at.eq(made.expires_at.micros()),
    );
    // ON CONFLICT: a taken digest is an answer, not an error.
    let kept =
        each_backend!(w, |c| diesel::insert_into(one_time::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(kept == 1)
}

/// Spends a credential: one conditional update decides who is first. Nothing if it was spent before, or was made for
/// something else, which leaves it as it is. Whether it is worth anything is the rules' to say; it is burnt either way.
///
/// # Errors
/// If the statement fails.
pub fn spend(
    w: &mut Write<'_>,
    digest: TokenHash,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<OneTime>, StoreError> {
    let unused = one_time::table
        .filter(one_time::digest.eq(digest.bytes().to_vec()).and(one_time::purpose.eq(purpose.name())))
        .filter(one_time::created_at.le((now + AHEAD).micros())) // as `Timestamp::is_ahead`
        .filter(guard!("one_time", one_time::used_at.is_null()));
    // RETURNING: what it stands for comes from the very statement that burns it.
    let row: Option<Row> = around(|| {
        each_backend!(w, |c| diesel::update(unused)
            .set(one_time::used_at.eq(now.micros()))
            .returning(Row::as_returning())
            .get_result(c)
            .optional())
    })?;
    row.map(|row| read(row, purpose)).transpose()
}

/// A credential as its row stands.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The credential.
    pub one_time: OneTime,
    /// When it was spent or superseded, if it was.
    pub used_at: Option<Timestamp>,
    /// It was not spent: a newer one took its place.
    pub superseded: bool,
}

/// A credential, spent or not.
///
/// # Errors
/// If the statement fails.
pub fn look(r: &mut Read<'_>, digest: TokenHash, purpose: Purpose) -> Result<Option<Kept>, StoreError> {
    let found: Option<(Row, Option<i64>, bool)> = one_time::table
        .filter(one_time::digest.eq(digest.bytes().to_vec()).and(one_time::purpose.eq(purpose.name())))
        .select((Row::as_select(), one_time::used_at, one_time::superseded))
        .get_result(r.conn)
        .optional()?;
    let Some((row, used_at, superseded)) = found else { return Ok(None) };
    let used_at = used_at.map(Timestamp::from_micros);
    Ok(Some(Kept { one_time: read(row, purpose)?, used_at, superseded }))
}

/// Ends what an account has of this kind: a newer one takes its place.
///
/// # Errors
/// If the statement fails.
pub fn supersede(w: &mut Write<'_>, account: AccountId, purpose: Purpose, now: Timestamp) -> Result<usize, StoreError> {
    let target = one_time::table
        .filter(one_time::account.eq(account.bytes().to_vec()).and(one_time::purpose.eq(purpose.name())))
        .filter(one_time::used_at.is_null());
    let set = (one_time::used_at.eq(now.micros()), one_time::superseded.eq(true));
    Ok(diesel::update(target).set(set).execute(w.conn)?)
}

/// What an account has of this kind that is neither spent nor over.
///
/// # Errors
/// If the statement fails.
pub fn open_of(
    r: &mut Read<'_>,
    account: AccountId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Vec<OneTime>, StoreError> {
    let rows: Vec<Row> = one_time::table
        .filter(one_time::account.eq(account.bytes().to_vec()).and(one_time::purpose.eq(purpose.name())))
        .filter(one_time::used_at.is_null().and(one_time::expires_at.gt(now.micros())))
        .select(Row::as_select())
        .load(r.conn)?;
    rows.into_iter().map(|row| read(row, purpose)).collect()
}

/// Counts a try at a code, if the credential is unspent, in time, and has a try left: one conditional update decides.
///
/// # Errors
/// If the statement fails.
pub fn try_at(
    w: &mut Write<'_>,
    digest: TokenHash,
    purpose: Purpose,
    (most, now): (i32, Timestamp),
) -> Result<Option<OneTime>, StoreError> {
    let open = one_time::table
        .filter(one_time::digest.eq(digest.bytes().to_vec()).and(one_time::purpose.eq(purpose.name())))
        .filter(one_time::used_at.is_null().and(one_time::expires_at.gt(now.micros())))
        .filter(guard!("code_tries", one_time::attempts.lt(most)));
    // RETURNING: what is tried at comes from the very statement that counts it.
    let row: Option<Row> = around(|| {
        each_backend!(w, |c| diesel::update(open)
            .set(one_time::attempts.eq(one_time::attempts + 1))
            .returning(Row::as_returning())
            .get_result(c)
            .optional())
    })?;
    row.map(|row| read(row, purpose)).transpose()
}

/// Takes a counted try back: it was no guess.
///
/// # Errors
/// If the statement fails.
pub fn give_back(w: &mut Write<'_>, digest: TokenHash) -> Result<(), StoreError> {
    let tried = one_time::table.filter(one_time::digest.eq(digest.bytes().to_vec())).filter(one_time::attempts.gt(0));
    diesel::update(tried).set(one_time::attempts.eq(one_time::attempts - 1)).execute(w.conn)?;
    Ok(())
}

/// How often codes of an account were tried since then, over all its mails.
///
/// # Errors
/// If the statement fails.
pub fn tries(r: &mut Read<'_>, account: AccountId, purpose: Purpose, since: Timestamp) -> Result<i64, StoreError> {
    let sum: Option<i64> = one_time::table
        .filter(one_time::account.eq(account.bytes().to_vec()).and(one_time::purpose.eq(purpose.name())))
        .filter(one_time::created_at.gt(since.micros()))
        .select(diesel::dsl::sum(one_time::attempts))
        .get_result(r.conn)?;
    Ok(sum.unwrap_or(0))
}

/// How many of an account's credentials of this kind are left.
///
/// # Errors
/// If the statement fails.
pub fn unspent(r: &mut Read<'_>, account: AccountId, purpose: Purpose) -> Result<usize, StoreError> {
    let count: i64 = one_time::table
        .filter(one_time::account.eq(account.bytes().to_vec()).and(one_time::purpose.eq(purpose.name())))
        .filter(one_time::used_at.is_null())
        .count()
        .get_result(r.conn)?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Forgets credentials that ended before then.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<Vec<u8>> = one_time::table
        .filter(one_time::expires_at.lt(before.micros()))
        .select(one_time::digest)
        .limit(limit)
        .load(w.conn)?;
    Ok(diesel::delete(one_time::table.filter(one_time::digest.eq_any(old))).execute(w.conn)?)
}
