//! Checking the audit log: every row against its digest, every chain from its beginning to its end.

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::HEXLOWER;
use idp_core::authority::SystemAdmin;
use idp_core::ids::{AuditId, TenantId};
use idp_core::time::Timestamp;
use idp_crypto::seal::Mac;
use idp_store::audit_seals::{Row, Seal};

use crate::audit::seals::{Place, is_as_written, is_seal};
use crate::context::Ctx;
use crate::error::ServiceError;

/// Rows read at once.
const PIECE: i64 = 500;

/// Where chains ended once, as the log told it: digests by place, by company. All that it told: a chain that was cut
/// short grows again, and only an older place shows it.
pub type KnownHeads = BTreeMap<String, BTreeMap<i64, String>>;

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Rows that are as they were written, and sealed.
    pub sound: usize,
    /// Rows that are as they were written, but not sealed yet.
    pub open: usize,
    /// The first thing that is wrong, if anything is.
    pub fault: Option<Fault>,
}

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The company.
    pub tenant: String,
    /// The place in its chain, if it has one.
    pub seq: Option<i64>,
    /// The row.
    pub row: String,
    /// What is wrong with it.
    pub what: What,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The row is not as it was written.
    Changed,
    /// The row is gone.
    Gone,
    /// Something in the chain before it is gone, or was put in.
    Broken,
    /// The chain is shorter than it was.
    CutShort,
    /// A row that we didn't write.
    Foreign,
    /// A row that is marked as sealed, and isn't: nothing would ever seal it.
    Unsealed,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.seq.map(|seq| format!(" (number {seq})")).unwrap_or_default();
        let what = match self.what {
            What::Changed => "is not as it was written",
            What::Gone => "was deleted",
            What::Broken => "does not follow the one before it: the chain was changed",
            What::CutShort => "was the end of the chain once, and is not in it any more",
            What::Foreign => "was not written by us",
            What::Unsealed => "is marked as sealed and is in no chain: its seal was deleted, or the mark put there",
        };
        write!(f, "in {}: row {}{place} {what}", self.tenant, self.row)
    }
}

fn row_name(id: &[u8]) -> String {
    AuditId::from_slice(id).map_or_else(|| HEXLOWER.encode(id), |id| id.to_string())
}

fn tenant_name(id: &[u8]) -> String {
    TenantId::from_slice(id).map_or_else(|| HEXLOWER.encode(id), |id| id.to_string())
}

/// Checks everything and stops at the first fault.
///
/// # Errors
/// If the database can't be read.
pub async fn verify(cx: &Ctx, _by: &SystemAdmin, known: &KnownHeads) -> Result<Verdict, ServiceError> {
    let mut verdict = Verdict::default();
    let chains = cx.store.read(idp_store::audit_seals::chains).await?;
    for tenant in &chains {
        let fault = verify_chain(cx, tenant, known, &mut verdict).await?;
        if fault.is_some() {
            return Ok(Verdict { fault, ..verdict });
        }
    }
    for (tenant, told) in known {
        if !chains.iter().any(|c| tenant_name(c) == *tenant) {
            let seq = told.keys().next_back().copied();
            let fault = Fault { tenant: tenant.clone(), seq, row: "the last".into(), what: What::CutShort };
            return Ok(Verdict { fault: Some(fault), ..verdict });
        }
    }
    verify_open(cx, verdict).await
}

async fn verify_chain(
    cx: &Ctx,
    tenant: &[u8],
    known: &KnownHeads,
    verdict: &mut Verdict,
) -> Result<Option<Fault>, ServiceError> {
    let (mut seq, mut before) = (0, Vec::new());
    let expected = known.get(&tenant_name(tenant));
    loop {
        let (asked, last) = (tenant.to_vec(), seq);
        let piece = cx.store.read(move |r| idp_store::audit_seals::after(r, &asked, last, PIECE)).await?;
        if piece.is_empty() {
            break;
        }
        for (seal, row) in piece {
            let fault = |what| {
                let (tenant, row) = (tenant_name(tenant), row_name(&seal.audit_id));
                Fault { tenant, seq: Some(seal.seq), row, what }
            };
            if let Some(what) = look(&cx.audit, (tenant, seq), &before, (&seal, row.as_ref()))? {
                return Ok(Some(fault(what)));
            }
            if expected.and_then(|e| e.get(&seal.seq)).is_some_and(|mac| *mac != HEXLOWER.encode(&seal.mac)) {
                return Ok(Some(fault(What::Broken)));
            }
            (seq, before) = (seal.seq, seal.mac);
            verdict.sound += 1;
        }
    }
    let asked = tenant.to_vec();
    let heads = cx.store.read(idp_store::audit_seals::heads).await?;
    let head = heads.into_iter().find(|h| h.tenant == asked);
    let ends_here = head.is_some_and(|h| h.seq == seq && h.mac == before);
    let last_told = expected.and_then(|e| e.keys().next_back().copied()).unwrap_or(0);
    let is_short = !ends_here || last_told > seq;
    Ok(is_short.then(|| Fault {
        tenant: tenant_name(tenant),
        seq: Some(last_told.max(seq + 1)),
        row: "the last".into(),
        what: What::CutShort,
    }))
}

/// Is this seal the next one, over this row as it was written?
fn look(
    key: &Mac,
    (tenant, last): (&[u8], i64),
    before: &[u8],
    (seal, row): (&Seal, Option<&Row>),
) -> Result<Option<What>, ServiceError> {
    if seal.seq != last + 1 {
        return Ok(Some(What::Broken));
    }
    let Some(row) = row else { return Ok(Some(What::Gone)) };
    if row.tenant != tenant || !is_as_written(key, row)? {
        return Ok(Some(What::Changed));
    }
    let follows = is_seal(key, &seal.mac, Place { tenant, seq: seal.seq, before }, row)?;
    Ok((!follows).then_some(What::Broken))
}

/// Rows outside of every chain: ours are on their way into one.
async fn verify_open(cx: &Ctx, mut verdict: Verdict) -> Result<Verdict, ServiceError> {
    let mut last = Vec::new();
    loop {
        let after = last.clone();
        let piece = cx.store.read(move |r| idp_store::audit_seals::in_no_chain(r, &after, PIECE)).await?;
        let Some((row, _)) = piece.last() else { return Ok(verdict) };
        last.clone_from(&row.id);
        for (row, is_marked) in piece {
            let what = if !is_as_written(&cx.audit, &row)? {
                What::Foreign
            } else if is_marked {
                What::Unsealed
            } else {
                verdict.open += 1;
                continue;
            };
            let (tenant, row) = (tenant_name(&row.tenant), row_name(&row.id));
            verdict.fault = Some(Fault { tenant, seq: None, row, what });
            return Ok(verdict);
        }
    }
}

/// The company whose rows wait to be sealed for longest, and since when; none if nothing waits.
///
/// # Errors
/// If the database can't be read.
pub async fn open_since(cx: &Ctx) -> Result<Option<(TenantId, Timestamp)>, ServiceError> {
    let open = cx.store.read(idp_store::audit_seals::open_chains).await?;
    Ok(open.into_iter().min_by_key(|(_, since)| since.micros()))
}
