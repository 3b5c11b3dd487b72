//! JSON Web Signatures in compact form (RFC 7515): made with keys that are kept, read with keys that are ours. The
//! algorithm belongs to the key; what a header says only has to agree.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::{KeyError, KeySet, SigningKey};

/// Longer tokens are not looked at.
const LONGEST: usize = 8 * 1024;

/// Why a token doesn't count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Not a token, or not of the wanted kind.
    #[error("not a token of this kind")]
    Malformed,
    /// Signed by nobody we know, or not signed.
    #[error("not signed by one of our keys")]
    Foreign,
}

#[derive(Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
    typ: Option<String>,
    pub(crate) crit: Option<serde_json::Value>,
}

/// A token taken apart; nothing in it is believed yet.
pub(crate) struct Parts<'a> {
    pub(crate) header: Header,
    pub(crate) signed: &'a str,
    pub(crate) body: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// Takes a token apart.
pub(crate) fn parts(token: &str) -> Result<Parts<'_>, JwtError> {
    if token.len() > LONGEST {
        return Err(JwtError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (header, body) = signed.split_once('.').ok_or(JwtError::Malformed)?;
    let header = serde_json::from_slice(&decode(header)?).map_err(|_cause| JwtError::Malformed)?;
    Ok(Parts { header, signed, body: decode(body)?, signature: decode(signature)? })
}

/// Signs claims.
///
/// # Errors
/// If the claims have no JSON form or the library fails.
pub fn sign(key: &SigningKey, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
    let body = serde_json::to_vec(claims).map_err(|e| KeyError::Broken(e.to_string()))?;
    let mut token = key.header(typ);
    token.push('.');
    BASE64URL_NOPAD.encode_append(&body, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    BASE64URL_NOPAD.encode_append(&signature, &mut token);
    Ok(token)
}

/// Reads claims that one of these keys signed. Times are not checked here.
///
/// # Errors
/// If the token is malformed, of another type, or signed by none of the keys.
pub fn verify<T: DeserializeOwned>(keys: &KeySet, typ: &str, token: &str) -> Result<T, JwtError> {
    let Parts { header, signed, body, signature } = parts(token)?;
    if header.crit.is_some() || header.typ.as_deref() != Some(typ) {
        return Err(JwtError::Malformed); // RFC 7515 section 4.1.11, RFC 8725 section 3.11
    }
    let key = header.kid.and_then(|kid| keys.by_kid(&kid)).ok_or(JwtError::Foreign)?;
    if key.algorithm().name() != header.alg {
        return Err(JwtError::Foreign); // RFC 8725 section 3.1
    }
    key.verify(signed.as_bytes(), &signature).map_err(|_cause| JwtError::Foreign)?;
    serde_json::from_slice(&body).map_err(|_cause| JwtError::Malformed)
}

fn decode(text: &str) -> Result<Vec<u8>, JwtError> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_cause| JwtError::Malformed)
}

#[cfg(test)]
mod tests {
    use idp_core::ids::KeyId;
    use idp_core::oidc::client::SigningAlgorithm;
    use idp_core::time::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::keys::NewKey;

    fn set() -> KeySet {
        let keys = SigningAlgorithm::ALL.into_iter().zip(1..).map(|(algorithm, n)| {
            let made = NewKey::generate(algorithm).unwrap();
            SigningKey::load(KeyId::from_bytes([n; 16]), algorithm, &made.private, Timestamp::from_seconds(0), None)
                .unwrap()
        });
        KeySet::new(keys.collect(), Timestamp::from_seconds(1)).unwrap()
    }

    fn parts(token: &str) -> Vec<&str> {
        token.split('.').collect()
    }

    #[test]
    fn what_we_sign_we_can_read_and_nobody_else_can_write() {
        let keys = set();
        for algorithm in SigningAlgorithm::ALL {
            let key = keys.signer(algorithm, Timestamp::from_seconds(1)).unwrap();
            let token = sign(key, "JWT", &json!({"sub": "a"})).unwrap();
            assert_eq!(verify::<Value>(&keys, "JWT", &token).unwrap()["sub"], "a");
            assert_eq!(verify::<Value>(&set(), "JWT", &token), Err(JwtError::Foreign));
            assert_eq!(verify::<Value>(&keys, "logout+jwt", &token), Err(JwtError::Malformed));
            let p = parts(&token);
            let other = BASE64URL_NOPAD.encode(br#"{"sub":"b"}"#);
            assert_eq!(verify::<Value>(&keys, "JWT", &format!("{}.{other}.{}", p[0], p[2])), Err(JwtError::Foreign));
        }
    }

    #[test]
    fn the_header_does_not_choose_the_algorithm() {
        let keys = set();
        let key = keys.signer(SigningAlgorithm::Rs256, Timestamp::from_seconds(1)).unwrap();
        let token = sign(key, "JWT", &json!({})).unwrap();
        let p = parts(&token);
        for alg in ["none", "None", "HS256", "ES256", ""] {
            let header =
                BASE64URL_NOPAD.encode(json!({"alg": alg, "kid": key.kid(), "typ": "JWT"}).to_string().as_bytes());
            for signature in [p[2], ""] {
                assert!(verify::<Value>(&keys, "JWT", &format!("{header}.{}.{signature}", p[1])).is_err(), "{alg}");
            }
        }
        let header = BASE64URL_NOPAD.encode(
            json!({"alg": "RS256", "kid": "../key", "typ": "JWT", "jku": "https://evil.example"})
                .to_string()
                .as_bytes(),
        );
        assert_eq!(verify::<Value>(&keys, "JWT", &format!("{header}.{}.{}", p[1], p[2])), Err(JwtError::Foreign));
    }

    fn encoded(header: &Value) -> String {
        BASE64URL_NOPAD.encode(header.to_string().as_bytes())
    }

    fn published(keys: &KeySet, kid: &str) -> Value {
        let all: Value = serde_json::from_slice(keys.jwks()).unwrap();
        all["keys"].as_array().unwrap().iter().find(|k| k["kid"] == kid).unwrap().clone()
    }

    /// RFC 8725 section 2.1.
    #[test]
    fn a_published_key_is_no_secret_for_an_hmac() {
        let keys = set();
        let kid = keys.signer(SigningAlgorithm::Rs256, Timestamp::from_seconds(1)).unwrap().kid();
        let jwk = published(&keys, kid);
        let number = |name: &str| {
            let bytes = BASE64URL_NOPAD.decode(jwk[name].as_str().unwrap().as_bytes()).unwrap();
            openssl::bn::BigNum::from_slice(&bytes).unwrap()
        };
        let key = openssl::rsa::Rsa::from_public_components(number("n"), number("e")).unwrap();
        let text = format!("{}.e30", encoded(&json!({"alg": "HS256", "kid": kid, "typ": "JWT"})));
        for secret in [
            key.public_key_to_pem().unwrap(),
            key.public_key_to_pem_pkcs1().unwrap(),
            key.public_key_to_der().unwrap(),
            jwk.to_string().into_bytes(),
        ] {
            let secret = openssl::pkey::PKey::hmac(&secret).unwrap();
            let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &secret).unwrap();
            let signature = BASE64URL_NOPAD.encode(&signer.sign_oneshot_to_vec(text.as_bytes()).unwrap());
            assert_eq!(verify::<Value>(&keys, "JWT", &format!("{text}.{signature}")), Err(JwtError::Foreign));
        }
    }

    #[test]
    fn a_key_that_comes_along_and_a_signature_of_zeros_are_worth_nothing() {
        let (keys, theirs) = (set(), set());
        let at = Timestamp::from_seconds(1);
        let kid = keys.signer(SigningAlgorithm::Rs256, at).unwrap().kid();
        let their = theirs.signer(SigningAlgorithm::Rs256, at).unwrap();
        let jwk = published(&theirs, their.kid());
        for (name, value) in [("jwk", jwk), ("x5c", json!(["MIIB"])), ("x5u", json!("https://evil.example"))] {
            let mut header = json!({"alg": "RS256", "kid": kid, "typ": "JWT"});
            header[name] = value;
            let signed = format!("{}.e30", encoded(&header));
            let signature = BASE64URL_NOPAD.encode(&their.sign(signed.as_bytes()).unwrap());
            assert_eq!(
                verify::<Value>(&keys, "JWT", &format!("{signed}.{signature}")),
                Err(JwtError::Foreign),
                "{name}"
            );
        }
        let kid = keys.signer(SigningAlgorithm::Es256, at).unwrap().kid(); // CVE-2022-21449
        let signed = format!("{}.e30", encoded(&json!({"alg": "ES256", "kid": kid, "typ": "JWT"})));
        for signature in [vec![0; 64], Vec::new(), vec![0; 70], vec![0xff; 64]] {
            let signature = BASE64URL_NOPAD.encode(&signature);
            assert_eq!(verify::<Value>(&keys, "JWT", &format!("{signed}.{signature}")), Err(JwtError::Foreign));
        }
        let five = format!("{signed}.e30.e30.e30");
        assert_eq!(verify::<Value>(&keys, "JWT", &five), Err(JwtError::Malformed), "an encrypted one");
    }

    #[test]
    fn garbage_is_malformed_and_never_panics() {
        let keys = set();
        for text in ["", ".", "..", "a.b.c", &"x".repeat(9000), "eyJ.eyJ.", "\u{0}.\u{0}.\u{0}"] {
            assert!(verify::<Value>(&keys, "JWT", text).is_err(), "{text}");
        }
    }
}
