//! Signing out: at a client's wish (RP-Initiated Logout), or here.

use std::time::Duration;

use idp_core::ids::{OutboxId, SessionId, Sid};
use idp_core::logout::{Notice, Reason, message_id};
use idp_core::oidc::client::Client;
use idp_core::oidc::end_session::{self, Asked};
use idp_core::session::Present;
use idp_store::StoreError;
use serde::Deserialize;

use crate::context::Ctx;
use crate::error::ServiceError;
use crate::sessions;
use crate::visitor::Visitor;

/// The parameters, as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// An ID token of the session that is meant.
    pub id_token_hint: Option<String>,
    /// The client.
    pub client_id: Option<String>,
    /// Where the client wants the person to go.
    pub post_logout_redirect_uri: Option<String>,
    /// Returned as it came.
    pub state: Option<String>,
    /// Did a parameter come twice?
    pub has_doubled: bool,
}

/// What the browser is told.
#[derive(Debug)]
pub enum Answer {
    /// Signed out; to the client.
    Client(String),
    /// Signed out; a page that says of what.
    Done(Vec<Notice>),
    /// Ask the person first.
    Ask,
}

#[derive(Deserialize)]
struct HintClaims {
    iss: String,
    aud: String,
    sid: String,
}

/// A client sends somebody here to sign out.
///
/// # Errors
/// If it can't be done now.
pub async fn begin(cx: &Ctx, visitor: &Visitor, params: &Params) -> Result<Answer, ServiceError> {
    let hint = params.id_token_hint.as_deref().map(|token| read_hint(cx, token));
    let good = hint.as_ref().and_then(Option::as_ref);
    let named = params.client_id.as_deref().or(good.map(|h| h.aud.as_str()));
    let client = match named {
        Some(name) => cx.client(name).await?,
        None => None,
    };
    let other = good.is_some_and(|h| client.as_ref().is_none_or(|c| c.client_id != h.aud));
    let here = sessions::present(cx, visitor).await?;
    let session = match good {
        Some(hint) => of_hint(cx, hint, &here).await?,
        None => None,
    };
    // A session that isn't this browser's may be somebody else's: the person here is asked, unless nobody is signed in.
    let elsewhere = good.is_some() && session.is_none() && !here.is_empty();
    let asked = Asked {
        client: client.as_deref(),
        is_doubtful: params.has_doubled || other || elsewhere || matches!(hint, Some(None)),
        session,
        has_hint: good.is_some(),
        post_logout_redirect_uri: params.post_logout_redirect_uri.as_deref(),
        state: params.state.as_deref(),
    };
    carry_out(cx, visitor, end_session::decide(&asked), here).await
}

async fn carry_out(
    cx: &Ctx,
    visitor: &Visitor,
    answer: end_session::Answer,
    here: Vec<Present>,
) -> Result<Answer, ServiceError> {
    let (session, to) = match answer {
        end_session::Answer::Ask if here.is_empty() => (None, None),
        end_session::Answer::Ask => return Ok(Answer::Ask),
        end_session::Answer::End { session, to } => (session, to),
    };
    let present = session.and_then(|id| here.into_iter().find(|p| p.session.id == id));
    let told = match present {
        Some(present) => sessions::sign_out(cx, visitor, present.session, Reason::Client).await?,
        None => Vec::new(),
    };
    Ok(match to {
        Some((uri, state)) => {
            let state: Vec<(&str, &str)> = state.as_deref().map(|s| ("state", s)).into_iter().collect();
            Answer::Client(if state.is_empty() { uri.as_str().to_owned() } else { uri.with_params(&state) })
        }
        None => Answer::Done(told),
    })
}

/// The person said yes: everybody in this browser is signed out.
///
/// # Errors
/// If it can't be done now.
pub async fn confirm(cx: &Ctx, visitor: &Visitor) -> Result<Vec<Notice>, ServiceError> {
    let mut told = Vec::new();
    for present in sessions::present(cx, visitor).await? {
        told.extend(sessions::sign_out(cx, visitor, present.session, Reason::Person).await?);
    }
    Ok(told)
}

/// How long a page waits to learn whether the clients have heard. They go on being told behind it.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The first pause between two looks; each is twice as long as the one before.
const LOOK: Duration = Duration::from_millis(10);

/// What a sign-out came to so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Farewell {
    /// Clients that have ended the session.
    pub left: Vec<String>,
    /// Clients that haven't said so, or can't be told: they notice when their access token runs out.
    pub may_stay: Vec<String>,
}

/// Waits a moment for the clients that are told of a sign-out.
pub async fn farewell(cx: &Ctx, told: &[Notice]) -> Farewell {
    let ids: Vec<_> = told.iter().filter(|n| n.uri.is_some()).map(|n| message_id(n.sid)).collect();
    let arrived = tokio::time::timeout(PATIENCE, all_arrived(cx, &ids)).await;
    let arrived = match arrived {
        Ok(Ok(())) => ids,
        Ok(Err(_)) | Err(_) => cx.store.read(move |r| idp_store::outbox::arrived(r, &ids)).await.unwrap_or_default(),
    };
    let mut farewell = Farewell::default();
    for notice in told {
        let has_ended = arrived.contains(&message_id(notice.sid));
        let list = if has_ended { &mut farewell.left } else { &mut farewell.may_stay };
        list.push(notice.client_name.clone());
    }
    for list in [&mut farewell.left, &mut farewell.may_stay] {
        list.sort();
        list.dedup();
    }
    farewell.left.retain(|name| !farewell.may_stay.contains(name));
    farewell
}

/// Waits until all have arrived.
///
/// # Errors
/// If that can't be asked.
async fn all_arrived(cx: &Ctx, ids: &[OutboxId]) -> Result<(), StoreError> {
    let mut pause = LOOK;
    while !ids.is_empty() {
        let asked = ids.to_vec();
        let arrived = cx.store.read(move |r| idp_store::outbox::arrived(r, &asked)).await?;
        if arrived.len() == ids.len() {
            break;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    Ok(())
}

/// Where the person may go after he said yes.
///
/// # Errors
/// If the database can't be read.
pub async fn way_back(cx: &Ctx, params: &Params) -> Result<Option<String>, ServiceError> {
    let Some(uri) = &params.post_logout_redirect_uri else { return Ok(None) };
    let hint = params.id_token_hint.as_deref().and_then(|token| read_hint(cx, token));
    let name = params.client_id.clone().or(hint.map(|h| h.aud));
    let client = match name {
        Some(name) => cx.client(&name).await?,
        None => None,
    };
    let registered = |c: &Client| c.post_logout_uris.iter().any(|r| r.as_str() == uri);
    Ok(client.filter(|c| registered(c)).map(|_| uri.clone()))
}

/// An old hint is as good as a new one (RP-Initiated Logout section 4): it has to be ours.
fn read_hint(cx: &Ctx, token: &str) -> Option<HintClaims> {
    let keys = cx.keys.current();
    let claims: HintClaims = idp_crypto::jwt::verify(&keys, "JWT", token).ok()?;
    (claims.iss == cx.settings.issuer).then_some(claims)
}

async fn of_hint(cx: &Ctx, hint: &HintClaims, here: &[Present]) -> Result<Option<SessionId>, ServiceError> {
    let Ok(sid) = hint.sid.parse::<Sid>() else { return Ok(None) };
    let session = cx.store.read(move |r| idp_store::shares::session(r, sid)).await?;
    Ok(session.filter(|id| here.iter().any(|p| p.session.id == *id)))
}
