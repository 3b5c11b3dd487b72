//! Takes logouts that the provider announces from server to server (OpenID Connect Back-Channel Logout 1.0 section
//! 2.5). Not here: the checks on the token.

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use crate::activity::lost;
use crate::logout_token::{Claims, LogoutToken, LogoutTokenError};
use crate::provider::Unavailable;
use crate::rp::Rp;
use crate::session::Whose;

#[derive(Debug, Deserialize)]
pub(super) struct LogoutForm {
    logout_token: String,
}

/// `POST /backchannel-logout`. 200 also when no session was left: the provider has nothing more to do.
pub(super) async fn receive(State(rp): State<Rp>, form: Result<Form<LogoutForm>, FormRejection>) -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    let Ok(Form(form)) = form else {
        return (no_store, refusal("one logout_token in a form is expected")).into_response();
    };
    let ended = match verify(&rp, &form.logout_token).await {
        Ok(Ok(claims)) => end(&rp, &claims).await,
        Ok(Err(error)) => {
            tracing::warn!(%error, "a logout token was refused");
            return (no_store, refusal(&error.to_string())).into_response();
        }
        Err(Unavailable) => Err(Unavailable),
    };
    match ended {
        Ok(()) => (no_store, StatusCode::OK).into_response(),
        // Not 400: the token may be right, and the provider should come again.
        Err(Unavailable) => (no_store, StatusCode::SERVICE_UNAVAILABLE).into_response(),
    }
}

/// The outer error says that nobody can tell, the inner one what is wrong with the token.
async fn verify(rp: &Rp, text: &str) -> Result<Result<Claims, LogoutTokenError>, Unavailable> {
    let token = match LogoutToken::parse(text) {
        Ok(token) => token,
        Err(error) => return Ok(Err(error)),
    };
    let now = rp.now();
    let document = rp.provider().document(now).await?;
    let mut verdict = token.check_signature(rp.settings(), &document.keys);
    if verdict == Err(LogoutTokenError::UnknownKey)
        && let Some(document) = rp.provider().newer_keys(&document, now).await
    {
        verdict = token.check_signature(rp.settings(), &document.keys);
    }
    Ok(verdict.and_then(|()| {
        let claims = token.check_claims(rp.settings(), now)?;
        rp.replays().first_use(&claims, now)?;
        Ok(claims)
    }))
}

async fn end(rp: &Rp, claims: &Claims) -> Result<(), Unavailable> {
    let whose = match (claims.sid.as_deref(), claims.sub.as_deref()) {
        (Some(sid), _) if !sid.is_empty() => Whose::Sid(sid),
        (_, subject) => Whose::Subject(subject.unwrap_or_default()),
    };
    let ended = rp.sessions().end(whose).await.map_err(|error| {
        rp.replays().forget(claims);
        lost(error)
    })?;
    tracing::info!(ended, "the provider announced a logout");
    Ok(())
}

fn refusal(description: &str) -> (StatusCode, Json<serde_json::Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_request", "error_description": description })))
}
