//! Whether a session still counts, and the refresh that finds out. Not here: what a request without one is answered.
//!
//! The rules:
//! - A page that a person opens asks the provider again when the last answer is a minute old. That answer is also what
//!   keeps the session at the provider awake; nothing else does, no timer and no script.
//! - `invalid_grant` ends the session here.
//! - While the provider does not answer, a session goes on for ten minutes after its last confirmation, then waits:
//!   it is kept but opens nothing until the provider answers. A session without a refresh token ends after the ten
//!   minutes; signing in again asks the person nothing while they are signed in at the provider.
//! - Requests of scripts never refresh. They are served for four hours after the last confirmation.
//! - One refresh at a time for each session: a refresh token used twice looks like a stolen one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::clock::since;
use crate::exchange::RefreshError;
use crate::provider::Unavailable;
use crate::rp::Rp;
use crate::same_origin::is_navigation;
use crate::session::{Session, SessionKey};

const CONFIRMED: Duration = Duration::from_mins(1);
const OUTAGE: Duration = Duration::from_mins(10);
const UNATTENDED: Duration = Duration::from_hours(4);
/// Tabs that waited for a refresh that failed do not each try once more.
const BACK_OFF: Duration = Duration::from_secs(2);

/// One lane for each session that is being refreshed; it remembers when the provider last failed to answer.
#[derive(Debug, Default)]
pub(crate) struct Lanes(Mutex<HashMap<SessionKey, Weak<Lane>>>);

type Lane = tokio::sync::Mutex<Option<SystemTime>>;

impl Lanes {
    fn of(&self, key: SessionKey) -> Arc<Lane> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.retain(|_, lane| lane.strong_count() > 0);
        if let Some(lane) = lanes.get(&key).and_then(Weak::upgrade) {
            return lane;
        }
        let lane = Arc::new(Lane::default());
        lanes.insert(key, Arc::downgrade(&lane));
        lane
    }
}

impl Rp {
    /// The session of the request, refreshed if that was due.
    ///
    /// # Errors
    /// [`Unavailable`] if nobody can say whether the session lives.
    pub(crate) async fn current(&self, headers: &HeaderMap) -> Result<Option<Session>, Unavailable> {
        let Some(key) = self.session_key(headers) else {
            return Ok(None);
        };
        let Some(session) = self.stored(key).await? else {
            return Ok(None);
        };
        let age = since(self.now(), session.refreshed_at);
        if !is_navigation(headers) {
            return Ok((age < UNATTENDED).then_some(session));
        }
        if age < CONFIRMED {
            return Ok(Some(session));
        }
        self.confirm(key).await
    }

    /// Refreshes in a task of its own. A person who closes the tab cancels the request; cancelling the refresh with it
    /// would lose the new refresh token after the provider has already withdrawn the old one.
    async fn confirm(&self, key: SessionKey) -> Result<Option<Session>, Unavailable> {
        let rp = self.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "awaited here; a task only so that a closed tab does not cancel it halfway"
        )]
        let task = tokio::spawn(async move { rp.confirm_in_turn(key).await });
        task.await.unwrap_or(Err(Unavailable))
    }

    async fn confirm_in_turn(&self, key: SessionKey) -> Result<Option<Session>, Unavailable> {
        let lane = self.lanes().of(key);
        let mut failed_at = lane.lock().await;
        let now = self.now();
        // Whoever waited finds what the one before brought.
        let Some(session) = self.stored(key).await? else {
            return Ok(None);
        };
        if since(now, session.refreshed_at) < CONFIRMED {
            return Ok(Some(session));
        }
        if failed_at.is_some_and(|failed| since(now, failed) < BACK_OFF) {
            return self.wait_out(key, session, now).await;
        }
        match self.provider().refresh(self.settings(), &session, now).await {
            Ok(tokens) => {
                let lives = self.sessions().renew(key, tokens.clone(), now).await.map_err(lost)?;
                Ok(lives.then_some(Session { tokens, refreshed_at: now, ..session }))
            }
            Err(RefreshError::Ended) => {
                self.sessions().remove(key).await.map_err(lost)?;
                Ok(None)
            }
            Err(RefreshError::Unreachable) => {
                *failed_at = Some(now);
                self.wait_out(key, session, now).await
            }
        }
    }

    /// What a session is worth that could not be confirmed.
    async fn wait_out(
        &self,
        key: SessionKey,
        session: Session,
        now: SystemTime,
    ) -> Result<Option<Session>, Unavailable> {
        if since(now, session.refreshed_at) < OUTAGE {
            return Ok(Some(session));
        }
        if session.tokens.refresh.is_some() {
            return Err(Unavailable);
        }
        self.sessions().remove(key).await.map_err(lost)?;
        Ok(None)
    }

    async fn stored(&self, key: SessionKey) -> Result<Option<Session>, Unavailable> {
        self.sessions().get(key).await.map_err(lost)
    }
}

/// A store that does not answer is, for the person, the same as a provider that does not.
pub(crate) fn lost(error: crate::session::StoreUnavailable) -> Unavailable {
    tracing::error!(%error, "a session could not be looked up or changed");
    Unavailable
}
