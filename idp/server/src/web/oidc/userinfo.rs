//! The userinfo endpoint (OpenID Connect Core section 5.3). The token comes in the header, or in the body of a POST
//! (RFC 6750 section 2.1 and 2.2); in a query it would end up in logs, so there it isn't read.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use idp_service::userinfo::Answer;

use crate::web::App;
use crate::web::extract::client::once;
use crate::web::extract::fields::pairs;
use crate::web::extract::program::received;
use crate::web::middleware::around_program;
use crate::web::problem::oauth;

/// By GET.
pub async fn get(State(app): State<App>, request: Request) -> Response {
    let run = async |request: Request| answer(&app, bearer(request.headers())).await;
    around_program(&app, request, run).await
}

/// By POST.
pub async fn post(State(app): State<App>, request: Request) -> Response {
    around_program(&app, request, async |request| posted(&app, request).await).await
}

async fn posted(app: &App, request: Request) -> Response {
    let (headers, body) = match received(request).await {
        Ok(received) => received,
        Err(response) => return response,
    };
    let form = pairs(&body);
    let Ok(sent) = once(&form, "access_token") else {
        return oauth::bearer(StatusCode::BAD_REQUEST, Some("invalid_request"));
    };
    match (bearer(&headers), sent) {
        (Some(_), Some(_)) => oauth::bearer(StatusCode::BAD_REQUEST, Some("invalid_request")),
        (header, body) => answer(app, header.or(body)).await,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

async fn answer(app: &App, token: Option<&str>) -> Response {
    let Some(token) = token else { return oauth::bearer(StatusCode::UNAUTHORIZED, None) };
    match idp_service::userinfo::userinfo(app.cx(), token).await {
        Ok(Answer::Claims(claims)) => Json(claims).into_response(),
        Ok(Answer::InvalidToken) => oauth::bearer(StatusCode::UNAUTHORIZED, Some("invalid_token")),
        Ok(Answer::InsufficientScope) => oauth::bearer(StatusCode::FORBIDDEN, Some("insufficient_scope")),
        Err(error) => oauth::unanswered(&error),
    }
}
