//! What accounts are protected by beside the first factor, and the count of wrong answers. Backup codes are in
//! `one_time`.

use diesel::prelude::*;
use idp_core::ids::{AccountId, TenantId};
use idp_core::secret::Sealed;
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::{passkeys, second_factors, upstream_identities};
use crate::durable::testing::{around, guard};
use crate::durable::{Read, StoreError, Write};

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// It wants codes in mails.
    pub by_email: bool,
    /// The seed of its app.
    pub app_seed: Option<Sealed>,
    /// It has passkeys.
    pub has_key: bool,
    /// A person at another provider signs in to it.
    pub has_identity: bool,
    /// Wrong answers since the last right one.
    pub failures: u32,
    /// Since when something has to be set up.
    pub due_since: Option<Timestamp>,
}

/// What an account has; nothing, if there was never anything to know.
///
/// # Errors
/// If the statement fails.
pub fn of(r: &mut Read<'_>, account: AccountId) -> Result<Kept, StoreError> {
    type Row = (bool, Option<Vec<u8>>, i32, Option<i64>);
    let row: Option<Row> = second_factors::table
        .filter(second_factors::account.eq(account.bytes().to_vec()))
        .select((
            second_factors::by_email,
            second_factors::app_seed,
            second_factors::failures,
            second_factors::due_since,
        ))
        .get_result(r.conn)
        .optional()?;
    let keys = passkeys::table.filter(passkeys::account.eq(account.bytes().to_vec()));
    let identities = upstream_identities::table.filter(upstream_identities::account.eq(account.bytes().to_vec()));
    let both = diesel::select((diesel::dsl::exists(keys), diesel::dsl::exists(identities)));
    let (has_key, has_identity) = both.get_result(r.conn)?;
    let (by_email, app_seed, failures, due_since) = row.unwrap_or_default();
    Ok(Kept {
        by_email,
        app_seed: app_seed.map(Sealed),
        has_key,
        has_identity,
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        due_since: due_since.map(Timestamp::from_micros),
    })
}

/// Which of these accounts have a second factor.
///
/// # Errors
/// If the statement fails.
pub fn protected(r: &mut Read<'_>, accounts: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    let ids: Vec<Vec<u8>> = accounts.iter().map(|id| id.bytes().to_vec()).collect();
    let rows: Vec<Vec<u8>> = second_factors::table
        .filter(second_factors::account.eq_any(ids))
        .filter(second_factors::by_email.eq(true).or(second_factors::app_seed.is_not_null()))
        .select(second_factors::account)
        .load(r.conn)?;
    let read = |id: Vec<u8>| AccountId::from_slice(&id).ok_or_else(|| StoreError::row("second_factors", "account"));
    rows.into_iter().map(read).collect()
}

/// Makes the row if there is none.
fn ensure(w: &mut Write<'_>, tenant: TenantId, account: AccountId) -> Result<(), StoreError> {
    let row = (
        second_factors::tenant.eq(tenant.bytes().to_vec()),
        second_factors::account.eq(account.bytes().to_vec()),
        second_factors::by_email.eq(false),
        second_factors::app_step.eq(0_i64),
        second_factors::failures.eq(0),
    );
    // ON CONFLICT: it may be there.
    each_backend!(w, |c| diesel::insert_into(second_factors::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Counts an answer as wrong before it is looked at, if a try is left: one conditional update decides. Says how many
/// wrong ones there are with it; nothing, if there was none left.
///
/// # Errors
/// If the statement fails.
pub fn reserve(
    w: &mut Write<'_>,
    (tenant, account): (TenantId, AccountId),
    threshold: u32,
) -> Result<Option<u32>, StoreError> {
    ensure(w, tenant, account)?;
    let most = i32::try_from(threshold).unwrap_or(i32::MAX);
    let open = second_factors::table
        .filter(second_factors::account.eq(account.bytes().to_vec()))
        .filter(guard!("second_factor_tries", second_factors::failures.lt(most)));
    // RETURNING: the count comes from the very statement that raises it.
    let count: Option<i32> = around(|| {
        each_backend!(w, |c| diesel::update(open)
            .set(second_factors::failures.eq(second_factors::failures + 1))
            .returning(second_factors::failures)
            .get_result(c)
            .optional())
    })?;
    Ok(count.map(|n| u32::try_from(n).unwrap_or(u32::MAX)))
}

/// Takes one answer back that was counted and was no guess.
///
/// # Errors
/// If the statement fails.
pub fn give_back(w: &mut Write<'_>, account: AccountId) -> Result<(), StoreError> {
    let target = second_factors::table
        .filter(second_factors::account.eq(account.bytes().to_vec()).and(second_factors::failures.gt(0)));
    diesel::update(target).set(second_factors::failures.eq(second_factors::failures - 1)).execute(w.conn)?;
    Ok(())
}

/// Forgets the wrong answers: there was a right one, or an administrator let the person in again.
///
/// # Errors
/// If the statement fails.
pub fn clear(w: &mut Write<'_>, account: AccountId) -> Result<(), StoreError> {
    diesel::update(second_factors::table.filter(second_factors::account.eq(account.bytes().to_vec())))
        .set(second_factors::failures.eq(0))
        .execute(w.conn)?;
    Ok(())
}

/// Takes a time step of the app: false if it, or a later one, was taken before (RFC 6238 section 5.2).
///
/// # Errors
/// If the statement fails.
pub fn take_step(w: &mut Write<'_>, account: AccountId, step: i64) -> Result<bool, StoreError> {
    let target = second_factors::table
        .filter(second_factors::account.eq(account.bytes().to_vec()))
        .filter(guard!("app_step", second_factors::app_step.lt(step)));
    let set = second_factors::app_step.eq(step);
    Ok(around(|| diesel::update(target).set(set).execute(w.conn))? == 1)
}

/// Gives an account an app, in the place of one that it may have; the code that showed it is used with that.
///
/// # Errors
/// If the statement fails.
pub fn set_app(
    w: &mut Write<'_>,
    (tenant, account): (TenantId, AccountId),
    (seed, step): (&Sealed, i64),
) -> Result<(), StoreError> {
    ensure(w, tenant, account)?;
    diesel::update(second_factors::table.filter(second_factors::account.eq(account.bytes().to_vec())))
        .set((
            second_factors::app_seed.eq(Some(seed.0.clone())),
            second_factors::app_step.eq(step),
            second_factors::due_since.eq(None::<i64>),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// Takes an account's app away.
///
/// # Errors
/// If the statement fails.
pub fn drop_app(w: &mut Write<'_>, account: AccountId) -> Result<(), StoreError> {
    diesel::update(second_factors::table.filter(second_factors::account.eq(account.bytes().to_vec())))
        .set(second_factors::app_seed.eq(None::<Vec<u8>>))
        .execute(w.conn)?;
    Ok(())
}

/// Notes whether an account wants codes in mails.
///
/// # Errors
/// If the statement fails.
pub fn set_email(w: &mut Write<'_>, (tenant, account): (TenantId, AccountId), wanted: bool) -> Result<(), StoreError> {
    ensure(w, tenant, account)?;
    let target = second_factors::table.filter(second_factors::account.eq(account.bytes().to_vec()));
    if wanted {
        let set = (second_factors::by_email.eq(true), second_factors::due_since.eq(None::<i64>));
        diesel::update(target).set(set).execute(w.conn)?;
    } else {
        diesel::update(target).set(second_factors::by_email.eq(false)).execute(w.conn)?;
    }
    Ok(())
}

/// Notes that something has to be set up, from the first time on at which that was so.
///
/// # Errors
/// If the statement fails.
pub fn note_due(w: &mut Write<'_>, (tenant, account): (TenantId, AccountId), now: Timestamp) -> Result<(), StoreError> {
    ensure(w, tenant, account)?;
    let target = second_factors::table
        .filter(second_factors::account.eq(account.bytes().to_vec()).and(second_factors::due_since.is_null()));
    diesel::update(target).set(second_factors::due_since.eq(now.micros())).execute(w.conn)?;
    Ok(())
}

/// The seeds of all apps, so many after one account: for sealing them anew.
///
/// # Errors
/// If the statement fails.
pub fn seeds(r: &mut Read<'_>, after: AccountId, limit: i64) -> Result<Vec<(AccountId, Sealed)>, StoreError> {
    let rows: Vec<(Vec<u8>, Option<Vec<u8>>)> = second_factors::table
        .filter(second_factors::account.gt(after.bytes().to_vec()).and(second_factors::app_seed.is_not_null()))
        .order(second_factors::account)
        .limit(limit)
        .select((second_factors::account, second_factors::app_seed))
        .load(r.conn)?;
    let read = |(id, seed): (Vec<u8>, Option<Vec<u8>>)| {
        let id = AccountId::from_slice(&id).ok_or_else(|| StoreError::row("second_factors", "account"))?;
        Ok((id, Sealed(seed.unwrap_or_default())))
    };
    rows.into_iter().map(read).collect()
}

/// Seals a seed anew, if it still is that one.
///
/// # Errors
/// If the statement fails.
pub fn reseal(w: &mut Write<'_>, account: AccountId, old: &Sealed, new: &Sealed) -> Result<bool, StoreError> {
    let target = second_factors::table
        .filter(second_factors::account.eq(account.bytes().to_vec()).and(second_factors::app_seed.eq(old.0.clone())));
    Ok(diesel::update(target).set(second_factors::app_seed.eq(Some(new.0.clone()))).execute(w.conn)? == 1)
}
