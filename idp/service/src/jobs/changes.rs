//! What other processes changed: caches let go of it.

use std::collections::HashSet;

use idp_store::changes::Topic;

use crate::context::Ctx;
use crate::error::ServiceError;

/// What was seen already.
#[derive(Debug, Default)]
pub(super) struct Seen(HashSet<Vec<u8>>);

pub(super) async fn look(cx: &Ctx, seen: &mut Seen) -> Result<(), ServiceError> {
    let recent = cx.store.read(idp_store::changes::recent).await?;
    let new: Vec<Topic> = recent.iter().filter(|(id, _)| !seen.0.contains(id)).map(|(_, topic)| *topic).collect();
    for topic in &new {
        match topic {
            Topic::Clients => cx.cache().clients.clear(),
            Topic::Tenants => cx.cache().companies.clear(),
            Topic::Keys => crate::keys::reload(cx).await?,
        }
    }
    seen.0 = recent.into_iter().map(|(id, _)| id).collect();
    cx.cache().looked();
    Ok(())
}
