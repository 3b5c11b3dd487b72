//! Is the process alive, can it work, and what has it done? On a listener of its own, for the operator's machines only.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{StatusCode, header};
use serde_json::json;

use crate::telemetry;
use crate::web::App;

/// The management listener's routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(app)
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

/// What Prometheus scrapes. If the database doesn't answer, what is measured without it is told all the same.
async fn metrics(State(app): State<App>) -> Response {
    if let Err(error) = idp_service::gauges::refresh(app.cx()).await {
        tracing::warn!(event = "gauges_stale", %error);
    }
    let text = telemetry::metrics();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
