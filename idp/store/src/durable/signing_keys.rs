//! Signing keys, sealed.

use diesel::prelude::*;
use idp_core::ids::KeyId;
use idp_core::oidc::client::SigningAlgorithm;
use idp_core::secret::Sealed;
use idp_core::time::Timestamp;

use crate::durable::schema::signing_keys;
use crate::durable::testing::around;
use crate::durable::{Read, StoreError, Write};

/// A key as its row holds it.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// Its row.
    pub id: KeyId,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// The private key, sealed for this row.
    pub private: Sealed,
    /// Made then.
    pub created_at: Timestamp,
    /// Signs from then on.
    pub active_from: Timestamp,
    /// Signs no more from then on.
    pub retires_at: Option<Timestamp>,
}

/// All keys.
///
/// # Errors
/// If the statement fails.
pub fn list(r: &mut Read<'_>) -> Result<Vec<StoredKey>, StoreError> {
    type Row = (Vec<u8>, String, Vec<u8>, i64, i64, Option<i64>);
    let rows: Vec<Row> = signing_keys::table.order(signing_keys::created_at).load(r.conn)?;
    let read = |(id, algorithm, private, created_at, active_from, retires_at): Row| {
        let wrong = |column| StoreError::row("signing_keys", column);
        Ok(StoredKey {
            id: KeyId::from_slice(&id).ok_or_else(|| wrong("id"))?,
            algorithm: SigningAlgorithm::from_name(&algorithm).ok_or_else(|| wrong("algorithm"))?,
            private: Sealed(private),
            created_at: Timestamp::from_micros(created_at),
            active_from: Timestamp::from_micros(active_from),
            retires_at: retires_at.map(Timestamp::from_micros),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Keeps a key.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, key: &StoredKey) -> Result<(), StoreError> {
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::id.eq(key.id.bytes().to_vec()),
            signing_keys::algorithm.eq(key.algorithm.name()),
            signing_keys::private.eq(&key.private.0),
            signing_keys::created_at.eq(key.created_at.micros()),
            signing_keys::active_from.eq(key.active_from.micros()),
            signing_keys::retires_at.eq(key.retires_at.map(Timestamp::micros)),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// Keeps a key under another seal, if it still is under that one.
///
/// # Errors
/// If the statement fails.
pub fn reseal(w: &mut Write<'_>, id: KeyId, from: &Sealed, to: &Sealed) -> Result<bool, StoreError> {
    let target =
        signing_keys::table.filter(signing_keys::id.eq(id.bytes().to_vec()).and(signing_keys::private.eq(&from.0)));
    Ok(around(|| diesel::update(target).set(signing_keys::private.eq(&to.0)).execute(w.conn))? == 1)
}

/// Lets every key of an algorithm that has no end yet sign until then.
///
/// # Errors
/// If the statement fails.
pub fn retire(w: &mut Write<'_>, algorithm: SigningAlgorithm, at: Timestamp) -> Result<usize, StoreError> {
    let target = signing_keys::table
        .filter(signing_keys::algorithm.eq(algorithm.name()).and(signing_keys::retires_at.is_null()));
    Ok(diesel::update(target).set(signing_keys::retires_at.eq(at.micros())).execute(w.conn)?)
}

/// Forgets keys that retired before then.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(signing_keys::table.filter(signing_keys::retires_at.lt(before.micros()))).execute(w.conn)?)
}
