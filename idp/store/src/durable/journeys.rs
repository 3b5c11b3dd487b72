//! Sign-ins that are past their first factor. What one is worth is decided by the statement that ends it.

use diesel::prelude::*;
use idp_core::ids::{AccountId, JourneyId, TenantId};
use idp_core::standing::Epochs;
use idp_core::time::Timestamp;

use crate::durable::schema::journeys;
use crate::durable::testing::{around, guard};
use crate::durable::{Read, StoreError, Write};

/// A journey as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// Its row.
    pub id: JourneyId,
    /// Whose company.
    pub tenant: TenantId,
    /// Whose account.
    pub account: AccountId,
    /// What else there is to know, as its maker wrote it.
    pub payload: String,
    /// The digest of the newest code that was mailed for it, and when.
    pub code: Option<(Vec<u8>, Timestamp)>,
    /// What it was born under.
    pub epochs: Epochs,
    /// Good until then.
    pub expires_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = journeys)]
struct Row {
    id: Vec<u8>,
    tenant: Vec<u8>,
    account: Vec<u8>,
    payload: String,
    code: Option<Vec<u8>>,
    code_at: Option<i64>,
    instance_epoch: i64,
    tenant_epoch: i64,
    account_epoch: i64,
    expires_at: i64,
}

impl TryFrom<Row> for Journey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::row("journeys", column);
        Ok(Self {
            id: JourneyId::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
            tenant: TenantId::from_slice(&row.tenant).ok_or_else(|| wrong("tenant"))?,
            account: AccountId::from_slice(&row.account).ok_or_else(|| wrong("account"))?,
            payload: row.payload,
            code: row.code.zip(row.code_at.map(Timestamp::from_micros)),
            epochs: Epochs {
                instance: row.instance_epoch,
                tenant: row.tenant_epoch,
                account: row.account_epoch,
                client: 0,
            },
            expires_at: Timestamp::from_micros(row.expires_at),
        })
    }
}

/// Begins one.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, journey: &Journey, now: Timestamp) -> Result<(), StoreError> {
    let (code, code_at) = match &journey.code {
        Some((code, at)) => (Some(code.clone()), Some(at.micros())),
        None => (None, None),
    };
    diesel::insert_into(journeys::table)
        .values((
            journeys::id.eq(journey.id.bytes().to_vec()),
            journeys::tenant.eq(journey.tenant.bytes().to_vec()),
            journeys::account.eq(journey.account.bytes().to_vec()),
            journeys::payload.eq(&journey.payload),
            journeys::codes.eq(i32::from(code.is_some())),
            journeys::tries.eq(0),
            journeys::code.eq(code),
            journeys::code_at.eq(code_at),
            journeys::instance_epoch.eq(journey.epochs.instance),
            journeys::tenant_epoch.eq(journey.epochs.tenant),
            journeys::account_epoch.eq(journey.epochs.account),
            journeys::created_at.eq(now.micros()),
            journeys::expires_at.eq(journey.expires_at.micros()),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// One that has not ended, in time.
///
/// # Errors
/// If the statement fails.
pub fn open(r: &mut Read<'_>, id: JourneyId, now: Timestamp) -> Result<Option<Journey>, StoreError> {
    let row: Option<Row> = journeys::table
        .filter(journeys::id.eq(id.bytes().to_vec()))
        .filter(guard!("journey", journeys::used_at.is_null()).and(journeys::expires_at.gt(now.micros())))
        .select(Row::as_select())
        .get_result(r.conn)
        .optional()?;
    row.map(Journey::try_from).transpose()
}

/// Ends it: one conditional update decides who does.
///
/// # Errors
/// If the statement fails.
pub fn end(w: &mut Write<'_>, id: JourneyId, now: Timestamp) -> Result<bool, StoreError> {
    let target = journeys::table
        .filter(journeys::id.eq(id.bytes().to_vec()))
        .filter(guard!("journey", journeys::used_at.is_null()).and(journeys::expires_at.gt(now.micros())));
    Ok(around(|| diesel::update(target).set(journeys::used_at.eq(now.micros())).execute(w.conn))? == 1)
}

/// Ends all that an account has under way: what it is protected by has changed.
///
/// # Errors
/// If the statement fails.
pub fn end_all(w: &mut Write<'_>, account: AccountId, now: Timestamp) -> Result<(), StoreError> {
    let open = journeys::table.filter(journeys::account.eq(account.bytes().to_vec()).and(journeys::used_at.is_null()));
    diesel::update(open).set(journeys::used_at.eq(now.micros())).execute(w.conn)?;
    Ok(())
}

/// Notes a code that is mailed now; false if one was mailed since then, or the journey is over.
///
/// # Errors
/// If the statement fails.
pub fn note_code(
    w: &mut Write<'_>,
    id: JourneyId,
    code: &[u8],
    (since, now): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let target = journeys::table
        .filter(journeys::id.eq(id.bytes().to_vec()).and(journeys::used_at.is_null()))
        .filter(journeys::expires_at.gt(now.micros()))
        .filter(journeys::code_at.is_null().or(journeys::code_at.assume_not_null().le(since.micros())));
    let set = (
        journeys::code.eq(Some(code.to_vec())),
        journeys::code_at.eq(now.micros()),
        journeys::codes.eq(journeys::codes + 1),
        journeys::tries.eq(0), // they were tries at the code before
    );
    Ok(diesel::update(target).set(set).execute(w.conn)? == 1)
}

/// Counts a try at a code, if there is one left: one conditional update decides.
///
/// # Errors
/// If the statement fails.
pub fn try_code(w: &mut Write<'_>, id: JourneyId, most: i32) -> Result<bool, StoreError> {
    let target = journeys::table.filter(journeys::id.eq(id.bytes().to_vec()).and(journeys::tries.lt(most)));
    Ok(diesel::update(target).set(journeys::tries.eq(journeys::tries + 1)).execute(w.conn)? == 1)
}

/// The codes that were mailed for an account's journeys since then: how many, and when the newest was.
///
/// # Errors
/// If the statement fails.
pub fn codes_since(
    r: &mut Read<'_>,
    account: AccountId,
    since: Timestamp,
) -> Result<(i64, Option<Timestamp>), StoreError> {
    let rows: Vec<(i32, Option<i64>)> = journeys::table
        .filter(journeys::account.eq(account.bytes().to_vec()).and(journeys::created_at.gt(since.micros())))
        .select((journeys::codes, journeys::code_at))
        .load(r.conn)?;
    let newest = rows.iter().filter_map(|(_, at)| *at).max().map(Timestamp::from_micros);
    Ok((rows.iter().map(|(n, _)| i64::from(*n)).sum(), newest))
}

/// Forgets what ended before then.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<Vec<u8>> = journeys::table
        .filter(journeys::expires_at.lt(before.micros()))
        .select(journeys::id)
        .limit(limit)
        .load(w.conn)?;
    Ok(diesel::delete(journeys::table.filter(journeys::id.eq_any(old))).execute(w.conn)?)
}
