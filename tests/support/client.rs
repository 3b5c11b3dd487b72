//! A client: asks for authorization, exchanges codes, refreshes, all as its protocol says and as tests say otherwise.

use data_encoding::BASE64URL_NOPAD;
use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Browser, Page};

/// A verifier that fits.
pub const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-document-0123456789";

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    issuer: String,
    /// Its public name.
    pub id: String,
    secret: Option<String>,
}

/// What the token endpoint answered.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub body: Value,
}

impl Tokens {
    /// A text in the body.
    pub fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_default().to_owned()
    }

    /// The error, if it is one.
    pub fn error(&self) -> String {
        self.text("error")
    }
}

impl Client {
    /// A client that the test's document registers.
    pub fn new(issuer: &str, id: &str, secret: Option<&str>) -> Self {
        let http = crate::http().build().expect("a client");
        Self { http, issuer: issuer.to_owned(), id: id.to_owned(), secret: secret.map(str::to_owned) }
    }

    /// The same client with a connection for each request: as many clients as there are requests.
    #[must_use]
    pub fn as_many(&self) -> Self {
        Self { http: crate::http().pool_max_idle_per_host(0).build().expect("a client"), ..self.clone() }
    }

    /// The same client at another node.
    #[must_use]
    pub fn at(&self, issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), ..self.clone() }
    }

    /// Its first address.
    pub fn redirect_uri(&self) -> &'static str {
        match self.id.as_str() {
            "portal" => "https://portal.example/callback",
            "second" => "https://second.example/callback",
            _ => "http://127.0.0.1/callback",
        }
    }

    /// The address of an authorization request, with parameters added or, if empty, left out.
    pub fn authorize_path(&self, more: &[(&str, &str)]) -> String {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER));
        let mut params: Vec<(&str, &str)> = vec![
            ("client_id", &self.id),
            ("redirect_uri", self.redirect_uri()),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "the-state"),
            ("nonce", "the-nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        params.retain(|(name, _)| !more.iter().any(|(n, _)| n == name));
        params.extend(more.iter().filter(|(_, v)| !v.is_empty()));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        format!("/authorize?{query}")
    }

    /// Sends a browser to authorize.
    pub async fn authorize(&self, browser: &Browser, more: &[(&str, &str)]) -> Page {
        browser.get(&self.authorize_path(more)).await
    }

    /// A whole authorization with a sign-in: the code.
    pub async fn code(&self, browser: &Browser, name: &str, password: &str) -> String {
        self.code_with(browser, (name, password), &[]).await
    }

    /// The same with parameters of one's own.
    pub async fn code_with(&self, browser: &Browser, (name, password): (&str, &str), more: &[(&str, &str)]) -> String {
        let page = self.authorize(browser, more).await;
        let request = page.param("r").unwrap_or_else(|| panic!("to sign-in: {} {}", page.status, page.location()));
        let page = browser.try_sign_in(Some(&request), name, password).await;
        assert!(page.location().starts_with("/authorize/resume"), "{} {}", page.status, page.text());
        let page = browser.get(&page.location()).await;
        page.param("code").unwrap_or_else(|| panic!("a code: {} {} {}", page.status, page.location(), page.text()))
    }

    /// Sends a form to the token endpoint, authenticated as registered.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Tokens {
        let mut fields: Vec<(&str, &str)> = fields.to_vec();
        let mut request = self.http.post(format!("{}/token", self.issuer));
        match (&self.secret, self.id.as_str()) {
            (Some(secret), "second") => fields.extend([("client_id", "second"), ("client_secret", secret)]),
            (Some(secret), id) => request = request.basic_auth(id, Some(secret)),
            (None, id) => fields.push(("client_id", id)),
        }
        let answer = request.form(&fields).send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        Tokens { status, headers, body: answer.json().await.unwrap_or(Value::Null) }
    }

    /// Exchanges a code.
    pub async fn exchange(&self, code: &str) -> Tokens {
        let uri = self.redirect_uri();
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", uri),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    /// Signs somebody in and gets tokens.
    pub async fn tokens(&self, browser: &Browser, name: &str, password: &str) -> Tokens {
        let code = self.code(browser, name, password).await;
        let tokens = self.exchange(&code).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
        tokens
    }

    /// Exchanges a code, if there is a whole answer.
    pub async fn try_exchange(&self, code: &str) -> Option<Tokens> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri()),
            ("code_verifier", VERIFIER),
        ];
        self.try_token(&fields).await
    }

    /// Refreshes, if there is a whole answer.
    pub async fn try_refresh(&self, token: &str) -> Option<Tokens> {
        self.try_token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn try_token(&self, fields: &[(&str, &str)]) -> Option<Tokens> {
        let request = self.http.post(format!("{}/token", self.issuer)).basic_auth(&self.id, self.secret.as_ref());
        let answer = request.form(&fields).send().await.ok()?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Some(Tokens { status, headers, body: answer.json().await.ok()? })
    }

    /// Refreshes.
    pub async fn refresh(&self, token: &str) -> Tokens {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Asks who somebody is.
    pub async fn userinfo(&self, access_token: &str) -> Tokens {
        let request = self.http.get(format!("{}/userinfo", self.issuer)).bearer_auth(access_token);
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        Tokens { status, headers, body: answer.json().await.unwrap_or(Value::Null) }
    }
}
