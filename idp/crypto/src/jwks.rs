//! Keys of others, as they publish them (RFC 7517 section 5), and what they signed. The algorithm has to fit the key;
//! what a header says only chooses among those that do.

use josekit::jwk::Jwk;
use josekit::jws::{ES256, JwsVerifier, PS256, RS256};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::jwt::{JwtError, Parts, parts};

/// More keys than this nobody needs.
const MOST: usize = 100;

/// A key set of somebody else.
#[derive(Debug)]
pub struct ForeignKeys(Vec<Key>);

#[derive(Debug)]
struct Key {
    kid: Option<String>,
    alg: Option<String>,
    issuer: Option<String>,
    jwk: Jwk,
}

/// What was signed, and the issuer that the key is for, where its set says one.
#[derive(Debug)]
pub struct Signed<T> {
    /// The claims.
    pub claims: T,
    /// The issuer that the key is for.
    pub key_issuer: Option<String>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl ForeignKeys {
    /// Reads a set. Keys that can't be read, or that encrypt, are left out.
    ///
    /// # Errors
    /// If it is no set.
    pub fn read(set: Value) -> Result<Self, JwtError> {
        let set: Set = serde_json::from_value(set).map_err(|_cause| JwtError::Malformed)?;
        let text = |key: &Value, name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
        let read = |key: Value| {
            let is_for_signatures = key.get("use").is_none_or(|usage| usage == "sig");
            let jwk = Jwk::from_bytes(key.to_string().as_bytes()).ok().filter(|_| is_for_signatures)?;
            Some(Key { kid: text(&key, "kid"), alg: text(&key, "alg"), issuer: text(&key, "issuer"), jwk })
        };
        Ok(Self(set.keys.into_iter().take(MOST).filter_map(read).collect()))
    }

    /// Reads claims that one of these keys signed. Whom they are for is not looked at here.
    ///
    /// # Errors
    /// If the token is malformed, or signed by none of the keys.
    pub fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<Signed<T>, JwtError> {
        let Parts { header, signed, body, signature } = parts(token)?;
        if header.crit.is_some() {
            return Err(JwtError::Malformed); // RFC 7515 section 4.1.11
        }
        let fits = |key: &&Key| {
            let is_named = header.kid.is_none() || key.kid == header.kid;
            is_named && key.alg.as_ref().is_none_or(|alg| *alg == header.alg)
        };
        let all: Vec<(&Key, Box<dyn JwsVerifier>)> =
            self.0.iter().filter(fits).filter_map(|key| Some((key, verifier(&header.alg, &key.jwk)?))).collect();
        // Without a name there has to be only one (OpenID Connect Core section 10.1).
        let [(key, verifier)] = all.as_slice() else { return Err(JwtError::Foreign) };
        verifier.verify(signed.as_bytes(), &signature).map_err(|_cause| JwtError::Foreign)?;
        let claims = serde_json::from_slice(&body).map_err(|_cause| JwtError::Malformed)?;
        Ok(Signed { claims, key_issuer: key.issuer.clone() })
    }
}

/// What looks at a signature of that algorithm, if the key is one for it: RSA from 2048 bits on, curves as they are
/// named.
fn verifier(alg: &str, jwk: &Jwk) -> Option<Box<dyn JwsVerifier>> {
    Some(match alg {
        "RS256" => Box::new(RS256.verifier_from_jwk(jwk).ok()?),
        "PS256" => Box::new(PS256.verifier_from_jwk(jwk).ok()?),
        "ES256" => Box::new(ES256.verifier_from_jwk(jwk).ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use josekit::jwk::alg::ec::EcCurve;
    use josekit::jws::JwsSigner;
    use serde_json::json;

    use super::*;

    struct Other {
        jwk: Jwk,
        alg: &'static str,
    }

    impl Other {
        fn new(kid: &str, alg: &'static str) -> Self {
            let mut jwk = match alg {
                "ES256" => Jwk::generate_ec_key(EcCurve::P256).unwrap(),
                _ => Jwk::generate_rsa_key(2048).unwrap(),
            };
            jwk.set_key_id(kid);
            Self { jwk, alg }
        }

        fn public(&self) -> Value {
            let mut public = self.jwk.to_public_key().unwrap();
            public.set_key_id(self.jwk.key_id().unwrap());
            serde_json::from_str(&public.to_string()).unwrap()
        }

        fn sign(&self, header: &Value) -> String {
            let signer: Box<dyn JwsSigner> = match self.alg {
                "RS256" => Box::new(RS256.signer_from_jwk(&self.jwk).unwrap()),
                "PS256" => Box::new(PS256.signer_from_jwk(&self.jwk).unwrap()),
                _ => Box::new(ES256.signer_from_jwk(&self.jwk).unwrap()),
            };
            let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
            let text = format!("{}.{}", encode(header), encode(&json!({"sub": "a"})));
            let signature = signer.sign(text.as_bytes()).unwrap();
            format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
        }
    }

    fn read(keys: &[Value]) -> ForeignKeys {
        ForeignKeys::read(json!({ "keys": keys })).unwrap()
    }

    fn verify(keys: &ForeignKeys, token: &str) -> Result<Signed<Value>, JwtError> {
        keys.verify(token)
    }

    #[test]
    fn what_others_sign_is_read_by_the_key_they_name() {
        for alg in ["RS256", "PS256", "ES256"] {
            let (one, two) = (Other::new("1", alg), Other::new("2", alg));
            let mut public = one.public();
            public["issuer"] = "https://login.example".into();
            let keys = read(&[public, two.public()]);
            let signed = verify(&keys, &one.sign(&json!({"alg": alg, "kid": "1"}))).unwrap();
            assert_eq!(
                (&signed.claims["sub"], signed.key_issuer.as_deref()),
                (&"a".into(), Some("https://login.example"))
            );
            assert!(verify(&keys, &one.sign(&json!({"alg": alg, "kid": "2"}))).is_err(), "another's name");
            assert!(verify(&keys, &one.sign(&json!({"alg": alg, "kid": "3"}))).is_err(), "nobody's name");
            assert!(verify(&keys, &one.sign(&json!({"alg": alg}))).is_err(), "no name, and two keys");
            assert!(verify(&read(&[one.public()]), &one.sign(&json!({"alg": alg}))).is_ok(), "no name, and one key");
        }
    }

    #[test]
    fn no_header_chooses_an_algorithm_that_the_key_is_not_for() {
        let rsa = Other::new("1", "RS256");
        let keys = read(&[rsa.public()]);
        for alg in ["none", "HS256", "ES256", "RS512", "rs256", ""] {
            assert!(verify(&keys, &rsa.sign(&json!({"alg": alg, "kid": "1"}))).is_err(), "{alg}");
        }
        assert!(verify(&keys, &rsa.sign(&json!({"alg": "RS256", "kid": "1", "crit": ["b64"]}))).is_err());
        let mut named = rsa.public();
        named["alg"] = "PS256".into();
        assert!(verify(&read(&[named]), &rsa.sign(&json!({"alg": "RS256", "kid": "1"}))).is_err());
        let mut secret = rsa.public();
        secret["use"] = "enc".into();
        assert!(verify(&read(&[secret]), &rsa.sign(&json!({"alg": "RS256", "kid": "1"}))).is_err());
        let unsigned = rsa.sign(&json!({"alg": "RS256", "kid": "1"}));
        let unsigned = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
        assert!(verify(&keys, &unsigned).is_err());
    }

    #[test]
    fn a_small_or_broken_key_is_none() {
        let small = openssl::rsa::Rsa::generate(1024).unwrap();
        let number = |n: &openssl::bn::BigNumRef| BASE64URL_NOPAD.encode(&n.to_vec());
        let key = json!({"kty": "RSA", "kid": "1", "n": number(small.n()), "e": number(small.e())});
        assert!(verifier("RS256", &Jwk::from_bytes(key.to_string().as_bytes()).unwrap()).is_none());
        let keys = read(&[json!("no key"), json!({}), key]);
        assert!(verify(&keys, &Other::new("1", "RS256").sign(&json!({"alg": "RS256", "kid": "1"}))).is_err());
        assert!(ForeignKeys::read(json!({"keys": "none"})).is_err());
    }
}
