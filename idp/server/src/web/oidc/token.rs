//! The token endpoint (RFC 6749 section 3.2, OpenID Connect Core section 3.1.3).

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use idp_core::oidc::error::TokenError;
use idp_core::oidc::token::GrantType;
use idp_core::oidc::token::authorization_code::CodeRequest;
use idp_core::secret::Secret;
use idp_service::token::{Answer, TokenRequest, Tokens};
use idp_service::visitor::Visitor;
use serde::Serialize;
use serde_json::json;

use crate::web::App;
use crate::web::extract::client::{credentials, once};
use crate::web::extract::fields::{Pairs, pairs};
use crate::web::extract::program::received;
use crate::web::middleware::{address, around_program};
use crate::web::problem::oauth;

/// A client asks for tokens.
pub async fn post(State(app): State<App>, request: Request) -> Response {
    around_program(&app, request, async |request| give(&app, request).await).await
}

async fn give(app: &App, request: Request) -> Response {
    let address = address::of(app, &request);
    let (headers, body) = match received(request).await {
        Ok(received) => received,
        Err(response) => return response,
    };
    let is_form = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|t| {
        t.split(';').next().is_some_and(|t| t.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    });
    if !is_form {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(json!({ "error": "invalid_request" }))).into_response();
    }
    let form = pairs(&body);
    let (credentials, request) = match read(&headers, &form) {
        Ok(read) => read,
        Err(refused) => return oauth::token(refused),
    };
    let visitor =
        Visitor { address, agent: String::new(), anonymous: String::new(), is_new: true, browser: None, device: None };
    match idp_service::token::tokens(app.cx(), &visitor, credentials, request).await {
        Ok(Answer::Tokens(tokens)) => answer(&tokens),
        Ok(Answer::Refused(refused)) => oauth::token(refused),
        Ok(Answer::TooMany(until)) => {
            let wait = until.since(app.cx().clock.now()).seconds_up();
            oauth::later(StatusCode::TOO_MANY_REQUESTS, "invalid_client", wait)
        }
        Err(error) => oauth::unanswered(&error),
    }
}

type Read = (idp_core::oidc::client::ClientCredentials, TokenRequest);

fn read(headers: &HeaderMap, form: &Pairs) -> Result<Read, TokenError> {
    let credentials = credentials(headers, form)?;
    let request = match GrantType::read(once(form, "grant_type")?)? {
        GrantType::AuthorizationCode => TokenRequest::Code {
            code: Secret::new(needed(form, "code")?),
            request: CodeRequest {
                redirect_uri: once(form, "redirect_uri")?.map(str::to_owned),
                verifier: once(form, "code_verifier")?.map(str::to_owned),
            },
        },
        GrantType::RefreshToken => TokenRequest::Refresh {
            token: Secret::new(needed(form, "refresh_token")?),
            scope: once(form, "scope")?.map(str::to_owned),
        },
    };
    Ok((credentials, request))
}

fn needed(form: &Pairs, name: &str) -> Result<String, TokenError> {
    let value = once(form, name)?.ok_or(TokenError::InvalidRequest("code or refresh_token is missing"))?;
    Ok(value.to_owned())
}

/// The answer (RFC 6749 section 5.1).
#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    token_type: &'a str,
    expires_in: i64,
    refresh_token: &'a str,
    id_token: &'a str,
    scope: &'a str,
}

fn answer(tokens: &Tokens) -> Response {
    Json(Body {
        access_token: tokens.access_token.expose(),
        token_type: "Bearer",
        expires_in: tokens.expires_in,
        refresh_token: tokens.refresh_token.expose(),
        id_token: tokens.id_token.expose(),
        scope: &tokens.scope,
    })
    .into_response()
}
