//! The second factor of a sign-in: what is asked for, another code, going on without, giving up. Where a sign-in stands
//! is a row that ends once; everything is decided from rows that are held while the answer is looked at.

mod answer;
mod count;

use std::sync::Arc;

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::ids::{AccountId, JourneyId, TenantId, TrustId};
use idp_core::policy::second_factor::Rules;
use idp_core::session::{Authentication, Method, Second};
use idp_core::signin::second_factor::{Means, Need, Wrong, need, wrong};
use idp_core::standing::Epochs;
use idp_core::time::{Lifetime, Timestamp};
use idp_store::journeys::Journey;
use idp_store::second_factors::Kept;
use idp_store::trusted_browsers::Trusted;
use idp_store::{StoreError, Write};

pub use self::answer::{Answer, Brought, verify};
pub(super) use self::count::Count;
use super::door::{Begun, CODES_AN_HOUR, Passed, Start, mail_code, open_id};
use super::email::RESEND;
use super::new_password::Shown;
use super::reset::{Recovery, raised};
use super::{Entry, MustChange, Wait, Way, next};
use crate::audit::scribe::Log;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::second_factor::{lacks_key, own, rules};
use crate::sessions::{self, Cookies, Plan};
use crate::visitor::Visitor;
use crate::waiting::{self, Opened};

/// A sign-in between its factors, with everything read about it.
pub(super) struct Under {
    pub(super) id: JourneyId,
    pub(super) journey: Journey,
    pub(super) begun: Begun,
    pub(super) account: Account,
    pub(super) company: Arc<Company>,
    pub(super) kept: Kept,
    pub(super) rules: Rules,
    pub(super) need: Need,
}

/// What the browser's words stand for, if they stand for a sign-in that is still under way.
pub(super) async fn under(
    cx: &Ctx,
    visitor: &Visitor,
    sealed: &str,
    now: Timestamp,
) -> Result<Option<Under>, ServiceError> {
    let Some(id) = open_id(cx, visitor, sealed) else { return Ok(None) };
    let read = cx.store.read(move |r| {
        let Some(journey) = idp_store::journeys::open(r, id, now)? else { return Ok(None) };
        let Some(standing) = sessions::standing(r, journey.tenant, journey.account)? else { return Ok(None) };
        let Some(account) = idp_store::accounts::by_id(r, journey.tenant, journey.account)? else { return Ok(None) };
        let kept = idp_store::second_factors::of(r, account.id)?;
        Ok(standing.may_receive(&journey.epochs).is_ok().then_some((journey, account, kept)))
    });
    let Some((journey, account, kept)) = read.await? else { return Ok(None) };
    // One of another release is begun anew.
    let Ok(begun) = serde_json::from_str::<Begun>(&journey.payload) else { return Ok(None) };
    let company = cx.company(account.tenant).await?;
    let rules = rules(&company, &account);
    let own = own(&kept, &account, cx.post.is_on());
    let need = need(&rules, &own, (begun.method(), false), now);
    Ok(Some(Under { id, journey, begun, account, company, kept, rules, need }))
}

/// What the page shows.
#[derive(Debug)]
pub struct View {
    /// His company.
    pub tenant: TenantId,
    /// Whose sign-in it is.
    pub username: String,
    /// What is due.
    pub due: Due,
}

/// What is due.
#[derive(Debug)]
pub enum Due {
    /// A proof, by one of these means.
    Proof(Asked),
    /// Something has to be set up.
    SetUp {
        /// By one of these.
        means: Vec<Means>,
        /// For so many days it may wait.
        days: Option<u32>,
        /// The address that codes would go to, as far as it is shown.
        mailbox: String,
        /// Until another code may be asked for.
        resend_in: Lifetime,
        /// Tries that are left, once that is said.
        left: Option<u32>,
    },
    /// Nothing any more: the policy has changed.
    Nothing,
}

/// What is asked.
#[derive(Debug)]
pub struct Asked {
    /// The means of this page.
    pub means: Means,
    /// What else there is.
    pub others: Vec<Means>,
    /// The address that codes go to, as far as it is shown.
    pub mailbox: String,
    /// Was a code mailed for this sign-in?
    pub code_sent: bool,
    /// Until another may be asked for.
    pub resend_in: Lifetime,
    /// For how many days the browser may be trusted.
    pub trust_days: Option<i64>,
    /// Tries that are left, once that is said.
    pub left: Option<u32>,
}

/// An address as far as somebody may see it who knows a password only.
pub(crate) fn masked(address: &str) -> String {
    let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
    let Some((local, domain)) = address.split_once('@') else { return String::new() };
    let (name, rest) = domain.rsplit_once('.').unwrap_or((domain, ""));
    format!("{}•••@{}•••.{rest}", first(local), first(name))
}

/// Until when no other code may be asked for.
fn resend_in(journey: &Journey, now: Timestamp) -> Lifetime {
    let again = journey.code.as_ref().map(|(_, at)| *at + RESEND);
    again.filter(|again| !again.reached(now)).map_or(Lifetime::ZERO, |again| again.since(now))
}

impl Under {
    /// The end of a sign-in, whatever it took: the session, or a new password before it. With a new password that
    /// waited everything of before dies; a password for once has none that waits, since no link leads to it.
    pub(super) fn finish(
        &self,
        w: &mut Write<'_>,
        (recovery, plan): (Option<&Recovery>, &Plan),
    ) -> Result<Option<Passed>, StoreError> {
        if self.begun.must_change {
            return Ok(Some(Passed::MustChange));
        }
        if let Some(recovery) = recovery {
            recovery.commit(w, &self.account)?;
        }
        Ok(plan.commit(w)?.map(Passed::In))
    }

    /// How somebody comes in who ends it.
    pub(super) fn way(&self, cx: &Ctx) -> Way {
        let own = own(&self.kept, &self.account, cx.post.is_on());
        Way { by: self.begun.method(), lacks_key: lacks_key(cx, &self.rules, &own) }
    }

    /// May it be answered so?
    pub(super) fn asks_for(&self, means: Means) -> bool {
        matches!(&self.need, Need::Proof(asked) if asked.contains(&means))
    }

    fn mailbox(&self) -> String {
        self.account.email.as_ref().map(|e| masked(e.as_str())).unwrap_or_default()
    }

    /// How many tries are left, once that is said.
    fn left(&self) -> Option<u32> {
        match wrong(self.kept.failures, self.rules.threshold) {
            Wrong::Left(left) => Some(left),
            Wrong::Early | Wrong::Last => None,
        }
    }

    fn due(&self, wanted: Option<Means>, now: Timestamp) -> Due {
        match &self.need {
            Need::Nothing | Need::Trusted => Due::Nothing,
            Need::SetUp(means, until) => {
                let days = until.map(|until| (until.since(now).seconds_up() + 86_399) / 86_400);
                let days = days.and_then(|days| u32::try_from(days).ok());
                Due::SetUp {
                    means: means.clone(),
                    days,
                    mailbox: self.mailbox(),
                    resend_in: resend_in(&self.journey, now),
                    left: self.left(),
                }
            }
            Need::Proof(means) => {
                let wanted = wanted.filter(|m| means.contains(m));
                let shown = wanted.or_else(|| means.first().copied()).unwrap_or(Means::Backup);
                Due::Proof(Asked {
                    means: shown,
                    others: means.iter().copied().filter(|m| *m != shown).collect(),
                    mailbox: self.mailbox(),
                    code_sent: self.journey.code.is_some(),
                    resend_in: resend_in(&self.journey, now),
                    trust_days: self.rules.trust.map(|life| life.as_seconds() / 86_400),
                    left: self.left(),
                })
            }
        }
    }
}

/// What the page shows; nothing if there is no such sign-in in this browser any more.
///
/// # Errors
/// If the database can't be read.
pub async fn view(
    cx: &Ctx,
    visitor: &Visitor,
    sealed: &str,
    wanted: Option<Means>,
) -> Result<Option<View>, ServiceError> {
    let now = cx.clock.now();
    let Some(under) = under(cx, visitor, sealed, now).await? else { return Ok(None) };
    Ok(Some(View {
        tenant: under.account.tenant,
        username: under.account.username(&under.company.tenant.code),
        due: under.due(wanted, now),
    }))
}

/// An account that is locked by wrong answers.
#[derive(Clone, Copy, Debug)]
pub struct LockedOut {
    /// Whose account.
    pub tenant: TenantId,
    /// After so many.
    pub count: u32,
}

/// What came of it.
#[derive(Debug)]
pub enum Verified {
    /// He is in.
    In(Box<Entry>),
    /// He is who he says, and has to choose another password.
    MustChange(MustChange),
    /// Wrong.
    Wrong,
    /// Right, but used before.
    Used,
    /// Right, but too old.
    Expired,
    /// That was one too many: the account is locked.
    Locked(LockedOut),
    /// There is no such sign-in any more.
    Over,
}

/// The way on after a right answer, or after none was due.
pub(super) async fn inside(
    cx: &Ctx,
    visitor: &Visitor,
    (passed, cookies, request): (Passed, Cookies, Option<String>),
    (account, company, shown, way): (&Account, &Company, Shown, Way),
) -> Result<Verified, ServiceError> {
    Ok(match passed {
        Passed::In(session) => {
            let next = next(cx, request, account);
            Verified::In(Box::new(Entry { cookies, session, next, way }))
        }
        Passed::MustChange => {
            let asked = super::new_password::after_second(cx, visitor, (account, company), shown).await?;
            asked.map_or(Verified::Over, Verified::MustChange)
        }
        Passed::Journey => Verified::Over,
    })
}

/// The request that a sign-in answers.
pub(super) fn answered(
    cx: &Ctx,
    visitor: &Visitor,
    request: Option<&str>,
    now: Timestamp,
) -> Result<sessions::Answered, ServiceError> {
    let Some(sealed) = request else { return Ok(None) };
    Ok(match waiting::open(cx, visitor, sealed, now)? {
        Opened::Good(waiting) => Some(waiting.id),
        Opened::Restart(_) => None, // the way back is found when it is resumed
    })
}

/// Was the device cookie given by us? Another may have been planted.
pub(super) async fn device_is_ours(cx: &Ctx, visitor: &Visitor, now: Timestamp) -> Result<bool, ServiceError> {
    let Some(device) = visitor.device else { return Ok(false) };
    Ok(cx.store.read(move |r| idp_store::known_browsers::is_anybodys(r, device, now)).await?)
}

/// A browser that is to be trusted from now on, if the company allows it.
pub(super) fn trusted(
    cx: &Ctx,
    visitor: &Visitor,
    (rules, plan, epochs): (&Rules, &Plan, Epochs),
    now: Timestamp,
) -> Result<Option<Trusted>, ServiceError> {
    let Some(life) = rules.trust else { return Ok(None) };
    Ok(Some(Trusted {
        id: TrustId::at(now, cx.random.bytes()?),
        device: plan.device(),
        agent: visitor.agent.clone(),
        epochs,
        made_at: now,
        expires_at: now + life,
    }))
}

/// Keeps the trust, under what holds now: a new password may just have ended everything of before.
pub(super) fn keep_trust(
    w: &mut Write<'_>,
    (tenant, account): (TenantId, AccountId),
    trust: &Trusted,
    log: &mut Log<'_>,
) -> Result<(), StoreError> {
    let epochs = sessions::standing(w, tenant, account)?.map_or(trust.epochs, |standing| standing.epochs);
    idp_store::trusted_browsers::put(w, (tenant, account), &Trusted { epochs, ..trust.clone() })?;
    log.add(w, tenant, AuditEvent::BrowserTrusted { account, until: trust.expires_at })
}

/// A session to be made, by the first factor and this one.
pub(super) async fn draw_session(
    cx: &Ctx,
    visitor: &Visitor,
    under: &Under,
    (shown, now): (Option<Method>, Timestamp),
) -> Result<(Plan, Cookies), ServiceError> {
    let device_is_ours = device_is_ours(cx, visitor, now).await?;
    let mut methods = vec![under.begun.method()];
    methods.extend(shown);
    let second = match (shown, &under.need) {
        (Some(_), _) => Second::Shown,
        (None, Need::SetUp(..)) => Second::Postponed,
        (None, Need::Nothing | Need::Trusted | Need::Proof(_)) => Second::NotDue,
    };
    let Start { at, answered } = under.begun.start;
    let authentication = Authentication { at, methods, second, answered };
    // With a new password everything of before dies: this session is born after that.
    let whose = if under.begun.recovery().is_some() { raised(&under.account) } else { under.account.clone() };
    sessions::plan(cx, visitor, (&whose, Arc::clone(&under.company)), (authentication, device_is_ours))
}

/// The new password that waits for this sign-in, if one does.
pub(super) fn recovery(
    cx: &Ctx,
    visitor: &Visitor,
    under: &Under,
    now: Timestamp,
) -> Result<Option<Recovery>, ServiceError> {
    let Some(phc) = under.begun.recovery() else { return Ok(None) };
    Recovery::draw(cx, visitor, (&under.account, &under.company), (phc, now)).map(Some)
}

/// What asking for a code came to.
#[derive(Debug)]
pub enum Sent {
    /// It is on its way.
    Yes,
    /// Not so soon after the one before.
    TooSoon,
    /// There were too many.
    TooMany(Wait),
    /// There is no such sign-in any more, or codes don't go to it.
    Over,
}

/// Mails a code, another one if there was one; only the newest is good. The account's tries are not given back.
///
/// # Errors
/// If it can't be done now.
pub async fn send(cx: &Ctx, visitor: &Visitor, sealed: &str) -> Result<Sent, ServiceError> {
    let now = cx.clock.now();
    let Some(under) = under(cx, visitor, sealed, now).await? else { return Ok(Sent::Over) };
    let offered = match &under.need {
        Need::Proof(means) | Need::SetUp(means, _) => means.contains(&Means::Email),
        Need::Nothing | Need::Trusted => false,
    };
    if !offered {
        return Ok(Sent::Over);
    }
    let (digest, parcel) = mail_code(cx, visitor, (&under.account, &under.company), (under.id, now))?;
    let (id, account) = (under.id, under.account.id);
    let tenant = under.account.tenant;
    let sent = cx.store.write(move |w| {
        sessions::standing_held(w, tenant, account)?; // many at once are counted one after the other
        let (sent, newest) = idp_store::journeys::codes_since(w, account, now - Lifetime::hours(1))?;
        if sent >= CODES_AN_HOUR {
            return Ok(Err(newest.unwrap_or(now)));
        }
        let noted = idp_store::journeys::note_code(w, id, &digest, (now - RESEND, now))?;
        Ok(Ok(noted && parcel.post(w)?))
    });
    let sent = sent.await?;
    cx.wake_outbox();
    Ok(match sent {
        Ok(true) => Sent::Yes,
        Ok(false) => Sent::TooSoon,
        Err(newest) => {
            let until = newest + Lifetime::hours(1);
            Sent::TooMany(Wait { until, left: until.since(now), zone: under.company.policy.zone().to_owned() })
        }
    })
}

/// Gives a sign-in up: nobody can go on with it.
///
/// # Errors
/// If the database can't be written.
pub async fn cancel(cx: &Ctx, visitor: &Visitor, sealed: &str) -> Result<(), ServiceError> {
    let now = cx.clock.now();
    if let Some(id) = open_id(cx, visitor, sealed) {
        cx.store.write(move |w| idp_store::journeys::end(w, id, now)).await?;
    }
    Ok(())
}

/// Goes on without setting anything up, as long as that may wait; or because nothing is due any more.
///
/// # Errors
/// If it can't be done now.
pub async fn go_on(
    cx: &Ctx,
    visitor: &Visitor,
    (sealed, request): (&str, Option<String>),
) -> Result<Verified, ServiceError> {
    let now = cx.clock.now();
    let Some(under) = under(cx, visitor, sealed, now).await? else { return Ok(Verified::Over) };
    let (plan, cookies) = draw_session(cx, visitor, &under, (None, now)).await?;
    let recovery = recovery(cx, visitor, &under, now)?;
    let (account, company, mail_is_on) = (under.account.clone(), Arc::clone(&under.company), cx.post.is_on());
    let (start, way) = (under.begun.start, under.way(cx));
    let told = cx.store.write(move |w| {
        let account = &under.account;
        let Some(standing) = sessions::standing_held(w, account.tenant, account.id)? else { return Ok(None) };
        let kept = idp_store::second_factors::of(w, account.id)?;
        let own = own(&kept, account, mail_is_on);
        let may = match need(&under.rules, &own, (under.begun.method(), false), now) {
            Need::Nothing | Need::Trusted | Need::SetUp(_, Some(_)) => true,
            Need::Proof(_) | Need::SetUp(_, None) => false,
        };
        if !may || standing.may_receive(&under.journey.epochs).is_err() || !idp_store::journeys::end(w, under.id, now)?
        {
            return Ok(None);
        }
        under.finish(w, (recovery.as_ref(), &plan))
    });
    match told.await? {
        Some(passed) => {
            let whose = (&account, &*company, Shown::plain(None, start), way);
            inside(cx, visitor, (passed, cookies, request), whose).await
        }
        None => Ok(Verified::Over),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_to_who_knows_it_already() {
        assert_eq!(masked("john@wickedsprockets.com"), "j•••@w•••.com");
        assert_eq!(masked("ö@x.y.example"), "ö•••@x•••.example");
    }
}
