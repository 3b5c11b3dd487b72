//! Writing the audit log: each row in the act it is about, with a keyed digest over everything in it.

use std::sync::Arc;

use idp_core::audit::{AuditEvent, AuditRecord};
use idp_core::ids::{AccountId, AuditId, TenantId};
use idp_core::time::Timestamp;
use idp_crypto::seal::{Mac, SealError};
use idp_store::audit::Entry;
use idp_store::audit_seals::Row;
use idp_store::{StoreError, Write};

use crate::audit::seals::row_mac;
use crate::context::Ctx;
use crate::error::ServiceError;

/// What rows have in common; made before the transaction, which may run twice and must write the same.
#[derive(Clone, Debug)]
pub struct Scribe {
    key: Arc<Mac>,
    seed: [u8; 16],
    now: Timestamp,
    actor: Option<AccountId>,
    address: Option<String>,
}

impl Scribe {
    /// For something that happens now.
    ///
    /// # Errors
    /// If the operating system has no random bytes to give.
    pub fn new(cx: &Ctx, now: Timestamp) -> Result<Self, ServiceError> {
        let seed = cx.random.bytes()?;
        Ok(Self { key: Arc::clone(&cx.audit), seed, now, actor: None, address: None })
    }

    /// Who does it.
    #[must_use]
    pub fn by(self, actor: Option<AccountId>) -> Self {
        Self { actor, ..self }
    }

    /// From where.
    #[must_use]
    pub fn from(self, address: String) -> Self {
        Self { address: Some(address), ..self }
    }

    /// Begins the rows of one transaction.
    pub fn begin(&self) -> Log<'_> {
        Log { scribe: self, written: 0 }
    }
}

/// The rows of one transaction.
#[derive(Debug)]
pub struct Log<'a> {
    scribe: &'a Scribe,
    written: u64,
}

impl Log<'_> {
    /// Writes a row.
    ///
    /// # Errors
    /// If the statement fails.
    pub fn add(&mut self, w: &mut Write<'_>, tenant: TenantId, event: AuditEvent) -> Result<(), StoreError> {
        let scribe = self.scribe;
        let broken = |e: &dyn std::fmt::Display| StoreError::Broken(format!("audit: {e}"));
        let digest =
            scribe.key.digest(&[b"audit id", &scribe.seed, &self.written.to_be_bytes()]).map_err(|e| broken(&e))?;
        self.written += 1;
        let random = digest.first_chunk().copied().unwrap_or_default();
        let id = AuditId::at(scribe.now, random);
        let payload = serde_json::to_string(&event).map_err(|e| broken(&e))?;
        let record =
            AuditRecord { id, tenant, at: scribe.now, actor: scribe.actor, address: scribe.address.clone(), event };
        let mac = mac(&scribe.key, &record, &payload).map_err(|e| broken(&e))?;
        idp_store::audit::append(w, &Entry { record, payload, mac })
    }
}

/// The digest over a record that is about to be a row.
fn mac(key: &Mac, record: &AuditRecord, payload: &str) -> Result<[u8; 32], SealError> {
    let row = Row {
        id: record.id.bytes().to_vec(),
        tenant: record.tenant.bytes().to_vec(),
        at: record.at.micros(),
        actor: record.actor.map(|a| a.bytes().to_vec()),
        address: record.address.clone(),
        event: record.event.name().to_owned(),
        payload: payload.to_owned(),
        mac: Vec::new(),
    };
    row_mac(key, &row)
}
