//! Takes the person back from the provider and makes the session. Not here: the checks on tokens.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;

use crate::activity::lost;
use crate::exchange::SignInError;
use crate::flow::Flow;
use crate::local_path::LocalPath;
use crate::pages::{Notice, answer};
use crate::provider::{Document, Unavailable};
use crate::rp::Rp;
use crate::session::{Person, Session, Tokens, new_cookie};

/// The parameters of an authorization response (RFC 6749 section 4.1.2, RFC 9207 section 2).
#[derive(Debug, Default, Deserialize)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    iss: Option<String>,
}

/// `GET /callback`.
pub(super) async fn finish(State(rp): State<Rp>, parts: Parts) -> Response {
    let given = Query::<Answer>::try_from_uri(&parts.uri).map(|Query(given)| given).unwrap_or_default();
    let state = given.state.clone().unwrap_or_default();
    let Some(flow) = Flow::find(&state, rp.cookies(), &parts.headers, rp.now()) else {
        return unknown_flow(&rp, &parts).await;
    };
    let mut response = match sign_in(&rp, &parts, given, &flow).await {
        Ok(response) => response,
        Err(notice) => answer(rp.pages(), &notice, &parts),
    };
    // Whatever came of it, this state is used up.
    rp.cookies().unset(response.headers_mut(), &rp.cookies().flow(&state));
    response
}

/// The page was loaded twice, or the sign-in began long ago or elsewhere. Who is signed in simply goes on.
async fn unknown_flow(rp: &Rp, parts: &Parts) -> Response {
    match rp.current(&parts.headers).await {
        Ok(Some(_)) => Redirect::to("/").into_response(),
        Ok(None) | Err(Unavailable) => {
            answer(rp.pages(), &Notice::SignInExpired { retry: sign_in_path(&LocalPath::root(), None) }, parts)
        }
    }
}

async fn sign_in(rp: &Rp, parts: &Parts, given: Answer, flow: &Flow) -> Result<Response, Notice> {
    let retry = || sign_in_path(&flow.return_to, None);
    let now = rp.now();
    let unavailable = |Unavailable| Notice::ProviderUnavailable { retry: retry() };
    let document = rp.provider().document(now).await.map_err(unavailable)?;
    if !is_from_issuer(rp, &document, &given) {
        tracing::warn!(iss = ?given.iss, "an authorization response from another issuer was refused");
        return Err(Notice::SignInFailed { retry: retry() });
    }
    if let Some(error) = &given.error {
        return Err(refusal(error, given.error_description.as_deref(), flow));
    }
    let code = given.code.ok_or_else(|| Notice::SignInFailed { retry: retry() })?;
    let (person, tokens) =
        rp.provider().sign_in(rp.settings(), code, flow, now).await.map_err(|error| match error {
            SignInError::Unavailable(error) => unavailable(error),
            SignInError::Failed(reason) => {
                tracing::warn!(%reason, "a sign-in failed");
                Notice::SignInFailed { retry: retry() }
            }
        })?;
    let mut response = Redirect::to(flow.return_to.as_str()).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    open_session(rp, parts, (person, tokens), response.headers_mut()).await.map_err(unavailable)?;
    Ok(response)
}

/// A new session under a new cookie; the browser's earlier one ends, so that nobody can plant a cookie beforehand.
async fn open_session(
    rp: &Rp,
    parts: &Parts,
    (person, tokens): (Person, Tokens),
    answer: &mut HeaderMap,
) -> Result<(), Unavailable> {
    let now = rp.now();
    let (cookie, key) = new_cookie().ok_or(Unavailable)?;
    if let Some(earlier) = rp.session_key(&parts.headers) {
        rp.sessions().remove(earlier).await.map_err(lost)?;
    }
    let session = Session { person, tokens, signed_in_at: now, refreshed_at: now };
    rp.sessions().insert(key, session).await.map_err(lost)?;
    rp.cookies().set(answer, (rp.cookies().session(), &cookie), None);
    Ok(())
}

/// RFC 9207 section 2.4: an issuer that is named must be ours, and one that always names itself must do so here.
fn is_from_issuer(rp: &Rp, document: &Document, given: &Answer) -> bool {
    match &given.iss {
        Some(issuer) => issuer == rp.settings().issuer.as_str(),
        None => !document.names_issuer,
    }
}

/// The errors of RFC 6749 section 4.1.2.1 and OpenID Connect Core section 3.1.2.6, as what the person can do about
/// them.
fn refusal(error: &str, description: Option<&str>, flow: &Flow) -> Notice {
    tracing::info!(error, description, "the provider answered a sign-in with an error");
    let retry = sign_in_path(&flow.return_to, None);
    match error {
        "access_denied" => Notice::AccessDenied { retry: sign_in_path(&flow.return_to, Some("select_account")) },
        "temporarily_unavailable" | "server_error" => Notice::ProviderUnavailable { retry },
        _ => Notice::SignInFailed { retry },
    }
}

/// The address that starts a sign-in which ends at `return_to`.
fn sign_in_path(return_to: &LocalPath, prompt: Option<&str>) -> LocalPath {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", return_to.as_str());
    if let Some(prompt) = prompt {
        query.append_pair("prompt", prompt);
    }
    // Too long only where nearly everything in `return_to` had to be escaped; the start page does then.
    LocalPath::parse(&format!("/sign-in?{}", query.finish()))
        .or_else(|| LocalPath::parse("/sign-in"))
        .unwrap_or_else(LocalPath::root)
}
