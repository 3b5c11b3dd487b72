//! A panic is a defect of ours. It costs one request, not the connection and whoever else is on it.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use idp_service::error::ServiceError;

use crate::web::App;
use crate::web::middleware::browser::Browser;
use crate::web::problem::oauth;
use crate::web::problem::page::Problem;

/// Answers with a page where a browser was recognised, else with JSON. Where it happened is in the log by then.
pub async fn catch(app: &App, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let browser = request.extensions().get::<Browser>().cloned();
    if let Ok(response) = AssertUnwindSafe(next(request)).catch_unwind().await {
        return response;
    }
    let cause = "a handler panicked".to_owned();
    match browser {
        Some(browser) => Problem::Broken(cause).answer(app, &browser).await,
        None => oauth::unanswered(&ServiceError::Broken(cause)),
    }
}

/// `IDP_TESTING_PANIC` names the paths at which a test build has a defect.
///
/// # Panics
/// There.
#[cfg(feature = "testing")]
pub fn make_if_told(request: &Request) {
    use std::sync::LazyLock;
    static AT: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("IDP_TESTING_PANIC").ok());
    let Some(at) = AT.as_deref() else { return };
    assert!(at.split(',').all(|path| path.is_empty() || path != request.uri().path()), "as told");
}

/// In every other build defects are not made on purpose.
#[cfg(not(feature = "testing"))]
pub fn make_if_told(_request: &Request) {}
