//! What the audit log's digests cover. A row's digest covers the row; a seal's covers the seal before it and the row.

use idp_crypto::seal::{Mac, SealError};
use idp_store::audit_seals::Row;

/// The digest over a row, in the order of its columns.
pub(crate) fn row_mac(key: &Mac, row: &Row) -> Result<[u8; 32], SealError> {
    key.digest(&row_parts(row, &row.at.to_be_bytes()))
}

/// Is a row as we wrote it?
pub(crate) fn is_as_written(key: &Mac, row: &Row) -> Result<bool, SealError> {
    key.is_digest(&row.mac, &row_parts(row, &row.at.to_be_bytes()))
}

fn row_parts<'a>(row: &'a Row, at: &'a [u8; 8]) -> [&'a [u8]; 8] {
    [
        b"audit row v1",
        &row.id,
        &row.tenant,
        at,
        row.actor.as_deref().unwrap_or(&[]),
        row.address.as_deref().unwrap_or("").as_bytes(),
        row.event.as_bytes(),
        row.payload.as_bytes(),
    ]
}

/// A place in a company's chain, and the digest of the seal before it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) tenant: &'a [u8],
    pub(crate) seq: i64,
    pub(crate) before: &'a [u8],
}

/// The digest over a seal.
pub(crate) fn seal_mac(key: &Mac, place: Place<'_>, row: &Row) -> Result<[u8; 32], SealError> {
    key.digest(&seal_parts(place, &place.seq.to_be_bytes(), row))
}

/// Is this the digest of the seal at that place?
pub(crate) fn is_seal(key: &Mac, mac: &[u8], place: Place<'_>, row: &Row) -> Result<bool, SealError> {
    key.is_digest(mac, &seal_parts(place, &place.seq.to_be_bytes(), row))
}

fn seal_parts<'a>(place: Place<'a>, seq: &'a [u8; 8], row: &'a Row) -> [&'a [u8]; 6] {
    [b"audit seal v1", place.tenant, seq, place.before, &row.id, &row.mac]
}
