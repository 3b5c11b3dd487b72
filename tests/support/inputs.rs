//! What reads bytes from strangers, each as one function: no input may make it panic, and what comes out holds
//! together. Fuzzers drive these for as long as one likes (`tests/fuzz`); the plain tests drive them with their corpus
//! and with inputs made from it.

use http::{HeaderMap, HeaderValue, header};
use idp_core::oidc::authorize::AuthorizationParams;
use idp_core::oidc::redirect_uri::RedirectUri;
use idp_core::signin::identifier;
use idp_crypto::keys::KeySet;
use idp_server::web::cookies::{Jar, Kind};
use idp_server::web::extract::fields::pairs;

/// A reader.
pub type Target = fn(&[u8]);

/// All of them, by the name of their corpus.
pub const TARGETS: [(&str, Target); 6] = [
    ("redirect_uri", redirect_uri),
    ("authorization_params", authorization_params),
    ("jwt", jwt),
    ("cookie", cookie),
    ("form", form),
    ("identifier", identifier),
];

/// A redirect URI as a client registers it: what is accepted stays on its host whatever is added.
pub fn redirect_uri(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(uri) = text.parse::<RedirectUri>() else { return };
    let answered = uri.with_params(&[("code", "a&b=c#d"), ("state", &text)]);
    let there = url::Url::parse(&answered).expect("an accepted address is one");
    assert_eq!(there.origin().ascii_serialization(), uri.origin(), "{text:?} leads elsewhere: {answered}");
    assert!(there.fragment().is_none() && there.username().is_empty(), "{text:?}: {answered}");
}

/// The parameters of an authorization request: read, written and read again they are the same, but for what came twice,
/// which is refused before anything is written.
pub fn authorization_params(data: &[u8]) {
    let params = AuthorizationParams::from_pairs(pairs(data));
    let again = AuthorizationParams::from_pairs(pairs(params.to_query().as_bytes()));
    assert_eq!(params.to_query(), again.to_query());
}

/// A token that we never made.
pub fn jwt(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let keys = KeySet::new(Vec::new(), idp_core::time::Timestamp::from_seconds(1_764_000_000)).expect("no keys");
    let read = idp_crypto::jwt::verify::<serde_json::Value>(&keys, "JWT", &text);
    assert!(read.is_err(), "{text:?}");
}

/// A cookie header: a value is one that stands in it.
pub fn cookie(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, value);
    for secure in [true, false] {
        let jar = Jar::read(&headers, secure);
        for kind in [Kind::Anonymous, Kind::Session, Kind::Device, Kind::Company, Kind::Theme, Kind::Language] {
            if let Some(found) = jar.get(kind) {
                assert!(found.len() <= data.len());
            }
        }
    }
}

/// A form: no pair is longer than what was sent.
pub fn form(data: &[u8]) {
    let all = pairs(data);
    assert!(all.len() <= data.len() + 1);
}

/// A name as somebody types it: read twice it means the same.
pub fn identifier(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let known = "wickedsprockets".parse().expect("a code");
    assert_eq!(identifier::read(&text, None), identifier::read(&text, None));
    identifier::read(&text, Some(&known));
    identifier::read_company(&text);
}
