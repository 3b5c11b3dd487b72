//! The checks, in the order in which the answer changes its way: first where to answer, then what.

use crate::oidc::authorize::{AuthorizationParams, CodeChallenge, Prompts};
use crate::oidc::client::Client;
use crate::oidc::error::ErrorCode;
use crate::oidc::redirect_uri::RedirectUri;
use crate::oidc::scope::{Scope, Scopes};
use crate::time::Lifetime;

/// A request that can be answered. It has no other constructor than [`validate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Where the answer goes.
    pub redirect_uri: RedirectUri,
    /// True if the client named it: then the token request has to name it too.
    pub redirect_uri_given: bool,
    /// What the client gets to know.
    pub scopes: Scopes,
    /// Returned as it came.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// The challenge.
    pub challenge: Option<CodeChallenge>,
    /// What the person has to be asked.
    pub prompts: Prompts,
    /// How old a sign-in may be.
    pub max_age: Option<Lifetime>,
    /// Who is probably meant.
    pub login_hint: Option<String>,
    /// Does the client wish for two factors (OpenID Connect Core section 3.1.2.1, `acr_values`)?
    pub wants_multi: bool,
    /// An ID token of the person who is meant.
    pub id_token_hint: Option<String>,
}

/// Why a request can't be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizeError {
    /// It isn't safe to send anybody anywhere: the person sees a page (RFC 6749 section 4.1.2.1).
    Page(&'static str),
    /// The client is told.
    Redirect(Box<Redirected>),
}

/// An error on its way to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirected {
    /// Where to.
    pub uri: RedirectUri,
    /// Returned as it came, unless it came twice.
    pub state: Option<String>,
    /// What.
    pub code: ErrorCode,
    /// A sentence for the client's developer.
    pub description: &'static str,
}

type Refused = (ErrorCode, &'static str);

/// Checks a request against the client it names.
///
/// # Errors
/// The first rule that the request breaks.
pub fn validate(params: &AuthorizationParams, client: &Client) -> Result<AuthorizationRequest, AuthorizeError> {
    let redirect_uri = check_redirect_uri(params, client)?; // RFC 9700 section 2.1: exact match; before it, no redirect
    let refuse = |(code, description): Refused| {
        AuthorizeError::Redirect(Box::new(Redirected {
            uri: redirect_uri.clone(),
            state: params.unambiguous("state").filter(|s| !s.chars().any(char::is_control)).map(str::to_owned),
            code,
            description,
        }))
    };
    check_form(params).map_err(refuse)?;
    check_response_type(params).map_err(refuse)?;
    let scopes = check_scope(params, client).map_err(refuse)?;
    let challenge = check_pkce(params, client).map_err(refuse)?;
    let prompts = Prompts::read(params.get("prompt"))
        .ok_or((ErrorCode::InvalidRequest, "prompt is none alone, or some of login, select_account, consent"))
        .map_err(refuse)?;
    let max_age = check_max_age(params).map_err(refuse)?;
    let text = |name| params.get(name).map(str::to_owned);
    Ok(AuthorizationRequest {
        redirect_uri_given: params.get("redirect_uri").is_some(),
        scopes,
        state: text("state"),
        nonce: text("nonce"),
        challenge,
        prompts,
        max_age,
        login_hint: text("login_hint"),
        wants_multi: params.wants_multi(),
        id_token_hint: text("id_token_hint"),
        redirect_uri,
    })
}

fn check_redirect_uri(params: &AuthorizationParams, client: &Client) -> Result<RedirectUri, AuthorizeError> {
    if !client.enabled || params.unambiguous("client_id") != Some(&client.client_id) {
        return Err(AuthorizeError::Page("client_id comes twice, or the client is switched off"));
    }
    match (params.get("redirect_uri"), client.redirect_uris.as_slice()) {
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(AuthorizeError::Page("redirect_uri is missing and the client has more than one")),
        (Some(given), registered) => params
            .unambiguous("redirect_uri")
            .and_then(|_| registered.iter().find(|r| r.as_str() == given))
            .cloned()
            .ok_or(AuthorizeError::Page("redirect_uri is not one that the client registered")),
    }
}

fn check_form(params: &AuthorizationParams) -> Result<(), Refused> {
    if params.has_doubled() {
        return Err((ErrorCode::InvalidRequest, "a parameter comes twice")); // RFC 6749 section 3.1
    }
    if params.has_unfit_text() {
        return Err((
            ErrorCode::InvalidRequest,
            "a parameter is longer than 2048 bytes, holds control characters, or is no UTF-8",
        ));
    }
    if params.get("request").is_some() {
        return Err((ErrorCode::RequestNotSupported, "send the parameters themselves instead of request"));
    }
    if params.get("request_uri").is_some() {
        return Err((ErrorCode::RequestUriNotSupported, "send the parameters themselves instead of request_uri"));
    }
    Ok(())
}

fn check_response_type(params: &AuthorizationParams) -> Result<(), Refused> {
    match params.get("response_type") {
        None => return Err((ErrorCode::InvalidRequest, "response_type is missing; use code")),
        Some("code") => {}
        Some(_) => return Err((ErrorCode::UnsupportedResponseType, "only response_type=code is served")),
    }
    match params.get("response_mode") {
        None | Some("query") => Ok(()),
        Some(_) => Err((ErrorCode::InvalidRequest, "only response_mode=query is served")),
    }
}

/// What the client may not have is dropped (RFC 6749 section 3.3 leaves that to us); without `openid` it isn't our
/// protocol.
fn check_scope(params: &AuthorizationParams, client: &Client) -> Result<Scopes, Refused> {
    let scopes = Scopes::read(params.get("scope").unwrap_or("")).common(&client.scopes);
    if scopes.has(Scope::OpenId) { Ok(scopes) } else { Err((ErrorCode::InvalidScope, "scope has to hold openid")) }
}

/// S256, or nothing where the client may go without (RFC 7636 section 4.4.1, RFC 9700 section 2.1.1).
fn check_pkce(params: &AuthorizationParams, client: &Client) -> Result<Option<CodeChallenge>, Refused> {
    match (params.get("code_challenge"), params.get("code_challenge_method")) {
        (None, None) if !client.needs_pkce() => Ok(None),
        (None, _) => Err((ErrorCode::InvalidRequest, "code_challenge is missing")),
        (Some(text), Some("S256")) => {
            let wrong = (ErrorCode::InvalidRequest, "code_challenge is not the base64url SHA-256 of a verifier");
            CodeChallenge::read(text).map(Some).ok_or(wrong)
        }
        (Some(_), _) => Err((ErrorCode::InvalidRequest, "code_challenge_method has to be S256")),
    }
}

fn check_max_age(params: &AuthorizationParams) -> Result<Option<Lifetime>, Refused> {
    let Some(text) = params.get("max_age") else { return Ok(None) };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let seconds = text.parse::<i64>().ok().filter(|s| digits && *s <= 400 * 86_400);
    seconds
        .map(|s| Some(Lifetime::seconds(s)))
        .ok_or((ErrorCode::InvalidRequest, "max_age is a number of seconds, at most 400 days"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::client::tests::portal;
    use crate::oidc::client::{AuthMethod, Pkce};

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn good() -> Vec<(&'static str, &'static str)> {
        vec![
            ("client_id", "voice"),
            ("redirect_uri", "https://voice.example/callback"),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "s"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
    }

    fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
        let mut pairs = good();
        pairs.retain(|(n, _)| *n != name);
        pairs.push((name, value));
        pairs
    }

    fn run(pairs: &[(&str, &str)]) -> Result<AuthorizationRequest, AuthorizeError> {
        validate(&AuthorizationParams::from_pairs(pairs.iter().copied()), &portal())
    }

    fn code(pairs: &[(&str, &str)]) -> Option<ErrorCode> {
        match run(pairs) {
            Err(AuthorizeError::Redirect(r)) => Some(r.code),
            Err(AuthorizeError::Page(_)) | Ok(_) => None,
        }
    }

    #[test]
    fn a_good_request_passes_and_unknown_parameters_do_not_matter() {
        let mut pairs = good();
        pairs.push(("colour", "blue"));
        pairs.push(("display", "popup"));
        let request = run(&pairs).unwrap();
        assert_eq!(request.scopes.text(), "openid profile");
        assert_eq!(request.state.as_deref(), Some("s"));
    }

    #[test]
    fn an_address_that_is_not_registered_gets_a_page_and_no_redirect() {
        for uri in [
            "https://voice.example/callback/",
            "https://voice.example/callback?x=1",
            "https://evil.example/callback",
            "https://VOICE.example/callback",
            "https://voice.example/callback/../callback",
            "https://voice.example@evil.example/callback",
        ] {
            assert!(matches!(run(&with("redirect_uri", uri)), Err(AuthorizeError::Page(_))), "{uri}");
        }
    }

    #[test]
    fn doubled_parameters_are_never_decided_by_order() {
        let mut twice = good();
        twice.push(("redirect_uri", "https://voice.example/callback"));
        assert!(matches!(run(&twice), Err(AuthorizeError::Page(_))));
        let mut scope = good();
        scope.push(("scope", "openid"));
        assert_eq!(code(&scope), Some(ErrorCode::InvalidRequest));
        let mut state = good();
        state.push(("state", "t"));
        let Err(AuthorizeError::Redirect(told)) = run(&state) else { panic!("redirect expected") };
        assert_eq!(told.state, None);
    }

    #[test]
    fn each_broken_rule_has_its_code() {
        let cases = [
            (with("response_type", ""), ErrorCode::InvalidRequest),
            (with("response_type", "token"), ErrorCode::UnsupportedResponseType),
            (with("response_mode", "fragment"), ErrorCode::InvalidRequest),
            (with("scope", "profile"), ErrorCode::InvalidScope),
            (with("code_challenge", ""), ErrorCode::InvalidRequest),
            (with("code_challenge_method", "plain"), ErrorCode::InvalidRequest),
            (with("code_challenge_method", ""), ErrorCode::InvalidRequest),
            (with("prompt", "none login"), ErrorCode::InvalidRequest),
            (with("max_age", "-1"), ErrorCode::InvalidRequest),
            (with("max_age", "1e400"), ErrorCode::InvalidRequest),
            (with("request", "ey"), ErrorCode::RequestNotSupported),
            (with("request_uri", "https://x.example"), ErrorCode::RequestUriNotSupported),
            (with("nonce", "a\r\nb"), ErrorCode::InvalidRequest),
        ];
        for (pairs, expected) in cases {
            assert_eq!(code(&pairs), Some(expected), "{pairs:?}");
        }
    }

    #[test]
    fn a_confidential_client_may_be_let_off_pkce_but_never_off_s256() {
        let client = Client { pkce: Pkce::Optional, ..portal() };
        let bare: Vec<_> = good().into_iter().filter(|(n, _)| !n.starts_with("code_")).collect();
        assert!(validate(&AuthorizationParams::from_pairs(bare.clone()), &client).is_ok());
        let public = Client { auth_method: AuthMethod::None, ..client };
        assert!(validate(&AuthorizationParams::from_pairs(bare), &public).is_err());
    }

    #[test]
    fn scopes_the_client_may_not_have_are_dropped() {
        let request = run(&with("scope", "openid offline_access admin")).unwrap();
        assert_eq!(request.scopes.text(), "openid");
    }

    #[test]
    fn a_switched_off_client_gets_a_page() {
        let client = Client { enabled: false, ..portal() };
        let params = AuthorizationParams::from_pairs(good());
        assert!(matches!(validate(&params, &client), Err(AuthorizeError::Page(_))));
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics_and_every_redirect_is_registered(pairs in proptest::collection::vec(("(client_id|redirect_uri|scope|state|max_age|prompt)", ".{0,30}"), 0..8)) {
            let mut all: Vec<(String, String)> = pairs;
            all.push(("client_id".into(), "voice".into()));
            if let Err(AuthorizeError::Redirect(r)) = validate(&AuthorizationParams::from_pairs(all), &portal()) {
                proptest::prop_assert!(portal().redirect_uris.contains(&r.uri));
            }
        }
    }
}
