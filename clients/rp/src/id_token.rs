//! The checks on an ID token (OpenID Connect Core sections 3.1.3.7 and 12.2). Not here: how it was obtained.

use std::time::{Duration, SystemTime};

use openidconnect::{AccessToken, AccessTokenHash, ClaimsVerificationError, Nonce, SignatureVerificationError};

use crate::clock::unix_seconds;
use crate::config::Settings;
use crate::oidc::{IdToken, IdTokenClaims};
use crate::provider::{Document, Provider};

/// Clocks of two machines differ; more than this is a fault.
const LEEWAY: i64 = 60;
/// The token comes straight from the token endpoint, so it is new.
const OLDEST: i64 = 10 * 60;

/// What the token has to fit.
#[derive(Debug)]
pub(crate) struct Expected<'flow> {
    /// The nonce of the request; a refresh has none.
    pub(crate) nonce: Option<&'flow Nonce>,
    /// The longest time since the person signed in, where one was asked for.
    pub(crate) max_age: Option<Duration>,
    /// The access token that came along.
    pub(crate) access_token: &'flow AccessToken,
}

impl Provider {
    /// The claims of a token that holds; keys are fetched again where the token names an unknown one.
    pub(crate) async fn verified(
        &self,
        (settings, document): (&Settings, &Document),
        token: &IdToken,
        expected: &Expected<'_>,
        now: SystemTime,
    ) -> Result<IdTokenClaims, ClaimsVerificationError> {
        let unknown_key = ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey);
        match verify((settings, document), token, expected, now) {
            Err(error) if error == unknown_key => {
                let document = self.newer_keys(document, now).await.ok_or(unknown_key)?;
                verify((settings, &document), token, expected, now)
            }
            verdict => verdict,
        }
    }
}

/// All checks against one version of the keys.
///
/// `openidconnect` checks signature, `iss`, `aud`, `exp` and `nonce`; the rest is said here. The algorithm is the
/// registered one whatever the token's header claims (RFC 8725 section 3.1).
fn verify(
    (settings, document): (&Settings, &Document),
    token: &IdToken,
    expected: &Expected<'_>,
    now: SystemTime,
) -> Result<IdTokenClaims, ClaimsVerificationError> {
    let seconds = unix_seconds(now);
    let max_age = expected.max_age.map(|age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
    let verifier = document
        .client
        .id_token_verifier()
        .set_allowed_algs([settings.config.algorithm.core()])
        .set_time_fn(move || now.into())
        .set_issue_time_verifier_fn(move |issued| check_issued(issued.timestamp(), seconds))
        .set_auth_time_verifier_fn(move |at| check_signed_in(at.map(|at| at.timestamp()), max_age, seconds));
    let nonce = |found: Option<&Nonce>| match expected.nonce {
        Some(nonce) if found.is_some_and(|found| same(found, nonce)) => Ok(()),
        Some(_) => Err("the nonce is not that of the request".to_owned()),
        None => Ok(()),
    };
    let claims = token.claims(&verifier, nonce)?;
    check_authorized_party(claims, &settings.config.client_id)?;
    check_not_before(claims, seconds)?;
    if let Some(hash) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(ClaimsVerificationError::SignatureVerification)?;
        let key = token.signing_key(&verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
        let actual = AccessTokenHash::from_token(expected.access_token, algorithm, key)
            .map_err(|error| ClaimsVerificationError::Other(format!("at_hash: {error}")))?;
        if actual != *hash {
            return Err(ClaimsVerificationError::Other("at_hash is not of this access token".to_owned()));
        }
    }
    Ok(claims.clone())
}

/// Section 3.1.3.7, number 10.
fn check_issued(issued: i64, now: i64) -> Result<(), String> {
    if issued > now + LEEWAY || issued < now - OLDEST - LEEWAY {
        return Err(format!("issued at {issued}, now is {now}"));
    }
    Ok(())
}

/// Section 3.1.3.7, number 13: who asked for a recent sign-in has to look whether it was one.
fn check_signed_in(at: Option<i64>, max_age: Option<i64>, now: i64) -> Result<(), String> {
    match (at, max_age) {
        (_, None) => Ok(()),
        (Some(at), Some(age)) if at.saturating_add(age).saturating_add(LEEWAY) >= now => Ok(()),
        (Some(at), Some(age)) => Err(format!("signed in at {at}, now is {now}, at most {age} s were asked for")),
        (None, Some(_)) => Err("auth_time is missing though max_age was asked for".to_owned()),
    }
}

/// Section 3.1.3.7, number 5.
fn check_authorized_party(claims: &IdTokenClaims, client_id: &str) -> Result<(), ClaimsVerificationError> {
    match claims.authorized_party() {
        Some(party) if party.as_str() != client_id => {
            Err(ClaimsVerificationError::InvalidAudience(format!("azp is {}", party.as_str())))
        }
        Some(_) | None => Ok(()),
    }
}

/// RFC 7519 section 4.1.5.
fn check_not_before(claims: &IdTokenClaims, now: i64) -> Result<(), ClaimsVerificationError> {
    match claims.additional_claims().nbf {
        Some(nbf) if nbf > now + LEEWAY => {
            Err(ClaimsVerificationError::Other(format!("not valid before {nbf}, now is {now}")))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether both nonces are the same. The person holds both sides, so the time it takes tells nobody anything new.
fn same(left: &Nonce, right: &Nonce) -> bool {
    left.secret() == right.secret()
}
