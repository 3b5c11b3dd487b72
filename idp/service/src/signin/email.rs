//! Signing in by mail: a link and, beside it, a code for the browser that asked. How one asks for it is in `ask`.

use std::sync::Arc;

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::TenantId;
use idp_core::secret::{Secret, TokenHash};
use idp_core::session::Method;
use idp_core::signin::Refusal;
use idp_core::signin::second_factor::{CODE_TRIES, digits};
use idp_core::throttle::Lane;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal;
use idp_store::one_time::Kept;
use idp_store::throttles::Key;
use idp_store::{StoreError, Write};
use serde::{Deserialize, Serialize};

use super::door::{self, First, Inside};
use super::find::nobody;
use super::second::answered;
use super::{Entry, asks_for_two};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::link::Link;
use crate::sessions;
use crate::visitor::Visitor;

/// Wrong codes for one account in a day; then only links work.
const WRONG_CODES_A_DAY: i64 = 10;

/// Between two mails that one page asks for.
pub const RESEND: Lifetime = Lifetime::minutes(1);

/// What the page carries between mail and code: sealed, bound to the browser.
#[derive(Serialize, Deserialize)]
pub(super) struct Journey {
    pub(super) v: u8,
    /// The row behind the mail; one that isn't there, for nobody.
    pub(super) digest: Vec<u8>,
    pub(super) is_reset: bool,
    pub(super) typed: String,
    pub(super) company: Option<String>,
    pub(super) asked_at: Timestamp,
    pub(super) ends: Timestamp,
}

impl Journey {
    /// As the browser carries it: sealed, for this browser only.
    pub(super) fn seal(&self, cx: &Ctx, visitor: &Visitor) -> Result<String, ServiceError> {
        let plain = serde_json::to_vec(self)?;
        Ok(cx.sealer.seal_text(seal::Purpose::Journey, visitor.anonymous.as_bytes(), &plain, &cx.random)?)
    }
}

/// What such a page shows.
#[derive(Debug)]
pub struct Pending {
    /// The name as it was typed.
    pub typed: String,
    /// The company beside it, as it was typed.
    pub company: Option<String>,
    /// How long a link works.
    pub minutes: i64,
    /// Until another mail may be asked for.
    pub resend_in: Lifetime,
}

pub(super) fn browser(cx: &Ctx, visitor: &Visitor) -> Result<Vec<u8>, ServiceError> {
    Ok(cx.sealer.digest(&[b"mail link browser", visitor.anonymous.as_bytes()])?.to_vec())
}

pub(super) fn code_digest(sealer: &seal::Sealer, row: TokenHash, code: &str) -> Result<Vec<u8>, seal::SealError> {
    Ok(sealer.digest(&[b"mail code", row.bytes(), code.as_bytes()])?.to_vec())
}

fn open(cx: &Ctx, visitor: &Visitor, sealed: &str) -> Option<Journey> {
    let plain = cx.sealer.open_text(seal::Purpose::Journey, visitor.anonymous.as_bytes(), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// What the page after the mail shows; none if it is too old, another browser's, or about another kind of mail.
pub fn pending(cx: &Ctx, visitor: &Visitor, (sealed, purpose): (&str, Purpose)) -> Option<Pending> {
    let now = cx.clock.now();
    let journey =
        open(cx, visitor, sealed).filter(|j| !j.ends.reached(now) && j.is_reset == (purpose == Purpose::Reset))?;
    let minutes = journey.ends.since(journey.asked_at).as_seconds() / 60;
    let again = journey.asked_at + RESEND;
    let resend_in = if again.reached(now) { Lifetime::ZERO } else { again.since(now) };
    Some(Pending { typed: journey.typed, company: journey.company, minutes, resend_in })
}

/// Why a link is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It was used.
    Used,
    /// There is a newer one.
    Newer,
    /// Its time is over, or it never was one, or what it was made for has changed.
    Expired,
}

/// In which browser a link was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// In the one that asked for it.
    ByAsker,
    /// In another; a person presses a button there.
    Elsewhere,
    /// In another, and the company lets nobody in there: mail programs press buttons, too.
    NeedsCode,
}

/// A link that was opened.
#[derive(Debug)]
pub enum Looked {
    /// It is good.
    Good {
        /// Where it was opened.
        here: Opened,
        /// Whose account, by its user name.
        username: String,
        /// His company.
        tenant: TenantId,
        /// What waits in the browser that asked, if it is this one.
        request: Option<String>,
    },
    /// It isn't.
    Over(Over),
}

fn over(kept: &Kept, now: Timestamp) -> Option<Over> {
    match (kept.used_at, kept.superseded) {
        (Some(_), true) => Some(Over::Newer),
        (Some(_), false) => Some(Over::Used),
        (None, _) if kept.one_time.expires_at.reached(now) => Some(Over::Expired),
        (None, _) => None,
    }
}

/// A link with whose it is, from rows read now.
pub(super) struct Held {
    pub(super) account: Account,
    /// The address it was sent to.
    pub(super) to: String,
    purpose: Purpose,
    link: Link,
}

/// Reads what is behind a link and spends nothing: mail programs open links, too.
pub(super) async fn held(
    cx: &Ctx,
    digest: TokenHash,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Result<Held, Over>, ServiceError> {
    let read = cx.store.read(move |r| {
        let Some(kept) = idp_store::one_time::look(r, digest, purpose)? else { return Ok(None) };
        let (tenant, id) = (kept.one_time.tenant, kept.one_time.account);
        let account = idp_store::accounts::by_id(r, tenant, id)?;
        Ok(Some((kept, account, sessions::standing(r, tenant, id)?)))
    });
    let Some((kept, Some(account), Some(standing))) = read.await? else { return Ok(Err(Over::Expired)) };
    if let Some(over) = over(&kept, now) {
        return Ok(Err(over));
    }
    let link: Link = serde_json::from_str(&kept.one_time.payload)?;
    let still = standing.may_receive(&kept.one_time.epochs).is_ok()
        && account.email.as_ref().is_some_and(|e| e.as_str() == link.to);
    Ok(if still { Ok(Held { account, to: link.to.clone(), purpose, link }) } else { Err(Over::Expired) })
}

/// What is sent anew to who has a link that is worth nothing any more.
#[derive(Debug)]
pub struct Anew {
    /// Whose.
    pub username: String,
    /// A link for a new password, not one to sign in.
    pub is_reset: bool,
}

/// Was the token made for an invitation? It tells by itself, also when nobody knows it any more.
pub fn is_invitation(token: &str) -> bool {
    token.starts_with("sbw_")
}

/// Whose link it was, if the account has the same mailbox still and its company sends such links.
///
/// # Errors
/// If the database can't be read.
pub async fn anew(cx: &Ctx, token: &str) -> Result<Option<Anew>, ServiceError> {
    let digest = TokenHash::of(token);
    let read = cx.store.read(move |r| {
        for purpose in [Purpose::SignInLink, Purpose::Welcome, Purpose::Reset] {
            let Some(kept) = idp_store::one_time::look(r, digest, purpose)? else { continue };
            let (tenant, id) = (kept.one_time.tenant, kept.one_time.account);
            return Ok(idp_store::accounts::by_id(r, tenant, id)?.map(|account| (account, kept.one_time)));
        }
        Ok(None)
    });
    let Some((account, row)) = read.await? else { return Ok(None) };
    let is_reset = row.purpose == Purpose::Reset;
    let company = cx.company(account.tenant).await?;
    let is_sent = if is_reset { company.policy.password_enabled() } else { company.policy.links_enabled() };
    let to = read_link(&row.payload)?.to;
    let is_his = account.email.as_ref().is_some_and(|email| email.as_str() == to);
    Ok((is_sent && is_his).then(|| Anew { username: account.username(&company.tenant.code), is_reset }))
}

/// A link that signs in: one that was asked for, or one in an invitation.
async fn held_way_in(cx: &Ctx, digest: TokenHash, now: Timestamp) -> Result<Result<Held, Over>, ServiceError> {
    match held(cx, digest, Purpose::Welcome, now).await? {
        Err(Over::Expired) => held(cx, digest, Purpose::SignInLink, now).await,
        known => Ok(known),
    }
}

/// What a link is worth, without using it.
///
/// # Errors
/// If the database can't be read.
pub async fn look(cx: &Ctx, visitor: &Visitor, token: &str) -> Result<Looked, ServiceError> {
    let held = match held_way_in(cx, TokenHash::of(token), cx.clock.now()).await? {
        Ok(held) => held,
        Err(over) => return Ok(Looked::Over(over)),
    };
    let company = cx.company(held.account.tenant).await?;
    let here = opened(cx, visitor, &held.link, &company)?;
    Ok(Looked::Good {
        here,
        request: held.link.request.filter(|_| here == Opened::ByAsker),
        username: held.account.username(&company.tenant.code),
        tenant: held.account.tenant,
    })
}

fn opened(cx: &Ctx, visitor: &Visitor, link: &Link, company: &Company) -> Result<Opened, ServiceError> {
    Ok(if link.browser == browser(cx, visitor)? {
        Opened::ByAsker
    } else if company.policy.wants_typed_code() {
        Opened::NeedsCode
    } else {
        Opened::Elsewhere
    })
}

/// What came of it.
#[derive(Debug)]
pub enum Entered {
    /// He is in.
    In(Box<Entry>),
    /// The second factor of this sign-in comes next; and what waits, in the browser that asked.
    Second(String, Option<String>),
    /// The code isn't right.
    WrongCode,
    /// Not by the link, in this browser.
    NeedsCode,
    /// The link is worth nothing.
    Over(Over),
}

/// Somebody wants in by a link. In the browser that asked, what waited there goes on; in another, it is that one's own
/// sign-in.
///
/// # Errors
/// If it can't be done now.
pub async fn by_link(cx: &Ctx, visitor: &Visitor, token: &Secret<String>) -> Result<Entered, ServiceError> {
    let now = cx.clock.now();
    let digest = TokenHash::of(token.expose());
    let held = match held_way_in(cx, digest, now).await? {
        Ok(held) => held,
        Err(over) => return Ok(Entered::Over(over)),
    };
    let company = cx.company(held.account.tenant).await?;
    let request = match opened(cx, visitor, &held.link, &company)? {
        Opened::ByAsker => held.link.request.clone(),
        Opened::Elsewhere => None,
        Opened::NeedsCode => return Ok(Entered::NeedsCode),
    };
    enter(cx, visitor, (digest, held, request), now).await
}

/// Somebody types the code, in the browser that asked.
///
/// # Errors
/// If it can't be done now.
pub async fn by_code(cx: &Ctx, visitor: &Visitor, sealed: &str, typed: &str) -> Result<Entered, ServiceError> {
    let now = cx.clock.now();
    let journey = open(cx, visitor, sealed).filter(|j| !j.ends.reached(now));
    let Some(digest) = journey.and_then(|j| TokenHash::from_slice(&j.digest)) else {
        return Ok(Entered::Over(Over::Expired));
    };
    let code = digits(typed);
    let (keys, scribe) = (Arc::clone(&cx.sealer), Scribe::new(cx, now)?.from(visitor.address.to_string()));
    let tried = cx.store.write(move |w| try_code(w, (&keys, &scribe), (digest, &code), now));
    let Some(digest) = tried.await? else { return Ok(Entered::WrongCode) };
    match held(cx, digest, Purpose::SignInLink, now).await? {
        Ok(held) => {
            let request = held.link.request.clone();
            enter(cx, visitor, (digest, held, request), now).await
        }
        Err(over) => Ok(Entered::Over(over)),
    }
}

/// Whose code it is: of several accounts with one mailbox each has got its own, and what is typed is tried at each that
/// still has tries. One act, whether there is anybody or not.
fn try_code(
    w: &mut Write<'_>,
    (sealer, scribe): (&seal::Sealer, &Scribe),
    (first, code): (TokenHash, &str),
    now: Timestamp,
) -> Result<Option<TokenHash>, StoreError> {
    let broken = |e: seal::SealError| StoreError::Broken(e.to_string());
    let mut tried = Vec::new();
    let mut right = None;
    for digest in rows(w, first)? {
        // Counted before it is looked at, so that many at once can't pass five.
        let counted = idp_store::one_time::try_at(w, digest, Purpose::SignInLink, (CODE_TRIES, now))?;
        let Some(row) = counted else { continue };
        let since = now - Lifetime::days(1);
        let is_quiet = idp_store::one_time::tries(w, row.account, Purpose::SignInLink, since)? <= WRONG_CODES_A_DAY;
        let link = read_link(&row.payload)?;
        if is_quiet && idp_core::secret::same(&link.code, &code_digest(sealer, digest, code).map_err(broken)?) {
            right = Some(digest);
        }
        tried.push((digest, row));
    }
    if right.is_some() {
        // It was no guess.
        for (digest, _) in tried {
            idp_store::one_time::give_back(w, digest)?;
        }
        return Ok(right);
    }
    let mut log = scribe.begin();
    for (_, OneTime { tenant, account, .. }) in &tried {
        let event = AuditEvent::SignInFailed { account: Some(*account), reason: Refusal::WrongCode.name().to_owned() };
        log.add(w, *tenant, event)?;
    }
    if tried.is_empty() {
        idp_store::throttles::note(w, Key { subject: nobody(first), lane: Lane::Mail }, now)?;
    }
    Ok(None)
}

/// The rows that a page may mean: the one it knows of, and those of others with the same mailbox.
fn rows(w: &mut Write<'_>, first: TokenHash) -> Result<Vec<TokenHash>, StoreError> {
    let Some(kept) = idp_store::one_time::look(w, first, Purpose::SignInLink)? else { return Ok(vec![first]) };
    let others = read_link(&kept.one_time.payload)?.others;
    Ok(std::iter::once(first).chain(others.iter().filter_map(|other| TokenHash::from_slice(other))).collect())
}

fn read_link(payload: &str) -> Result<Link, StoreError> {
    serde_json::from_str(payload).map_err(|e| StoreError::Broken(format!("one_time.payload: {e}")))
}

/// Spends the row and makes the session, in one act.
async fn enter(
    cx: &Ctx,
    visitor: &Visitor,
    (digest, held, request): (TokenHash, Held, Option<String>),
    now: Timestamp,
) -> Result<Entered, ServiceError> {
    let first = First {
        account: &held.account,
        company: cx.company(held.account.tenant).await?,
        method: Method::Email,
        answered: answered(cx, visitor, request.as_deref(), now)?,
        insists: asks_for_two(cx, visitor, request.as_deref(), now)?,
        must_change: false,
        recovery: None,
        at: now,
        now,
    };
    let Some(door) = door::prepare(cx, visitor, first).await? else { return Ok(Entered::Over(Over::Expired)) };
    let door = Arc::new(door);
    let (inner, account, to, purpose) = (Arc::clone(&door), held.account.id, held.to.clone(), held.purpose);
    let made = cx.store.write(move |w| {
        // Burnt whatever follows; a lock that came meanwhile wins.
        let Some(row) = idp_store::one_time::spend(w, digest, purpose, now)? else { return Ok(None) };
        if row.expires_at.reached(now) {
            return Ok(None);
        }
        let passed = inner.pass(w)?;
        if passed.is_some() {
            idp_store::accounts::verify_email(w, account, &to)?;
        }
        Ok(passed)
    });
    let Some(passed) = made.await? else { return Ok(Entered::Over(Over::Used)) };
    let (outcome, entered) = match door.answer(cx, passed, request.clone()) {
        Inside::In(entry) => ("in", Entered::In(entry)),
        Inside::Second(journey) => ("second", Entered::Second(journey, request)),
        Inside::MustChange(_) => ("over", Entered::Over(Over::Used)), // a link is no password
    };
    metrics::counter!("idp_signin_total", "method" => "email", "outcome" => outcome).increment(1);
    Ok(entered)
}
