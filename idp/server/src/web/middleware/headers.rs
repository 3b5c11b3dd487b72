//! Headers on every answer, errors included.

use std::sync::LazyLock;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Version, header};

use crate::web::App;

/// The policy of pages. A form's answer may lead to a client's address.
pub fn content_security_policy(answer_origin: Option<&str>) -> String {
    let answer = answer_origin.map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{answer}; \
         require-trusted-types-for 'script'"
    )
}

/// The policy of everything that leads nowhere else.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    HeaderValue::from_str(&content_security_policy(None)).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Adds what isn't there. Nothing is stored by default: pages and tokens must not stay in a shared cache.
pub fn complete(headers: &mut HeaderMap, secure: bool) {
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| POLICY.clone());
    if secure {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

/// So that nobody sends his next request on a connection that we are about to close. (HTTP/2 has its own word for
/// that.)
pub fn last_word(app: &App, version: Version, headers: &mut HeaderMap) {
    if version <= Version::HTTP_11 && app.is_stopping() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// Adds them to what comes out.
pub async fn add(app: &App, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let version = request.version();
    let mut response = next(request).await;
    last_word(app, version, response.headers_mut());
    complete(response.headers_mut(), app.public().secure);
    response
}
