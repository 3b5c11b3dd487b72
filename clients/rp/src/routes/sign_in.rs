//! Sends the person to the provider (OpenID Connect Core section 3.1.2.1). Not here: their return.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderValue, header};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow};
use openidconnect::{CsrfToken, LanguageTag, LoginHint, Nonce, PkceCodeChallenge, Scope};
use serde::Deserialize;
use url::Url;

use crate::flow::Flow;
use crate::local_path::LocalPath;
use crate::oidc::Client;
use crate::pages::{Notice, answer};
use crate::provider::Unavailable;
use crate::rp::Rp;

/// What a link to `/sign-in` may ask for.
#[derive(Debug, Default, Deserialize)]
struct Wishes {
    return_to: Option<String>,
    ui_locales: Option<String>,
    login_hint: Option<String>,
    prompt: Option<String>,
    max_age: Option<u64>,
    tenant: Option<String>,
}

/// `GET /sign-in`. Wishes that make no sense are left out: the worst outcome is a sign-in that asks once more.
pub(super) async fn start(State(rp): State<Rp>, parts: Parts) -> Response {
    let wishes = Query::<Wishes>::try_from_uri(&parts.uri).map(|Query(wishes)| wishes).unwrap_or_default();
    let return_to = wishes.return_to.as_deref().and_then(LocalPath::parse).filter(|path| !path.is_ours());
    let return_to = return_to.unwrap_or_else(LocalPath::root);
    let wants_new = wishes.prompt.is_some() || wishes.max_age.is_some();
    if !wants_new && matches!(rp.current(&parts.headers).await, Ok(Some(_))) {
        return Redirect::to(return_to.as_str()).into_response();
    }
    redirect(&rp, &parts, wishes, return_to).await.unwrap_or_else(|Unavailable| {
        let retry = parts.uri.path_and_query().and_then(|path| LocalPath::parse(path.as_str()));
        let retry = retry.or_else(|| LocalPath::parse("/sign-in")).unwrap_or_else(LocalPath::root);
        answer(rp.pages(), &Notice::ProviderUnavailable { retry }, &parts)
    })
}

async fn redirect(rp: &Rp, parts: &Parts, mut wishes: Wishes, return_to: LocalPath) -> Result<Response, Unavailable> {
    let now = rp.now();
    let document = rp.provider().document(now).await?;
    wishes.ui_locales = wishes.ui_locales.or_else(|| rp.pages().ui_locales(parts));
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let scopes = rp.settings().config.scopes.clone();
    let (url, state, nonce) = authorization_url(&document.client, &wishes, scopes, challenge);
    let flow = Flow { nonce, verifier, started_at: now, max_age: wishes.max_age.map(Duration::from_secs), return_to };
    let mut response = Redirect::to(url.as_str()).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    flow.keep(state.secret(), rp.cookies(), &parts.headers, response.headers_mut());
    Ok(response)
}

fn authorization_url(
    client: &Client,
    wishes: &Wishes,
    scopes: Vec<String>,
    challenge: PkceCodeChallenge,
) -> (Url, CsrfToken, Nonce) {
    let scopes = scopes.into_iter().filter(|scope| scope != "openid").map(Scope::new); // openidconnect adds `openid`
    let mut request = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(scopes)
        .set_pkce_challenge(challenge);
    for language in languages(wishes.ui_locales.as_deref()) {
        request = request.add_ui_locale(language);
    }
    if let Some(hint) = wishes.login_hint.as_ref().filter(|hint| !hint.is_empty() && hint.len() <= 256) {
        request = request.set_login_hint(LoginHint::new(hint.clone()));
    }
    if let Some(prompt) = wishes.prompt.as_deref().and_then(prompt) {
        request = request.add_prompt(prompt);
    }
    if let Some(max_age) = wishes.max_age {
        request = request.set_max_age(Duration::from_secs(max_age));
    }
    if let Some(tenant) = wishes.tenant.as_ref().filter(|tenant| is_tenant_code(tenant)) {
        request = request.add_extra_param("tenant", tenant.clone());
    }
    request.url()
}

/// At most five language tags; others than letters, digits and hyphens are no tags.
fn languages(text: Option<&str>) -> impl Iterator<Item = LanguageTag> {
    let is_tag = |tag: &&str| tag.len() <= 35 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.unwrap_or_default().split_ascii_whitespace().filter(is_tag).take(5).map(|tag| LanguageTag::new(tag.to_owned()))
}

fn prompt(text: &str) -> Option<CoreAuthPrompt> {
    match text {
        "none" => Some(CoreAuthPrompt::None),
        "login" => Some(CoreAuthPrompt::Login),
        "consent" => Some(CoreAuthPrompt::Consent),
        "select_account" => Some(CoreAuthPrompt::SelectAccount),
        _ => None,
    }
}

/// A company's code, as it stands in user names.
fn is_tenant_code(text: &str) -> bool {
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= 64 && text.bytes().all(is_code)
}
