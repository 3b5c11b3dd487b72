//! What is fetched with a code or a refresh token. Not here: where sessions are kept, what pages say.

use std::time::SystemTime;

use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    AuthorizationCode, OAuth2TokenResponse, PkceCodeVerifier, RefreshToken, TokenResponse, UserInfoError,
};

use crate::config::{Secret, Settings};
use crate::flow::Flow;
use crate::id_token::Expected;
use crate::oidc::{IdTokenClaims, TokenAnswer, TokenError, UserInfo};
use crate::provider::{Document, Provider, Unavailable, chain};
use crate::session::{Person, Session, Tokens};

/// Why a code did not become a session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    /// Worth trying again.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The provider said no, or what it said does not hold; the text is for the log.
    #[error("{0}")]
    Failed(String),
}

/// Why a session has no new tokens.
#[derive(Debug)]
pub(crate) enum RefreshError {
    /// The provider ended the session.
    Ended,
    /// Nothing is known: the provider did not answer.
    Unreachable,
}

impl Provider {
    /// Turns a code into the person and their tokens (OpenID Connect Core sections 3.1.3 and 5.3).
    pub(crate) async fn sign_in(
        &self,
        settings: &Settings,
        code: String,
        flow: &Flow,
        now: SystemTime,
    ) -> Result<(Person, Tokens), SignInError> {
        let document = self.document(now).await?;
        let answer = self.redeem(&document, code, flow).await?;
        let id_token = answer.id_token().ok_or_else(|| SignInError::Failed("the answer has no ID token".to_owned()))?;
        let access_token = answer.access_token();
        let expected = Expected { nonce: Some(&flow.nonce), max_age: flow.max_age, access_token };
        let verdict = self.verified((settings, &document), id_token, &expected, now).await;
        let claims = verdict.map_err(|error| SignInError::Failed(format!("ID token: {error}")))?;
        let info = self.user_info(&document, &answer, &claims).await?;
        let tokens = Tokens {
            refresh: answer.refresh_token().map(|token| Secret::new(token.secret())),
            id_token: Secret::new(id_token.to_string()),
        };
        Ok((person(&claims, info.as_ref()), tokens))
    }

    async fn redeem(&self, document: &Document, code: String, flow: &Flow) -> Result<TokenAnswer, SignInError> {
        let request = document
            .client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| SignInError::Failed(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.secret().clone()));
        request.request_async(self.transport()).await.map_err(|error| match error {
            TokenError::Request(error) => unavailable(&error),
            error @ (TokenError::ServerResponse(_) | TokenError::Parse(..) | TokenError::Other(_)) => {
                SignInError::Failed(format!("token endpoint: {}", chain(&error)))
            }
        })
    }

    /// Asks for the claims that the ID token leaves out; nothing where the provider has no such endpoint.
    async fn user_info(
        &self,
        document: &Document,
        answer: &TokenAnswer,
        claims: &IdTokenClaims,
    ) -> Result<Option<UserInfo>, SignInError> {
        let Ok(request) = document.client.user_info(answer.access_token().clone(), Some(claims.subject().clone()))
        else {
            return Ok(None);
        };
        let answer = request.request_async(self.transport()).await;
        let info = answer.map_err(|error| {
            if matches!(error, UserInfoError::Request(_)) {
                return unavailable(&error);
            }
            SignInError::Failed(format!("UserInfo: {}", chain(&error)))
        })?;
        Ok(Some(info))
    }

    /// Asks whether the session still lives, and gets its new tokens.
    pub(crate) async fn refresh(
        &self,
        settings: &Settings,
        session: &Session,
        now: SystemTime,
    ) -> Result<Tokens, RefreshError> {
        let Some(old) = &session.tokens.refresh else {
            return Err(RefreshError::Unreachable); // nothing to ask with: the same rule as for a provider that is down
        };
        let document = self.document(now).await.map_err(|Unavailable| RefreshError::Unreachable)?;
        let token = RefreshToken::new(old.reveal().to_owned());
        let request = document.client.exchange_refresh_token(&token).map_err(|error| {
            tracing::error!(%error, "no session can be refreshed");
            RefreshError::Unreachable
        })?;
        let answer = request.request_async(self.transport()).await.map_err(|error| refusal(&error))?;
        let id_token = match answer.id_token() {
            None => session.tokens.id_token.clone(),
            Some(id_token) => {
                let expected = Expected { nonce: None, max_age: None, access_token: answer.access_token() };
                match self.verified((settings, &document), id_token, &expected, now).await {
                    // Section 12.2: the same person, or it is not this session.
                    Ok(claims) if claims.subject().as_str() == session.person.subject => {
                        Secret::new(id_token.to_string())
                    }
                    verdict => {
                        tracing::error!(error = ?verdict.err(), "a refresh brought an ID token that does not fit its session");
                        return Err(RefreshError::Ended);
                    }
                }
            }
        };
        let refresh = answer.refresh_token().map_or_else(|| old.clone(), |token| Secret::new(token.secret()));
        Ok(Tokens { refresh: Some(refresh), id_token })
    }
}

fn unavailable(error: &dyn std::error::Error) -> SignInError {
    tracing::warn!(error = %chain(error), "the provider did not answer during a sign-in");
    SignInError::Unavailable(Unavailable)
}

/// Only `invalid_grant` says something about the session (RFC 6749 section 5.2); a wrong secret or a broken answer does
/// not.
fn refusal(error: &TokenError) -> RefreshError {
    match error {
        TokenError::ServerResponse(answer) if *answer.error() == CoreErrorResponseType::InvalidGrant => {
            RefreshError::Ended
        }
        TokenError::ServerResponse(_) | TokenError::Request(_) | TokenError::Parse(..) | TokenError::Other(_) => {
            tracing::warn!(error = %chain(error), "a session could not be refreshed");
            RefreshError::Unreachable
        }
    }
}

/// The person as `UserInfo` tells, and as the ID token does where that says nothing.
fn person(claims: &IdTokenClaims, info: Option<&UserInfo>) -> Person {
    let told = info.and_then(UserInfo::name).or_else(|| claims.name()).and_then(|name| name.get(None));
    let username = info.and_then(UserInfo::preferred_username).or_else(|| claims.preferred_username());
    let email = info.and_then(UserInfo::email).or_else(|| claims.email());
    let more = claims.additional_claims();
    let mut others = more.others.clone();
    if let Some(info) = info {
        others.extend(info.additional_claims().others.clone());
    }
    Person {
        subject: claims.subject().as_str().to_owned(),
        sid: more.sid.clone(),
        name: told.map(|name| name.as_str().to_owned()),
        username: username.map(|name| name.as_str().to_owned()),
        email: email.map(|email| email.as_str().to_owned()),
        claims: others,
    }
}
