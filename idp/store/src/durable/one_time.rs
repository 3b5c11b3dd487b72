//! Credentials that work once. As with codes there is no way to look at one without spending it.

use diesel::prelude::*;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::{AccountId, TenantId};
use idp_core::secret::TokenHash;
use idp_core::standing::Epochs;
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::one_time;
use crate::durable::testing::{around, guard};
use crate::durable::{StoreError, Write};

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
