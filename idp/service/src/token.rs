//! The token endpoint.
//!
//! What each costs, beyond a cached client: a code exchange is one write (four statements) and one signature; a refresh
//! is one write (three statements, four where a refresh is activity) and one signature. `tests/it/work.rs` counts them.

mod exchange;
mod refresh;

use std::sync::Arc;

use idp_core::audit::AuditEvent;
use idp_core::ids::{FamilyId, GrantId};
use idp_core::oidc::client::{Client, ClientCredentials, authenticates};
use idp_core::oidc::error::TokenError;
use idp_core::oidc::id_token;
use idp_core::oidc::scope::{Scope, Scopes};
use idp_core::oidc::token::authorization_code::CodeRequest;
use idp_core::oidc::token::{ACCESS_LIFE, AccessToken, Grant};
use idp_core::secret::{Secret, TokenHash};
use idp_core::session::Session;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal::Purpose;
use idp_store::ephemeral::Budget;
use idp_store::grants::Held;
use idp_store::{StoreError, Write};

use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::visitor::Visitor;

/// Wrong secrets for one client from one network. After them the right one has to wait there, too: else guessing had no
/// end.
const WRONG_SECRETS: Budget = Budget { most: 100, window: Lifetime::minutes(5) };

/// What a client asks for, with what.
#[derive(Debug)]
pub enum TokenRequest {
    /// With a code.
    Code {
        /// The code.
        code: Secret<String>,
        /// What has to fit it.
        request: CodeRequest,
    },
    /// With a refresh token.
    Refresh {
        /// The token.
        token: Secret<String>,
        /// Fewer scopes, if the client wants fewer.
        scope: Option<String>,
    },
}

/// What a client gets (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
#[derive(Debug)]
pub struct Tokens {
    /// For our own endpoints.
    pub access_token: Secret<String>,
    /// For the next time.
    pub refresh_token: Secret<String>,
    /// Who signed in.
    pub id_token: Secret<String>,
    /// Seconds.
    pub expires_in: i64,
    /// What was granted.
    pub scope: String,
}

/// What a client is told.
#[derive(Debug)]
pub enum Answer {
    /// Tokens.
    Tokens(Box<Tokens>),
    /// A refusal.
    Refused(TokenError),
    /// Too many wrong secrets from that network; not before then.
    TooMany(Timestamp),
}

/// A client asks for tokens.
///
/// # Errors
/// If it can't be answered now.
pub async fn tokens(
    cx: &Ctx,
    visitor: &Visitor,
    credentials: ClientCredentials,
    request: TokenRequest,
) -> Result<Answer, ServiceError> {
    let grant = match request {
        TokenRequest::Code { .. } => "authorization_code",
        TokenRequest::Refresh { .. } => "refresh_token",
    };
    let answer = decide(cx, visitor, credentials, request).await;
    let outcome = match &answer {
        Ok(Answer::Tokens(_)) => "tokens",
        Ok(Answer::Refused(_)) => "refused",
        Ok(Answer::TooMany(_)) => "too_many",
        Err(_cause) => "unavailable",
    };
    metrics::counter!("idp_tokens_total", "grant" => grant, "outcome" => outcome).increment(1);
    answer
}

async fn decide(
    cx: &Ctx,
    visitor: &Visitor,
    credentials: ClientCredentials,
    request: TokenRequest,
) -> Result<Answer, ServiceError> {
    let now = cx.clock.now();
    let known = cx.client(&credentials.client_id).await?;
    let name = known.as_ref().map_or("", |client| &client.client_id);
    let budget = format!("client:{name}:{}", visitor.network());
    if let Some(until) = cx.ephemeral.spent_here(&budget, WRONG_SECRETS, now) {
        return Ok(Answer::TooMany(until));
    }
    let Some(client) = known.clone().filter(|c| authenticates(c, &credentials)) else {
        // Who shows no secret guesses none: naming a client is not enough to keep it out.
        let guesses = credentials.secret.is_some();
        let budget = if guesses { budget } else { format!("no secret:{}", visitor.network()) };
        let budget = cx.ephemeral.take(&budget, WRONG_SECRETS, now).await;
        if let (Ok(()), Some(client)) = (&budget, known) {
            note_wrong_secret(cx, visitor, &client, now).await?;
        }
        return Ok(budget.map_or_else(Answer::TooMany, |()| Answer::Refused(TokenError::InvalidClient)));
    };
    match request {
        TokenRequest::Code { code, request } => exchange::exchange(cx, client, (&code, request), now).await,
        TokenRequest::Refresh { token, scope } => refresh::refresh(cx, client, (&token, scope), now).await,
    }
}

/// Somebody said he was a client and couldn't show it. As many rows as the budget lets through.
async fn note_wrong_secret(cx: &Ctx, visitor: &Visitor, client: &Client, now: Timestamp) -> Result<(), ServiceError> {
    let scribe = Scribe::new(cx, now)?.from(visitor.address.to_string());
    let (tenant, event) = (client.tenant, AuditEvent::ClientRefused { client: client.key });
    Ok(cx.store.write(move |w| scribe.begin().add(w, tenant, event.clone())).await?)
}

/// A refresh token: the line it belongs to, and 32 random bytes.
fn refresh_text(family: FamilyId, random: &[u8; 32]) -> Secret<String> {
    let bytes = [family.bytes().as_slice(), random].concat();
    Secret::new(format!("sbr_{}", data_encoding::BASE64URL_NOPAD.encode(&bytes)))
}

/// The line that a refresh token says it belongs to, and its digest.
fn read_refresh(text: &str) -> Option<(FamilyId, TokenHash)> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.strip_prefix("sbr_")?.as_bytes()).ok()?;
    let family = bytes.first_chunk::<16>().filter(|_| bytes.len() == 48)?;
    Some((FamilyId::from_bytes(*family), TokenHash::of(text)))
}

/// What follows from a grant that counts, once the commit has happened: nobody waits for a signature in a transaction.
struct Issue {
    grant: Grant,
    nonce: Option<String>,
    scope: String,
    refresh_token: Secret<String>,
}

fn issue(cx: &Ctx, client: &Arc<Client>, issue: Issue, now: Timestamp) -> Result<Answer, ServiceError> {
    let claims = id_token::claims(&cx.settings.issuer, client, &issue.grant, issue.nonce.as_deref(), now);
    let id_token = cx.keys.sign(client.algorithm, "JWT", &claims, now)?;
    let access = AccessToken {
        grant: issue.grant.id,
        access_epoch: issue.grant.access_epoch,
        scope: issue.scope.clone(),
        expires_at: now + ACCESS_LIFE,
    };
    Ok(Answer::Tokens(Box::new(Tokens {
        access_token: seal_access(cx, &access)?,
        refresh_token: issue.refresh_token,
        id_token: Secret::new(id_token),
        expires_in: ACCESS_LIFE.as_seconds(),
        scope: issue.scope,
    })))
}

fn seal_access(cx: &Ctx, token: &AccessToken) -> Result<Secret<String>, ServiceError> {
    let plain = serde_json::to_vec(token)?;
    Ok(Secret::new(format!("sba_{}", cx.sealer.seal_text(Purpose::Access, b"", &plain, &cx.random)?)))
}

/// Opens an access token of ours. Whether what it stands for still counts is for the rows to say.
pub(crate) fn open_access(cx: &Ctx, text: &str, now: Timestamp) -> Option<AccessToken> {
    let plain = cx.sealer.open_text(Purpose::Access, b"", text.strip_prefix("sba_")?).ok()?;
    let token: AccessToken = serde_json::from_slice(&plain).ok()?;
    let is_good = !token.expires_at.reached(now) && !token.expires_at.is_ahead(now + ACCESS_LIFE);
    is_good.then_some(token)
}

/// May this grant still give anything? It has to count itself; without `offline_access` its session has to be live too.
/// The session is held, so that a sign-out either came before, or comes after and ends what is given here.
fn still_counts(w: &mut Write<'_>, held: &Held, now: Timestamp) -> Result<Option<Standby>, StoreError> {
    if !held.counts() {
        return Ok(None);
    }
    if Scopes::read(&held.grant.scope).has(Scope::OfflineAccess) {
        return Ok(Some(Standby::Alone));
    }
    let session = idp_store::sessions::hold(w, held.grant.session)?;
    Ok(session.filter(|s| s.is_live(now)).map(|s| Standby::Session(Box::new(s))))
}

/// What stands behind a grant that counts.
enum Standby {
    /// Nothing: it outlives its session.
    Alone,
    /// Its session.
    Session(Box<Session>),
}

/// A code or refresh token came twice: everything that hangs on its grant is dead from here on.
fn revoke(w: &mut Write<'_>, grant: GrantId, now: Timestamp) -> Result<bool, StoreError> {
    idp_store::grants::revoke(w, grant, now)
}
