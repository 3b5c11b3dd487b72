//! After a restore: nothing that was revoked since the backup may live again.

use idp_core::audit::AuditEvent;
use idp_core::authority::SystemAdmin;
use idp_core::time::Timestamp;

use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::keys;

/// What a restored database was like.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    /// When something was last written to its audit log.
    pub last_event: Option<Timestamp>,
}

/// Ends everything that was born before: the backup may know as good what was revoked after it was made. The new epoch
/// is the time, so that a second restore of one backup doesn't find the epoch of the first.
///
/// # Errors
/// If it can't be done now.
pub async fn begin_anew(cx: &Ctx, by: &SystemAdmin) -> Result<Restored, ServiceError> {
    let now = cx.clock.now();
    let (scribe, vendor) = (Scribe::new(cx, now)?, cx.vendor);
    let done = cx.store.write(move |w| {
        let last_event = idp_store::audit::last(w)?;
        idp_store::instance::begin_epoch(w, now)?;
        idp_store::backup::finish_restore(w)?;
        scribe.begin().add(w, vendor, AuditEvent::Restored { last_event })?;
        Ok(Restored { last_event })
    });
    let restored = done.await?;
    keys::rotate(cx, by).await?;
    Ok(restored)
}
