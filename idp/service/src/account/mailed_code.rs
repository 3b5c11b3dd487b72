//! A code by mail that shows that a mailbox is one's own: for codes at each sign-in, or for another address.

use std::str::FromStr;

use idp_core::account::{Account, Email};
use idp_core::authority::Confirmed;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::mail::{CodeFor, Letter};
use idp_core::secret::{TokenHash, bearer};
use idp_core::signin::second_factor::{CODE_LIFE, CODE_TRIES, MailboxFor, digits};
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal;
use idp_store::ephemeral::Budget;
use serde::{Deserialize, Serialize};

use super::{Held, held};
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::{To, pack};
use crate::sessions::standing;
use crate::signin::email::RESEND;
use crate::visitor::Visitor;

/// Tries of one account in a day, over all codes: a mailbox that isn't one's own is not guessed.
const TRIES_A_DAY: i64 = 20;

/// Codes that one person may have sent to mailboxes that are not shown to be his.
const CODES: Budget = Budget { most: 5, window: Lifetime::hours(1) };

/// What asking for a code came to.
#[derive(Debug)]
pub enum CodeSent {
    /// It is on its way; this names it.
    Yes(String),
    /// This can't be an address, or no mail can be sent.
    Unfit,
    /// It is the address of now.
    Same,
    /// Another was sent a moment ago.
    TooSoon,
    /// Too many were asked for, or went to that mailbox.
    TooMany,
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

/// A code for one is none for the other: not every company wants codes by mail.
fn place(visitor: &Visitor, by: &Confirmed, what_for: MailboxFor) -> Vec<u8> {
    let what_for: &[u8] = match what_for {
        MailboxFor::SecondFactor => b"second factor ",
        MailboxFor::Address => b"address ",
    };
    [what_for, by.holder().session.bytes(), visitor.anonymous.as_bytes()].concat()
}

/// What the page of a code carries: sealed, for this session and browser.
#[derive(Serialize, Deserialize)]
struct Ticket {
    v: u8,
    row: Vec<u8>,
    address: String,
    at: Timestamp,
}

fn open(cx: &Ctx, visitor: &Visitor, by: &Confirmed, (what_for, ticket): (MailboxFor, &str)) -> Option<Ticket> {
    let plain = cx.sealer.open_text(seal::Purpose::Ticket, &place(visitor, by, what_for), ticket).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// Where the code went that a ticket names, and when another may follow; nothing if it isn't this session's and
/// browser's.
pub fn code_sent_to(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (what_for, ticket): (MailboxFor, &str),
) -> Option<(String, Lifetime)> {
    let Ticket { address, at, .. } = open(cx, visitor, by, (what_for, ticket))?;
    Some((address, (at + RESEND).since(cx.clock.now()).max(Lifetime::ZERO)))
}

/// Sends a code to an address; after another one not at once.
pub(super) async fn send(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (account, address): (&Account, &Email),
    (what_for, after): (MailboxFor, Option<&str>),
) -> Result<CodeSent, ServiceError> {
    let now = cx.clock.now();
    if !cx.post.is_on() {
        return Ok(CodeSent::Unfit);
    }
    if after
        .and_then(|ticket| open(cx, visitor, by, (what_for, ticket)))
        .is_some_and(|before| !(before.at + RESEND).reached(now))
    {
        return Ok(CodeSent::TooSoon);
    }
    if cx.ephemeral.take(&format!("address:{}", account.id), CODES, now).await.is_err() {
        return Ok(CodeSent::TooMany);
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
    let parcel = pack(cx, to, letter, (now, CODE_LIFE, what_for == MailboxFor::Address))?;
    let holder = by.holder().clone();
    let sent = cx.store.write(move |w| {
        let Some(Held { account, standing, .. }) = held(w, &holder, now)? else { return Ok(None) };
        if !parcel.post(w)? {
            return Ok(Some(false));
        }
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
        Ok(Some(true))
    });
    match sent.await? {
        None => return Ok(CodeSent::Unfit),
        Some(false) => return Ok(CodeSent::TooMany),
        Some(true) => {}
    }
    cx.wake_outbox();
    let ticket =
        serde_json::to_vec(&Ticket { v: 1, row: digest.bytes().to_vec(), address: address.to_string(), at: now })?;
    let ticket = cx.sealer.seal_text(seal::Purpose::Ticket, &place(visitor, by, what_for), &ticket, &cx.random)?;
    Ok(CodeSent::Yes(ticket))
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
    (what_for, ticket, typed): (MailboxFor, &str, &str),
) -> Result<Shown, ServiceError> {
    let now = cx.clock.now();
    let row = open(cx, visitor, by, (what_for, ticket)).and_then(|ticket| TokenHash::from_slice(&ticket.row));
    let Some(digest) = row else { return Ok(Shown::Over) };
    let since = now - Lifetime::days(1);
    let tried = cx.store.write(move |w| {
        let row = idp_store::one_time::try_at(w, digest, Purpose::MailCode, (CODE_TRIES, now))?;
        let Some(row) = row else { return Ok(None) };
        let all = idp_store::one_time::tries(w, row.account, Purpose::MailCode, since)?;
        Ok(Some(row).filter(|_| all <= TRIES_A_DAY))
    });
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
