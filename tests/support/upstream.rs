//! Another provider, as Google or Entra would be, that tells what a test wants to hear; also what no honest one would
//! tell.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::{HeaderMap, StatusCode, Uri};
use idp_core::ids::KeyId;
use idp_core::oidc::client::SigningAlgorithm;
use idp_core::time::Timestamp;
use idp_crypto::jwt;
use idp_crypto::keys::{KeySet, NewKey, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Page;

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Well,
    /// It says nothing for longer than anybody waits.
    Silent,
    /// It answers 500.
    Broken,
    /// It answers something else.
    Garbage,
    /// It answers more than anybody reads.
    Endless,
    /// It says no.
    Refuses,
}

/// What was asked of it, so often.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Its metadata.
    pub metadata: usize,
    /// Its keys.
    pub keys: usize,
    /// A token.
    pub tokens: usize,
}

struct Given {
    challenge: String,
    callback: String,
    claims: Value,
}

struct Inner {
    manner: Manner,
    metadata: Value,
    keys: KeySet,
    number: u8,
    codes: HashMap<String, Given>,
    asked: Asked,
    info: Value,
}

/// The provider.
#[derive(Clone)]
pub struct Upstream {
    /// Its address.
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

/// The client that it knows.
pub const CLIENT: &str = "switchboard";
/// Its secret.
pub const SECRET: &str = "upstream secret";

fn keys(number: u8) -> KeySet {
    let (id, algorithm, start) = (KeyId::from_bytes([number; 16]), SigningAlgorithm::Es256, Timestamp::from_seconds(0));
    let made = NewKey::generate(algorithm).expect("a key");
    let key = SigningKey::load(id, algorithm, &made.private, start, None).expect("a key");
    KeySet::new(vec![key], Timestamp::from_seconds(1)).expect("a set")
}

impl Upstream {
    /// Starts one whose tokens name this issuer, with `{url}` for its address.
    pub async fn start(issuer: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
        let metadata = json!({
            "issuer": issuer.replace("{url}", &url),
            "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"),
            "userinfo_endpoint": format!("{url}/userinfo"),
            "jwks_uri": format!("{url}/keys"),
        });
        let inner = Inner {
            manner: Manner::Well,
            metadata,
            keys: keys(1),
            number: 1,
            codes: HashMap::new(),
            asked: Asked::default(),
            info: Value::Null,
        };
        let upstream = Self { url, inner: Arc::new(Mutex::new(inner)) };
        let router = Router::new().route("/token", post(token)).fallback(any(read)).with_state(upstream.clone());
        spawn(async move { axum::serve(listener, router).await.expect("a server") });
        upstream
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on it behaves so.
    pub fn behave(&self, manner: Manner) {
        self.with(|inner| inner.manner = manner);
    }

    /// It says this of itself, too.
    pub fn say(&self, name: &str, value: impl Into<Value>) {
        self.with(|inner| inner.metadata[name] = value.into());
    }

    /// It tells this of everybody at its other endpoint.
    pub fn tell(&self, info: Value) {
        self.with(|inner| inner.info = info);
    }

    /// It signs with another key, and knows the old one no more.
    pub fn rotate(&self) {
        self.with(|inner| {
            inner.number += 1;
            inner.keys = keys(inner.number);
        });
    }

    /// What was asked of it so far.
    pub fn asked(&self) -> Asked {
        self.with(|inner| inner.asked)
    }

    /// A person signs in there, as the redirect `sent` asks: what the browser brings back. The claims are those of an
    /// honest token, with others in their place.
    ///
    /// # Panics
    /// If the redirect isn't one to this provider.
    pub fn sign_in(&self, sent: &Page, claims: &Value) -> Vec<(String, String)> {
        assert!(
            sent.location().starts_with(&format!("{}/authorize?", self.url)),
            "{} {}",
            sent.location(),
            sent.text()
        );
        let param = |name| sent.param(name).unwrap_or_else(|| panic!("no {name}: {}", sent.location()));
        assert_eq!((param("response_type").as_str(), param("code_challenge_method").as_str()), ("code", "S256"));
        assert!(param("scope").split(' ').any(|scope| scope == "openid"));
        let now = crate::now().seconds();
        let mut all = json!({
            "iss": self.with(|inner| inner.metadata["issuer"].clone()), "aud": CLIENT, "nonce": param("nonce"),
            "iat": now, "exp": now + 300,
        });
        for (name, value) in claims.as_object().expect("claims") {
            all[name] = value.clone();
        }
        let code = BASE64URL_NOPAD.encode(&Sha256::digest(param("state")));
        let given = Given { challenge: param("code_challenge"), callback: param("redirect_uri"), claims: all };
        self.with(|inner| inner.codes.insert(code.clone(), given));
        vec![("code".to_owned(), code), ("state".to_owned(), param("state"))]
    }
}

async fn misbehave(manner: Manner) -> Option<Response> {
    match manner {
        Manner::Well => None,
        Manner::Silent => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            None
        }
        Manner::Broken => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        Manner::Garbage => Some("<html>It works!</html>".into_response()),
        Manner::Endless => Some(format!("{{\"issuer\": \"{}\"}}", "x".repeat(2 * 1024 * 1024)).into_response()),
        Manner::Refuses => {
            Some((StatusCode::BAD_REQUEST, axum::Json(json!({"error": "invalid_grant"}))).into_response())
        }
    }
}

async fn read(State(upstream): State<Upstream>, uri: Uri) -> Response {
    let path = uri.path();
    let manner = upstream.with(|inner| {
        inner.asked.metadata += usize::from(path.ends_with("/openid-configuration"));
        inner.asked.keys += usize::from(path == "/keys");
        inner.manner
    });
    if let Some(instead) = misbehave(manner).await {
        return instead;
    }
    match path {
        "/keys" => upstream.with(|inner| inner.keys.jwks().to_vec()).into_response(),
        "/userinfo" => axum::Json(upstream.with(|inner| inner.info.clone())).into_response(),
        _ if path.ends_with("/.well-known/openid-configuration") => {
            axum::Json(upstream.with(|inner| inner.metadata.clone())).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn token(State(upstream): State<Upstream>, headers: HeaderMap, body: Bytes) -> Response {
    let manner = upstream.with(|inner| {
        inner.asked.tokens += 1;
        inner.manner
    });
    if let Some(instead) = misbehave(manner).await {
        return instead;
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let given = upstream.with(|inner| inner.codes.remove(form.get("code").map_or("", String::as_str)));
    let basic = format!("Basic {}", BASE64.encode(format!("{CLIENT}:upstream+secret").as_bytes()));
    let is_client = headers.get("authorization").is_some_and(|v| v.as_bytes() == basic.as_bytes());
    let verifier = form.get("code_verifier").map_or("", String::as_str);
    let refused = (StatusCode::BAD_REQUEST, axum::Json(json!({"error": "invalid_grant"}))).into_response();
    let Some(given) = given else { return refused };
    let fits = BASE64URL_NOPAD.encode(&Sha256::digest(verifier)) == given.challenge;
    if !is_client || !fits || form.get("redirect_uri") != Some(&given.callback) {
        return refused;
    }
    let token = upstream.with(|inner| {
        let key = inner.keys.signer(SigningAlgorithm::Es256, Timestamp::from_seconds(1)).expect("a key");
        jwt::sign(key, "JWT", &given.claims).expect("a token")
    });
    axum::Json(json!({"access_token": "a", "token_type": "Bearer", "id_token": token})).into_response()
}

/// A document that lets the people of `acme` come in by this provider.
pub fn connector(name: &str, kind: &str, issuer: &str, more: &str) -> String {
    format!(
        "[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[[tenants.connectors]]\nname = \"{name}\"\nkind = \"{kind}\"\n\
         issuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\nclient_secret = \"{SECRET}\"\n{more}\n"
    )
}

#[expect(clippy::disallowed_methods, reason = "a test's server ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}
