//! An answer to what is asked for as a second factor: counted, looked at, and what follows, in one transaction.

use std::sync::Arc;

use idp_core::account::AccountState;
use idp_core::audit::AuditEvent;
use idp_core::mail::Happening;
use idp_core::secret::Secret;
use idp_core::session::Method;
use idp_core::signin::second_factor::{CODE_LIFE, Means, Need, digits, need};
use idp_core::standing::Standing;
use idp_core::time::Timestamp;
use idp_crypto::seal::{Mac, Sealer};
use idp_store::journeys::Journey;
use idp_store::second_factors::Kept;
use idp_store::trusted_browsers::Trusted;
use idp_store::{StoreError, Write};

use super::{Count, LockedOut, Under, Verified, draw_session, inside, keep_trust, recovery, trusted, under};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::passkeys::Signed;
use crate::second_factor::{Written, open_seed, own, spend_code};
use crate::sessions::{self, Cookies, Plan};
use crate::signin::door::{Passed, code_digest};
use crate::signin::new_password::Shown;
use crate::signin::reset::Recovery;
use crate::signin::{Review, passkey};
use crate::visitor::Visitor;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The sign-in, as the page named it.
    pub journey: String,
    /// The sealed request that waits, if one does.
    pub request: Option<String>,
    /// By what.
    pub means: Means,
    /// What is shown.
    pub shown: Brought,
    /// Shall the browser be trusted?
    pub trust: bool,
}

/// What is shown as a second factor.
#[derive(Debug)]
pub enum Brought {
    /// A code.
    Code(Secret<String>),
    /// What a passkey signed, and what it was asked.
    Key {
        /// What it was asked.
        state: String,
        /// What it signed.
        answer: String,
    },
}

/// What there is to look at.
enum Proof {
    Code(Secret<String>),
    Key(Option<Signed>),
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
    Wrong,
    Used,
    Expired,
    Locked,
    Over,
}

/// Everything that an answer may lead to, drawn before the transaction that decides.
struct Attempt {
    under: Under,
    means: Means,
    method: Method,
    proof: Proof,
    sealer: Arc<Sealer>,
    written: Arc<Mac>,
    plan: Plan,
    recovery: Option<Recovery>,
    trust: Option<Trusted>,
    count: Count,
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
    let (way, renews) =
        (under.way(cx), under.begun.recovery().is_some() && (under.kept.has_key || under.kept.has_identity));
    let means = answer.means;
    let Some((attempt, cookies)) = draw(cx, visitor, (under, answer), now).await? else {
        return Ok(Verified::Expired);
    };
    let (threshold, method) = (attempt.under.rules.threshold, attempt.method);
    let (start, trust) = (attempt.under.begun.start, attempt.trust.is_some());
    let told = cx.store.write(move |w| attempt.commit(w)).await?;
    cx.wake_outbox();
    let outcome = match &told {
        Told::Passed(..) => "right",
        Told::Wrong => "wrong",
        Told::Used => "used",
        Told::Expired => "expired",
        Told::Locked => "locked",
        Told::Over => "over",
    };
    metrics::counter!("idp_second_factor_total", "method" => means.name(), "outcome" => outcome).increment(1);
    Ok(match told {
        Told::Passed(passed, written) => {
            let review = matches!(written, Some(Written::FromAdmin));
            let whose = (&account, &*company, Shown { by: Some(method), start, trust, review }, way);
            let mut verified = inside(cx, visitor, (passed, cookies, request), whose).await?;
            // Who has nothing of his own is led to where he sets it up; from there on to the client, if one waits.
            let why = if review { Some(Review::IssuedCode) } else { renews.then_some(Review::Passkeys) };
            if let (Verified::In(entry), Some(why)) = (&mut verified, why) {
                entry.next = entry.next.clone().after(why);
            }
            verified
        }
        Told::Wrong => Verified::Wrong,
        Told::Used => Verified::Used,
        Told::Expired => Verified::Expired,
        Told::Locked => Verified::Locked(LockedOut { tenant: account.tenant, count: threshold }),
        Told::Over => Verified::Over,
    })
}

async fn draw(
    cx: &Ctx,
    visitor: &Visitor,
    (under, answer): (Under, Answer),
    now: Timestamp,
) -> Result<Option<(Attempt, Cookies)>, ServiceError> {
    let proof = match answer.shown {
        Brought::Code(code) => Proof::Code(code),
        Brought::Key { state, answer } => match passkey::second(cx, visitor, &under, (&state, &answer)).await? {
            passkey::Second::Right(signed) => Proof::Key(Some(*signed)),
            passkey::Second::Wrong => Proof::Key(None),
            passkey::Second::Over => return Ok(None),
        },
    };
    let is_synced = matches!(&proof, Proof::Key(Some(signed)) if signed.is_synced);
    let method = answer.means.method(is_synced);
    let (plan, cookies) = draw_session(cx, visitor, &under, (Some(method), now)).await?;
    let (company, account) = (&under.company, &under.account);
    let told = |what| notice(cx, company, account, (Some(visitor), now), what);
    let trust = trusted(cx, visitor, (&under.rules, &plan, under.journey.epochs), now)?.filter(|_| answer.trust);
    let attempt = Attempt {
        recovery: recovery(cx, visitor, &under, now)?,
        count: Count::draw(cx, visitor, &under, now)?,
        used: told(Happening::BackupCodeUsed)?,
        scribe: Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string()),
        sealer: Arc::clone(&cx.sealer),
        written: Arc::clone(&cx.audit),
        mail_is_on: cx.post.is_on(),
        under,
        means: answer.means,
        method,
        proof,
        plan,
        trust,
        now,
    };
    Ok(Some((attempt, cookies)))
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
        if !matches!(&need, Need::Proof(means) if means.contains(&self.means)) {
            return Ok(Told::Over);
        }
        let Some(count) = self.count.reserve(w)? else { return Ok(Told::Locked) };
        match self.look(w, (&journey, &kept), &standing)? {
            Looked::Right(written) => self.right(w, written),
            Looked::Wrong => self.wrong(w, count, Told::Wrong),
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
        let (account, now) = (self.under.account.id, self.now);
        let typed = match &self.proof {
            Proof::Code(code) => code.expose(),
            Proof::Key(signed) => return self.look_at_key(w, signed.as_ref()),
        };
        match self.means {
            Means::Key => Ok(Looked::Wrong), // a code is no passkey
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

    fn look_at_key(&self, w: &mut Write<'_>, signed: Option<&Signed>) -> Result<Looked, StoreError> {
        let (Some(signed), Means::Key) = (signed, self.means) else { return Ok(Looked::Wrong) };
        let is_first = signed.take(w, self.now)? && signed.note(w, self.now)?;
        Ok(if is_first { Looked::Right(None) } else { Looked::Used })
    }

    fn right(&self, w: &mut Write<'_>, written: Option<Written>) -> Result<Told, StoreError> {
        let (account, now) = (&self.under.account, self.now);
        idp_store::second_factors::clear(w, account.id)?;
        if !idp_store::journeys::end(w, self.under.id, now)? {
            return Ok(Told::Over);
        }
        let mut log = self.scribe.begin();
        match written {
            Some(Written::OfSet(left)) => {
                log.add(w, account.tenant, AuditEvent::BackupCodeUsed { account: account.id, left })?;
            }
            Some(Written::FromAdmin) => {
                log.add(w, account.tenant, AuditEvent::IssuedCodeUsed { account: account.id })?;
            }
            None => {}
        }
        if written.is_some()
            && let Some(parcel) = &self.used
        {
            parcel.post(w)?;
        }
        let passed = self.under.finish(w, (self.recovery.as_ref(), &self.plan))?;
        let Some(passed) = passed else { return Ok(Told::Over) };
        // Before a new password there is no browser yet that could be trusted: the password's form brings the wish
        // along.
        if let (Passed::In(_), Some(trust)) = (passed, &self.trust) {
            keep_trust(w, (account.tenant, account.id), trust, &mut log)?;
        }
        Ok(Told::Passed(passed, written))
    }

    fn wrong(&self, w: &mut Write<'_>, count: u32, told: Told) -> Result<Told, StoreError> {
        Ok(if self.count.wrong(w, count)? { Told::Locked } else { told })
    }
}
