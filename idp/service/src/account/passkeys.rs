//! Passkeys of one's own: made, renamed, taken away. Who does has shown just now who he is.

use idp_core::audit::AuditEvent;
use idp_core::authority::Confirmed;
use idp_core::credential::passkey::{MOST, name};
use idp_core::ids::PasskeyId;
use idp_core::mail::Happening;
use idp_core::policy::second_factor::Demand;
pub use idp_crypto::passkey::text;

use super::ways::{self, Leaving};
use super::{Held, account, held};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::notice;
pub use crate::passkeys::Offer;
use crate::passkeys::{self, Kept, Looked};
use crate::second_factor::rules;
use crate::visitor::Visitor;

/// What asking for one came to.
#[derive(Debug)]
pub enum Offered {
    /// It may be made.
    Yes(Offer),
    /// There are as many as there may be.
    Full,
    /// Not here: the company, or this address, has none.
    Closed,
}

/// What making one came to.
#[derive(Debug)]
pub enum Made {
    /// It is there.
    Yes,
    /// Somebody has it already.
    Exists,
    /// There are as many as there may be.
    Full,
    /// What the browser brought isn't right.
    Wrong,
    /// It took too long, or was sent before.
    Over,
}

/// What taking one away came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It is gone.
    Done,
    /// It is the only way in.
    LastWay,
    /// The company requires a second factor, and it is the last.
    Required,
    /// There is no such.
    None,
}

/// The place where a ceremony is at home: this session in this browser.
fn place(visitor: &Visitor, by: &Confirmed) -> Vec<u8> {
    [b"new passkey ", by.holder().session.bytes().as_slice(), visitor.anonymous.as_bytes()].concat()
}

/// Begins to make one.
///
/// # Errors
/// If it can't be done now.
pub async fn begin(cx: &Ctx, visitor: &Visitor, by: &Confirmed) -> Result<Offered, ServiceError> {
    let id = by.holder().account;
    let Some(account) = account(cx, by).await? else { return Ok(Offered::Closed) };
    let company = cx.company(account.tenant).await?;
    let there = cx.store.read(move |r| idp_store::passkeys::of(r, id)).await?;
    if there.len() >= MOST {
        return Ok(Offered::Full);
    }
    let offer = passkeys::offer(cx, &place(visitor, by), (&account, &company), there)?;
    Ok(offer.map_or(Offered::Closed, Offered::Yes))
}

/// Looks at what was made, and keeps it.
///
/// # Errors
/// If it can't be done now.
pub async fn finish(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (ticket, answer): (&str, &str),
) -> Result<Made, ServiceError> {
    let now = cx.clock.now();
    let Some(account) = account(cx, by).await? else { return Ok(Made::Over) };
    let company = cx.company(account.tenant).await?;
    let new = match passkeys::look(cx, visitor, (&account, &company), (&place(visitor, by), ticket, answer))? {
        Looked::Good(new) => new,
        Looked::Wrong => return Ok(Made::Wrong),
        Looked::Over => return Ok(Made::Over),
    };
    let scribe = Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string());
    let holder = by.holder().clone();
    let kept = cx.store.write(move |w| {
        let Some(Held { standing, .. }) = held(w, &holder, now)? else { return Ok(Kept::Over) };
        new.keep(w, &standing, &mut scribe.begin())
    });
    let kept = kept.await?;
    cx.wake_outbox();
    Ok(match kept {
        Kept::Yes => Made::Yes,
        Kept::Exists => Made::Exists,
        Kept::Full => Made::Full,
        Kept::Over => Made::Over,
    })
}

/// Calls one something else; false if there is no such, or it can't be called that.
///
/// # Errors
/// If it can't be done now.
pub async fn rename(cx: &Ctx, by: &Confirmed, id: PasskeyId, typed: &str) -> Result<bool, ServiceError> {
    let Some(name) = name(typed) else { return Ok(false) };
    let (now, holder) = (cx.clock.now(), by.holder().clone());
    let done = cx.store.write(move |w| {
        let Some(Held { account, .. }) = held(w, &holder, now)? else { return Ok(false) };
        idp_store::passkeys::rename(w, account.id, id, &name)
    });
    Ok(done.await?)
}

/// Takes one away: it signs nobody in any more. What it opened before stays open; that is ended on the same page.
///
/// # Errors
/// If it can't be done now.
pub async fn revoke(cx: &Ctx, visitor: &Visitor, by: &Confirmed, id: PasskeyId) -> Result<Revoked, ServiceError> {
    let now = cx.clock.now();
    let Some(account) = account(cx, by).await? else { return Ok(Revoked::None) };
    let company = cx.company(account.tenant).await?;
    let told = notice(cx, &company, &account, (Some(visitor), now), Happening::PasskeyRevoked)?;
    let scribe = Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string());
    let is_required = matches!(rules(&company, &account).demand, Demand::Required(_));
    let (holder, works) = (by.holder().clone(), ways::works(cx));
    let done = cx.store.write(move |w| {
        let Some(Held { account, .. }) = held(w, &holder, now)? else { return Ok(Revoked::None) };
        let all = idp_store::passkeys::of(w, account.id)?;
        let Some(one) = all.iter().find(|passkey| passkey.id == id) else { return Ok(Revoked::None) };
        let kept = idp_store::second_factors::of(w, account.id)?;
        let is_last_factor = all.len() == 1 && kept.app_seed.is_none() && !kept.by_email;
        if is_last_factor && is_required {
            return Ok(Revoked::Required);
        }
        if !ways::is_another(w, (&company, works), &account, Leaving::Passkey(id))? {
            return Ok(Revoked::LastWay);
        }
        idp_store::passkeys::remove(w, account.id, id)?;
        let event = AuditEvent::PasskeyRevoked { account: account.id, name: one.name.clone() };
        scribe.begin().add(w, account.tenant, event)?;
        if let Some(told) = &told {
            told.post(w)?;
        }
        Ok(Revoked::Done)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(done)
}
