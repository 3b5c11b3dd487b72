//! One's mail address: a code shows that the new mailbox is one's own, the old one is told and can take it back.

use std::str::FromStr;

use idp_core::account::{Account, Email};
use idp_core::audit::AuditEvent;
use idp_core::authority::Confirmed;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::TenantId;
use idp_core::logout::Reason;
use idp_core::mail::{Happening, Letter};
use idp_core::secret::{Secret, TokenHash, bearer};
use idp_core::signin::second_factor::MailboxFor;
use idp_core::time::{Lifetime, Timestamp};
use idp_store::{StoreError, Write};
use serde::{Deserialize, Serialize};

use super::mailed_code::{CodeSent, Shown, send, shown};
use super::{Held, account, held};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, To, notice, pack};
use crate::sessions::end_everything;
use crate::signin::second::masked;
use crate::visitor::Visitor;

/// For so long a change can be taken back.
const UNDO: Lifetime = Lifetime::days(7);

/// Somebody wants another address: a code goes to it, and nothing changes yet. Maybe another one, after that of a
/// ticket.
///
/// # Errors
/// If it can't be done now.
pub async fn change_address(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (typed, after): (&str, Option<&str>),
) -> Result<CodeSent, ServiceError> {
    let Some(account) = account(cx, by).await? else { return Ok(CodeSent::Unfit) };
    let Ok(address) = Email::from_str(typed) else { return Ok(CodeSent::Unfit) };
    if account.email.as_ref() == Some(&address) && account.email_verified {
        return Ok(CodeSent::Same);
    }
    send(cx, visitor, by, (&account, &address), (MailboxFor::Address, after)).await
}

/// What the row of a way back remembers.
#[derive(Serialize, Deserialize)]
struct Before {
    v: u8,
    address: String,
}

/// A way back for the old mailbox.
struct WayBack {
    digest: TokenHash,
    payload: String,
    parcel: Parcel,
}

/// Tells the old mailbox, if it was shown to be the person's: to somebody else's there is no way back.
fn way_back(
    cx: &Ctx,
    company: &Company,
    account: &Account,
    (new, now): (&Email, Timestamp),
) -> Result<Option<WayBack>, ServiceError> {
    let Some(old) = account.email.as_ref().filter(|old| *old != new && account.email_verified) else { return Ok(None) };
    let token = bearer("sbu", &cx.random.bytes()?);
    let letter = Letter::AddressChanged {
        username: account.username(&company.tenant.code),
        new: masked(new.as_str()),
        token: token.expose().clone(),
        at: now,
        until: now + UNDO,
    };
    let to = To { address: old.as_str(), company, account: Some(account) };
    Ok(Some(WayBack {
        digest: TokenHash::of(token.expose()),
        payload: serde_json::to_string(&Before { v: 1, address: old.to_string() })?,
        parcel: pack(cx, to, letter, (now, Lifetime::days(1), false))?,
    }))
}

/// What a code from a new mailbox came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The mailbox is the account's.
    Done,
    /// The code isn't right.
    Wrong,
    /// The code is too old, or something else has changed meanwhile.
    Over,
}

/// The code from the new mailbox: from now on it is the account's. Links that went to the old one are dead.
///
/// # Errors
/// If it can't be done now.
pub async fn confirm_address(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (ticket, code): (&str, &Secret<String>),
) -> Result<Moved, ServiceError> {
    let new = match shown(cx, visitor, by, (MailboxFor::Address, ticket, code.expose())).await? {
        Shown::Right(new) => new,
        Shown::Wrong => return Ok(Moved::Wrong),
        Shown::Over => return Ok(Moved::Over),
    };
    let now = cx.clock.now();
    let Some(account) = account(cx, by).await? else { return Ok(Moved::Over) };
    let company = cx.company(account.tenant).await?;
    let back = way_back(cx, &company, &account, (&new, now))?;
    // Whoever had the mailbox is told in any case, also where the way back is another's.
    let told = notice(cx, &company, &account, (Some(visitor), now), Happening::EmailChanged)?;
    let told = told.filter(|_| before_is_another(&account, &new));
    let (holder, before) = (by.holder().clone(), account.email.clone());
    let scribe = Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string());
    let done = cx.store.write(move |w| {
        let Some(Held { account, standing, .. }) = held(w, &holder, now)? else { return Ok(false) };
        if account.email != before {
            return Ok(false);
        }
        idp_store::accounts::set_email(w, account.id, &new, now)?;
        end_links(w, &account, now)?;
        let is_back = close_chain(w, &account, (&new, now))?;
        if let Some(back) = back.as_ref().filter(|_| !is_back) {
            let row = OneTime {
                tenant: account.tenant,
                account: account.id,
                purpose: Purpose::UndoEmail,
                payload: back.payload.clone(),
                epochs: standing.epochs,
                expires_at: now + UNDO,
            };
            idp_store::one_time::insert(w, back.digest, &row, now)?;
            back.parcel.post(w)?;
        } else if let Some(told) = &told {
            told.post(w)?;
        }
        scribe.begin().add(w, account.tenant, AuditEvent::EmailChanged { account: account.id })?;
        Ok(true)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(if done { Moved::Done } else { Moved::Over })
}

fn before_is_another(account: &Account, new: &Email) -> bool {
    account.email.as_ref().is_some_and(|before| before != new)
}

/// Of several changes one after the other only the first has a way back: it leads to whoever had the address before all
/// of them. Somebody in between, who may be who the last change is against, gets none; and who has his address again
/// needs none.
fn close_chain(w: &mut Write<'_>, account: &Account, (new, now): (&Email, Timestamp)) -> Result<bool, StoreError> {
    let open = idp_store::one_time::open_of(w, account.id, Purpose::UndoEmail, now)?;
    let leads_to =
        |row: &OneTime| serde_json::from_str::<Before>(&row.payload).is_ok_and(|b| b.address == new.as_str());
    if open.iter().any(leads_to) {
        idp_store::one_time::supersede(w, account.id, Purpose::UndoEmail, now)?;
        return Ok(true);
    }
    Ok(!open.is_empty())
}

/// What went to a mailbox of before is worth nothing.
fn end_links(w: &mut Write<'_>, account: &Account, now: Timestamp) -> Result<(), StoreError> {
    for purpose in [Purpose::SignInLink, Purpose::Welcome, Purpose::Reset, Purpose::MailCode] {
        idp_store::one_time::supersede(w, account.id, purpose, now)?;
    }
    idp_store::journeys::end_all(w, account.id, now)
}

/// What a way back leads to.
#[derive(Clone, Debug)]
pub struct Undo {
    /// Whose account.
    pub username: String,
    /// His company.
    pub tenant: TenantId,
}

/// What a link in a mail to the old mailbox is worth, without using it.
///
/// # Errors
/// If the database can't be read.
pub async fn look_undo(cx: &Ctx, token: &str) -> Result<Option<Undo>, ServiceError> {
    let (digest, now) = (TokenHash::of(token), cx.clock.now());
    let read = cx.store.read(move |r| {
        let Some(kept) = idp_store::one_time::look(r, digest, Purpose::UndoEmail)? else { return Ok(None) };
        if kept.used_at.is_some() || kept.one_time.expires_at.reached(now) {
            return Ok(None);
        }
        idp_store::accounts::by_id(r, kept.one_time.tenant, kept.one_time.account)
    });
    let Some(account) = read.await? else { return Ok(None) };
    let company = cx.company(account.tenant).await?;
    Ok(Some(Undo { username: account.username(&company.tenant.code), tenant: account.tenant }))
}

/// Takes a change back: the old address is the account's again, everybody is signed out, and the password, which
/// somebody else may know, is gone. What else protects the account stays. It works whatever was locked or reset since.
///
/// # Errors
/// If it can't be done now.
pub async fn undo(cx: &Ctx, visitor: &Visitor, token: &Secret<String>) -> Result<bool, ServiceError> {
    let (digest, now) = (TokenHash::of(token.expose()), cx.clock.now());
    let scribe = Scribe::new(cx, now)?.from(visitor.address.to_string());
    let done = cx.store.write(move |w| {
        let Some(row) = idp_store::one_time::spend(w, digest, Purpose::UndoEmail, now)? else { return Ok(false) };

        let before: Before =
            serde_json::from_str(&row.payload).map_err(|e| StoreError::Broken(format!("one_time.payload: {e}")))?;
        let (Ok(address), Some(account)) =
            (Email::from_str(&before.address), idp_store::accounts::hold(w, row.tenant, row.account)?)
        else {
            return Ok(false);
        };
        if row.expires_at.reached(now) {
            return Ok(false);
        }
        idp_store::accounts::set_email(w, account.id, &address, now)?;
        idp_store::passwords::drop_of(w, account.id)?;
        end_links(w, &account, now)?;
        idp_store::one_time::supersede(w, account.id, Purpose::UndoEmail, now)?;
        let mut log = scribe.begin();
        end_everything(w, &account, (Reason::Password, now), &mut log)?;
        log.add(w, account.tenant, AuditEvent::EmailChangeUndone { account: account.id })?;
        Ok(true)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(done)
}
