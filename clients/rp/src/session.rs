//! Who is signed in, and where that is kept. Not here: when a session is refreshed or ended.

pub(crate) mod memory;

use std::time::SystemTime;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::config::Secret;

/// The person behind a session, as the provider describes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The provider's lasting name for the person (`sub`). The only claim fit as a key.
    pub subject: String,
    /// The session at the provider (`sid`).
    pub sid: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// The name the person signs in with (`preferred_username`).
    pub username: Option<String>,
    /// The address of the person's mailbox.
    pub email: Option<String>,
    /// Every other claim of the ID token and of `UserInfo`.
    pub claims: Map<String, Value>,
}

impl Person {
    /// A further claim, if it is a text.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// What to call the person: the name, else the user name, else the subject.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().or(self.username.as_deref()).unwrap_or(&self.subject)
    }
}

/// What the provider gave out for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Proves that the session at the provider still lives; absent where the provider gives none.
    pub refresh: Option<Secret>,
    /// Names the session when signing out.
    pub id_token: Secret,
}

/// A signed-in person's session in this application.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Who it is.
    pub person: Person,
    /// What the provider gave out.
    pub tokens: Tokens,
    /// When the person came in.
    pub signed_in_at: SystemTime,
    /// When the provider last confirmed the session.
    pub refreshed_at: SystemTime,
}

/// Names a session in its store: the SHA-256 of the cookie, so that a stolen store opens no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The bytes, for stores that keep them elsewhere.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key of a cookie's value; nothing for a value that this library never wrote.
    pub(crate) fn of_cookie(value: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        (bytes.len() == 32).then(|| Self(Sha256::digest(bytes).into()))
    }
}

/// Which sessions a logout token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'claim> {
    /// Those born from one session at the provider.
    Sid(&'claim str),
    /// All of a person.
    Subject(&'claim str),
}

impl Whose<'_> {
    /// Whether the person's session is meant.
    pub fn covers(&self, person: &Person) -> bool {
        match self {
            Self::Sid(sid) => person.sid.as_deref() == Some(*sid),
            Self::Subject(subject) => person.subject == *subject,
        }
    }
}

/// The store did not answer. The request is refused then, never let through.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the session store does not answer")]
pub struct StoreUnavailable;

/// Where sessions are kept. [`MemorySessions`](crate::MemorySessions) is shipped; an application on several machines
/// brings one that they share.
#[async_trait::async_trait]
pub trait SessionStore: Send + Sync {
    /// Keeps a new session.
    ///
    /// # Errors
    /// [`StoreUnavailable`] if it could not be kept.
    async fn insert(&self, key: SessionKey, session: Session) -> Result<(), StoreUnavailable>;

    /// The session, if it lives.
    ///
    /// # Errors
    /// [`StoreUnavailable`] if the store cannot tell.
    async fn get(&self, key: SessionKey) -> Result<Option<Session>, StoreUnavailable>;

    /// Gives a session that still lives its new tokens; `false` if it ended meanwhile. Must never bring one back.
    ///
    /// # Errors
    /// [`StoreUnavailable`] if the tokens could not be kept.
    async fn renew(&self, key: SessionKey, tokens: Tokens, refreshed_at: SystemTime) -> Result<bool, StoreUnavailable>;

    /// Ends a session and hands it out.
    ///
    /// # Errors
    /// [`StoreUnavailable`] if it may live on.
    async fn remove(&self, key: SessionKey) -> Result<Option<Session>, StoreUnavailable>;

    /// Ends every session that is meant, and says how many.
    ///
    /// # Errors
    /// [`StoreUnavailable`] if some may live on.
    async fn end(&self, whose: Whose<'_>) -> Result<usize, StoreUnavailable>;
}

/// A new cookie value, 32 random bytes, and its key; nothing if the machine has no randomness.
pub(crate) fn new_cookie() -> Option<(String, SessionKey)> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some((BASE64URL_NOPAD.encode(&bytes), SessionKey(Sha256::digest(bytes).into())))
}
