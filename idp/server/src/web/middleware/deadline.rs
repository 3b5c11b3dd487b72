//! A body that drips in doesn't keep its connection.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::serve::BodyDeadline;

/// Answers 408 if the request isn't done in time, and ends the connection: what is left of the body would be read as
/// the next request.
pub async fn keep(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let Some(BodyDeadline(within)) = request.extensions().get().copied() else { return next(request).await };
    match tokio::time::timeout(within, next(request)).await {
        Ok(response) => response,
        Err(_late) => {
            let mut response = StatusCode::REQUEST_TIMEOUT.into_response();
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}
