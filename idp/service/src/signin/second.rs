//! The second factor of a sign-in: what is asked for, an answer, another code, giving up. Where a sign-in stands is a row that
//! ends once; everything is decided from rows that are held while the answer is looked at.

use std::sync::Arc;

use idp_core::account::{Account, AccountState};
use idp_core::audit::AuditEvent;
use idp_core::ids::{JourneyId, TenantId, TrustId};
use idp_core::logout::Reason;
use idp_core::mail::Happening;
use idp_core::policy::second_factor::Rules;
use idp_core::secret::Secret;
use idp_core::session::{Authentication, Second};
use idp_core::signin::Refusal;
use idp_core::signin::second_factor::{CODE_LIFE, Means, Need, Wrong, digits, need, wrong};
use idp_core::standing::Standing;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal::{Mac, Sealer};
use idp_store::journeys::Journey;
use idp_store::second_factors::Kept;
use idp_store::trusted_browsers::Trusted;
use idp_store::{StoreError, Write};

use super::door::{Begun, CODES_AN_HOUR, Passed, code_digest, mail_code, open_id};
use super::email::RESEND;
use super::reset::{Recovery, raised};
use super::{Entry, MustChange, Next, Wait, next};
use crate::audit::scribe::{Log, Scribe};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::second_factor::{Written, open_seed, own, rules, spend_code};
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
    let begun: Begun = serde_json::from_str(&journey.payload)?;
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
    fn mailbox(&self) -> String {
        self.account.email.as_ref().map(|e| masked(e.as_str())).unwrap_or_default()
    }

    fn due(&self, wanted: Option<Means>, now: Timestamp) -> Due {
        match &self.need {
            Need::Nothing | Need::Trusted => Due::Nothing,
            Need::SetUp(means, until) => {
                let days = until.map(|until| (until.since(now).seconds_up() + 86_399) / 86_400);
                let days = days.and_then(|days| u32::try_from(days).ok());
                Due::SetUp { means: means.clone(), days, mailbox: self.mailbox() }
            }
            Need::Proof(means) => {
                let wanted = wanted.filter(|m| means.contains(m));
                let shown = wanted.or_else(|| means.first().copied()).unwrap_or(Means::Backup);
                let left = match wrong(self.kept.failures, self.rules.threshold) {
                    Wrong::Left(left) => Some(left),
                    Wrong::Early | Wrong::Last => None,
                };
                Due::Proof(Asked {
                    means: shown,
                    others: means.iter().copied().filter(|m| *m != shown).collect(),
                    mailbox: self.mailbox(),
                    code_sent: self.journey.code.is_some(),
                    resend_in: resend_in(&self.journey, now),
                    trust_days: self.rules.trust.map(|life| life.as_seconds() / 86_400),
                    left,
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

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The sign-in, as the page named it.
    pub journey: String,
    /// The sealed request that waits, if one does.
    pub request: Option<String>,
    /// By what.
    pub means: Means,
    /// The code.
    pub code: Secret<String>,
    /// Shall the browser be trusted?
    pub trust: bool,
}

/// What came of it.
#[derive(Debug)]
pub enum Verified {
    /// He is in.
    In(Box<Entry>),
    /// He is who he says, and has to choose another password.
    MustChange(MustChange),
    /// Wrong; so many tries are left, once that is said.
    Wrong(Option<u32>),
    /// Right, but used before.
    Used,
    /// Right, but too old.
    Expired,
    /// That was one too many, after so many wrong ones: the account is locked.
    Locked(u32),
    /// There is no such sign-in any more.
    Over,
}

/// What a look at an answer tells.
enum Looked {
    Right(Option<Written>),
    Wrong,
    Used,
    Expired,
}

/// What the transaction tells.
enum Told {
    Passed(Passed, Option<Written>),
    Wrong(Option<u32>),
    Used,
    Expired,
    Locked,
    Over,
}

/// Everything that an answer may lead to, drawn before the transaction that decides.
struct Attempt {
    under: Under,
    answer: Answer,
    sealer: Arc<Sealer>,
    written: Arc<Mac>,
    plan: Plan,
    recovery: Option<Recovery>,
    trust: Option<Trusted>,
    locked: Option<Parcel>,
    used: Option<Parcel>,
    scribe: Scribe,
    mail_is_on: bool,
    now: Timestamp,
}

/// Looks at an answer. It counts as wrong before it is looked at, so that many at once can't pass five.
///
/// # Errors
/// If it can't be done now.
pub async fn verify(cx: &Ctx, visitor: &Visitor, answer: Answer) -> Result<Verified, ServiceError> {
    let now = cx.clock.now();
    let Some(under) = under(cx, visitor, &answer.journey, now).await? else { return Ok(Verified::Over) };
    let (account, company, request) = (under.account.clone(), Arc::clone(&under.company), answer.request.clone());
    let (attempt, cookies) = draw(cx, visitor, (under, answer), now).await?;
    let (means, threshold) = (attempt.answer.means, attempt.under.rules.threshold);
    let told = cx.store.write(move |w| attempt.commit(w)).await?;
    cx.wake_outbox();
    let outcome = match &told {
        Told::Passed(..) => "right",
        Told::Wrong(_) => "wrong",
        Told::Used => "used",
        Told::Expired => "expired",
        Told::Locked => "locked",
        Told::Over => "over",
    };
    metrics::counter!("idp_second_factor_total", "method" => means.name(), "outcome" => outcome).increment(1);
    Ok(match told {
        Told::Passed(passed, written) => {
            let whose = (&account, &*company, Some(means));
            let mut verified = inside(cx, visitor, (passed, cookies, request), whose).await?;
            if let (Verified::In(entry), Some(Written::FromAdmin)) = (&mut verified, written) {
                review(entry);
            }
            verified
        }
        Told::Wrong(left) => Verified::Wrong(left),
        Told::Used => Verified::Used,
        Told::Expired => Verified::Expired,
        Told::Locked => Verified::Locked(threshold),
        Told::Over => Verified::Over,
    })
}

/// Who has nothing of his own is led to where he sets it up, unless a client waits.
fn review(entry: &mut Entry) {
    if !matches!(entry.next, Next::Resume(_)) {
        entry.next = Next::Review;
    }
}

/// The way on after a right answer, or after none was due.
pub(super) async fn inside(
    cx: &Ctx,
    visitor: &Visitor,
    (passed, cookies, request): (Passed, Cookies, Option<String>),
    (account, company, means): (&Account, &Company, Option<Means>),
) -> Result<Verified, ServiceError> {
    Ok(match passed {
        Passed::In(session) => Verified::In(Box::new(Entry { cookies, session, next: next(cx, request, account) })),
        Passed::MustChange => {
            let asked = super::new_password::after_second(cx, visitor, (account, company), means).await?;
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

/// A session to be made, by the first factor and this one.
pub(super) async fn draw_session(
    cx: &Ctx,
    visitor: &Visitor,
    under: &Under,
    (request, means, now): (Option<&str>, Option<Means>, Timestamp),
) -> Result<(Plan, Cookies), ServiceError> {
    let device_is_ours = match visitor.device {
        Some(device) => cx.store.read(move |r| idp_store::known_browsers::is_anybodys(r, device, now)).await?,
        None => false,
    };
    let mut methods = vec![under.begun.method()];
    methods.extend(means.map(Means::method));
    let second = match (means, &under.need) {
        (Some(_), _) => Second::Shown,
        (None, Need::SetUp(..)) => Second::Postponed,
        (None, Need::Nothing | Need::Trusted | Need::Proof(_)) => Second::NotDue,
    };
    let answered = answered(cx, visitor, request, now)?;
    let authentication = Authentication { at: now, methods, second, answered };
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

async fn draw(
    cx: &Ctx,
    visitor: &Visitor,
    (under, answer): (Under, Answer),
    now: Timestamp,
) -> Result<(Attempt, Cookies), ServiceError> {
    let request = answer.request.as_deref();
    let (plan, cookies) = draw_session(cx, visitor, &under, (request, Some(answer.means), now)).await?;
    let (company, account) = (&under.company, &under.account);
    let told = |what| notice(cx, company, account, (Some(visitor), now), what);
    let trust = match under.rules.trust.filter(|_| answer.trust) {
        Some(life) => Some(Trusted {
            id: TrustId::at(now, cx.random.bytes()?),
            device: plan.device(),
            agent: visitor.agent.clone(),
            epochs: under.journey.epochs,
            made_at: now,
            expires_at: now + life,
        }),
        None => None,
    };
    let attempt = Attempt {
        recovery: recovery(cx, visitor, &under, now)?,
        locked: told(Happening::Locked)?,
        used: told(Happening::BackupCodeUsed)?,
        scribe: Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string()),
        sealer: Arc::clone(&cx.sealer),
        written: Arc::clone(&cx.audit),
        mail_is_on: cx.post.is_on(),
        under,
        answer,
        plan,
        trust,
        now,
    };
    Ok((attempt, cookies))
}

impl Attempt {
    fn commit(&self, w: &mut Write<'_>) -> Result<Told, StoreError> {
        let (account, now) = (&self.under.account, self.now);
        // Held to the end: of many answers at once, on whichever nodes, each sees what the one before it left.
        let Some(standing) = sessions::standing_held(w, account.tenant, account.id)? else { return Ok(Told::Over) };
        if standing.account == AccountState::Locked {
            return Ok(Told::Locked);
        }
        let Some(journey) = idp_store::journeys::open(w, self.under.id, now)? else { return Ok(Told::Over) };
        if standing.may_receive(&journey.epochs).is_err() {
            return Ok(Told::Over);
        }
        let kept = idp_store::second_factors::of(w, account.id)?;
        let own = own(&kept, account, self.mail_is_on);
        let need = need(&self.under.rules, &own, (self.under.begun.method(), false), now);
        if !matches!(&need, Need::Proof(means) if means.contains(&self.answer.means)) {
            return Ok(Told::Over);
        }
        let whose = (account.tenant, account.id);
        let Some(count) = idp_store::second_factors::reserve(w, whose, self.under.rules.threshold)? else {
            self.lock(w, &mut self.scribe.begin())?; // the company allows fewer than it did
            return Ok(Told::Locked);
        };
        match self.look(w, (&journey, &kept), &standing)? {
            Looked::Right(written) => self.right(w, (written, &standing)),
            Looked::Wrong => self.wrong(w, count, Told::Wrong(None)),
            Looked::Used => self.wrong(w, count, Told::Used),
            Looked::Expired => {
                idp_store::second_factors::give_back(w, account.id)?; // it was right once: no guess
                Ok(Told::Expired)
            }
        }
    }

    fn look(
        &self,
        w: &mut Write<'_>,
        (journey, kept): (&Journey, &Kept),
        standing: &Standing,
    ) -> Result<Looked, StoreError> {
        let (account, typed, now) = (self.under.account.id, self.answer.code.expose(), self.now);
        match self.answer.means {
            Means::App => {
                let Some(sealed) = &kept.app_seed else { return Ok(Looked::Wrong) };
                let seed = open_seed(&self.sealer, account, sealed)?;
                let Some(step) = seed.step_of(&digits(typed), now) else { return Ok(Looked::Wrong) };
                let is_first = idp_store::second_factors::take_step(w, account, step)?;
                Ok(if is_first { Looked::Right(None) } else { Looked::Used })
            }
            Means::Email => {
                let broken = |e: idp_crypto::seal::SealError| StoreError::Broken(e.to_string());
                let Some((code, at)) = &journey.code else { return Ok(Looked::Wrong) };
                let typed = code_digest(&self.sealer, journey.id, &digits(typed)).map_err(broken)?;
                if !idp_core::secret::same(code, &typed) {
                    return Ok(Looked::Wrong);
                }
                Ok(if (*at + CODE_LIFE).reached(now) { Looked::Expired } else { Looked::Right(None) })
            }
            Means::Backup => {
                let spent = spend_code(w, &self.written, account, (typed, standing, now))?;
                Ok(spent.map_or(Looked::Wrong, |written| Looked::Right(Some(written))))
            }
        }
    }

    fn right(&self, w: &mut Write<'_>, (written, standing): (Option<Written>, &Standing)) -> Result<Told, StoreError> {
        let (account, now) = (&self.under.account, self.now);
        idp_store::second_factors::clear(w, account.id)?;
        if !idp_store::journeys::end(w, self.under.id, now)? {
            return Ok(Told::Over);
        }
        if let Some(recovery) = &self.recovery {
            recovery.commit(w, account)?;
        }
        let mut log = self.scribe.begin();
        if let Some(Written::OfSet(left)) = written {
            log.add(w, account.tenant, AuditEvent::BackupCodeUsed { account: account.id, left })?;
        }
        if written.is_some()
            && let Some(parcel) = &self.used
        {
            parcel.post(w)?;
        }
        if let Some(trust) = &self.trust {
            // Read again: a new password has just ended everything of before.
            let epochs = sessions::standing(w, account.tenant, account.id)?.map_or(standing.epochs, |s| s.epochs);
            let trust = Trusted { epochs, ..trust.clone() };
            idp_store::trusted_browsers::put(w, (account.tenant, account.id), &trust)?;
            log.add(w, account.tenant, AuditEvent::BrowserTrusted { account: account.id, until: trust.expires_at })?;
        }
        if self.under.begun.must_change {
            return Ok(Told::Passed(Passed::MustChange, written));
        }
        Ok(self.plan.commit(w)?.map_or(Told::Over, |session| Told::Passed(Passed::In(session), written)))
    }

    fn wrong(&self, w: &mut Write<'_>, count: u32, told: Told) -> Result<Told, StoreError> {
        let account = &self.under.account;
        let mut log = self.scribe.begin();
        let reason = Refusal::WrongSecond.name().to_owned();
        log.add(w, account.tenant, AuditEvent::SignInFailed { account: Some(account.id), reason })?;
        match wrong(count, self.under.rules.threshold) {
            Wrong::Early => Ok(told),
            Wrong::Left(left) => Ok(Told::Wrong(Some(left))),
            Wrong::Last => {
                self.lock(w, &mut log)?;
                Ok(Told::Locked)
            }
        }
    }

    fn lock(&self, w: &mut Write<'_>, log: &mut Log<'_>) -> Result<(), StoreError> {
        let (account, now) = (&self.under.account, self.now);
        for state in [AccountState::Active, AccountState::Invited] {
            idp_store::accounts::change_state(w, account.id, state, AccountState::Locked)?;
        }
        sessions::end_everything(w, account, (Reason::Guesses, now), log)?;
        log.add(w, account.tenant, AuditEvent::AccountLockedByGuesses { account: account.id })?;
        if let Some(parcel) = &self.locked {
            parcel.post(w)?;
        }
        Ok(())
    }
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

/// Mails a code, another one if there was one; only the newest is good. Tries are not given back.
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
    let (plan, cookies) = draw_session(cx, visitor, &under, (request.as_deref(), None, now)).await?;
    let recovery = recovery(cx, visitor, &under, now)?;
    let (account, company, mail_is_on) = (under.account.clone(), Arc::clone(&under.company), cx.post.is_on());
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
        if under.begun.must_change {
            return Ok(Some(Passed::MustChange));
        }
        if let Some(recovery) = &recovery {
            recovery.commit(w, account)?;
        }
        Ok(plan.commit(w)?.map(Passed::In))
    });
    match told.await? {
        Some(passed) => inside(cx, visitor, (passed, cookies, request), (&account, &company, None)).await,
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
