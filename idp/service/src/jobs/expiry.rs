//! Sessions whose time is over are ended, so that the portals hear of it.

use std::sync::Arc;

use idp_core::logout::Reason;

use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::sessions;

/// Sessions in one piece.
const PIECE: i64 = 100;

pub(super) async fn run(cx: Arc<Ctx>) -> Result<(), ServiceError> {
    loop {
        let now = cx.clock.now();
        let over = cx.store.read(move |r| idp_store::sessions::run_out(r, now, PIECE)).await?;
        let found = over.len();
        let scribe = Scribe::new(&cx, now)?;
        if found > 0 {
            let end = cx.store.write(move |w| {
                let mut log = scribe.begin();
                for session in &over {
                    // Somebody may have come back since: what is written now decides.
                    let today = idp_store::sessions::by_id(w, session.id)?;
                    if let Some(session) = today.filter(|s| !s.is_live(now)) {
                        sessions::end(w, &session, Reason::Expired, now, &mut log)?;
                    }
                }
                Ok(())
            });
            end.await?;
            cx.wake_outbox();
        }
        if i64::try_from(found).unwrap_or(PIECE) < PIECE {
            return Ok(());
        }
    }
}
