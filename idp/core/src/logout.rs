//! What has to happen when a session ends: whom to tell. The words of the token are in [`crate::oidc::logout_token`].

use crate::ids::{ClientKey, Sid};

/// A client that knows of a session which has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which client.
    pub client: ClientKey,
    /// The session as the client knows it.
    pub sid: Sid,
    /// The person as the client knows him.
    pub subject: String,
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
        }
    }
}
