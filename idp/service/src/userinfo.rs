//! The userinfo endpoint: an access token for claims. One joined read, no write, no signature.

use idp_core::oidc::scope::{Scope, Scopes};
use idp_core::oidc::userinfo::{UserInfo, claims};
use idp_store::grants::{Held, Personal};

use crate::context::Ctx;
use crate::error::ServiceError;
use crate::token::open_access;

/// What the client is told.
#[derive(Debug)]
pub enum Answer {
    /// The claims.
    Claims(Box<UserInfo>),
    /// The token is expired, revoked or none of ours.
    InvalidToken,
    /// The token is good for something else.
    InsufficientScope,
}

/// Claims for an access token.
///
/// # Errors
/// If the database can't be read.
pub async fn userinfo(cx: &Ctx, token: &str) -> Result<Answer, ServiceError> {
    let now = cx.clock.now();
    let Some(token) = open_access(cx, token, now) else { return Ok(Answer::InvalidToken) };
    let grant = token.grant;
    let found = cx.store.read(move |r| idp_store::grants::personal(r, grant)).await?;
    let counts = |held: &Held| held.counts() && held.grant.access_epoch == token.access_epoch;
    let Some(Personal { held, account, tenant }) = found.filter(|found| counts(&found.held)) else {
        return Ok(Answer::InvalidToken);
    };
    let scopes = Scopes::read(&token.scope);
    if !scopes.has(Scope::OpenId) {
        return Ok(Answer::InsufficientScope);
    }
    Ok(Answer::Claims(Box::new(claims(held.grant.subject, &account, &tenant, &scopes))))
}
