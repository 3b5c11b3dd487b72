//! What has to happen when a session ends: whom to tell. The words of the token are in [`crate::oidc::logout_token`].

use sha2::{Digest, Sha256};

use crate::ids::{OutboxId, Sid};

/// A client that knows of a session which has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The client's public name.
    pub client_id: String,
    /// What people call the client.
    pub client_name: String,
    /// Where it wants to hear of it, if it does.
    pub uri: Option<String>,
    /// The session as the client knows it.
    pub sid: Sid,
    /// The person as the client knows him.
    pub subject: String,
}

/// The id of the message that tells a client: a session ends once, so its end is told by one message, however often the
/// transaction runs.
pub fn message_id(sid: Sid) -> OutboxId {
    let digest: [u8; 32] = Sha256::new().chain_update(b"logout").chain_update(sid.bytes()).finalize().into();
    let mut id = [0; 16];
    for (slot, byte) in id.iter_mut().zip(digest) {
        *slot = byte;
    }
    OutboxId::from_bytes(id)
}

/// Why a session ended; the word goes into the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The person signed out here.
    Person,
    /// The person signed out at a client.
    Client,
    /// Nothing happened for too long, or it was too old.
    Expired,
    /// A password was changed or reset.
    Password,
    /// An administrator locked the account.
    Admin,
    /// Too many wrong second factors locked it.
    Guesses,
}

impl Reason {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Client => "client",
            Self::Expired => "expired",
            Self::Password => "password",
            Self::Admin => "admin",
            Self::Guesses => "guesses",
        }
    }
}
