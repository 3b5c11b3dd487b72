//! Sealing the audit log: committed rows are taken into the chain of their company within seconds. Chaining them in the
//! acts themselves would make one company's sign-ins wait for each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use idp_core::ids::TenantId;
use idp_crypto::seal::{Mac, SealError};
use idp_store::audit_seals::{Head, Row, Seal};

use crate::audit::seals::{Place, seal_mac};
use crate::context::Ctx;
use crate::error::ServiceError;

/// Rows in one act.
const PIECE: i64 = 200;

pub(super) async fn run(cx: Arc<Ctx>) -> Result<(), ServiceError> {
    for (tenant, _) in cx.store.read(idp_store::audit_seals::open_chains).await? {
        // Each company by itself: a chain that somebody damaged must not keep the others open.
        if let Err(error) = seal(&cx, tenant).await {
            tracing::error!(event = "audit_chain_stuck", %tenant, %error, "rows stay unsealed; run `idp audit verify`");
        }
    }
    Ok(())
}

async fn seal(cx: &Ctx, tenant: TenantId) -> Result<(), ServiceError> {
    loop {
        // Read apart from the act that writes: nobody waits for the writer while there is nothing to seal.
        let read = cx.store.read(move |r| {
            Ok((idp_store::audit_seals::head(r, tenant.bytes())?, idp_store::audit_seals::open(r, tenant, PIECE)?))
        });
        let (head, rows) = read.await?;
        let is_last = i64::try_from(rows.len()).unwrap_or(0) < PIECE;
        let seals = chain(&cx.audit, tenant, head.as_ref(), &rows)?;
        let extend =
            move |w: &mut idp_store::Write<'_>| idp_store::audit_seals::extend(w, tenant, head.as_ref(), &seals);
        if rows.is_empty() || !cx.store.write(extend).await? || is_last {
            return Ok(()); // nothing is left, or another process is at it
        }
    }
}

/// The seals that continue a chain over these rows.
fn chain(key: &Mac, tenant: TenantId, head: Option<&Head>, rows: &[Row]) -> Result<Vec<Seal>, SealError> {
    let (mut seq, mut before) = head.map_or((0, Vec::new()), |h| (h.seq, h.mac.clone()));
    let mut seals = Vec::new();
    for row in rows {
        seq += 1;
        before = seal_mac(key, Place { tenant: tenant.bytes(), seq, before: &before }, row)?.to_vec();
        seals.push(Seal { seq, audit_id: row.id.clone(), mac: before.clone() });
    }
    Ok(seals)
}

/// Where each chain ended when the log was last told.
pub(super) type Told = Mutex<BTreeMap<Vec<u8>, (i64, Vec<u8>)>>;

/// Tells the log where each chain ends that has moved, and each one after a start: who cuts a chain short in the
/// database can't cut the log.
pub(super) async fn tell_heads(cx: Arc<Ctx>, told: Arc<Told>) -> Result<(), ServiceError> {
    let heads = cx.store.read(idp_store::audit_seals::heads).await?;
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    for Head { tenant, seq, mac } in heads {
        let name = TenantId::from_slice(&tenant).map(|t| t.to_string()).unwrap_or_default();
        let before = told.insert(tenant, (seq, mac.clone()));
        if before.as_ref() == Some(&(seq, mac.clone())) {
            continue;
        }
        if before.is_some_and(|(last, _)| last >= seq) {
            tracing::error!(event = "audit_chain_changed", tenant = name, seq, "a chain ends earlier than it did");
        }
        tracing::info!(event = "audit_head", tenant = name, seq, mac = HEXLOWER.encode(&mac));
    }
    Ok(())
}
