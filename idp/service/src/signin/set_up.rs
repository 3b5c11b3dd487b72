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

use super::door::{Passed, code_digest};
use super::new_password::Shown;
use super::reset::Recovery;
use super::second::{Count, LockedOut, Under, Verified, draw_session, inside, recovery, under};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
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
    /// The code.
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
    let (means, what) = match &thing {
        Thing::App(..) => (Means::App, Happening::AppOn),
        Thing::Email(_) => (Means::Email, Happening::EmailCodesOn),
    };
    let (plan, cookies) = draw_session(cx, visitor, &under, (Some(means), now)).await?;
    let codes = Codes::draw(cx, under.account.id)?;
    let (account, company, shown) = (under.account.clone(), Arc::clone(&under.company), codes.plain.clone());
    let attempt = Attempt {
        recovery: recovery(cx, visitor, &under, now)?,
        notice: notice(cx, &company, &account, (Some(visitor), now), what)?,
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
            let whose = (&account, &*company, Shown::plain(Some(means), start));
            let verified = inside(cx, visitor, (passed, cookies, request), whose).await?;
            Confirmed::Done { tenant: account.tenant, codes: shown, verified }
        }
        Told::Wrong => Confirmed::Wrong,
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
                    Looked::Right => {}
                    Looked::Wrong => return Ok(if self.count.wrong(w, count)? { Told::Locked } else { Told::Wrong }),
                    Looked::Expired => {
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
        };
        self.codes.commit(w, whose, (&standing, now))?;
        if !idp_store::journeys::end(w, self.under.id, now)? {
            return Ok(Told::Over);
        }
        let mut log = self.scribe.begin();
        idp_store::journeys::end_all(w, account.id, now)?;
        sessions::end_postponed(w, (account, SessionId::from_bytes([0; 16]), now), &mut log)?;
        let on = AuditEvent::SecondFactorOn { account: account.id, means: means.name().to_owned() };
        log.add(w, account.tenant, on)?;
        if let Some(notice) = &self.notice {
            notice.post(w)?;
        }
        Ok(self.under.finish(w, (self.recovery.as_ref(), &self.plan))?.map_or(Told::Over, Told::Passed))
    }

    fn look(&self, journey: &idp_store::journeys::Journey, typed: &Secret<String>) -> Result<Looked, StoreError> {
        let Some((code, at)) = &journey.code else { return Ok(Looked::Wrong) };
        let typed = code_digest(&self.sealer, journey.id, &digits(typed.expose()));
        let typed = typed.map_err(|e| StoreError::Broken(e.to_string()))?;
        Ok(match (idp_core::secret::same(code, &typed), (*at + CODE_LIFE).reached(self.now)) {
            (false, _) => Looked::Wrong,
            (true, true) => Looked::Expired,
            (true, false) => Looked::Right,
        })
    }
}

/// What a look at a mailed code tells.
enum Looked {
    Right,
    Wrong,
    Expired,
}
