//! What caches have to read anew: written with the change, read by every process a few times a second.

use diesel::prelude::*;
use idp_core::ids::OutboxId;
use idp_core::time::Timestamp;

use crate::durable::schema::changes;
use crate::durable::{Read, StoreError, Write};

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A client.
    Clients,
    /// A company or its policies.
    Tenants,
    /// The signing keys.
    Keys,
}

impl Topic {
    const ALL: [Self; 3] = [Self::Clients, Self::Tenants, Self::Keys];

    fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Tenants => "tenants",
            Self::Keys => "keys",
        }
    }
}

/// Says that something changed.
///
/// # Errors
/// If the statement fails.
pub fn push(w: &mut Write<'_>, id: OutboxId, topic: Topic, now: Timestamp) -> Result<(), StoreError> {
    diesel::insert_into(changes::table)
        .values((
            changes::id.eq(id.bytes().to_vec()),
            changes::topic.eq(topic.name()),
            changes::key.eq(""),
            changes::at.eq(now.micros()),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// What changed in the last minutes, each with an id of its own: a reader knows what it has seen. Not by time: a row
/// may become visible late, and who wrote it may have another clock.
///
/// # Errors
/// If the statement fails.
pub fn recent(r: &mut Read<'_>) -> Result<Vec<(Vec<u8>, Topic)>, StoreError> {
    let rows: Vec<(Vec<u8>, String)> = changes::table.select((changes::id, changes::topic)).load(r.conn)?;
    // A topic that only a newer release knows is nothing that this one caches.
    let known = |(id, topic): (Vec<u8>, String)| Topic::ALL.into_iter().find(|t| t.name() == topic).map(|t| (id, t));
    Ok(rows.into_iter().filter_map(known).collect())
}

/// Forgets changes that everybody has seen.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(changes::table.filter(changes::at.lt(before.micros()))).execute(w.conn)?)
}
