//! Signing in with a password. Everybody gets the same work and the same answer: who exists and who doesn't, who is
//! locked, whose password has run out.

pub mod ask;
mod door;
pub mod email;
mod find;
mod new_password;
mod page;
pub mod passkey;
pub mod reset;
pub mod second;
pub mod set_up;
pub mod upstream;

use std::sync::Arc;

use idp_core::account::{Account, AccountState};
use idp_core::audit::AuditEvent;
use idp_core::credential::password;
use idp_core::ids::{AccountId, TenantId};
use idp_core::secret::{Secret, TokenHash};
use idp_core::session::Method;
use idp_core::signin::identifier::{self, Identifier};
use idp_core::signin::{Facts, Outcome, Refusal};
use idp_core::standing::Barred;
use idp_core::tenant::TenantCode;
use idp_core::throttle::{Lane, Limits, Reservation};
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::password::{Asker, HashError};
use idp_store::ephemeral::Budget;
use idp_store::throttles::Key;

use door::{First, Inside, Start};
pub use find::Name;
use find::{Found, Someone, Target};
pub use new_password::{NewPassword, Renewed, Whose, new_password};
pub use page::{Chooser, Page, Past, chooser, company_named, forget, has_connectors, page};

use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::second_factor;
use crate::sessions::{Answered, Cookies};
use crate::visitor::Visitor;
use crate::waiting::{self, Opened};

/// Attempts from one network: two hundred people behind one office address sign in at nine o'clock, a list of stolen
/// passwords has more lines.
const NETWORK: Budget = Budget { most: 600, window: Lifetime::minutes(5) };

/// Wrong passwords from one network, by browsers that the accounts don't know: one password for each of many names
/// stays below what is counted by account.
const WRONG: Budget = Budget { most: 100, window: Lifetime::minutes(15) };

/// The same from all networks at one company. Nobody is kept out by it, or somebody could do that; it is told.
const WRONG_AT_COMPANY: Budget = Budget { most: 500, window: Lifetime::minutes(15) };

/// Does the name alone not say which company? Told by its form, whoever it is.
pub fn is_bare(typed: &str, company: Option<&TenantCode>) -> bool {
    matches!(identifier::read(typed, company), Identifier::Bare(_))
}

/// What somebody typed.
#[derive(Debug)]
pub struct Attempt {
    /// The sealed request that waits, if one does.
    pub request: Option<String>,
    /// Who he says he is.
    pub name: Name,
    /// What he says to prove it.
    pub password: Secret<String>,
    /// A page of ours wants him to show everything again, whatever browser he trusts.
    pub insists: bool,
}

/// What he is told.
#[derive(Debug)]
pub enum Answer {
    /// He is in.
    In(Entry),
    /// His password is right; the second factor of this sign-in comes next.
    Second(String),
    /// He has to choose a new password first.
    MustChange(MustChange),
    /// He is who he says, but his company, by this name, is switched off.
    TenantOff(String),
    /// He is who he says, but his account is locked after so many wrong second factors. One that an administrator
    /// locked looks like one that isn't there.
    Locked(second::LockedOut),
    /// Not right.
    Wrong,
    /// The name alone doesn't say which company.
    AskCompany,
    /// Too many attempts.
    Wait(Wait),
}

impl Answer {
    /// In a word, for counters: no name, no company.
    fn outcome(&self) -> &'static str {
        match self {
            Self::In(_) => "in",
            Self::Second(_) => "second",
            Self::MustChange(_) => "must_change",
            Self::TenantOff(_) => "tenant_off",
            Self::Locked(_) => "locked",
            Self::Wrong => "wrong",
            Self::AskCompany => "ask_company",
            Self::Wait(_) => "wait",
        }
    }
}

/// A sign-in that is complete.
#[derive(Debug)]
pub struct Entry {
    /// New cookies.
    pub cookies: Cookies,
    /// The session.
    pub session: idp_core::ids::SessionId,
    /// Where to go.
    pub next: Next,
    /// How he came in.
    pub way: Way,
}

/// How somebody came in, for what pages make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// By this first factor.
    pub by: Method,
    /// He could have a passkey and has none.
    pub lacks_key: bool,
}

/// Where somebody goes who is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Back to the request that waits.
    Resume(String),
    /// To the console: he has one, and nothing waits.
    Console,
    /// To the page of his account.
    Account,
    /// To the page of what protects it, to look at it; from there on to the request that waits.
    Review(Review, Option<String>),
}

/// Why somebody is to look at what protects his account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// A code from an administrator let him in, and something else has to next time.
    IssuedCode,
    /// The password is new, and whoever knew the old one may have made passkeys.
    Passkeys,
}

impl Next {
    /// The page of what protects the account comes before.
    fn after(self, review: Review) -> Self {
        let waits = match self {
            Self::Resume(sealed) => Some(sealed),
            Self::Review(..) | Self::Console | Self::Account => None,
        };
        Self::Review(review, waits)
    }
}

/// A right one-time password.
#[derive(Debug)]
pub struct MustChange {
    /// What the next form has to bring.
    pub ticket: String,
    /// Whose password it is.
    pub username: String,
    /// His company.
    pub tenant: TenantId,
    /// The fewest characters of the new one.
    pub least: u32,
}

/// Not before then.
#[derive(Debug)]
pub struct Wait {
    /// When.
    pub until: Timestamp,
    /// How long that is.
    pub left: Lifetime,
    /// The time zone in which people are told.
    pub zone: String,
}

/// One attempt with everything around it.
struct Try<'a> {
    cx: &'a Ctx,
    visitor: &'a Visitor,
    now: Timestamp,
    answered: Answered,
    request: Option<String>,
    insists: bool,
}

/// A password sign-in.
///
/// # Errors
/// If it can't be looked at now.
pub async fn password(cx: &Ctx, visitor: &Visitor, attempt: Attempt) -> Result<Answer, ServiceError> {
    let answer = look(cx, visitor, attempt).await;
    let outcome = match &answer {
        Ok(answer) => answer.outcome(),
        Err(_cause) => "unavailable",
    };
    metrics::counter!("idp_signin_total", "method" => "password", "outcome" => outcome).increment(1);
    answer
}

async fn look(cx: &Ctx, visitor: &Visitor, attempt: Attempt) -> Result<Answer, ServiceError> {
    let now = cx.clock.now();
    let request = attempt.request;
    let answered = second::answered(cx, visitor, request.as_deref(), now)?;
    let insists = attempt.insists || asks_for_two(cx, visitor, request.as_deref(), now)?;
    let one = Try { cx, visitor, now, answered, request, insists };
    if let Err(until) = cx.ephemeral.take(&format!("signin:{}", visitor.network()), NETWORK, now).await {
        let vendor = cx.company(cx.vendor).await?;
        return Ok(one.wait(until, &vendor));
    }
    let target = match find::target(cx, visitor, attempt.name, now).await? {
        Target::AskCompany => return Ok(Answer::AskCompany),
        Target::Someone(found) => *found,
    };
    let Ok(typed) = password::prepare(attempt.password.expose()) else { return Ok(Answer::Wrong) };
    one.prove(target, typed).await
}

impl Try<'_> {
    fn wait(&self, until: Timestamp, company: &Company) -> Answer {
        Answer::Wait(Wait { until, left: until.since(self.now), zone: company.policy.zone().to_owned() })
    }

    /// Whose share of the hashing is used.
    fn asker(&self, found: &Found, company: &Company) -> Result<Asker, ServiceError> {
        if found.known {
            return Ok(Asker::Known);
        }
        let number = |what: &[u8], of: &[u8]| -> Result<u64, ServiceError> {
            let digest = self.cx.sealer.digest(&[what, of])?;
            Ok(digest.first_chunk().map_or(0, |head| u64::from_be_bytes(*head)))
        };
        let network = number(b"hash share network", self.visitor.network().as_bytes())?;
        Ok(Asker::Stranger { network, tenant: number(b"hash share tenant", company.tenant.id.bytes())? })
    }

    /// Counts, hashes, decides, commits.
    async fn prove(self, found: Found, typed: Secret<String>) -> Result<Answer, ServiceError> {
        let company = self.cx.company(found.company.unwrap_or(self.cx.vendor)).await?;
        let counter = Counter {
            key: Key { subject: found.subject, lane: if found.known { Lane::Known } else { Lane::Stranger } },
            limits: company.policy.first_factor(),
            source: source_of(self.cx, self.visitor)?,
        };
        let now = self.now;
        if !found.known
            && let Some(until) = self.cx.ephemeral.spent(&self.wrong_key(), WRONG, now).await
        {
            return Ok(self.wait(until, &company));
        }
        let reserve = move |w: &mut idp_store::Write<'_>| {
            idp_store::throttles::reserve(w, counter.key, counter.limits, counter.source, now)
        };
        if let Reservation::Wait(until) = self.cx.store.write(reserve).await? {
            return Ok(self.wait(until, &company));
        }
        let phc = found.someone.as_ref().and_then(|s| s.stored.as_ref()).map(|s| s.phc.clone());
        let verdict = match self.cx.hasher.verify(self.asker(&found, &company)?, typed.clone(), phc).await {
            Ok(verdict) => verdict,
            Err(error) => return self.never_looked_at(counter, error).await,
        };
        let outcome = self.decide(found.someone.as_ref(), verdict.holds).await?;
        let outdated = found.someone.as_ref().filter(|_| verdict.outdated);
        let outdated = outdated.and_then(|s| Some((s.account.id, s.stored.as_ref()?.phc.clone())));
        let cx = self.cx;
        let concluded = self.conclude(outcome, found, (counter, company)).await?;
        if let (Outcome::Complete, Some((account, old))) = (outcome, outdated) {
            rehash(cx, account, (old, typed)).await;
        }
        Ok(concluded)
    }

    /// What follows is committed.
    async fn conclude(
        self,
        outcome: Outcome,
        found: Found,
        (counter, company): (Counter, Arc<Company>),
    ) -> Result<Answer, ServiceError> {
        match (outcome, found.someone) {
            (Outcome::Complete | Outcome::MustChange, Some(someone)) => {
                self.passed(someone, counter, outcome == Outcome::MustChange).await
            }
            (Outcome::Refused(Refusal::Barred(Barred::Tenant)), Some(someone)) => {
                let answer = Answer::TenantOff(self.cx.company(someone.account.tenant).await?.tenant.name.clone());
                self.told(&someone, Barred::Tenant, (counter, answer)).await
            }
            (Outcome::Refused(Refusal::Barred(Barred::Account)), Some(someone))
                if self.is_locked_by_guesses(&someone.account).await? =>
            {
                let count = second_factor::rules(&company, &someone.account).threshold;
                let lock = second::LockedOut { tenant: someone.account.tenant, count };
                self.told(&someone, Barred::Account, (counter, Answer::Locked(lock))).await
            }
            (Outcome::Refused(why), someone) => {
                let tenant = someone.as_ref().map(|s| s.account.tenant).or(found.company).unwrap_or(self.cx.vendor);
                let account = someone.map(|s| s.account.id);
                self.refused(Failed { why, account, tenant }, counter, &company).await
            }
            (Outcome::Complete | Outcome::MustChange, None) => Ok(Answer::Wrong),
        }
    }

    async fn decide(&self, someone: Option<&Someone>, holds: bool) -> Result<Outcome, ServiceError> {
        let Some(s) = someone else { return Ok(Outcome::Refused(Refusal::Unknown)) };
        let enabled = self.cx.company(s.account.tenant).await?.policy.password_enabled();
        let facts = Facts { stored: s.stored.as_ref(), standing: s.standing, enabled, now: self.now };
        Ok(idp_core::signin::password(&facts, holds))
    }

    /// The attempt was counted and then found no room: it is taken back, or five busy moments would be five failures.
    async fn never_looked_at(&self, counter: Counter, error: HashError) -> Result<Answer, ServiceError> {
        let now = self.now;
        let cancel = move |w: &mut idp_store::Write<'_>| {
            idp_store::throttles::cancel(w, counter.key, counter.limits, counter.source, now)
        };
        self.cx.store.write(cancel).await?;
        Err(error.into())
    }

    /// The password is right.
    async fn passed(self, someone: Someone, counter: Counter, must_change: bool) -> Result<Answer, ServiceError> {
        let company = self.cx.company(someone.account.tenant).await?;
        let first = First {
            account: &someone.account,
            company: Arc::clone(&company),
            method: Method::Password,
            answered: self.answered,
            insists: self.insists,
            must_change,
            recovery: None,
            at: self.now,
            now: self.now,
        };
        let Some(door) = door::prepare(self.cx, self.visitor, first).await? else { return Ok(Answer::Wrong) };
        let (door, now) = (Arc::new(door), self.now);
        let inner = Arc::clone(&door);
        let passed = self.cx.store.write(move |w| {
            let passed = inner.pass(w)?;
            if passed.is_some() {
                idp_store::throttles::release(w, counter.key, counter.limits, counter.source, now)?;
            }
            Ok(passed)
        });
        let Some(passed) = passed.await? else { return Ok(Answer::Wrong) };
        Ok(match door.answer(self.cx, passed, self.request) {
            Inside::In(entry) => Answer::In(*entry),
            Inside::Second(journey) => Answer::Second(journey),
            Inside::MustChange(second) => {
                let Some(stored) = &someone.stored else { return Ok(Answer::Wrong) };
                let whose = (&someone.account, &*company);
                let start = Start { at: self.now, answered: self.answered };
                Answer::MustChange(
                    new_password::ticket(
                        self.cx,
                        self.visitor,
                        whose,
                        (stored, second),
                        new_password::Shown::plain(None, start),
                    )
                    .await?,
                )
            }
        })
    }

    /// Whoever locked an account by wrong second factors knew its password: the right one tells nothing new.
    async fn is_locked_by_guesses(&self, account: &Account) -> Result<bool, ServiceError> {
        let id = account.id;
        let failures = self.cx.store.read(move |r| idp_store::second_factors::of(r, id)).await?.failures;
        let threshold = second_factor::rules(&*self.cx.company(account.tenant).await?, account).threshold;
        Ok(account.state == AccountState::Locked && failures >= threshold)
    }

    /// Only who proved himself is told; it was no guess, so it doesn't count as one.
    async fn told(
        self,
        someone: &Someone,
        barred: Barred,
        (counter, answer): (Counter, Answer),
    ) -> Result<Answer, ServiceError> {
        let (now, account, tenant) = (self.now, someone.account.id, someone.account.tenant);
        let scribe = Scribe::new(self.cx, now)?.from(self.visitor.address.to_string());
        let event =
            AuditEvent::SignInFailed { account: Some(account), reason: Refusal::Barred(barred).name().to_owned() };
        let kept = self.cx.store.write(move |w| {
            idp_store::throttles::release(w, counter.key, counter.limits, counter.source, now)?;
            scribe.begin().add(w, tenant, event.clone())
        });
        kept.await?;
        Ok(answer)
    }

    async fn refused(self, failed: Failed, counter: Counter, company: &Company) -> Result<Answer, ServiceError> {
        let (now, account, tenant) = (self.now, failed.account, failed.tenant);
        if matches!(counter.key.lane, Lane::Stranger) {
            self.note_wrong(company).await;
        }
        let scribe = Scribe::new(self.cx, now)?.from(self.visitor.address.to_string());
        let kept = self.cx.store.write(move |w| {
            let mut log = scribe.begin();
            let reason = failed.why.name().to_owned();
            log.add(w, tenant, AuditEvent::SignInFailed { account, reason })?;
            let until = idp_store::throttles::wait(w, counter.key, now)?;
            if let Some(until) = until {
                log.add(w, tenant, AuditEvent::WaitBegan { account, until })?;
            }
            Ok(until)
        });
        Ok(match kept.await? {
            Some(until) => self.wait(until, company),
            None => Answer::Wrong,
        })
    }
}

impl Try<'_> {
    fn wrong_key(&self) -> String {
        format!("wrong:{}", self.visitor.network())
    }

    /// Counts a wrong password beside the account's own count: by network, and by company.
    async fn note_wrong(&self, company: &Company) {
        let (budgets, code, now) = (&self.cx.ephemeral, &company.tenant.code, self.now);
        // Used up or not: the next attempt asks.
        budgets.take(&self.wrong_key(), WRONG, now).await.unwrap_or_default();
        let is_many = budgets.take(&format!("wrong-at:{code}"), WRONG_AT_COMPANY, now).await.is_err();
        let once = Budget { most: 1, ..WRONG_AT_COMPANY };
        if is_many && budgets.take(&format!("wrong-told:{code}"), once, now).await.is_ok() {
            tracing::warn!(event = "many_wrong_passwords", company = %code, "wrong passwords from many places: somebody may be trying a list");
        }
    }
}

#[derive(Clone, Copy)]
struct Counter {
    key: Key,
    limits: Limits,
    source: u64,
}

#[derive(Clone, Copy)]
struct Failed {
    why: Refusal,
    account: Option<AccountId>,
    tenant: TenantId,
}

/// Hashes the password anew under today's parameters, once its owner is in. If that can't be done now, the next sign-in
/// will.
async fn rehash(cx: &Ctx, account: AccountId, (old, typed): (Secret<String>, Secret<String>)) {
    let Ok(new) = cx.hasher.hash(typed, &cx.random).await else { return };
    let changed = cx.store.write(move |w| idp_store::passwords::rehash(w, account, &old, &new)).await;
    if let Err(error) = changed {
        tracing::warn!(event = "rehash_failed", %error, "a password stays under old parameters for now");
    }
}

/// Where an attempt comes from, as a counter knows it: a digest of network and browser.
fn source_of(cx: &Ctx, visitor: &Visitor) -> Result<u64, ServiceError> {
    let device = visitor.device.map(|d| *d.bytes());
    let device = device.as_ref().map_or(&[][..], |d| d.as_slice());
    let digest = cx.sealer.digest(&[b"throttle source", visitor.network().as_bytes(), device])?;
    Ok(digest.first_chunk().map_or(0, |head| u64::from_be_bytes(*head)))
}

/// Does the waiting request ask for two factors (OpenID Connect Core section 3.1.2.1, `acr_values`)?
fn asks_for_two(cx: &Ctx, visitor: &Visitor, request: Option<&str>, now: Timestamp) -> Result<bool, ServiceError> {
    let Some(sealed) = request else { return Ok(false) };
    Ok(match waiting::open(cx, visitor, sealed, now)? {
        Opened::Good(waiting) => waiting.params.wants_multi(),
        Opened::Restart(_) => false,
    })
}

/// A waiting client gets its answer; with none, who has a console goes there, and everybody else to his account.
fn next(cx: &Ctx, request: Option<String>, account: &Account) -> Next {
    let actor = idp_core::authority::Actor {
        account: account.id,
        home: account.tenant,
        is_vendor: account.tenant == cx.vendor,
        roles: account.roles.iter().copied().collect(),
    };
    match request {
        Some(sealed) => Next::Resume(sealed),
        None if actor.has_console() => Next::Console,
        None => Next::Account,
    }
}

/// The digest of a stored hash: what a ticket is bound to.
fn print_of(stored: &password::StoredPassword) -> TokenHash {
    TokenHash::of(stored.phc.expose())
}
