//! A signed-in person without a provider: for the tests of the portals. Not here: how people really sign in.

use std::time::SystemTime;

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use switchboard_rp::{
    Clock, Person, Secret, Session, SessionKey, SessionStore, StoreUnavailable, SystemClock, Tokens, Whose,
};
use tower::ServiceExt;

use crate::config::PortalConfig;

/// A value that every browser in tests sends as its session cookie; the store takes any.
const COOKIE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A store in which everybody is the same person, whose session was confirmed just now.
#[derive(Clone, Debug)]
pub struct Everybody(pub Person);

/// A person with every claim that the portals show.
pub fn maria() -> Person {
    let mut claims = serde_json::Map::new();
    claims.insert("tenant".to_owned(), "wickedsprockets".into());
    claims.insert("tenant_name".to_owned(), "Wicked Sprockets".into());
    Person {
        subject: "maria".to_owned(),
        sid: Some("sid".to_owned()),
        name: Some("Maria Lopez".to_owned()),
        username: Some("201-wickedsprockets".to_owned()),
        email: Some("maria@wickedsprockets.example".to_owned()),
        claims,
    }
}

/// Settings of a portal whose provider is never asked.
///
/// # Errors
/// None; the addresses are well-formed.
pub fn config() -> Result<PortalConfig, url::ParseError> {
    Ok(PortalConfig {
        issuer: "http://localhost:8080".parse()?,
        public_url: "http://localhost:8081".parse()?,
        client_id: "portal".to_owned(),
        client_secret: Some(Secret::new("secret")),
        other_portal: Some("http://localhost:8082".parse()?),
    })
}

/// What a signed-in person sees at `path` in a browser with these further headers.
pub async fn open(portal: &Router, path: &str, headers: &[(&str, &str)]) -> (StatusCode, String) {
    let mut request = Request::get(path).header("cookie", format!("voice_session={COOKIE}; crm_session={COOKIE}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = send(portal, request.body(Body::empty()).unwrap_or_default()).await;
    let status = response.status();
    let bytes = response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

/// The answer to any request.
pub async fn send(portal: &Router, request: Request<Body>) -> Response<Body> {
    match portal.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[async_trait::async_trait]
impl SessionStore for Everybody {
    async fn insert(&self, _key: SessionKey, _session: Session) -> Result<(), StoreUnavailable> {
        Ok(())
    }

    async fn get(&self, _key: SessionKey) -> Result<Option<Session>, StoreUnavailable> {
        let now = SystemClock.now();
        let tokens = Tokens { refresh: None, id_token: Secret::new("") };
        Ok(Some(Session { person: self.0.clone(), tokens, signed_in_at: now, refreshed_at: now }))
    }

    async fn renew(&self, _key: SessionKey, _tokens: Tokens, _at: SystemTime) -> Result<bool, StoreUnavailable> {
        Ok(true)
    }

    async fn remove(&self, _key: SessionKey) -> Result<Option<Session>, StoreUnavailable> {
        Ok(None)
    }

    async fn end(&self, _whose: Whose<'_>) -> Result<usize, StoreUnavailable> {
        Ok(0)
    }
}
