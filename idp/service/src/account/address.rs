//! One's mail address: a code shows that the new mailbox is one's own, the old one is told and can take it back.

use std::str::FromStr;

use idp_core::account::{Account, Email};
use idp_core::audit::AuditEvent;
use idp_core::authority::Confirmed;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::TenantId;
use idp_core::logout::Reason;
use idp_core::mail::{CodeFor, Letter};
use idp_core::secret::{Secret, TokenHash, bearer};
use idp_core::signin::second_factor::{CODE_LIFE, digits};
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal;
use idp_store::ephemeral::Budget;
use idp_store::{StoreError, Write};
use serde::{Deserialize, Serialize};

use super::second_factor::account;
use super::{Held, held};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, To, pack};
use crate::sessions::{end_everything, standing};
use crate::signin::email::RESEND;
use crate::signin::second::masked;
use crate::visitor::Visitor;

/// Tries at one code.
const TRIES: i32 = 5;

/// Codes that one person may have sent to mailboxes that are not shown to be his.
const CODES: Budget = Budget { most: 5, window: Lifetime::hours(1) };

/// For so long a change can be taken back.
const UNDO: Lifetime = Lifetime::days(7);

/// What asking for a code came to.
#[derive(Debug)]
pub enum AddressSent {
    /// It is on its way; the form has to bring this back.
    Yes {
        /// What names it.
        ticket: String,
        /// Where it went.
        address: String,
    },
    /// This can't be an address, or no mail can be sent.
    Unfit,
    /// It is the address of now.
    Same,
    /// Another was sent a moment ago.
    TooSoon,
    /// Too many were asked for; not before then.
    TooMany(Timestamp),
}

/// What the row of a code remembers.
#[derive(Serialize, Deserialize)]
struct Pending {
    v: u8,
    address: String,
    code: Vec<u8>,
}

fn code_digest(cx: &Ctx, row: TokenHash, code: &str) -> Result<Vec<u8>, ServiceError> {
    Ok(cx.sealer.digest(&[b"address code", row.bytes(), code.as_bytes()])?.to_vec())
}

fn place(visitor: &Visitor, by: &Confirmed) -> Vec<u8> {
    [b"address ".as_slice(), by.holder().session.bytes(), visitor.anonymous.as_bytes()].concat()
}

/// What the page of a code carries: sealed, for this session and browser.
#[derive(Serialize, Deserialize)]
struct Ticket {
    v: u8,
    row: Vec<u8>,
    at: Timestamp,
}

fn open(cx: &Ctx, visitor: &Visitor, by: &Confirmed, ticket: &str) -> Option<Ticket> {
    let plain = cx.sealer.open_text(seal::Purpose::Ticket, &place(visitor, by), ticket).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// Sends a code to an address; after another one not at once.
pub(super) async fn send(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (account, address, after): (&Account, &Email, Option<&str>),
) -> Result<AddressSent, ServiceError> {
    let now = cx.clock.now();
    if !cx.post.is_on() {
        return Ok(AddressSent::Unfit);
    }
    if after.and_then(|ticket| open(cx, visitor, by, ticket)).is_some_and(|before| !(before.at + RESEND).reached(now)) {
        return Ok(AddressSent::TooSoon);
    }
    if let Err(until) = cx.ephemeral.take(&format!("address:{}", account.id), CODES, now).await {
        return Ok(AddressSent::TooMany(until));
    }
    let (id, code) = (bearer("sba", &cx.random.bytes()?), cx.random.digits()?);
    let digest = TokenHash::of(id.expose());
    let payload = serde_json::to_string(&Pending {
        v: 1,
        address: address.to_string(),
        code: code_digest(cx, digest, code.expose())?,
    })?;
    let company = cx.company(account.tenant).await?;
    let letter = Letter::Code {
        code: code.expose().clone(),
        what_for: CodeFor::Address,
        until: now + CODE_LIFE,
        asked_by: visitor.agent.clone(),
    };
    let to = To { address: address.as_str(), company: &company, account: Some(account) };
    let parcel = pack(cx, to, letter, (now, CODE_LIFE, false))?;
    let holder = by.holder().clone();
    let sent = cx.store.write(move |w| {
        let Some(Held { account, standing, .. }) = held(w, &holder, now)? else { return Ok(false) };
        idp_store::one_time::supersede(w, account.id, Purpose::MailCode, now)?;
        let row = OneTime {
            tenant: account.tenant,
            account: account.id,
            purpose: Purpose::MailCode,
            payload: payload.clone(),
            epochs: standing.epochs,
            expires_at: now + CODE_LIFE,
        };
        idp_store::one_time::insert(w, digest, &row, now)?;
        parcel.post(w)
    });
    if !sent.await? {
        return Ok(AddressSent::Unfit);
    }
    cx.wake_outbox();
    let ticket = serde_json::to_vec(&Ticket { v: 1, row: digest.bytes().to_vec(), at: now })?;
    let ticket = cx.sealer.seal_text(seal::Purpose::Ticket, &place(visitor, by), &ticket, &cx.random)?;
    Ok(AddressSent::Yes { ticket, address: address.to_string() })
}

/// What a code turned out to be.
pub(super) enum Shown {
    /// Right: this mailbox is the person's.
    Right(Email),
    /// Not right.
    Wrong,
    /// Too old, tried too often, or another's.
    Over,
}

/// Looks at a code. It is counted before, and used up with a right one.
pub(super) async fn shown(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (ticket, typed): (&str, &str),
) -> Result<Shown, ServiceError> {
    let now = cx.clock.now();
    let row = open(cx, visitor, by, ticket).and_then(|ticket| TokenHash::from_slice(&ticket.row));
    let Some(digest) = row else { return Ok(Shown::Over) };
    let tried = cx.store.write(move |w| idp_store::one_time::try_at(w, digest, Purpose::MailCode, (TRIES, now)));
    let Some(row) = tried.await? else { return Ok(Shown::Over) };
    let pending: Pending = serde_json::from_str(&row.payload)?;
    let right = code_digest(cx, digest, &digits(typed))?;
    if row.account != by.holder().account || !idp_core::secret::same(&pending.code, &right) {
        return Ok(Shown::Wrong);
    }
    let spent = cx.store.write(move |w| {
        let Some(row) = idp_store::one_time::spend(w, digest, Purpose::MailCode, now)? else { return Ok(false) };
        let standing = standing(w, row.tenant, row.account)?;
        Ok(standing.is_some_and(|s| s.may_receive(&row.epochs).is_ok()))
    });
    let address = Email::from_str(&pending.address).ok();
    Ok(match address {
        Some(address) if spent.await? => Shown::Right(address),
        _ => Shown::Over,
    })
}

/// Somebody wants another address: a code goes to it, and nothing changes yet. Maybe another one, after that of a ticket.
///
/// # Errors
/// If it can't be done now.
pub async fn change_address(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (typed, after): (&str, Option<&str>),
) -> Result<AddressSent, ServiceError> {
    let Some(account) = account(cx, by).await? else { return Ok(AddressSent::Unfit) };
    let Ok(address) = Email::from_str(typed) else { return Ok(AddressSent::Unfit) };
    if account.email.as_ref() == Some(&address) && account.email_verified {
        return Ok(AddressSent::Same);
    }
    send(cx, visitor, by, (&account, &address, after)).await
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

/// The code from the new mailbox: from now on it is the account's. Links that went to the old one are dead.
///
/// # Errors
/// If it can't be done now.
pub async fn confirm_address(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (ticket, code): (&str, &Secret<String>),
) -> Result<super::Enrolled, ServiceError> {
    let new = match shown(cx, visitor, by, (ticket, code.expose())).await? {
        Shown::Right(new) => new,
        Shown::Wrong => return Ok(super::Enrolled::Wrong),
        Shown::Over => return Ok(super::Enrolled::Over),
    };
    let now = cx.clock.now();
    let Some(account) = account(cx, by).await? else { return Ok(super::Enrolled::Over) };
    let back = way_back(cx, &*cx.company(account.tenant).await?, &account, (&new, now))?;
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
        }
        scribe.begin().add(w, account.tenant, AuditEvent::EmailChanged { account: account.id })?;
        Ok(true)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(if done { super::Enrolled::Done(Vec::new()) } else { super::Enrolled::Over })
}

/// Of several changes one after the other only the first has a way back: it leads to whoever had the address before all of
/// them. Somebody in between, who may be who the last change is against, gets none; and who has his address again needs none.
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

/// Takes a change back: the old address is the account's again, everybody is signed out, and the password, which somebody
/// else may know, is gone. What else protects the account stays. It works whatever was locked or reset since.
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
