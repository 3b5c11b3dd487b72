//! Sealing the audit log: committed rows are taken into the chain of their company within seconds. Chaining them in the acts
//! themselves would make one company's sign-ins wait for each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use idp_core::ids::TenantId;
use idp_crypto::seal::{SealError, Sealer};
use idp_store::audit_seals::{Head, Row, Seal};
use idp_store::{Read, StoreError};

use crate::admin::audit::seal_mac;
use crate::context::Ctx;
use crate::error::ServiceError;

/// Rows in one act.
const PIECE: i64 = 200;

/// A company's rows, and where its chain ends.
struct Work {
    tenant: TenantId,
    head: Option<Head>,
    rows: Vec<Row>,
}

pub(super) async fn run(cx: Arc<Ctx>) -> Result<(), ServiceError> {
    loop {
        // Read apart from the act that writes: nobody waits for the writer while there is nothing to seal.
        let work = cx.store.read(work).await?;
        let count: usize = work.iter().map(|w| w.rows.len()).sum();
        let mut chains = Vec::new();
        for Work { tenant, head, rows } in work {
            let seals = chain(&cx.sealer, tenant, head.as_ref(), &rows)?;
            chains.push((tenant, head, seals));
        }
        let extend = move |w: &mut idp_store::Write<'_>| {
            for (tenant, head, seals) in &chains {
                if !idp_store::audit_seals::extend(w, *tenant, head.as_ref(), seals)? {
                    return Ok(false); // another process is at it
                }
            }
            Ok(true)
        };
        if count == 0 || !cx.store.write(extend).await? || i64::try_from(count).unwrap_or(0) < PIECE {
            return Ok(());
        }
    }
}

fn work(r: &mut Read<'_>) -> Result<Vec<Work>, StoreError> {
    let mut by_tenant: BTreeMap<Vec<u8>, Vec<Row>> = BTreeMap::new();
    for row in idp_store::audit_seals::open(r, PIECE)? {
        by_tenant.entry(row.tenant.clone()).or_default().push(row);
    }
    let mut all = Vec::new();
    for (id, rows) in by_tenant {
        // No company has such an id: somebody else put the row there, and the check of the log names it.
        let Some(tenant) = TenantId::from_slice(&id) else { continue };
        all.push(Work { tenant, head: idp_store::audit_seals::head(r, &id)?, rows });
    }
    Ok(all)
}

/// The seals that continue a chain over these rows.
fn chain(sealer: &Sealer, tenant: TenantId, head: Option<&Head>, rows: &[Row]) -> Result<Vec<Seal>, SealError> {
    let (mut seq, mut before) = head.map_or((0, Vec::new()), |h| (h.seq, h.mac.clone()));
    let mut seals = Vec::new();
    for row in rows {
        seq += 1;
        before = seal_mac(sealer, (tenant.bytes(), seq), &before, row)?.to_vec();
        seals.push(Seal { seq, audit_id: row.id.clone(), mac: before.clone() });
    }
    Ok(seals)
}

/// Where each chain ended when the log was last told.
pub(super) type Told = Mutex<BTreeMap<Vec<u8>, i64>>;

/// Tells the log where each chain ends that has moved, and each one after a start: who cuts a chain short in the database
/// can't cut the log.
pub(super) async fn tell_heads(cx: Arc<Ctx>, told: Arc<Told>) -> Result<(), ServiceError> {
    let heads = cx.store.read(idp_store::audit_seals::heads).await?;
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    for Head { tenant, seq, mac } in heads {
        let name = TenantId::from_slice(&tenant).map(|t| t.to_string()).unwrap_or_default();
        if told.insert(tenant, seq) != Some(seq) {
            tracing::info!(event = "audit_head", tenant = name, seq, mac = HEXLOWER.encode(&mac));
        }
    }
    Ok(())
}
