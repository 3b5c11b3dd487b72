//! What a program sends.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

use super::fields::LONGEST_FORM;
use crate::web::problem::oauth;

/// The headers and the form.
///
/// # Errors
/// The answer to give instead: it is too long, or broke off.
pub async fn received(mut request: Request) -> Result<(HeaderMap, Bytes), Response> {
    DefaultBodyLimit::max(LONGEST_FORM).apply(&mut request);
    let headers = std::mem::take(request.headers_mut());
    match Bytes::from_request(request, &()).await {
        Ok(body) => Ok((headers, body)),
        Err(refused) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(oauth::too_large()),
        Err(refused) => Err(refused.into_response()),
    }
}
