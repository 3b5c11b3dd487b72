//! What a spent code is worth (RFC 6749 section 4.1.3). The store has burnt it already, whatever comes out here.

use serde::{Deserialize, Serialize};

use crate::ids::ClientKey;
use crate::oidc::authorize::{CodeChallenge, verifier_fits};
use crate::oidc::client::Client;
use crate::oidc::error::TokenError;
use crate::oidc::token::CODE_LIFE;
use crate::time::Timestamp;

/// What a code stands for; written once, with the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodePayload {
    /// The form of this text.
    pub v: u8,
    /// Whom it was given to.
    pub client: ClientKey,
    /// Where it was sent.
    pub redirect_uri: String,
    /// True if the request named the address: then this one has to as well.
    pub redirect_uri_given: bool,
    /// The challenge.
    pub challenge: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// Dead from then on.
    pub expires_at: Timestamp,
}

/// What the client sends with the code.
#[derive(Clone, Debug)]
pub struct CodeRequest {
    /// Where it says the code was sent.
    pub redirect_uri: Option<String>,
    /// The verifier.
    pub verifier: Option<String>,
}

/// Is the code worth something to this client, now? Every rule is checked alone: none stands in for another.
///
/// # Errors
/// `invalid_grant`, whatever the reason: the client can do the same about each.
pub fn check(payload: &CodePayload, client: &Client, request: &CodeRequest, now: Timestamp) -> Result<(), TokenError> {
    let own = payload.client == client.key;
    let alive = !payload.expires_at.reached(now) && !payload.expires_at.is_ahead(now + CODE_LIFE);
    let address = match &request.redirect_uri {
        Some(given) => *given == payload.redirect_uri,
        None => !payload.redirect_uri_given,
    };
    let proven = proves(payload.challenge.as_deref(), request.verifier.as_deref());
    if own && alive && address && proven { Ok(()) } else { Err(TokenError::InvalidGrant) }
}

/// A challenge wants its verifier, and a verifier without a challenge is a sign of a stripped one (RFC 9700 section
/// 4.8.2).
fn proves(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            verifier_fits(verifier) && CodeChallenge::read(challenge).is_some_and(|c| c.was_made_from(verifier))
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::client::tests::portal;
    use crate::time::Lifetime;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn payload() -> CodePayload {
        CodePayload {
            v: 1,
            client: portal().key,
            redirect_uri: "https://voice.example/callback".into(),
            redirect_uri_given: true,
            challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into()),
            nonce: None,
            expires_at: NOW + Lifetime::seconds(60),
        }
    }

    fn request() -> CodeRequest {
        CodeRequest { redirect_uri: Some("https://voice.example/callback".into()), verifier: Some(VERIFIER.into()) }
    }

    #[test]
    fn the_right_client_in_time_with_address_and_verifier_gets_in() {
        assert_eq!(check(&payload(), &portal(), &request(), NOW), Ok(()));
    }

    #[test]
    fn each_thing_that_is_wrong_is_enough() {
        let late = NOW + Lifetime::seconds(60);
        let foreign = CodePayload { client: ClientKey::from_bytes([2; 16]), ..payload() };
        let no_challenge = CodePayload { challenge: None, ..payload() };
        let cases = [
            (payload(), request(), late),
            (foreign.clone(), request(), NOW),
            (foreign, request(), late),
            (payload(), CodeRequest { redirect_uri: None, ..request() }, NOW),
            (payload(), CodeRequest { redirect_uri: Some("https://voice.example/other".into()), ..request() }, NOW),
            (payload(), CodeRequest { verifier: None, ..request() }, NOW),
            (payload(), CodeRequest { verifier: Some("x".repeat(43)), ..request() }, NOW),
            (no_challenge, request(), NOW),
        ];
        for (payload, request, now) in cases {
            assert_eq!(
                check(&payload, &portal(), &request, now),
                Err(TokenError::InvalidGrant),
                "{payload:?} {request:?}"
            );
        }
    }
}
