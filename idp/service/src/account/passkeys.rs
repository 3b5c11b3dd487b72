//! Passkeys of one's own: made, renamed, taken away. Who does has shown just now who he is.

use idp_core::audit::AuditEvent;
use idp_core::authority::{Confirmed, Holder};
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::credential::passkey::{MOST, PATIENCE, Passkey, made_by, name};
use idp_core::ids::PasskeyId;
use idp_core::mail::Happening;
use idp_core::secret::TokenHash;
pub use idp_crypto::passkey::text;
use idp_crypto::passkey::{Begun, Owner, PasskeyError};
use idp_crypto::seal;
use idp_store::{Read, StoreError};

use super::{Held, account, held};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::notice;
use crate::visitor::Visitor;

/// What an authenticator is called that nobody knows.
const UNKNOWN: &str = "Passkey";

/// What the page for a new one needs.
#[derive(Debug)]
pub struct Offer {
    /// The options, for the browser.
    pub options: String,
    /// What the form has to bring back.
    pub ticket: String,
}

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
    let (now, id) = (cx.clock.now(), by.holder().account);
    let (Some(account), Some(ceremonies)) = (account(cx, by).await?, &cx.passkeys) else { return Ok(Offered::Closed) };
    let company = cx.company(account.tenant).await?;
    if !company.policy.passkeys_enabled() {
        return Ok(Offered::Closed);
    }
    let there = cx.store.read(move |r| idp_store::passkeys::of(r, id)).await?;
    if there.len() >= MOST {
        return Ok(Offered::Full);
    }
    let known: Vec<Vec<u8>> = there.into_iter().map(|passkey| passkey.credential).collect();
    let username = account.username(&company.tenant.code);
    let owner = Owner { handle: *account.id.bytes(), username: &username, name: &account.name };
    let Begun { options, state } = ceremonies.begin(owner, &known).map_err(|e| broken(&e))?;
    let ticket = cx.sealer.seal_text(seal::Purpose::Ticket, &place(visitor, by), &state, &cx.random)?;
    let (digest, holder) = (TokenHash::of(&ticket), by.holder().clone());
    let kept = cx.store.write(move |w| {
        let Some(Held { account, standing, .. }) = held(w, &holder, now)? else { return Ok(false) };
        let challenge = OneTime {
            tenant: account.tenant,
            account: account.id,
            purpose: Purpose::Challenge,
            payload: String::new(),
            epochs: standing.epochs,
            expires_at: now + PATIENCE,
        };
        idp_store::one_time::insert(w, digest, &challenge, now)
    });
    Ok(if kept.await? { Offered::Yes(Offer { options, ticket }) } else { Offered::Closed })
}

fn broken(error: &PasskeyError) -> ServiceError {
    ServiceError::Broken(format!("passkey: {error}"))
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
    let (Some(account), Some(ceremonies)) = (account(cx, by).await?, &cx.passkeys) else { return Ok(Made::Over) };
    let company = cx.company(account.tenant).await?;
    let state = cx.sealer.open_text(seal::Purpose::Ticket, &place(visitor, by), ticket);
    let Some(state) = state.ok().filter(|_| company.policy.passkeys_enabled()) else { return Ok(Made::Over) };
    let made = match ceremonies.finish(&state, answer) {
        Ok(made) => made,
        Err(error) => {
            tracing::info!(event = "passkey_refused", %error, "an authenticator's answer is not what was asked for");
            return Ok(Made::Wrong);
        }
    };
    let passkey = Passkey {
        id: PasskeyId::at(now, cx.random.bytes()?),
        credential: made.credential,
        key: made.key,
        name: made_by(made.aaguid).unwrap_or(UNKNOWN).to_owned(),
        is_synced: made.is_synced,
        made_at: now,
        used_at: None,
    };
    let told = notice(cx, &company, &account, (Some(visitor), now), Happening::PasskeyMade)?;
    let scribe = Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string());
    let (digest, holder) = (TokenHash::of(ticket), by.holder().clone());
    let kept = cx.store.write(move |w| {
        let spent = idp_store::one_time::spend(w, digest, Purpose::Challenge, now)?;
        let Some(Held { account, standing, .. }) = held(w, &holder, now)? else { return Ok(Made::Over) };
        let is_good =
            |challenge: &OneTime| !challenge.expires_at.reached(now) && standing.may_receive(&challenge.epochs).is_ok();
        if !spent.is_some_and(|challenge| is_good(&challenge)) {
            return Ok(Made::Over);
        }
        // Held: of many at once each sees what the one before it made.
        if idp_store::passkeys::of(w, account.id)?.len() >= MOST {
            return Ok(Made::Full);
        }
        if !idp_store::passkeys::insert(w, (account.tenant, account.id), &passkey)? {
            return Ok(Made::Exists);
        }
        let event = AuditEvent::PasskeyMade { account: account.id, name: passkey.name.clone() };
        scribe.begin().add(w, account.tenant, event)?;
        if let Some(told) = &told {
            told.post(w)?;
        }
        Ok(Made::Yes)
    });
    let kept = kept.await?;
    cx.wake_outbox();
    Ok(kept)
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
    let (holder, mail_is_on) = (by.holder().clone(), cx.post.is_on());
    let done = cx.store.write(move |w| {
        let Some(Held { account, .. }) = held(w, &holder, now)? else { return Ok(Revoked::None) };
        let all = idp_store::passkeys::of(w, account.id)?;
        let Some(one) = all.iter().find(|passkey| passkey.id == id) else { return Ok(Revoked::None) };
        if all.len() == 1 && !has_another_way(w, &company, (&holder, mail_is_on))? {
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

/// Does the person get in without passkeys?
fn has_another_way(
    r: &mut Read<'_>,
    company: &Company,
    (holder, mail_is_on): (&Holder, bool),
) -> Result<bool, StoreError> {
    let account = idp_store::accounts::by_id(r, holder.tenant, holder.account)?;
    let by_link = mail_is_on && company.policy.links_enabled() && account.is_some_and(|a| a.email.is_some());
    let has_password = idp_store::passwords::of(r, holder.account)?.is_some_and(|p| !p.temporary);
    Ok(by_link || has_password && company.policy.password_enabled())
}
