//! The checks on a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6). Not here: which sessions it ends.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use data_encoding::BASE64URL_NOPAD;
use openidconnect::JsonWebKey;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny};
use serde_json::{Map, Value};

use crate::clock::unix_seconds;
use crate::config::Settings;
use crate::oidc::present;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A logout token is for now; a longer life would only help who caught one.
const LONGEST_LIFE: i64 = 120;
/// How far the provider's clock may be ahead.
const LEEWAY: i64 = 30;
/// So many tokens can be told apart from replays within their life of two minutes.
const REMEMBERED: usize = 10_000;

/// Why a token is refused; the text goes back to the provider, so it says nothing about sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogoutTokenError {
    #[error("the logout token is not a signed JWT with the claims of a logout token")]
    Malformed,
    #[error("the logout token must have the type logout+jwt")]
    Type,
    #[error("the logout token is not signed with the registered algorithm")]
    Algorithm,
    #[error("the logout token is signed by an unknown key")]
    UnknownKey,
    #[error("the signature of the logout token does not hold")]
    Signature,
    #[error("the logout token is from another issuer")]
    Issuer,
    #[error("the logout token is for another client")]
    Audience,
    #[error("the logout token is expired, not yet valid, or valid for longer than two minutes")]
    Time,
    #[error("the logout token must have exactly the back-channel logout event")]
    Events,
    #[error("the logout token must not have a nonce")]
    Nonce,
    #[error("the logout token names neither a session nor a subject")]
    NobodyNamed,
    #[error("the logout token was used before")]
    Replayed,
}

/// The three parts of a compact JWS, read but not yet believed.
#[derive(Debug)]
pub(crate) struct LogoutToken<'text> {
    header: Header,
    claims: Claims,
    signed: &'text str,
    signature: Vec<u8>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: String,
    kid: Option<String>,
    #[serde(default)]
    crit: Flag,
}

/// What a logout token says. Times are whole seconds; anything else is refused as malformed.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: Audience,
    iat: i64,
    exp: i64,
    pub(crate) jti: String,
    events: BTreeMap<String, Map<String, Value>>,
    #[serde(default, deserialize_with = "present")]
    pub(crate) sub: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub(crate) sid: Option<String>,
    #[serde(default)]
    nonce: Flag,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Whether a member is there at all, whatever its value.
#[derive(Debug, Default)]
struct Flag(bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

impl<'text> LogoutToken<'text> {
    pub(crate) fn parse(text: &'text str) -> Result<Self, LogoutTokenError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(LogoutTokenError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(LogoutTokenError::Malformed)?;
        let signature =
            BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_not_base64| LogoutTokenError::Malformed)?;
        let header: Header = part(header)?;
        // The type first: an ID token that is posted here should be told that it is none of these (RFC 8725 section
        // 3.11).
        if !is_logout_type(&header.typ) {
            return Err(LogoutTokenError::Type);
        }
        Ok(Self { header, claims: part(claims)?, signed, signature })
    }

    /// Checks the signature by the registered algorithm and a key of the provider (RFC 8725 section 3.1).
    pub(crate) fn check_signature(
        &self,
        settings: &Settings,
        keys: &CoreJsonWebKeySet,
    ) -> Result<(), LogoutTokenError> {
        let algorithm = settings.config.algorithm;
        if self.header.alg != algorithm.name() || self.header.crit.0 {
            return Err(LogoutTokenError::Algorithm);
        }
        let has_id = |key: &&CoreJsonWebKey| match (&self.header.kid, key.key_id()) {
            (Some(wanted), Some(id)) => wanted.as_str() == id.as_str(),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let mut keys = keys.keys().iter().filter(has_id).peekable();
        keys.peek().ok_or(LogoutTokenError::UnknownKey)?;
        let holds = |key: &CoreJsonWebKey| {
            key.verify_signature(&algorithm.core(), self.signed.as_bytes(), &self.signature).is_ok()
        };
        if keys.any(holds) { Ok(()) } else { Err(LogoutTokenError::Signature) }
    }

    /// Checks everything that the token says; only after its signature.
    pub(crate) fn check_claims(self, settings: &Settings, now: SystemTime) -> Result<Claims, LogoutTokenError> {
        let claims = self.claims;
        if claims.iss != settings.issuer.as_str() {
            return Err(LogoutTokenError::Issuer);
        }
        if !is_only_for(&claims.aud, &settings.config.client_id) {
            return Err(LogoutTokenError::Audience);
        }
        check_times(&claims, unix_seconds(now))?;
        if claims.events.len() != 1 || claims.events.get(EVENT).is_none_or(|event| !event.is_empty()) {
            return Err(LogoutTokenError::Events);
        }
        if claims.nonce.0 {
            return Err(LogoutTokenError::Nonce);
        }
        let names = |name: &Option<String>| name.as_ref().is_some_and(|name| !name.is_empty());
        if !names(&claims.sid) && !names(&claims.sub) {
            return Err(LogoutTokenError::NobodyNamed);
        }
        Ok(claims)
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, LogoutTokenError> {
    let json = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_not_base64| LogoutTokenError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_not_these_members| LogoutTokenError::Malformed)
}

/// Media types are compared without case, and `application/` may be left out (RFC 7515 section 4.1.9).
fn is_logout_type(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == "logout+jwt"
}

fn is_only_for(audience: &Audience, client_id: &str) -> bool {
    match audience {
        Audience::One(one) => one == client_id,
        Audience::Many(many) => many.as_slice() == [client_id],
    }
}

fn check_times(claims: &Claims, now: i64) -> Result<(), LogoutTokenError> {
    let life = claims.exp.checked_sub(claims.iat).ok_or(LogoutTokenError::Time)?;
    let fits = now < claims.exp && claims.iat <= now + LEEWAY && (1..=LONGEST_LIFE).contains(&life);
    if fits { Ok(()) } else { Err(LogoutTokenError::Time) }
}

/// The tokens that were taken and are not expired yet.
#[derive(Debug, Default)]
pub(crate) struct Replays(Mutex<HashMap<String, i64>>);

impl Replays {
    /// Notes a token's first use.
    ///
    /// # Errors
    /// [`LogoutTokenError::Replayed`] if it was used before.
    pub(crate) fn first_use(&self, claims: &Claims, now: SystemTime) -> Result<(), LogoutTokenError> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = unix_seconds(now);
        seen.retain(|_, expires| *expires > now);
        if seen.contains_key(&claims.jti) {
            return Err(LogoutTokenError::Replayed);
        }
        if seen.len() >= REMEMBERED {
            // Only the provider can get here. To end a session twice does no harm, to miss a logout would.
            let next = seen.iter().min_by_key(|(_, expires)| **expires).map(|(jti, _)| jti.clone());
            next.and_then(|jti| seen.remove(&jti));
        }
        seen.insert(claims.jti.clone(), claims.exp);
        Ok(())
    }

    /// Takes the note back, so that the provider may deliver the same token again after a failure on this side.
    pub(crate) fn forget(&self, claims: &Claims) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&claims.jti);
    }
}
