//! A code that an administrator hands over when nothing else works: it stands for the second factor, once.

use idp_core::audit::AuditEvent;
use idp_core::authority::{Permission, TenantAdmin};
use idp_core::ids::AccountId;
use idp_core::mail::Happening;
use idp_core::secret::Secret;
use idp_core::time::Lifetime;

use super::{Refused, by_id_for, touch};
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::notice;
use crate::second_factor::{Codes, own};
use crate::sessions;

/// The longest reason that is kept.
const REASON: usize = 200;

/// A code, to be shown once.
#[derive(Debug)]
pub struct Issued {
    /// The code.
    pub code: Secret<String>,
    /// For so long it works.
    pub life: Lifetime,
}

/// Makes a code; one from before is worth nothing. Why stands in the audit log, and the person is told by mail.
///
/// # Errors
/// If it can't be done now.
pub async fn backup_code(
    cx: &Ctx,
    by: &TenantAdmin,
    (id, reason): (AccountId, &str),
) -> Result<Result<Issued, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::IssueBackupCode));
    let reason: String = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() || reason.chars().count() > REASON || reason.chars().any(char::is_control) {
        return Ok(Err(Refused::BadReason));
    }
    if by.by() == Some(id) {
        return Ok(Err(Refused::Yourself)); // his own he makes in his settings
    }
    let (now, company) = (cx.clock.now(), cx.company(by.tenant()).await?);
    let Some(account) = by_id_for(cx, by, id).await? else { return Ok(Err(Refused::NotFound)) };
    let life = company.policy.admin_code_life();
    let codes = Codes::for_once(cx, id, life)?;
    let code = codes.plain.first().cloned().ok_or_else(|| ServiceError::Broken("no code was drawn".to_owned()))?;
    let notice = notice(cx, &company, &account, (None, now), Happening::BackupCodeIssued)?;
    let mail_is_on = cx.post.is_on();
    let done = touch(cx, by, id, move |w, account, log| {
        let own = own(&idp_store::second_factors::of(w, id)?, account, mail_is_on);
        let Some(standing) = sessions::standing(w, account.tenant, id)? else { return Ok(Err(Refused::NotFound)) };
        if !own.is_on() {
            return Ok(Err(Refused::NoSecondFactor));
        }
        codes.commit(w, (account.tenant, id), (&standing, now))?;
        if let Some(notice) = &notice {
            notice.post(w)?;
        }
        log.add(w, account.tenant, AuditEvent::BackupCodeIssued { account: id, reason: reason.clone() })?;
        Ok(Ok(()))
    });
    Ok(done.await?.and_then(|done| done).map(|()| Issued { code, life }))
}
