//! Authorization codes. There is no way to look at one without spending it.

use diesel::prelude::*;
use idp_core::ids::GrantId;
use idp_core::oidc::token::authorization_code::CodePayload;
use idp_core::secret::TokenHash;
use idp_core::time::Timestamp;

use crate::durable::conn::{each_backend, update};
use crate::durable::schema::codes;
use crate::durable::testing::{around, guard};
use crate::durable::{StoreError, Write};

/// What came of spending a code.
#[derive(Clone, Debug)]
pub enum Spent {
    /// It was the first time. Whether it is worth anything is the rules' to say; it is burnt either way.
    First(GrantId, CodePayload),
    /// It was spent before.
    Again(GrantId, CodePayload),
    /// There is no such code.
    Unknown,
}

/// Keeps a code.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, digest: TokenHash, grant: GrantId, payload: &CodePayload) -> Result<(), StoreError> {
    let text = serde_json::to_string(payload).map_err(|e| StoreError::Broken(e.to_string()))?;
    let row = (
        codes::digest.eq(digest.bytes().to_vec()),
        codes::grant_id.eq(grant.bytes().to_vec()),
        codes::payload.eq(text),
        codes::expires_at.eq(payload.expires_at.micros()),
    );
    // Hot: every authorization ends with it.
    each_backend!(w, |c| diesel::insert_into(codes::table).values(row).execute(c))?;
    Ok(())
}

/// Spends a code. One conditional update decides who is first.
///
/// # Errors
/// If a statement fails.
pub fn spend(w: &mut Write<'_>, digest: TokenHash, now: Timestamp) -> Result<Spent, StoreError> {
    let unused = codes::digest.eq(digest.bytes().to_vec()).and(guard!("code", codes::used_at.is_null()));
    // RETURNING: what the code stands for comes from the very statement that burns it.
    let first: Option<(Vec<u8>, String)> = around(|| {
        each_backend!(w, |c| update(codes::table, codes::used_at.eq(now.micros()), unused)
            .returning((codes::grant_id, codes::payload))
            .get_result(c)
            .optional())
    })?;
    if let Some((grant, payload)) = first {
        let (grant, payload) = read(&grant, &payload)?;
        return Ok(Spent::First(grant, payload));
    }
    let again: Option<(Vec<u8>, String)> = codes::table
        .filter(codes::digest.eq(digest.bytes().to_vec()))
        .select((codes::grant_id, codes::payload))
        .get_result(w.conn)
        .optional()?;
    let Some((grant, payload)) = again else { return Ok(Spent::Unknown) };
    let (grant, payload) = read(&grant, &payload)?;
    Ok(Spent::Again(grant, payload))
}

fn read(grant: &[u8], payload: &str) -> Result<(GrantId, CodePayload), StoreError> {
    let grant = GrantId::from_slice(grant).ok_or_else(|| StoreError::row("codes", "grant_id"))?;
    let payload = serde_json::from_str(payload).map_err(|_cause| StoreError::row("codes", "payload"))?;
    Ok((grant, payload))
}

/// Forgets codes that ended before then.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<Vec<u8>> =
        codes::table.filter(codes::expires_at.lt(before.micros())).select(codes::digest).limit(limit).load(w.conn)?;
    Ok(diesel::delete(codes::table.filter(codes::digest.eq_any(old))).execute(w.conn)?)
}
