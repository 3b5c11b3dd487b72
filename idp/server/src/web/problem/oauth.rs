//! Errors for programs: JSON as RFC 6749 section 5.2 and RFC 6750 section 3 want it.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use idp_core::oidc::error::TokenError;
use idp_service::error::ServiceError;
use serde_json::json;

/// A refusal at the token endpoint.
pub fn token(error: TokenError) -> Response {
    let status = if error == TokenError::InvalidClient { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    let body = json!({ "error": error.name(), "error_description": error.description() });
    let mut response = (status, Json(body)).into_response();
    if error == TokenError::InvalidClient {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
    }
    response
}

/// A refusal of an access token; without one there is nothing to say about it (RFC 6750 section 3.1).
pub fn bearer(status: StatusCode, error: Option<&str>) -> Response {
    let challenge = error.map_or_else(|| "Bearer".to_owned(), |e| format!("Bearer error=\"{e}\""));
    let mut response = match error {
        Some(error) => (status, Json(json!({ "error": error }))).into_response(),
        None => status.into_response(),
    };
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// No answer at all: come back later, or a defect of ours.
pub fn unanswered(error: &ServiceError) -> Response {
    match error {
        ServiceError::Busy(cause) => {
            tracing::warn!(event = "unavailable", cause);
            later(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", 3)
        }
        ServiceError::Broken(cause) => {
            tracing::error!(event = "broken", cause);
            (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "error": "server_error" }))).into_response()
        }
    }
}

/// Come back after so many seconds.
pub fn later(status: StatusCode, error: &str, seconds: i64) -> Response {
    let mut response = (status, Json(json!({ "error": error }))).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// For what is longer than anything that makes sense here.
pub fn too_large() -> Response {
    let body = json!({ "error": "invalid_request", "error_description": "The request is too long." });
    (StatusCode::PAYLOAD_TOO_LARGE, Json(body)).into_response()
}

/// For methods that an endpoint doesn't take.
pub fn method_not_allowed() -> Response {
    let body = json!({ "error": "invalid_request", "error_description": "Use the method that this endpoint is documented with." });
    (StatusCode::METHOD_NOT_ALLOWED, Json(body)).into_response()
}
