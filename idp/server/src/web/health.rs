//! Is the process alive, and can it work? On a listener of its own, for the operator's machines only.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::json;

use crate::web::App;

/// The management listener's routes.
pub fn router(app: App) -> Router {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready)).with_state(app)
}

/// The process answers. A dead database must not make a supervisor restart it.
async fn live() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// The database answers, there are keys to sign with, and we are not about to stop.
async fn ready(State(app): State<App>) -> Response {
    let (found, stopping) = (idp_service::health::readiness(app.cx()).await, app.is_stopping());
    let status = if found.is_ready() && !stopping { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "database": found.database, "keys": found.keys, "stopping": stopping }))).into_response()
}
