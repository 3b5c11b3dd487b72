//! Persons at other providers who sign in to one's account: connected by who has just shown that it is his, and
//! disconnected.

use idp_core::audit::AuditEvent;
use idp_core::authority::Confirmed;
use idp_core::ids::IdentityId;
use idp_core::mail::Happening;
use idp_core::secret::TokenHash;
use idp_core::session::Present;

use super::ways::{self, Leaving};
use super::{Held, account, confirm, held};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::notice;
use crate::signin::upstream::Ticket;
use crate::visitor::Visitor;

/// May this session's account be connected with who came from a provider? It is of the same company, and its holder has
/// shown so for this very purpose: after the person came, or on the page where it was asked for. Another session of a
/// shared desk shows nothing.
///
/// # Errors
/// If the database can't be read.
pub async fn may_connect(cx: &Ctx, present: &Present, ticket: &Ticket) -> Result<Option<Confirmed>, ServiceError> {
    let is_meant = match ticket.session {
        Some(session) => session == present.session.id,
        None => present.session.auth_time >= ticket.made_at,
    };
    if !is_meant || present.account.tenant != ticket.tenant {
        return Ok(None);
    }
    confirm(cx, present).await
}

/// What connecting came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connecting {
    /// It is done.
    Done,
    /// The person there is connected with an account of this company already.
    Taken,
    /// The provider, or the session, is over.
    Over,
}

/// Connects a person at a provider with one's account.
///
/// # Errors
/// If it can't be done now.
pub async fn connect(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (sealed, ticket): (&str, &Ticket),
) -> Result<Connecting, ServiceError> {
    let now = cx.clock.now();
    let Some(account) = account(cx, by).await? else { return Ok(Connecting::Over) };
    let company = cx.company(account.tenant).await?;
    let told = notice(cx, &company, &account, (Some(visitor), now), Happening::Connected)?;
    let scribe = Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string());
    let connected = ticket.connected(cx, now)?;
    let (digest, ends) = (TokenHash::of(sealed), ticket.ends);
    let (holder, name, tenant) = (by.holder().clone(), ticket.label.clone(), ticket.tenant);
    let done = cx.store.write(move |w| {
        let Some(Held { account, .. }) = held(w, &holder, now)? else { return Ok(Connecting::Over) };
        if account.tenant != tenant || !idp_store::connectors::is_on(w, connected.connector)? {
            return Ok(Connecting::Over);
        }
        let whose = (&*connected.issuer, &*connected.subject);
        if let Some((_, other)) = idp_store::identities::account_of(w, account.tenant, whose)? {
            return Ok(if other == account.id { Connecting::Done } else { Connecting::Taken });
        }
        if !idp_store::identities::take_answer(w, digest, ends)? {
            return Ok(Connecting::Over);
        }
        if !idp_store::identities::insert(w, (account.tenant, account.id), &connected)? {
            return Ok(Connecting::Taken);
        }
        let event = AuditEvent::IdentityConnected { account: account.id, name: name.clone() };
        scribe.begin().add(w, account.tenant, event)?;
        if let Some(told) = &told {
            told.post(w)?;
        }
        Ok(Connecting::Done)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(done)
}

/// What disconnecting came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disconnected {
    /// It is done.
    Done,
    /// It is the only way in.
    LastWay,
    /// There is no such.
    None,
}

/// Takes a connection away: the person there comes in no more.
///
/// # Errors
/// If it can't be done now.
pub async fn disconnect(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    id: IdentityId,
) -> Result<Disconnected, ServiceError> {
    let now = cx.clock.now();
    let Some(account) = account(cx, by).await? else { return Ok(Disconnected::None) };
    let company = cx.company(account.tenant).await?;
    let told = notice(cx, &company, &account, (Some(visitor), now), Happening::Disconnected)?;
    let scribe = Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string());
    let (holder, works) = (by.holder().clone(), ways::works(cx));
    let done = cx.store.write(move |w| {
        let Some(Held { account, .. }) = held(w, &holder, now)? else { return Ok(Disconnected::None) };
        let all = idp_store::identities::of(w, account.id)?;
        let Some((_, name, _)) = all.iter().find(|(one, ..)| one.id == id) else { return Ok(Disconnected::None) };
        if !ways::is_another(w, (&company, works), &account, Leaving::Identity(id))? {
            return Ok(Disconnected::LastWay);
        }
        idp_store::identities::remove(w, account.id, id)?;
        let event = AuditEvent::IdentityDisconnected { account: account.id, name: name.clone() };
        scribe.begin().add(w, account.tenant, event)?;
        if let Some(told) = &told {
            told.post(w)?;
        }
        Ok(Disconnected::Done)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(done)
}
