//! Where browsers and password managers find the pages that they lead people to.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use crate::web::App;

/// Where passkeys are made and looked after (Passkey Endpoints, section 4).
pub async fn passkeys(State(app): State<App>) -> Response {
    let page = format!("{}/account/security", app.cx().settings.issuer);
    Json(json!({ "enroll": page, "manage": page })).into_response()
}

/// Where a password is changed (Change Password URL, section 3).
pub async fn change_password() -> Redirect {
    Redirect::to("/account/settings#password")
}
