//! The claims of an ID token (OpenID Connect Core section 2): who signed in, when, how, for whom; nothing about the
//! person, which is what the userinfo endpoint is for.

use serde::Serialize;

use crate::oidc::client::Client;
use crate::oidc::token::{Grant, ID_TOKEN_LIFE};
use crate::time::Timestamp;

/// The claims.
#[derive(Clone, Debug, Serialize)]
pub struct IdTokenClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    acr: &'a str,
    amr: Vec<&'a str>,
    sid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

/// The claims for a grant. A refreshed ID token carries no nonce (OpenID Connect Core section 12.2).
pub fn claims<'a>(
    issuer: &'a str,
    client: &'a Client,
    grant: &'a Grant,
    nonce: Option<&'a str>,
    now: Timestamp,
) -> IdTokenClaims<'a> {
    IdTokenClaims {
        iss: issuer,
        sub: &grant.subject,
        aud: &client.client_id,
        exp: (now + ID_TOKEN_LIFE).seconds(),
        iat: now.seconds(),
        auth_time: grant.auth_time.seconds(),
        acr: &grant.acr,
        amr: grant.amr.split(' ').filter(|m| !m.is_empty()).collect(),
        sid: grant.sid.to_string(),
        nonce,
    }
}
