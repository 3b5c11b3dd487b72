//! Asking for a mail: a link to sign in, or to a new password. Who has no account, no address or no permission gets the same
//! answer and the same work, to the statement: what was asked for goes sealed into the outbox, for nobody as for somebody, and
//! only the worker that takes it out finds out which it is. Only the mail doesn't come.

use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::{AccountId, OutboxId, TenantId};
use idp_core::mail::Letter;
use idp_core::secret::{TokenHash, bearer};
use idp_core::standing::Epochs;
use idp_core::throttle::Lane;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal;
use idp_store::ephemeral::Budget;
use idp_store::outbox::Message;
use idp_store::throttles::Key;
use serde::{Deserialize, Serialize};

use super::email::{Journey, Link, browser, code_digest};
use super::find::{self, Found, Target};
use super::{Name, Wait};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{To, pack};
use crate::sessions;
use crate::visitor::Visitor;

/// The kind of what was asked for, in the outbox.
pub(crate) const ASKED: &str = "asked_mail";

/// Mails that one network may cause: a whole office begins its day behind one address.
const NETWORK: Budget = Budget { most: 200, window: Lifetime::hours(1) };

/// Mails that visitors of one company may cause: a morning on which two hundred people begin has room in it.
const COMPANY: Budget = Budget { most: 1000, window: Lifetime::hours(1) };

/// What somebody asks for.
#[derive(Debug)]
pub struct Ask {
    /// The sealed request that waits, if one does.
    pub request: Option<String>,
    /// Who he says he is.
    pub name: Name,
    /// The same as he typed it, for the page that follows.
    pub typed: String,
    /// To sign in, or to set a new password.
    pub purpose: Purpose,
}

/// What he is told: the same, whoever he is.
#[derive(Debug)]
pub enum Asked {
    /// A mail was sent, if there is an account with an address. The page carries this.
    Sent(String),
    /// The name alone doesn't say which company.
    AskCompany,
    /// Too many mails from that network.
    Wait(Wait),
}

/// What was asked for, sealed in the outbox. For nobody there is no account in it.
#[derive(Serialize, Deserialize)]
struct Wanted {
    v: u8,
    whose: Option<(TenantId, AccountId)>,
    /// What a lock or a reset that comes meanwhile ends it by.
    epochs: Option<Epochs>,
    is_reset: bool,
    digest: Vec<u8>,
    link: Link,
    letter: Letter,
    until: Timestamp,
}

impl Wanted {
    fn purpose(&self) -> Purpose {
        if self.is_reset { Purpose::Reset } else { Purpose::SignInLink }
    }
}

/// Sends a link, if there is somebody to send it to.
///
/// # Errors
/// If it can't be done now.
pub async fn ask(cx: &Ctx, visitor: &Visitor, ask: Ask) -> Result<Asked, ServiceError> {
    let now = cx.clock.now();
    if let Err(until) = cx.ephemeral.take(&format!("mail:{}", visitor.network()), NETWORK, now).await {
        let zone = cx.company(cx.vendor).await?.policy.zone().to_owned();
        return Ok(Asked::Wait(Wait { until, left: until.since(now), zone }));
    }
    let company = match &ask.name {
        Name::Two { company, .. } => Some(company.clone()),
        Name::One { company, .. } => company.as_ref().map(ToString::to_string),
    };
    let (purpose, typed) = (ask.purpose, ask.typed);
    let found = match find::target(cx, visitor, ask.name, now).await? {
        Target::AskCompany => return Ok(Asked::AskCompany),
        Target::Someone(found) => *found,
    };
    // The account's own company, whose rules hold for its mails; for nobody the one that the name says.
    let own = found.someone.as_ref().map(|s| s.account.tenant).or(found.company).unwrap_or(cx.vendor);
    let own = cx.company(own).await?;
    let wanted = wanted(cx, visitor, (&found, &own), (purpose, ask.request, now))?;
    let (digest, ends) = (wanted.digest.clone(), wanted.until);
    hand_in(cx, (&found, &own), &wanted, now).await?;
    let is_reset = purpose == Purpose::Reset;
    let journey = Journey { v: 1, digest, is_reset, typed, company, asked_at: now, ends };
    Ok(Asked::Sent(journey.seal(cx, visitor)?))
}

/// How long such a link works.
fn life(company: &Company, purpose: Purpose) -> Lifetime {
    if purpose == Purpose::Reset { company.policy.reset_life() } else { company.policy.link_life() }
}

/// Does the company let people do this by mail?
fn is_allowed(company: &Company, purpose: Purpose) -> bool {
    if purpose == Purpose::Reset { company.policy.password_enabled() } else { company.policy.links_enabled() }
}

/// Draws link, code and mail, for whoever it is.
fn wanted(
    cx: &Ctx,
    visitor: &Visitor,
    (found, own): (&Found, &Company),
    (purpose, request, now): (Purpose, Option<String>, Timestamp),
) -> Result<Wanted, ServiceError> {
    let (token, code) = (bearer("sbl", &cx.random.bytes()?), cx.random.digits()?);
    let digest = TokenHash::of(token.expose());
    let code_digest = code_digest(cx, digest, code.expose())?;
    let (until, token, asked_by) = (now + life(own, purpose), token.expose().clone(), visitor.agent.clone());
    let someone = found.someone.as_ref();
    let letter = if purpose == Purpose::Reset {
        let username = someone.map(|s| s.account.username(&own.tenant.code)).unwrap_or_default();
        Letter::Reset { token, username, until, asked_by }
    } else {
        Letter::SignIn { token, code: code.expose().clone(), until, asked_by }
    };
    let to = someone.and_then(|s| s.account.email.as_ref()).map(ToString::to_string).unwrap_or_default();
    Ok(Wanted {
        v: 1,
        whose: someone.map(|s| (s.account.tenant, s.account.id)),
        epochs: someone.map(|s| s.standing.epochs),
        is_reset: purpose == Purpose::Reset,
        digest: digest.bytes().to_vec(),
        link: Link { v: 1, to, browser: browser(cx, visitor)?, code: code_digest, request },
        letter,
        until,
    })
}

/// Puts it into the outbox: one act, the same for everybody.
async fn hand_in(
    cx: &Ctx,
    (found, own): (&Found, &Company),
    wanted: &Wanted,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let id = OutboxId::at(now, cx.random.bytes()?);
    let payload = cx.sealer.seal_text(seal::Purpose::Mail, id.bytes(), &serde_json::to_vec(wanted)?, &cx.random)?;
    let (tenant, expires_at) = (own.tenant.id, wanted.until);
    let message = Message { id, tenant, kind: ASKED.to_owned(), payload, next_at: now, expires_at, attempts: 0 };
    let key = Key { subject: found.subject, lane: Lane::Mail };
    let handed = cx.store.write(move |w| {
        idp_store::throttles::note(w, key, now)?;
        idp_store::outbox::push(w, &message)
    });
    handed.await?;
    cx.wake_outbox();
    Ok(())
}

/// Keeps the link and posts the mail, if there is somebody to get it. Taken out twice, after a crash, it is done once.
///
/// # Errors
/// If it can't be done now.
pub(crate) async fn fulfil(cx: &Ctx, message: &Message) -> Result<(), ServiceError> {
    let plain = cx.sealer.open_text(seal::Purpose::Mail, message.id.bytes(), &message.payload)?;
    let wanted: Wanted = serde_json::from_slice(&plain)?;
    let (Some((tenant, id)), Some(epochs)) = (wanted.whose, wanted.epochs) else { return Ok(()) };
    let now = cx.clock.now();
    let read =
        cx.store.read(move |r| Ok(idp_store::accounts::by_id(r, tenant, id)?.zip(sessions::standing(r, tenant, id)?)));
    let Some((account, standing)) = read.await? else { return Ok(()) };
    let (company, purpose) = (cx.company(tenant).await?, wanted.purpose());
    let is_his = account.email.as_ref().is_some_and(|e| e.as_str() == wanted.link.to);
    if !is_his || !cx.post.is_on() || !is_allowed(&company, purpose) || standing.may_receive(&epochs).is_err() {
        return Ok(());
    }
    if cx.ephemeral.take(&format!("mail-company:{tenant}"), COMPANY, now).await.is_err() {
        tracing::warn!(event = "mail_budget_spent", company = %company.tenant.code, "visitors of this company asked for too many mails");
        return Ok(());
    }
    let (to, useful) =
        (To { address: &wanted.link.to, company: &company, account: Some(&account) }, life(&company, purpose));
    let parcel = pack(cx, to, wanted.letter.clone(), (now, useful, true))?;
    let Some(digest) = TokenHash::from_slice(&wanted.digest) else { return Ok(()) };
    let payload = serde_json::to_string(&wanted.link)?;
    let row = OneTime { tenant, account: id, purpose, payload, epochs, expires_at: wanted.until };
    let kept = cx.store.write(move |w| {
        let is_done = idp_store::one_time::look(w, digest, purpose)?.is_some();
        if !is_done && parcel.post(w)? {
            idp_store::one_time::supersede(w, id, purpose, now)?;
            idp_store::one_time::insert(w, digest, &row, now)?;
        }
        Ok(())
    });
    kept.await?;
    cx.wake_outbox();
    Ok(())
}
