//! A browser with a cookie jar, and the application it visits. Not here: the provider.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use switchboard_rp::{IdTokenAlgorithm, MaybeUser, Rp, RpConfig, Secret, User};
use tower::ServiceExt;

use crate::provider::{CLIENT, Provider, SECRET};

pub(crate) const PUBLIC_URL: &str = "http://localhost:8081";

/// An application with one page for people and one for everybody.
pub(crate) fn application(provider: &Provider, algorithm: IdTokenAlgorithm) -> Router {
    let rp = Rp::builder(RpConfig {
        issuer: provider.issuer().parse().unwrap(),
        public_url: PUBLIC_URL.parse().unwrap(),
        client_id: CLIENT.into(),
        client_secret: Some(Secret::new(SECRET)),
        algorithm,
        cookie_prefix: "portal",
        scopes: vec!["openid".into(), "profile".into(), "email".into(), "tenant".into()],
    })
    .clock(provider.clock().clone())
    .build()
    .unwrap();
    Router::new()
        .route("/", get(home).post(home))
        .route("/calls", get(home))
        .route("/about", get(about))
        .merge(rp.router())
        .with_state(rp)
}

async fn home(user: User) -> String {
    let company = user.claim("tenant_name").unwrap_or_default();
    format!("{}|{}|{company}", user.display_name(), user.username.as_deref().unwrap_or_default())
}

async fn about(MaybeUser(person): MaybeUser) -> String {
    person.map_or_else(|| "stranger".to_owned(), |person| person.display_name().to_owned())
}

/// What a page answered.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{self:?}");
        self.headers["location"].to_str().unwrap()
    }
}

/// One browser. Clones are its tabs: they share the jar.
#[derive(Clone)]
pub(crate) struct Browser {
    application: Router,
    provider: Provider,
    jar: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Browser {
    /// A fresh browser before a fresh application.
    pub(crate) fn new(provider: &Provider) -> Self {
        Self {
            application: application(provider, IdTokenAlgorithm::Es256),
            provider: provider.clone(),
            jar: Arc::default(),
        }
    }

    /// The same browser before another application.
    pub(crate) fn before(self, application: Router) -> Self {
        Self { application, ..self }
    }

    /// Another person's browser before the same application.
    pub(crate) fn stranger(&self) -> Self {
        Self { jar: Arc::default(), ..self.clone() }
    }

    /// A page opened by a person.
    pub(crate) async fn open(&self, path: &str) -> Page {
        self.send(Request::get(path).header("sec-fetch-mode", "navigate").body(Body::empty()).unwrap()).await
    }

    /// A form sent by a page of the application.
    pub(crate) async fn submit(&self, path: &str) -> Page {
        self.send(Request::post(path).header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Page {
        let jar: Vec<_> = self.jar.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !jar.is_empty() {
            request.headers_mut().insert("cookie", jar.join("; ").parse().unwrap());
        }
        let response = self.application.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all("set-cookie") {
            self.store(line.to_str().unwrap());
        }
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Page { status: parts.status, headers: parts.headers, text }
    }

    fn store(&self, line: &str) {
        let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
        let mut jar = self.jar.lock().unwrap();
        if line.contains("Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    pub(crate) fn cookies(&self) -> Vec<String> {
        self.jar.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).cloned()
    }

    pub(crate) fn plant(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Starts a sign-in and lets the person sign in at the provider: the address to come back to.
    pub(crate) async fn leave(&self, path: &str) -> String {
        let page = self.open(path).await;
        self.provider.authorize(page.location())
    }

    /// A whole sign-in.
    pub(crate) async fn sign_in(&self) {
        let back = self.leave("/sign-in").await;
        let page = self.open(&back).await;
        assert_eq!(page.location(), "/");
    }

    /// Whether the start page knows the person.
    pub(crate) async fn is_signed_in(&self) -> bool {
        self.open("/").await.status == StatusCode::OK
    }
}
