//! The claims of a logout token (OpenID Connect Back-Channel Logout section 2.4). It never carries a nonce.

use serde::Serialize;
use serde_json::{Value, json};

use crate::ids::OutboxId;
use crate::time::{Lifetime, Timestamp};

/// How long a logout token is good (section 4 of the document recommends at most two minutes).
const LIFE: Lifetime = Lifetime::minutes(2);

/// The media type, for the header `typ` (section 2.4).
pub const TYPE: &str = "logout+jwt";

/// The claims.
#[derive(Clone, Debug, Serialize)]
pub struct LogoutTokenClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    sid: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    events: Value,
}

/// Whose session ended, and who hears it.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// The client's public name.
    pub client_id: &'a str,
    /// The person as the client knows him.
    pub subject: &'a str,
    /// The session as the client knows it.
    pub sid: &'a str,
}

/// The claims for a client that knew the session. Each try is a token of its own: a client that took the last one, but
/// whose answer got lost, must not take this one for a replay.
pub fn claims<'a>(
    issuer: &'a str,
    ended: Ended<'a>,
    (message, attempt): (OutboxId, i32),
    now: Timestamp,
) -> LogoutTokenClaims<'a> {
    LogoutTokenClaims {
        iss: issuer,
        aud: ended.client_id,
        sub: ended.subject,
        sid: ended.sid,
        iat: now.seconds(),
        exp: (now + LIFE).seconds(),
        jti: format!("{message}.{attempt}"),
        events: json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
    }
}
