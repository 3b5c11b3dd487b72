//! Sealing the audit log: committed rows are taken into the chain of their company within seconds. Chaining them in the acts
//! themselves would make one company's sign-ins wait for each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use idp_core::ids::TenantId;
use idp_store::audit_seals::{Head, Row, Seal};
use idp_store::{StoreError, Write};

use crate::admin::audit::seal_mac;
use crate::context::Ctx;
use crate::error::ServiceError;

/// Rows in one act.
const PIECE: i64 = 200;

pub(super) async fn run(cx: Arc<Ctx>) -> Result<(), ServiceError> {
    loop {
        let sealer = Arc::clone(&cx.sealer);
        let done = cx.store.write(move |w| {
            let rows = idp_store::audit_seals::unsealed(w, PIECE)?;
            if rows.is_empty() {
                return Ok(0);
            }
            let heads = idp_store::audit_seals::heads(w)?;
            let mut by_tenant: BTreeMap<Vec<u8>, Vec<Row>> = BTreeMap::new();
            let count = rows.len();
            for row in rows {
                by_tenant.entry(row.tenant.clone()).or_default().push(row);
            }
            for (tenant, rows) in by_tenant {
                let head = heads.iter().find(|h| h.tenant == tenant);
                if !chain(w, &sealer, head, &rows)? {
                    return Ok(0); // another process is at it
                }
            }
            Ok(count)
        });
        if i64::try_from(done.await?).unwrap_or(0) < PIECE {
            return Ok(());
        }
    }
}

fn chain(
    w: &mut Write<'_>,
    sealer: &idp_crypto::seal::Sealer,
    head: Option<&Head>,
    rows: &[Row],
) -> Result<bool, StoreError> {
    let Some(tenant) = rows.first().and_then(|r| TenantId::from_slice(&r.tenant)) else { return Ok(true) };
    let (mut seq, mut before) = head.map_or((0, Vec::new()), |h| (h.seq, h.mac.clone()));
    let mut seals = Vec::new();
    for row in rows {
        seq += 1;
        let mac =
            seal_mac(sealer, (tenant.bytes(), seq), &before, row).map_err(|e| StoreError::Broken(e.to_string()))?;
        before = mac.to_vec();
        seals.push(Seal { seq, audit_id: row.id.clone(), mac: before.clone() });
    }
    let newest = rows.iter().map(|r| r.at).chain(head.map(|h| h.newest_at)).max().unwrap_or(0);
    idp_store::audit_seals::extend(w, tenant, head, (&seals, newest))
}

/// Tells the log where each chain ends: who cuts a chain short in the database can't cut the log.
pub(super) async fn tell_heads(cx: Arc<Ctx>) -> Result<(), ServiceError> {
    for head in cx.store.read(idp_store::audit_seals::heads).await? {
        let tenant = TenantId::from_slice(&head.tenant).map(|t| t.to_string()).unwrap_or_default();
        tracing::info!(event = "audit_head", tenant, seq = head.seq, mac = HEXLOWER.encode(&head.mac));
    }
    Ok(())
}
