//! Signing keys: made, kept ready, published. Signers and verifiers are built once, when a set is loaded.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use idp_core::ids::KeyId;
use idp_core::oidc::client::SigningAlgorithm;
use idp_core::secret::Secret;
use idp_core::time::{Lifetime, Timestamp};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jws::{ES256, JwsSigner, JwsVerifier, RS256};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How long others may keep our JWKS.
pub const JWKS_MAX_AGE: Lifetime = Lifetime::minutes(5);

/// A new key signs only after everybody had time to fetch it.
pub const PUBLISH_AHEAD: Lifetime = Lifetime::minutes(6);

/// A retired key stays published for the tokens it signed.
pub const PUBLISH_AFTER: Lifetime = Lifetime::hours(1);

/// A retired key still reads its own hints: clients keep ID tokens for long.
pub const HINT_MEMORY: Lifetime = Lifetime::days(400);

/// Why a key doesn't work.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No key of this algorithm may sign now.
    #[error("there is no active {0} key; run `idp key rotate`")]
    NoSigner(&'static str),
    /// The library failed, or the stored key is no key.
    #[error("a signing key doesn't work: {0}")]
    Broken(String),
}

fn broken(cause: &impl fmt::Display) -> KeyError {
    KeyError::Broken(cause.to_string())
}

/// A key just made; `private` is to be sealed at once.
#[derive(Debug)]
pub struct NewKey {
    /// The private key as a JSON Web Key.
    pub private: Secret<Vec<u8>>,
}

impl NewKey {
    /// Makes a key; an RSA key takes about a tenth of a second.
    ///
    /// # Errors
    /// If the library fails.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, KeyError> {
        let jwk = match algorithm {
            SigningAlgorithm::Rs256 => Jwk::generate_rsa_key(2048),
            SigningAlgorithm::Es256 => Jwk::generate_ec_key(EcCurve::P256),
        };
        Ok(Self { private: Secret::new(jwk.map_err(|e| broken(&e))?.to_string().into_bytes()) })
    }
}

/// A key ready for use.
pub struct SigningKey {
    id: KeyId,
    kid: String,
    algorithm: SigningAlgorithm,
    signer: Box<dyn JwsSigner>,
    verifier: Box<dyn JwsVerifier>,
    public: Value,
    active_from: Timestamp,
    retires_at: Option<Timestamp>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Makes a stored key ready. From `retires_at` on it signs nothing.
    ///
    /// # Errors
    /// If the bytes are no key of that algorithm.
    pub fn load(
        id: KeyId,
        algorithm: SigningAlgorithm,
        private: &Secret<Vec<u8>>,
        active_from: Timestamp,
        retires_at: Option<Timestamp>,
    ) -> Result<Self, KeyError> {
        let jwk = Jwk::from_bytes(private.expose()).map_err(|e| broken(&e))?;
        let public = jwk.to_public_key().map_err(|e| broken(&e))?;
        let (signer, verifier): (Box<dyn JwsSigner>, Box<dyn JwsVerifier>) = match algorithm {
            SigningAlgorithm::Rs256 => (
                Box::new(RS256.signer_from_jwk(&jwk).map_err(|e| broken(&e))?),
                Box::new(RS256.verifier_from_jwk(&public).map_err(|e| broken(&e))?),
            ),
            SigningAlgorithm::Es256 => (
                Box::new(ES256.signer_from_jwk(&jwk).map_err(|e| broken(&e))?),
                Box::new(ES256.verifier_from_jwk(&public).map_err(|e| broken(&e))?),
            ),
        };
        let (kid, public) = published(&public, algorithm);
        Ok(Self { id, kid, algorithm, signer, verifier, public, active_from, retires_at })
    }

    /// Its row.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Its public name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it signs with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// It signs from then on.
    pub fn active_from(&self) -> Timestamp {
        self.active_from
    }

    /// In a word: `next`, `signing` or `retired`.
    pub fn state(&self, now: Timestamp) -> &'static str {
        if self.signs(now) {
            "signing"
        } else if self.active_from.reached(now) {
            "retired"
        } else {
            "next"
        }
    }

    /// A JOSE header for this key, encoded.
    pub(crate) fn header(&self, typ: &str) -> String {
        // Put together as text: none of the three has a character that JSON would escape.
        let header = format!(r#"{{"alg":"{}","kid":"{}","typ":"{typ}"}}"#, self.algorithm.name(), self.kid);
        BASE64URL_NOPAD.encode(header.as_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.signer.sign(message).map_err(|e| broken(&e))
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        self.verifier.verify(message, signature).map_err(|e| broken(&e))
    }

    fn signs(&self, now: Timestamp) -> bool {
        self.active_from.reached(now) && self.retires_at.is_none_or(|end| !end.reached(now))
    }

    fn is_published(&self, now: Timestamp) -> bool {
        self.retires_at.is_none_or(|end| !(end + PUBLISH_AFTER).reached(now))
    }
}

/// Only the public members, and the name: the digest of them (RFC 7638).
fn published(public: &Jwk, algorithm: SigningAlgorithm) -> (String, Value) {
    let of = |name: &str| public.parameter(name).cloned().unwrap_or_default();
    let members = match algorithm {
        SigningAlgorithm::Rs256 => json!({"e": of("e"), "kty": "RSA", "n": of("n")}),
        SigningAlgorithm::Es256 => json!({"crv": "P-256", "kty": "EC", "x": of("x"), "y": of("y")}),
    };
    let print = Sha256::digest(members.to_string().as_bytes());
    let kid = HEXLOWER.encode(print.get(..12).unwrap_or_default());
    let mut jwk = members;
    if let Some(object) = jwk.as_object_mut() {
        object.insert("alg".into(), algorithm.name().into());
        object.insert("use".into(), "sig".into());
        object.insert("kid".into(), kid.clone().into());
    }
    (kid, jwk)
}

/// All keys we have, as of some moment.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<SigningKey>,
    jwks: Vec<u8>,
}

impl KeySet {
    /// Takes the keys and prepares the JWKS document (RFC 7517 section 5) as it is now.
    ///
    /// # Errors
    /// If a document can't be made.
    pub fn new(mut keys: Vec<SigningKey>, now: Timestamp) -> Result<Self, KeyError> {
        keys.sort_by_key(|k| std::cmp::Reverse((k.active_from, k.id)));
        let published: Vec<&Value> = keys.iter().filter(|k| k.is_published(now)).map(|k| &k.public).collect();
        let jwks = serde_json::to_vec(&json!({ "keys": published })).map_err(|e| broken(&e))?;
        Ok(Self { keys, jwks })
    }

    /// The newest key of this algorithm that may sign now.
    ///
    /// # Errors
    /// If there is none.
    pub fn signer(&self, algorithm: SigningAlgorithm, now: Timestamp) -> Result<&SigningKey, KeyError> {
        let mut fitting = self.keys.iter().filter(|k| k.algorithm == algorithm && k.signs(now));
        fitting.next().ok_or(KeyError::NoSigner(algorithm.name()))
    }

    /// The key of that name, published or not.
    pub fn by_kid(&self, kid: &str) -> Option<&SigningKey> {
        self.keys.iter().find(|k| k.kid == kid)
    }

    /// The JWKS document.
    pub fn jwks(&self) -> &[u8] {
        &self.jwks
    }

    /// The keys, newest first.
    pub fn keys(&self) -> &[SigningKey] {
        &self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALG: SigningAlgorithm = SigningAlgorithm::Es256;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn key(n: u8, from: i64, until: Option<i64>) -> SigningKey {
        let made = NewKey::generate(ALG).unwrap();
        SigningKey::load(KeyId::from_bytes([n; 16]), ALG, &made.private, at(from), until.map(at)).unwrap()
    }

    #[test]
    fn nothing_private_is_published() {
        for algorithm in SigningAlgorithm::ALL {
            let made = NewKey::generate(algorithm).unwrap();
            let key = SigningKey::load(KeyId::from_bytes([1; 16]), algorithm, &made.private, at(0), None).unwrap();
            let set = KeySet::new(vec![key], at(0)).unwrap();
            let document: Value = serde_json::from_slice(set.jwks()).unwrap();
            for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(document["keys"][0].get(member).is_none(), "{member}");
            }
            for member in ["kty", "kid", "use", "alg"] {
                assert!(document["keys"][0][member].is_string(), "{member}");
            }
        }
    }

    #[test]
    fn a_new_key_is_published_before_it_signs_and_an_old_one_after() {
        let set = |now| KeySet::new(vec![key(1, 0, Some(1360)), key(2, 1360, None)], at(now)).unwrap();
        let count = |s: &KeySet| serde_json::from_slice::<Value>(s.jwks()).unwrap()["keys"].as_array().unwrap().len();
        let before = set(1359);
        assert_eq!(before.signer(ALG, at(1359)).unwrap().id(), KeyId::from_bytes([1; 16]));
        assert_eq!(count(&before), 2);
        let after = set(1360);
        assert_eq!(after.signer(ALG, at(1360)).unwrap().id(), KeyId::from_bytes([2; 16]));
        assert_eq!(count(&after), 2);
        let late = set(1360 + 3600);
        assert_eq!(count(&late), 1);
        assert!(late.by_kid(late.keys()[1].kid()).is_some());
    }

    #[test]
    fn without_an_active_key_nothing_is_signed() {
        assert!(matches!(
            KeySet::new(vec![key(1, 10, None)], at(0)).unwrap().signer(ALG, at(0)),
            Err(KeyError::NoSigner(_))
        ));
    }
}
