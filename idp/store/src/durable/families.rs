//! Lines of refresh tokens: one row each, moved on by one conditional update.

use diesel::prelude::*;
use idp_core::ids::{FamilyId, GrantId};
use idp_core::oidc::token::refresh_token::Family;
use idp_core::secret::TokenHash;
use idp_core::time::Timestamp;

use crate::durable::conn::{each_backend, update};
use crate::durable::grants::{Held, Joined, with_standing};
use crate::durable::schema::families;
use crate::durable::testing::{around, guard};
use crate::durable::{Read, StoreError, Write};

#[derive(Queryable, Selectable)]
#[diesel(table_name = families)]
struct Row {
    id: Vec<u8>,
    grant_id: Vec<u8>,
    current_digest: Vec<u8>,
    previous_digest: Option<Vec<u8>>,
    generation: i64,
    rotated_at: i64,
    retried: bool,
    expires_at: i64,
    revoked_at: Option<i64>,
}

impl TryFrom<Row> for Family {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::row("families", column);
        let previous = row.previous_digest.map(|d| TokenHash::from_slice(&d).ok_or_else(|| wrong("previous_digest")));
        Ok(Self {
            id: FamilyId::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
            grant: GrantId::from_slice(&row.grant_id).ok_or_else(|| wrong("grant_id"))?,
            current: TokenHash::from_slice(&row.current_digest).ok_or_else(|| wrong("current_digest"))?,
            previous: previous.transpose()?,
            generation: row.generation,
            rotated_at: Timestamp::from_micros(row.rotated_at),
            retried: row.retried,
            expires_at: Timestamp::from_micros(row.expires_at),
            revoked_at: row.revoked_at.map(Timestamp::from_micros),
        })
    }
}

/// The line of that id, and its grant with everything that decides whether it still counts, from one read.
///
/// # Errors
/// If the statement fails.
pub fn held(r: &mut Read<'_>, id: FamilyId) -> Result<Option<(Family, Held)>, StoreError> {
    // Hot: every refresh begins with it.
    let row: Option<(Row, Joined)> = each_backend!(r, |c| with_standing!(
        families::table.inner_join(grants::table.on(grants::id.eq(families::grant_id)))
    )
    .filter(families::id.eq(id.bytes().to_vec()))
    .select((Row::as_select(), with_standing!(columns)))
    .get_result(c)
    .optional())?;
    let Some((family, held)) = row else { return Ok(None) };
    Ok(Some((Family::try_from(family)?, Held::try_from(held)?)))
}

/// Begins a line.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, family: &Family) -> Result<(), StoreError> {
    let row = (
        families::id.eq(family.id.bytes().to_vec()),
        families::grant_id.eq(family.grant.bytes().to_vec()),
        families::current_digest.eq(family.current.bytes().to_vec()),
        families::generation.eq(family.generation),
        families::rotated_at.eq(family.rotated_at.micros()),
        families::retried.eq(family.retried),
        families::expires_at.eq(family.expires_at.micros()),
    );
    // Hot: every code that is exchanged begins one.
    each_backend!(w, |c| diesel::insert_into(families::table).values(row).execute(c))?;
    Ok(())
}

/// Moves a line on from the generation it was read at; false if somebody else was first.
///
/// # Errors
/// If the statement fails.
pub fn advance(w: &mut Write<'_>, from: &Family, to: &Family) -> Result<bool, StoreError> {
    let which = families::id
        .eq(from.id.bytes().to_vec())
        .and(guard!("refresh", families::generation.eq(from.generation)))
        .and(families::revoked_at.is_null());
    let set = (
        families::current_digest.eq(to.current.bytes().to_vec()),
        families::previous_digest.eq(to.previous.map(|d| d.bytes().to_vec())),
        families::generation.eq(from.generation + 1),
        families::rotated_at.eq(to.rotated_at.micros()),
        families::retried.eq(to.retried),
    );
    // Hot: it is what a refresh is.
    Ok(around(|| each_backend!(w, |c| update(families::table, set, which).execute(c)))? == 1)
}

/// Ends a line; false if it was over already.
///
/// # Errors
/// If the statement fails.
pub fn revoke(w: &mut Write<'_>, id: FamilyId, now: Timestamp) -> Result<bool, StoreError> {
    let target = families::table.filter(families::id.eq(id.bytes().to_vec()).and(families::revoked_at.is_null()));
    Ok(diesel::update(target).set(families::revoked_at.eq(now.micros())).execute(w.conn)? == 1)
}

/// Forgets lines that ended before then.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<Vec<u8>> = families::table
        .filter(families::expires_at.lt(before.micros()))
        .select(families::id)
        .limit(limit)
        .load(w.conn)?;
    Ok(diesel::delete(families::table.filter(families::id.eq_any(old))).execute(w.conn)?)
}
