//! Ends the session here and at the provider (OpenID Connect RP-Initiated Logout 1.0). Not here: logouts that begin
//! there.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use cookie::time::Duration;
use http::request::Parts;
use openidconnect::{ClientId, CsrfToken, EndSessionUrl, LogoutRequest};
use serde::Deserialize;
use url::Url;

use crate::activity::lost;
use crate::cookies;
use crate::local_path::LocalPath;
use crate::oidc::IdToken;
use crate::pages::{Notice, answer};
use crate::provider::Unavailable;
use crate::rp::Rp;
use crate::session::Session;

/// How long the provider's pages may take to come back.
const LIFE: Duration = Duration::minutes(10);

/// `POST /sign-out`. Ends the session here first, so that it is gone even if the provider is out of reach.
pub(super) async fn start(State(rp): State<Rp>, parts: Parts) -> Response {
    if !rp.is_same_origin(&parts.headers) {
        return answer(rp.pages(), &Notice::ForeignRequest { home: LocalPath::root() }, &parts);
    }
    let Ok(ended) = end_here(&rp, &parts).await else {
        return answer(rp.pages(), &Notice::ProviderUnavailable { retry: LocalPath::root() }, &parts);
    };
    let end_session = rp.provider().document(rp.now()).await.ok().and_then(|document| document.end_session.clone());
    let mut response = match end_session {
        None => Redirect::to("/signed-out").into_response(),
        Some(endpoint) => {
            let state = CsrfToken::new_random();
            let url = logout_url(&rp, endpoint, ended.as_ref(), &state);
            let mut response = Redirect::to(url.as_str()).into_response();
            rp.cookies().set(response.headers_mut(), (rp.cookies().farewell(), state.secret()), Some(LIFE));
            response
        }
    };
    rp.cookies().unset(response.headers_mut(), rp.cookies().session());
    response
}

async fn end_here(rp: &Rp, parts: &Parts) -> Result<Option<Session>, Unavailable> {
    match rp.session_key(&parts.headers) {
        Some(key) => rp.sessions().remove(key).await.map_err(lost),
        None => Ok(None),
    }
}

fn logout_url(rp: &Rp, endpoint: EndSessionUrl, ended: Option<&Session>, state: &CsrfToken) -> Url {
    let settings = rp.settings();
    let mut request = LogoutRequest::from(endpoint)
        .set_client_id(ClientId::new(settings.config.client_id.clone()))
        .set_post_logout_redirect_uri(settings.post_logout_redirect_uri.clone())
        .set_state(state.clone());
    // Without a hint (the session here was lost) the provider asks the person, which is right.
    if let Some(hint) = ended.and_then(|session| session.tokens.id_token.reveal().parse::<IdToken>().ok()) {
        request = request.set_id_token_hint(&hint);
    }
    request.http_get_url()
}

#[derive(Debug, Default, Deserialize)]
struct Returned {
    state: Option<String>,
}

/// `GET /signed-out`. Says that the session at the provider ended only if the provider sent the state back.
pub(super) async fn finish(State(rp): State<Rp>, parts: Parts) -> Response {
    if let Ok(Some(_)) = rp.current(&parts.headers).await {
        return Redirect::to("/").into_response(); // whoever has a session is not signed out, whatever the address says
    }
    let returned = Query::<Returned>::try_from_uri(&parts.uri).map(|Query(returned)| returned).unwrap_or_default();
    let kept = cookies::value(&parts.headers, rp.cookies().farewell());
    let at_provider = kept.is_some() && returned.state.as_deref() == kept;
    let mut response = answer(rp.pages(), &Notice::SignedOut { at_provider }, &parts);
    if kept.is_some() {
        rp.cookies().unset(response.headers_mut(), rp.cookies().farewell());
    }
    response
}
