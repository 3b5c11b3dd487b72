//! A provider that does what a test tells it to, on a loopback port. Not here: what the library should make of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::{HeaderMap, StatusCode};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use switchboard_rp::Clock;
use url::Url;

pub(crate) const CLIENT: &str = "portal";
pub(crate) const SECRET: &str = "s3cret/+%";

/// A clock that stands still until a test moves it.
#[derive(Clone, Debug)]
pub(crate) struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub(crate) fn seconds(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn forward(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.seconds())
    }
}

/// How the token endpoint answers a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refreshes {
    Rotated,
    InvalidGrant,
    ServerError,
}

type Tamper = Box<dyn Fn(&mut Value, &mut Value) + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    clock: TestClock,
    up: AtomicBool,
    discoveries: AtomicUsize,
    key_fetches: AtomicUsize,
    refreshes: AtomicUsize,
    answers: Mutex<Refreshes>,
    tamper: Mutex<Tamper>,
    key: Mutex<(SigningKey, String)>,
    published: Mutex<Vec<Value>>,
    codes: Mutex<HashMap<String, Request>>,
    live_refresh_token: Mutex<Option<String>>,
    drawn: AtomicUsize,
}

/// What the authorization request of a code said.
struct Request {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self(Arc::new(Inner {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            clock: TestClock(Arc::new(AtomicU64::new(1_800_000_000))),
            up: AtomicBool::new(true),
            discoveries: AtomicUsize::default(),
            key_fetches: AtomicUsize::default(),
            refreshes: AtomicUsize::default(),
            answers: Mutex::new(Refreshes::Rotated),
            tamper: Mutex::new(Box::new(|_, _| ())),
            key: Mutex::new(signing_key(7)),
            published: Mutex::new(vec![public_key(7)]),
            codes: Mutex::default(),
            live_refresh_token: Mutex::default(),
            drawn: AtomicUsize::default(),
        }));
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks.json", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(user_info))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        provider
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn clock(&self) -> &TestClock {
        &self.0.clock
    }

    /// Answers 503 to everything while down.
    pub(crate) fn set_up(&self, up: bool) {
        self.0.up.store(up, Ordering::SeqCst);
    }

    pub(crate) fn answer_refreshes(&self, answers: Refreshes) {
        *self.0.answers.lock().unwrap() = answers;
    }

    /// Changes header and claims of every token from now on.
    pub(crate) fn tamper(&self, tamper: impl Fn(&mut Value, &mut Value) + Send + Sync + 'static) {
        *self.0.tamper.lock().unwrap() = Box::new(tamper);
    }

    /// Signs with another key from now on.
    pub(crate) fn rotate_key(&self, seed: u8, publish: bool) {
        *self.0.key.lock().unwrap() = signing_key(seed);
        if publish {
            self.0.published.lock().unwrap().push(public_key(seed));
        }
    }

    pub(crate) fn discoveries(&self) -> usize {
        self.0.discoveries.load(Ordering::SeqCst)
    }

    pub(crate) fn key_fetches(&self) -> usize {
        self.0.key_fetches.load(Ordering::SeqCst)
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.0.refreshes.load(Ordering::SeqCst)
    }

    /// A person who signs in at once: takes the authorization URL, gives the address to come back to.
    pub(crate) fn authorize(&self, url: &str) -> String {
        let parameters = query(url);
        let code = format!("code{}", self.0.drawn.fetch_add(1, Ordering::SeqCst));
        let request = Request {
            nonce: parameters["nonce"].clone(),
            challenge: parameters["code_challenge"].clone(),
            redirect_uri: parameters["redirect_uri"].clone(),
        };
        assert_eq!(parameters["code_challenge_method"], "S256");
        self.0.codes.lock().unwrap().insert(code.clone(), request);
        let answer = [("code", code.as_str()), ("state", &parameters["state"]), ("iss", self.issuer())];
        format!("/callback?{}", encode(&answer))
    }

    pub(crate) fn sign(&self, mut header: Value, mut claims: Value) -> String {
        let key = self.0.key.lock().unwrap();
        header["kid"] = json!(key.1);
        (self.0.tamper.lock().unwrap())(&mut header, &mut claims);
        sign(&key.0, &header, &claims)
    }

    fn id_token(&self, nonce: Option<&str>, access_token: &str) -> String {
        let now = self.clock().seconds();
        let hash = Sha256::digest(access_token);
        let mut claims = json!({
            "iss": self.issuer(), "aud": CLIENT, "sub": "sub-maria", "sid": "sid-1", "iat": now, "exp": now + 300, "auth_time": now,
            "acr": "urn:switchboard:acr:single", "amr": ["pwd"], "at_hash": BASE64URL_NOPAD.encode(&hash[..16]),
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        self.sign(json!({ "alg": "ES256" }), claims)
    }

    fn tokens(&self, nonce: Option<&str>) -> Response {
        let drawn = self.0.drawn.fetch_add(1, Ordering::SeqCst);
        let (access, refresh) = (format!("access{drawn}"), format!("refresh{drawn}"));
        *self.0.live_refresh_token.lock().unwrap() = Some(refresh.clone());
        let id_token = self.id_token(nonce, &access);
        let body = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 300, "refresh_token": refresh, "id_token": id_token });
        Json(body).into_response()
    }

    fn redeem(&self, form: &HashMap<String, String>) -> Response {
        let Some(request) = self.0.codes.lock().unwrap().remove(&form["code"]) else {
            return invalid_grant();
        };
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(&form["code_verifier"]));
        if challenge != request.challenge || form["redirect_uri"] != request.redirect_uri {
            return invalid_grant();
        }
        self.tokens(Some(&request.nonce))
    }

    fn refresh(&self, form: &HashMap<String, String>) -> Response {
        self.0.refreshes.fetch_add(1, Ordering::SeqCst);
        let answers = *self.0.answers.lock().unwrap();
        match answers {
            Refreshes::InvalidGrant => invalid_grant(),
            Refreshes::ServerError => StatusCode::BAD_GATEWAY.into_response(),
            Refreshes::Rotated => {
                let used = self.0.live_refresh_token.lock().unwrap().take();
                if used.as_ref() == Some(&form["refresh_token"]) { self.tokens(None) } else { invalid_grant() }
            }
        }
    }

    fn is_down(&self) -> Option<Response> {
        (!self.0.up.load(Ordering::SeqCst)).then(|| StatusCode::SERVICE_UNAVAILABLE.into_response())
    }
}

async fn discovery(State(provider): State<Provider>) -> Response {
    provider.0.discoveries.fetch_add(1, Ordering::SeqCst);
    if let Some(down) = provider.is_down() {
        return down;
    }
    let at = |path: &str| format!("{}{path}", provider.issuer());
    Json(json!({
        "issuer": provider.issuer(),
        "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks.json"), "end_session_endpoint": at("/logout"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

async fn keys(State(provider): State<Provider>) -> Response {
    provider.0.key_fetches.fetch_add(1, Ordering::SeqCst);
    let published = provider.0.published.lock().unwrap().clone();
    provider.is_down().unwrap_or_else(|| Json(json!({ "keys": published })).into_response())
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    if let Some(down) = provider.is_down() {
        return down;
    }
    // RFC 6749 section 2.3.1: both halves are form-encoded first.
    let secret: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let expected = format!("Basic {}", BASE64.encode(format!("{CLIENT}:{secret}").as_bytes()));
    if headers["authorization"] != expected {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    match form["grant_type"].as_str() {
        "authorization_code" => provider.redeem(&form),
        _ => provider.refresh(&form),
    }
}

async fn user_info(State(provider): State<Provider>) -> Response {
    let maria = json!({
        "sub": "sub-maria", "name": "Maria Lopez", "preferred_username": "201-wickedsprockets",
        "email": "maria@wickedsprockets.example", "tenant": "wickedsprockets", "tenant_name": "Wicked Sprockets",
    });
    provider.is_down().unwrap_or_else(|| Json(maria).into_response())
}

fn invalid_grant() -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response()
}

fn signing_key(seed: u8) -> (SigningKey, String) {
    (SigningKey::from_slice(&[seed; 32]).unwrap(), format!("key-{seed}"))
}

fn public_key(seed: u8) -> Value {
    let (key, kid) = signing_key(seed);
    let point = key.verifying_key().to_sec1_point(false);
    let bytes = point.as_bytes();
    let (x, y) = (BASE64URL_NOPAD.encode(&bytes[1..33]), BASE64URL_NOPAD.encode(&bytes[33..]));
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y })
}

fn sign(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature: Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes()))
}

/// The query of an address.
pub(crate) fn query(url: &str) -> HashMap<String, String> {
    Url::parse("http://localhost").unwrap().join(url).unwrap().query_pairs().into_owned().collect()
}

pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
