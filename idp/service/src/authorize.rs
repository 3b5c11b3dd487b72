//! The authorization endpoint: a request comes, maybe waits for a sign-in, and is answered with a code.

use std::sync::Arc;

use idp_core::audit::AuditEvent;
use idp_core::ids::{GrantId, RequestId, SessionId, Sid, TenantId};
use idp_core::oidc::authorize::{AuthorizationParams, AuthorizationRequest, AuthorizeError, Redirected, validate};
use idp_core::oidc::client::{Client, Entry};
use idp_core::oidc::error::ErrorCode;
use idp_core::oidc::interaction::{BadHint, Candidate, Hint, Interaction, Situation, decide};
use idp_core::oidc::scope::Scope;
use idp_core::oidc::token::authorization_code::CodePayload;
use idp_core::oidc::token::{CODE_LIFE, Grant};
use idp_core::secret::{Secret, TokenHash, bearer};
use idp_core::session::{ACR_SINGLE, Present};
use idp_core::standing::Epochs;
use idp_core::time::Timestamp;
use idp_store::shares::Share;
use idp_store::{Read, StoreError, Write};
use serde::Deserialize;

use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::second_factor;
use crate::visitor::Visitor;
use crate::waiting::{self, Opened, Restart, Waiting};

/// What the browser is told.
#[derive(Debug)]
pub enum Answer {
    /// A page: nobody can be sent anywhere safely.
    Page(&'static str),
    /// To the client, with a code or an error.
    Client(String),
    /// To the sign-in page, with the sealed request.
    SignIn(String),
    /// To the account chooser, with the sealed request.
    Choose(String),
    /// A page: signed in, but with no part in this client.
    NotEntitled(Box<NotEntitled>),
    /// The same request from the beginning.
    Restart(Restart),
}

/// Who has no part in what.
#[derive(Debug)]
pub struct NotEntitled {
    /// The person's session.
    pub present: Present,
    /// The client.
    pub client: Arc<Client>,
    /// The sealed request, for another account.
    pub request: String,
}

/// A request as it comes.
///
/// # Errors
/// If it can't be answered now.
pub async fn begin(cx: &Ctx, visitor: &Visitor, params: AuthorizationParams) -> Result<Answer, ServiceError> {
    let now = cx.clock.now();
    answer(cx, visitor, Asked { params: &params, waiting: None, chosen: None, now }).await
}

/// A request that comes back from sign-in or the chooser.
///
/// # Errors
/// If it can't be answered now.
pub async fn resume(
    cx: &Ctx,
    visitor: &Visitor,
    sealed: &str,
    chosen: Option<SessionId>,
) -> Result<Answer, ServiceError> {
    let now = cx.clock.now();
    match waiting::open(cx, visitor, sealed, now)? {
        Opened::Good(waiting) => {
            let asked = Asked { params: &waiting.params, waiting: Some((sealed, &waiting)), chosen, now };
            answer(cx, visitor, asked).await
        }
        Opened::Restart(restart) => Ok(Answer::Restart(restart)),
    }
}

struct Asked<'a> {
    params: &'a AuthorizationParams,
    waiting: Option<(&'a str, &'a Waiting)>,
    chosen: Option<SessionId>,
    now: Timestamp,
}

impl Asked<'_> {
    /// The request in the form in which it travels: as it came, or sealed now.
    fn sealed(&self, cx: &Ctx, visitor: &Visitor) -> Result<Option<String>, ServiceError> {
        match self.waiting {
            Some((sealed, _)) => Ok(Some(sealed.to_owned())),
            None => waiting::seal(cx, visitor, self.params, self.now),
        }
    }
}

async fn answer(cx: &Ctx, visitor: &Visitor, asked: Asked<'_>) -> Result<Answer, ServiceError> {
    let Some(client_id) = asked.params.get("client_id") else { return Ok(Answer::Page("client_id is missing")) };
    let Some(client) = cx.client(client_id).await? else { return Ok(Answer::Page("client_id names no client")) };
    let request = match validate(asked.params, &client) {
        Ok(request) => request,
        Err(AuthorizeError::Page(why)) => return Ok(Answer::Page(why)),
        Err(AuthorizeError::Redirect(told)) => return Ok(Answer::Client(refusal(cx, &told))),
    };
    let here = look(cx, visitor, &client, asked.now).await?;
    let candidates: Vec<Candidate> = here.iter().map(|(_, c)| c.clone()).collect();
    let situation = Situation {
        request: asked.waiting.map(|(_, w)| w.id),
        chosen: asked.chosen,
        candidates: &candidates,
        hint: read_hint(cx, &request, &client),
        now: asked.now,
    };
    match decide(&request, &situation) {
        Interaction::Grant(session) => match here.iter().find(|(p, _)| p.session.id == session) {
            Some((present, _)) => grant(cx, visitor, &asked, (&client, &request, present)).await,
            None => travel(cx, visitor, &asked, &request, Answer::SignIn),
        },
        Interaction::Refuse(code) => Ok(Answer::Client(refuse(cx, &request, code))),
        Interaction::SignIn => travel(cx, visitor, &asked, &request, Answer::SignIn),
        Interaction::Choose => travel(cx, visitor, &asked, &request, Answer::Choose),
        Interaction::NotEntitled(session) => not_entitled(cx, visitor, &asked, (client, session, here)).await,
    }
}

/// Sends the request on its way through pages of ours; one that is too long to travel is refused.
fn travel(
    cx: &Ctx,
    visitor: &Visitor,
    asked: &Asked<'_>,
    request: &AuthorizationRequest,
    way: fn(String) -> Answer,
) -> Result<Answer, ServiceError> {
    match asked.sealed(cx, visitor)? {
        Some(sealed) => Ok(way(sealed)),
        None => Ok(Answer::Client(refuse(cx, request, ErrorCode::InvalidRequest))),
    }
}

fn refuse(cx: &Ctx, request: &AuthorizationRequest, code: ErrorCode) -> String {
    let description = match code {
        ErrorCode::LoginRequired => "nobody who fits is signed in",
        ErrorCode::AccountSelectionRequired => "several accounts are signed in",
        ErrorCode::AccessDenied => "the person has no part in this client",
        ErrorCode::InvalidRequest => "the request is too long",
        ErrorCode::UnauthorizedClient
        | ErrorCode::UnsupportedResponseType
        | ErrorCode::InvalidScope
        | ErrorCode::RequestNotSupported
        | ErrorCode::RequestUriNotSupported => "this can't be asked",
    };
    let told = Redirected { uri: request.redirect_uri.clone(), state: request.state.clone(), code, description };
    refusal(cx, &told)
}

fn refusal(cx: &Ctx, told: &Redirected) -> String {
    let mut params = vec![("error", told.code.name()), ("error_description", told.description)];
    params.extend(told.state.as_deref().map(|state| ("state", state)));
    params.push(("iss", cx.settings.issuer.as_str())); // RFC 9207 section 2: in errors, too
    told.uri.with_params(&params)
}

/// Who is signed in in this browser, as far as the client is concerned.
async fn look(
    cx: &Ctx,
    visitor: &Visitor,
    client: &Arc<Client>,
    now: Timestamp,
) -> Result<Vec<(Present, Candidate)>, ServiceError> {
    let Some(browser) = visitor.browser else { return Ok(Vec::new()) };
    let (client, vendor) = (Arc::clone(client), cx.vendor);
    let read = cx.store.read(move |r| {
        let present: Vec<Present> =
            idp_store::sessions::in_browser(r, browser, now)?.into_iter().filter(|p| p.counts(now)).collect();
        let ids: Vec<SessionId> = present.iter().map(|p| p.session.id).collect();
        let used = idp_store::shares::used_for(r, &ids, client.key)?;
        let mut all = Vec::new();
        for p in present {
            let entitled = is_entitled(r, &client, &p, vendor)?;
            let used_here = used.iter().find(|(id, _)| *id == p.session.id).map(|(_, at)| *at);
            all.push((p, entitled, used_here));
        }
        Ok(all)
    });
    let mut found = Vec::new();
    for (p, entitled, used_here) in read.await? {
        let falls_short = second_factor::falls_short(cx, &p).await?;
        let candidate = Candidate { falls_short, ..candidate(&p, entitled, used_here) };
        found.push((p, candidate));
    }
    Ok(found)
}

fn is_entitled(r: &mut Read<'_>, client: &Client, p: &Present, vendor: TenantId) -> Result<bool, StoreError> {
    let reachable = client.tenant == vendor || client.tenant == p.account.tenant;
    let invited = client.entry == Entry::Everybody || idp_store::entitlements::has(r, p.account.id, client.key)?;
    Ok(reachable && invited)
}

fn candidate(p: &Present, entitled: bool, used_here: Option<Timestamp>) -> Candidate {
    let mut names = vec![p.account.username(&p.tenant.code)];
    names.extend(p.account.email.as_ref().map(ToString::to_string));
    Candidate {
        session: p.session.id,
        account: p.account.id,
        subject: p.account.subject.to_string(),
        names,
        auth_time: p.session.auth_time,
        answered: p.session.answered,
        is_multi: p.session.acr != ACR_SINGLE,
        falls_short: false,
        entitled,
        used_here,
    }
}

#[derive(Deserialize)]
struct HintClaims {
    iss: String,
    sub: String,
    aud: String,
}

/// A hint may be old, but it has to be an ID token that we made for this client.
fn read_hint(cx: &Ctx, request: &AuthorizationRequest, client: &Client) -> Result<Option<Hint>, BadHint> {
    let Some(token) = &request.id_token_hint else { return Ok(None) };
    let keys = cx.keys.current();
    let claims: HintClaims = idp_crypto::jwt::verify(&keys, "JWT", token).map_err(|_cause| BadHint)?;
    let ours = claims.iss == cx.settings.issuer && claims.aud == client.client_id;
    if ours { Ok(Some(Hint { subject: claims.sub })) } else { Err(BadHint) }
}

type Granted<'a> = (&'a Arc<Client>, &'a AuthorizationRequest, &'a Present);

/// Gives a code for a session: one commit for grant, code, the client's share of the session, and the audit row.
async fn grant(cx: &Ctx, visitor: &Visitor, asked: &Asked<'_>, granted: Granted<'_>) -> Result<Answer, ServiceError> {
    let (client, request, present) = granted;
    let code = bearer("sbc", &cx.random.bytes()?);
    let draft = draft(cx, visitor, asked, &code, granted).await?;
    let made = cx.store.write(move |w| draft.commit(w)).await?;
    if made {
        let mut params = vec![("code", code.expose().as_str())];
        params.extend(request.state.as_deref().map(|state| ("state", state)));
        params.push(("iss", cx.settings.issuer.as_str())); // RFC 9207 section 2
        return Ok(Answer::Client(request.redirect_uri.with_params(&params)));
    }
    tracing::info!(event = "grant_outrun", session = %present.session.id, client = %client.client_id, "the session ended while a request was answered");
    if request.prompts.none {
        return Ok(Answer::Client(refuse(cx, request, ErrorCode::LoginRequired)));
    }
    travel(cx, visitor, asked, request, Answer::SignIn)
}

/// Everything that a grant needs and that must be drawn before the transaction.
struct Draft {
    client: Arc<Client>,
    session: SessionId,
    answers: Option<RequestId>,
    browser: TokenHash,
    grant: GrantId,
    sid: Sid,
    scope: String,
    lasts_until: Timestamp,
    digest: TokenHash,
    payload: CodePayload,
    scribe: Scribe,
    now: Timestamp,
}

async fn draft(
    cx: &Ctx,
    visitor: &Visitor,
    asked: &Asked<'_>,
    code: &Secret<String>,
    granted: Granted<'_>,
) -> Result<Draft, ServiceError> {
    let (client, request, present) = granted;
    let (now, waiting) = (asked.now, asked.waiting.map(|(_, w)| w.id));
    let browser = visitor.browser.ok_or_else(|| ServiceError::Broken("a session without a browser".into()))?;
    let lasting = request.scopes.has(Scope::OfflineAccess);
    let offline = cx.company(present.account.tenant).await?.policy.offline();
    Ok(Draft {
        client: Arc::clone(client),
        session: present.session.id,
        answers: present.session.answered.filter(|id| waiting == Some(*id)),
        browser,
        grant: GrantId::at(now, cx.random.bytes()?),
        sid: Sid::from_bytes(cx.random.bytes()?),
        scope: request.scopes.text(),
        lasts_until: if lasting { now + offline } else { present.session.ends },
        digest: TokenHash::of(code.expose()),
        payload: CodePayload {
            v: 1,
            client: client.key,
            redirect_uri: request.redirect_uri.as_str().to_owned(),
            redirect_uri_given: request.redirect_uri_given,
            challenge: request.challenge.as_ref().map(|c| c.as_str().to_owned()),
            nonce: request.nonce.clone(),
            expires_at: now + CODE_LIFE,
        },
        scribe: Scribe::new(cx, now)?.from(visitor.address.to_string()),
        now,
    })
}

impl Draft {
    /// False if the session ended meanwhile: the rows read here decide, not what was seen before.
    fn commit(&self, w: &mut Write<'_>) -> Result<bool, StoreError> {
        // Held from here on: a sign-out either came before, or comes after and takes this grant along.
        idp_store::sessions::lock(w, self.session)?;
        let mut here = idp_store::sessions::in_browser(w, self.browser, self.now)?.into_iter();
        let Some(p) = here.find(|p| p.session.id == self.session && p.counts(self.now)) else { return Ok(false) };
        if let Some(request) = self.answers
            && !idp_store::sessions::use_answer(w, self.session, request)?
        {
            return Ok(false);
        }
        if let Some(idle_ends) = p.session.touched(self.now) {
            idp_store::sessions::touch(w, p.session.id, self.now, idle_ends)?;
        }
        let subject = p.account.subject.to_string();
        let share = Share {
            sid: self.sid,
            tenant: p.account.tenant,
            session: self.session,
            client: self.client.key,
            subject: subject.clone(),
        };
        let sid = idp_store::shares::give(w, &share, self.now)?;
        let grant = self.grant(&p, sid, subject);
        idp_store::grants::insert(w, &grant, self.now)?;
        idp_store::codes::insert(w, self.digest, grant.id, &self.payload)?;
        let event = AuditEvent::GrantMade { grant: grant.id, account: grant.account, client: grant.client };
        self.scribe.clone().by(Some(grant.account)).begin().add(w, grant.tenant, event)?;
        Ok(true)
    }

    fn grant(&self, p: &Present, sid: Sid, subject: String) -> Grant {
        Grant {
            id: self.grant,
            tenant: p.account.tenant,
            account: p.account.id,
            client: self.client.key,
            session: self.session,
            sid,
            subject,
            scope: self.scope.clone(),
            auth_time: p.session.auth_time,
            acr: p.session.acr.clone(),
            amr: p.session.amr.clone(),
            epochs: Epochs { client: self.client.epoch, ..p.standing.epochs },
            access_epoch: 0,
            ends: self.lasts_until,
            revoked_at: None,
        }
    }
}

async fn not_entitled(
    cx: &Ctx,
    visitor: &Visitor,
    asked: &Asked<'_>,
    who: (Arc<Client>, SessionId, Vec<(Present, Candidate)>),
) -> Result<Answer, ServiceError> {
    let (client, session, here) = who;
    let Some((present, _)) = here.into_iter().find(|(p, _)| p.session.id == session) else {
        return Ok(Answer::Restart(Restart::Elsewhere));
    };
    let Some(request) = asked.sealed(cx, visitor)? else { return Ok(Answer::Restart(Restart::Elsewhere)) };
    let scribe = Scribe::new(cx, asked.now)?.by(Some(present.account.id)).from(visitor.address.to_string());
    let (tenant, account, key) = (present.account.tenant, present.account.id, client.key);
    let event = AuditEvent::NotEntitled { account, client: key };
    cx.store.write(move |w| scribe.begin().add(w, tenant, event.clone())).await?;
    Ok(Answer::NotEntitled(Box::new(NotEntitled { present, client, request })))
}
