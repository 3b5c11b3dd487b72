//! What we say about ourselves: metadata and keys. Anybody may read and keep it, from any page. Answers are made in
//! `fast`.

use axum::extract::State;
use axum::http::{HeaderMap, Version};
use axum::response::Response;

use crate::web::middleware::headers;
use crate::web::{App, fast};

/// The metadata (OpenID Connect Discovery section 4, RFC 8414 section 3).
pub async fn get(State(app): State<App>, version: Version, headers: HeaderMap) -> Response {
    answer(&app, (version, &headers), &app.metadata())
}

/// The keys (RFC 7517 section 5).
pub async fn jwks(State(app): State<App>, version: Version, headers: HeaderMap) -> Response {
    answer(&app, (version, &headers), &app.jwks())
}

fn answer(app: &App, (version, asked): (Version, &HeaderMap), document: &fast::Document) -> Response {
    let mut response = fast::document(document, asked);
    headers::last_word(app, version, response.headers_mut());
    response
}
