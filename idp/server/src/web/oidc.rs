//! The protocol's endpoints.

pub mod authorize;
pub mod discovery;
pub mod logout;
pub mod token;
pub mod userinfo;

use axum::extract::{Request, State};
use axum::response::Response;

use crate::web::middleware::around_program;
use crate::web::{App, problem};

/// For methods that an endpoint of programs doesn't take.
pub async fn method_not_allowed(State(app): State<App>, request: Request) -> Response {
    around_program(&app, request, async |_| problem::oauth::method_not_allowed()).await
}
