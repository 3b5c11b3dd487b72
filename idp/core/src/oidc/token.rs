//! The token endpoint: what a code or refresh token is worth. One grant type a file.

pub mod authorization_code;
pub mod refresh_token;

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, ClientKey, GrantId, SessionId, Sid, TenantId};
use crate::oidc::error::TokenError;
use crate::standing::Epochs;
use crate::time::{Lifetime, Timestamp};

/// How long an access token for our own endpoints is good.
pub const ACCESS_LIFE: Lifetime = Lifetime::minutes(5);

/// How long an ID token says it is good.
pub const ID_TOKEN_LIFE: Lifetime = Lifetime::minutes(5);

/// How long a code is good (RFC 6749 section 4.1.2 recommends at most ten minutes).
pub const CODE_LIFE: Lifetime = Lifetime::seconds(60);

/// How much longer a spent code is remembered, so that a second use is noticed.
pub const CODE_MEMORY: Lifetime = Lifetime::hours(1);

/// What a person gave a client at one authorization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its row.
    pub id: GrantId,
    /// The person's company.
    pub tenant: TenantId,
    /// The person's account.
    pub account: AccountId,
    /// The client.
    pub client: ClientKey,
    /// The session it came from.
    pub session: SessionId,
    /// The session as the client knows it.
    pub sid: Sid,
    /// The person as the client knows him.
    pub subject: String,
    /// What the client gets to know.
    pub scope: String,
    /// When the person proved who he is.
    pub auth_time: Timestamp,
    /// How well.
    pub acr: String,
    /// How, space separated.
    pub amr: String,
    /// The epochs it was born under.
    pub epochs: Epochs,
    /// Access tokens of an older one are dead.
    pub access_epoch: i64,
    /// Nothing that hangs on it is good from then on.
    pub ends: Timestamp,
    /// Set once it is over.
    pub revoked_at: Option<Timestamp>,
}

/// An access token, opened. It has no row: the sealed bytes are the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// The grant.
    #[serde(rename = "g")]
    pub grant: GrantId,
    /// Its access epoch then.
    #[serde(rename = "a")]
    pub access_epoch: i64,
    /// What it is good for.
    #[serde(rename = "s")]
    pub scope: String,
    /// Until when.
    #[serde(rename = "x")]
    pub expires_at: Timestamp,
}

/// The grant types we serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// RFC 6749 section 4.1.3.
    AuthorizationCode,
    /// RFC 6749 section 6.
    RefreshToken,
}

impl GrantType {
    /// Reads the parameter `grant_type`.
    ///
    /// # Errors
    /// If it is missing, or names something that isn't served.
    pub fn read(text: Option<&str>) -> Result<Self, TokenError> {
        match text {
            Some("authorization_code") => Ok(Self::AuthorizationCode),
            Some("refresh_token") => Ok(Self::RefreshToken),
            Some(_) => Err(TokenError::UnsupportedGrantType),
            None => Err(TokenError::InvalidRequest("grant_type is missing")),
        }
    }
}
