//! Sessions in the memory of one process. Not here: stores that several machines share.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::{Session, SessionKey, SessionStore, StoreUnavailable, Tokens, Whose};

/// How many sessions are kept unless said otherwise; some 20 MB.
const ROOM: usize = 10_000;

/// The store of an application that runs as one process.
///
/// A restart forgets every session. That costs people nothing: while they are signed in at the provider, the next page
/// brings them back without a question. The store is bounded: when it is full, the session that was not used for the
/// longest time makes room.
pub struct MemorySessions {
    room: usize,
    sessions: Mutex<HashMap<SessionKey, Session>>,
}

impl MemorySessions {
    /// A store for at most `room` sessions.
    pub fn with_room(room: usize) -> Self {
        Self { room: room.max(1), sessions: Mutex::default() }
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<SessionKey, Session>> {
        // No code that can panic runs while the lock is held, so what a poisoned one guards is whole.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemorySessions {
    fn default() -> Self {
        Self::with_room(ROOM)
    }
}

impl fmt::Debug for MemorySessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessions").field("room", &self.room).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl SessionStore for MemorySessions {
    async fn insert(&self, key: SessionKey, session: Session) -> Result<(), StoreUnavailable> {
        let mut sessions = self.sessions();
        if sessions.len() >= self.room {
            let idlest = sessions.iter().min_by_key(|(_, session)| session.refreshed_at).map(|(key, _)| *key);
            if let Some(idlest) = idlest {
                sessions.remove(&idlest);
            }
        }
        sessions.insert(key, session);
        Ok(())
    }

    async fn get(&self, key: SessionKey) -> Result<Option<Session>, StoreUnavailable> {
        Ok(self.sessions().get(&key).cloned())
    }

    async fn renew(&self, key: SessionKey, tokens: Tokens, refreshed_at: SystemTime) -> Result<bool, StoreUnavailable> {
        let mut sessions = self.sessions();
        let Some(session) = sessions.get_mut(&key) else {
            return Ok(false);
        };
        session.tokens = tokens;
        session.refreshed_at = refreshed_at;
        Ok(true)
    }

    async fn remove(&self, key: SessionKey) -> Result<Option<Session>, StoreUnavailable> {
        Ok(self.sessions().remove(&key))
    }

    async fn end(&self, whose: Whose<'_>) -> Result<usize, StoreUnavailable> {
        let mut sessions = self.sessions();
        let before = sessions.len();
        sessions.retain(|_, session| !whose.covers(&session.person));
        Ok(before - sessions.len())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::config::Secret;
    use crate::session::{Person, new_cookie};

    fn session(subject: &str, sid: &str, refreshed: u64) -> Session {
        let person = Person {
            subject: subject.into(),
            sid: Some(sid.into()),
            name: None,
            username: None,
            email: None,
            claims: serde_json::Map::new(),
        };
        let at = UNIX_EPOCH + Duration::from_secs(refreshed);
        Session { person, tokens: tokens("first"), signed_in_at: at, refreshed_at: at }
    }

    fn tokens(refresh: &str) -> Tokens {
        Tokens { refresh: Some(Secret::new(refresh)), id_token: Secret::new("id") }
    }

    #[tokio::test]
    async fn a_full_store_gives_up_the_session_used_longest_ago() {
        let store = MemorySessions::with_room(2);
        let keys: Vec<_> = (0..3).map(|_| new_cookie().unwrap().1).collect();
        store.insert(keys[0], session("a", "1", 20)).await.unwrap();
        store.insert(keys[1], session("b", "2", 10)).await.unwrap();
        store.insert(keys[2], session("c", "3", 30)).await.unwrap();
        assert!(store.get(keys[0]).await.unwrap().is_some());
        assert!(store.get(keys[1]).await.unwrap().is_none());
        assert!(store.get(keys[2]).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_renewal_never_brings_an_ended_session_back() {
        let store = MemorySessions::default();
        let (_, key) = new_cookie().unwrap();
        store.insert(key, session("a", "1", 0)).await.unwrap();
        store.remove(key).await.unwrap();
        assert!(!store.renew(key, tokens("second"), UNIX_EPOCH).await.unwrap());
        assert!(store.get(key).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_sid_ends_its_own_sessions_and_a_subject_all_of_a_person() {
        let store = MemorySessions::default();
        for (subject, sid) in [("a", "1"), ("a", "2"), ("b", "3")] {
            store.insert(new_cookie().unwrap().1, session(subject, sid, 0)).await.unwrap();
        }
        assert_eq!(store.end(Whose::Sid("1")).await.unwrap(), 1);
        assert_eq!(store.end(Whose::Sid("a")).await.unwrap(), 0);
        assert_eq!(store.end(Whose::Subject("a")).await.unwrap(), 1);
        assert_eq!(store.sessions().len(), 1);
    }

    #[test]
    fn only_values_of_32_bytes_name_a_session() {
        let (cookie, key) = new_cookie().unwrap();
        assert_eq!(SessionKey::of_cookie(&cookie), Some(key));
        assert_eq!(SessionKey::of_cookie("short"), None);
        assert_eq!(SessionKey::of_cookie(""), None);
    }
}
