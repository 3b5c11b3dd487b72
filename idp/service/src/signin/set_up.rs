//! Setting a second factor up in the middle of a sign-in, because the company requires one. The sign-in ends with it.

use std::sync::Arc;

use idp_core::audit::AuditEvent;
use idp_core::ids::{SessionId, TenantId};
use idp_core::mail::Happening;
use idp_core::secret::{Sealed, Secret};
use idp_core::signin::second_factor::{CODE_LIFE, CODE_TRIES, Means, Need, digits, need};
use idp_core::time::Timestamp;
use idp_crypto::seal::Sealer;
use idp_store::{StoreError, Write};

use super::Way;
use super::door::{Passed, code_digest};
use super::new_password::Shown;
use super::reset::Recovery;
use super::second::{Count, LockedOut, Under, Verified, draw_session, inside, recovery, under};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::passkeys::{self, Kept, Looked, New, Offer};
use crate::second_factor::{AppOffer, Codes, FirstCode, first_code, offer_again, offer_app, own};
use crate::sessions::{self, Plan};
use crate::visitor::Visitor;

/// May this sign-in set this up?
fn offers(under: &Under, means: Means) -> bool {
    matches!(&under.need, Need::SetUp(offered, _) if offered.contains(&means))
}

/// Draws what an app needs to know; nothing if there is no such sign-in any more.
///
/// # Errors
/// If it can't be done now.
pub async fn app(cx: &Ctx, visitor: &Visitor, journey: &str) -> Result<Option<AppOffer>, ServiceError> {
    let under = under(cx, visitor, journey, cx.clock.now()).await?;
    let Some(under) = under.filter(|u| offers(u, Means::App)) else { return Ok(None) };
    offer_app(cx, visitor, (&under.account, &under.company)).map(Some)
}

/// The same seed again.
///
/// # Errors
/// If the database can't be read.
pub async fn app_again(
    cx: &Ctx,
    visitor: &Visitor,
    (journey, ticket): (&str, &str),
) -> Result<Option<AppOffer>, ServiceError> {
    let under = under(cx, visitor, journey, cx.clock.now()).await?;
    let Some(under) = under.filter(|u| offers(u, Means::App)) else { return Ok(None) };
    Ok(offer_again(cx, visitor, (&under.account, &under.company), ticket))
}

/// A first code.
#[derive(Debug)]
pub struct First {
    /// The sign-in.
    pub journey: String,
    /// The sealed request that waits, if one does.
    pub request: Option<String>,
    /// What the form brought back: the seed of an app.
    pub ticket: String,
    /// The code, or what an authenticator says.
    pub code: Secret<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum Confirmed {
    /// It is set up.
    Done {
        /// Whose company.
        tenant: TenantId,
        /// The backup codes, to be shown once.
        codes: Vec<Secret<String>>,
        /// Where the sign-in stands.
        verified: Verified,
    },
    /// The code isn't right.
    Wrong,
    /// Somebody has that passkey already, or there are as many as there may be.
    Taken,
    /// It is too old, or was tried too often.
    Expired,
    /// That was one too many: the account is locked.
    Locked(LockedOut),
    /// There is no such sign-in, or no such seed, any more.
    Over,
}

/// What is set up.
enum Thing {
    App(Sealed, i64),
    Email(Secret<String>),
    Key(Box<New>),
}

fn place(visitor: &Visitor, under: &Under) -> Vec<u8> {
    [b"new passkey in ", under.id.bytes().as_slice(), visitor.anonymous.as_bytes()].concat()
}

/// Begins to make a passkey; with the company of the sign-in.
///
/// # Errors
/// If it can't be done now.
pub async fn key(cx: &Ctx, visitor: &Visitor, journey: &str) -> Result<Option<(TenantId, Offer)>, ServiceError> {
    let under = under(cx, visitor, journey, cx.clock.now()).await?;
    let Some(under) = under.filter(|u| offers(u, Means::Key)) else { return Ok(None) };
    let offer = passkeys::offer(cx, &place(visitor, &under), (&under.account, &under.company), Vec::new())?;
    Ok(offer.map(|offer| (under.account.tenant, offer)))
}

/// A passkey was made.
///
/// # Errors
/// If it can't be done now.
pub async fn confirm_key(cx: &Ctx, visitor: &Visitor, first: First) -> Result<Confirmed, ServiceError> {
    let under = under(cx, visitor, &first.journey, cx.clock.now()).await?;
    let Some(under) = under.filter(|u| offers(u, Means::Key)) else { return Ok(Confirmed::Over) };
    let brought = (&*place(visitor, &under), &*first.ticket, &**first.code.expose());
    match passkeys::look(cx, visitor, (&under.account, &under.company), brought)? {
        Looked::Good(new) => confirm(cx, visitor, (under, Thing::Key(new)), first.request).await,
        Looked::Wrong => Ok(Confirmed::Wrong),
        Looked::Over => Ok(Confirmed::Over),
    }
}

/// An app shows that it has the seed.
///
/// # Errors
/// If it can't be done now.
pub async fn confirm_app(cx: &Ctx, visitor: &Visitor, first: First) -> Result<Confirmed, ServiceError> {
    let under = under(cx, visitor, &first.journey, cx.clock.now()).await?;
    let Some(under) = under.filter(|u| offers(u, Means::App)) else { return Ok(Confirmed::Over) };
    let thing = match first_code(cx, visitor, under.account.id, (&first.ticket, first.code.expose()))? {
        FirstCode::Right(seed, step) => Thing::App(seed, step),
        FirstCode::Wrong => return Ok(Confirmed::Wrong),
        FirstCode::Over => return Ok(Confirmed::Over),
    };
    confirm(cx, visitor, (under, thing), first.request).await
}

/// A mailbox shows that the code has arrived.
///
/// # Errors
/// If it can't be done now.
pub async fn confirm_email(cx: &Ctx, visitor: &Visitor, first: First) -> Result<Confirmed, ServiceError> {
    let under = under(cx, visitor, &first.journey, cx.clock.now()).await?;
    let Some(under) = under.filter(|u| offers(u, Means::Email)) else { return Ok(Confirmed::Over) };
    confirm(cx, visitor, (under, Thing::Email(first.code)), first.request).await
}

struct Attempt {
    under: Under,
    thing: Thing,
    codes: Codes,
    plan: Plan,
    recovery: Option<Recovery>,
    notice: Option<Parcel>,
    count: Count,
    sealer: Arc<Sealer>,
    scribe: Scribe,
    mail_is_on: bool,
    now: Timestamp,
}

/// What the transaction tells.
enum Told {
    Passed(Passed),
    Wrong,
    Taken,
    Expired,
    Locked,
    Over,
}

async fn confirm(
    cx: &Ctx,
    visitor: &Visitor,
    (under, thing): (Under, Thing),
    request: Option<String>,
) -> Result<Confirmed, ServiceError> {
    let now = cx.clock.now();
    let (means, what, is_synced) = match &thing {
        Thing::App(..) => (Means::App, Some(Happening::AppOn), false),
        Thing::Email(_) => (Means::Email, Some(Happening::EmailCodesOn), false),
        Thing::Key(new) => (Means::Key, None, new.is_synced()), // it tells by itself
    };
    let method = means.method(is_synced);
    let (plan, cookies) = draw_session(cx, visitor, &under, (Some(method), now)).await?;
    let codes = Codes::draw(cx, under.account.id)?;
    let (account, company, shown) = (under.account.clone(), Arc::clone(&under.company), codes.plain.clone());
    let way = Way { lacks_key: means != Means::Key && under.way(cx).lacks_key, ..under.way(cx) };
    let attempt = Attempt {
        recovery: recovery(cx, visitor, &under, now)?,
        notice: match what {
            Some(what) => notice(cx, &company, &account, (Some(visitor), now), what)?,
            None => None,
        },
        scribe: Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string()),
        count: Count::draw(cx, visitor, &under, now)?,
        sealer: Arc::clone(&cx.sealer),
        mail_is_on: cx.post.is_on(),
        under,
        thing,
        codes,
        plan,
        now,
    };
    let (threshold, start) = (attempt.under.rules.threshold, attempt.under.begun.start);
    let told = cx.store.write(move |w| attempt.commit(w)).await?;
    cx.wake_outbox();
    Ok(match told {
        Told::Passed(passed) => {
            let whose = (&account, &*company, Shown::plain(Some(method), start), way);
            let verified = inside(cx, visitor, (passed, cookies, request), whose).await?;
            Confirmed::Done { tenant: account.tenant, codes: shown, verified }
        }
        Told::Wrong => Confirmed::Wrong,
        Told::Taken => Confirmed::Taken,
        Told::Expired => Confirmed::Expired,
        Told::Locked => Confirmed::Locked(LockedOut { tenant: account.tenant, count: threshold }),
        Told::Over => Confirmed::Over,
    })
}

impl Attempt {
    fn commit(&self, w: &mut Write<'_>) -> Result<Told, StoreError> {
        let (account, now) = (&self.under.account, self.now);
        let Some(standing) = sessions::standing_held(w, account.tenant, account.id)? else { return Ok(Told::Over) };
        let Some(journey) = idp_store::journeys::open(w, self.under.id, now)? else { return Ok(Told::Over) };
        let own = own(&idp_store::second_factors::of(w, account.id)?, account, self.mail_is_on);
        let still_due = need(&self.under.rules, &own, (self.under.begun.method(), false), now);
        if standing.may_receive(&journey.epochs).is_err() || !matches!(still_due, Need::SetUp(..)) {
            return Ok(Told::Over);
        }
        let whose = (account.tenant, account.id);
        let mut log = self.scribe.begin();
        let means = match &self.thing {
            Thing::App(seed, step) => {
                idp_store::second_factors::set_app(w, whose, (seed, *step))?;
                Means::App
            }
            Thing::Email(typed) => {
                if !idp_store::journeys::try_code(w, self.under.id, CODE_TRIES)? {
                    return Ok(Told::Expired); // no more guesses at this one, right or wrong: another is sent
                }
                let Some(count) = self.count.reserve(w)? else { return Ok(Told::Locked) };
                match self.look(&journey, typed)? {
                    Code::Right => {}
                    Code::Wrong => return Ok(if self.count.wrong(w, count)? { Told::Locked } else { Told::Wrong }),
                    Code::Expired => {
                        idp_store::second_factors::give_back(w, account.id)?; // it was right once: no guess
                        return Ok(Told::Expired);
                    }
                }
                idp_store::second_factors::clear(w, account.id)?;
                idp_store::second_factors::set_email(w, whose, true)?;
                if let Some(address) = &account.email {
                    idp_store::accounts::verify_email(w, account.id, address.as_str())?;
                }
                Means::Email
            }
            Thing::Key(new) => match new.keep(w, &standing, &mut log)? {
                Kept::Yes => Means::Key,
                Kept::Exists | Kept::Full => return Ok(Told::Taken),
                Kept::Over => return Ok(Told::Over),
            },
        };
        self.codes.commit(w, whose, (&standing, now))?;
        if !idp_store::journeys::end(w, self.under.id, now)? {
            return Ok(Told::Over);
        }
        idp_store::journeys::end_all(w, account.id, now)?;
        sessions::end_postponed(w, (account, SessionId::from_bytes([0; 16]), now), &mut log)?;
        let on = AuditEvent::SecondFactorOn { account: account.id, means: means.name().to_owned() };
        log.add(w, account.tenant, on)?;
        if let Some(notice) = &self.notice {
            notice.post(w)?;
        }
        Ok(self.under.finish(w, (self.recovery.as_ref(), &self.plan))?.map_or(Told::Over, Told::Passed))
    }

    fn look(&self, journey: &idp_store::journeys::Journey, typed: &Secret<String>) -> Result<Code, StoreError> {
        let Some((code, at)) = &journey.code else { return Ok(Code::Wrong) };
        let typed = code_digest(&self.sealer, journey.id, &digits(typed.expose()));
        let typed = typed.map_err(|e| StoreError::Broken(e.to_string()))?;
        Ok(match (idp_core::secret::same(code, &typed), (*at + CODE_LIFE).reached(self.now)) {
            (false, _) => Code::Wrong,
            (true, true) => Code::Expired,
            (true, false) => Code::Right,
        })
    }
}

/// What a look at a mailed code tells.
enum Code {
    Right,
    Wrong,
    Expired,
}
