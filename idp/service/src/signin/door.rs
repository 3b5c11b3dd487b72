//! What follows a right first factor. Every way in leads through here: to a session, or to a second factor before it.

use std::sync::Arc;

use idp_core::account::Account;
use idp_core::ids::{JourneyId, SessionId};
use idp_core::mail::{CodeFor, Letter};
use idp_core::policy::second_factor::Rules;
use idp_core::secret::{Secret, TokenHash};
use idp_core::session::{Authentication, Method, Second};
use idp_core::signin::second_factor::{CODE_LIFE, Means, Need, Own, need};
use idp_core::standing::Standing;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal;
use idp_store::journeys::Journey;
use idp_store::{Read, StoreError, Write};
use serde::{Deserialize, Serialize};

use super::reset::{Recovery, raised};
use super::{Entry, Review, Way, next};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, To, pack};
use crate::second_factor::{is_trusted, lacks_key, own, rules};
use crate::sessions::{self, Answered, Cookies, Plan};
use crate::visitor::Visitor;

/// How long somebody may take from the first factor to the last.
const PATIENCE: Lifetime = Lifetime::minutes(60);

/// Codes that are mailed to one account in an hour.
pub(super) const CODES_AN_HOUR: i64 = 20;

/// A right first factor.
pub(super) struct First<'a> {
    pub(super) account: &'a Account,
    pub(super) company: Arc<Company>,
    pub(super) method: Method,
    /// The request that is answered.
    pub(super) answered: Answered,
    /// A second factor has to be shown again, whatever browser is trusted.
    pub(super) insists: bool,
    /// It was a password for once: another has to be chosen before the session.
    pub(super) must_change: bool,
    /// A new password by a link: it is set with the session and not before, since the mailbox alone may not be enough.
    pub(super) recovery: Option<Secret<String>>,
    /// When it was shown: at another provider that may be long ago.
    pub(super) at: Timestamp,
    pub(super) now: Timestamp,
}

/// What a journey remembers of its beginning.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Begun {
    v: u8,
    by_email: bool,
    /// By a passkey, where the company takes one for one factor only; or at another provider.
    #[serde(default)]
    by: Option<By>,
    pub(super) must_change: bool,
    /// The hash of a new password, which waits for the second factor.
    recovery: Option<String>,
    pub(super) start: Start,
}

/// A first factor that is neither a password nor a mail.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    DeviceKey,
    SyncedKey,
    Upstream,
}

/// Where a sign-in began.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Start {
    /// When the first factor was shown: what is shown later makes it no younger.
    pub(super) at: Timestamp,
    /// The request that it was shown for. Another that the browser brings along is not answered by it.
    pub(super) answered: Answered,
}

impl Begun {
    pub(super) fn recovery(&self) -> Option<Secret<String>> {
        self.recovery.clone().map(Secret::new)
    }

    pub(super) fn method(&self) -> Method {
        match (self.by, self.by_email) {
            (Some(By::DeviceKey), _) => Method::DeviceKey,
            (Some(By::SyncedKey), _) => Method::SyncedKey,
            (Some(By::Upstream), _) => Method::Upstream,
            (None, true) => Method::Email,
            (None, false) => Method::Password,
        }
    }
}

/// The facts behind a decision.
struct Facts {
    own: Own,
    /// Somebody could come in by what a new password doesn't end.
    has_more: bool,
    is_trusted: bool,
    /// The device cookie was given by us; another may have been planted.
    device_is_ours: bool,
}

fn facts(
    r: &mut Read<'_>,
    (account, mail_is_on): (&Account, bool),
    device: Option<TokenHash>,
    (rules, standing, now): (&Rules, &Standing, Timestamp),
) -> Result<Facts, StoreError> {
    let kept = idp_store::second_factors::of(r, account.id)?;
    let is_trusted = is_trusted(r, (account.id, device), rules, (standing, now))?;
    let device_is_ours = match device {
        Some(device) => idp_store::known_browsers::is_anybodys(r, device, now)?,
        None => false,
    };
    let has_more = kept.has_key || kept.has_identity;
    Ok(Facts { own: own(&kept, account, mail_is_on), has_more, is_trusted, device_is_ours })
}

/// Everything that follows, drawn before the transaction that decides.
pub(super) struct Door {
    need: Need,
    rules: Rules,
    account: Account,
    method: Method,
    insists: bool,
    must_change: bool,
    recovery: Option<Recovery>,
    mail_is_on: bool,
    own: Own,
    review: Option<Review>,
    device: Option<TokenHash>,
    plan: Plan,
    cookies: Cookies,
    journey: Journey,
    sealed: String,
    code: Option<Parcel>,
    now: Timestamp,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// He is in.
    In(SessionId),
    /// The second factor comes next.
    Journey,
    /// Nothing more is due, but the password was for once.
    MustChange,
}

/// Looks, and draws what may be needed.
pub(super) async fn prepare(cx: &Ctx, visitor: &Visitor, first: First<'_>) -> Result<Option<Door>, ServiceError> {
    let (account, now) = (first.account.clone(), first.now);
    let rules = rules(&first.company, &account);
    let (mail_is_on, device) = (cx.post.is_on(), visitor.device);
    let whose = account.clone();
    let read = cx.store.read(move |r| {
        let Some(standing) = sessions::standing(r, whose.tenant, whose.id)? else { return Ok(None) };
        Ok(Some((facts(r, (&whose, mail_is_on), device, (&rules, &standing, now))?, standing)))
    });
    let Some((facts, standing)) = read.await? else { return Ok(None) };
    let spared = facts.is_trusted && !first.insists;
    let need = need(&rules, &facts.own, (first.method, spared), now);
    let second = match need {
        Need::Trusted => Second::Trusted,
        Need::Nothing if first.method.is_complete(rules.key.is_both()) => Second::Shown,
        Need::Nothing | Need::Proof(_) | Need::SetUp(..) => Second::NotDue,
    };
    let authentication = Authentication { at: first.at, methods: vec![first.method], second, answered: first.answered };
    let company = Arc::clone(&first.company);
    let recovery = match &first.recovery {
        Some(phc) => Some(Recovery::draw(cx, visitor, (&account, &company), (phc.clone(), now))?),
        None => None,
    };
    let whose = recovery.as_ref().map_or_else(|| account.clone(), |_| raised(&account));
    let (plan, cookies) = sessions::plan(cx, visitor, (&whose, company), (authentication, facts.device_is_ours))?;
    let (mut journey, sealed) = begin(cx, visitor, &first, standing)?;
    let mut code = None;
    if matches!(&need, Need::Proof(means) if means.first() == Some(&Means::Email)) {
        let (digest, parcel) = mail_code(cx, visitor, (&account, &first.company), (journey.id, now))?;
        (journey.code, code) = (Some((digest, now)), Some(parcel));
    }
    let (method, insists, must_change) = (first.method, first.insists, first.must_change);
    let door = Door {
        need,
        rules,
        account,
        method,
        insists,
        must_change,
        recovery,
        mail_is_on,
        own: facts.own,
        review: (first.recovery.is_some() && facts.has_more).then_some(Review::Passkeys),
        device,
        plan,
        cookies,
        journey,
        sealed,
        code,
        now,
    };
    Ok(Some(door))
}

/// A journey that has not begun, and how the browser will name it.
fn begin(
    cx: &Ctx,
    visitor: &Visitor,
    first: &First<'_>,
    standing: Standing,
) -> Result<(Journey, String), ServiceError> {
    let id = JourneyId::at(first.now, cx.random.bytes()?);
    let begun = Begun {
        v: 1,
        by_email: first.method == Method::Email,
        by: match first.method {
            Method::DeviceKey => Some(By::DeviceKey),
            Method::SyncedKey => Some(By::SyncedKey),
            Method::Upstream | Method::UpstreamBoth => Some(By::Upstream),
            Method::Password | Method::Email | Method::App | Method::BackupCode => None,
        },
        must_change: first.must_change,
        recovery: first.recovery.as_ref().map(|phc| phc.expose().clone()),
        start: Start { at: first.at, answered: first.answered },
    };
    let journey = Journey {
        id,
        tenant: first.account.tenant,
        account: first.account.id,
        payload: serde_json::to_string(&begun)?,
        code: None,
        epochs: standing.epochs,
        expires_at: first.now + PATIENCE,
    };
    Ok((journey, seal_id(cx, visitor, id)?))
}

/// What the browser carries: the name of the journey, for this browser only.
fn seal_id(cx: &Ctx, visitor: &Visitor, id: JourneyId) -> Result<String, ServiceError> {
    let place = [b"second factor ", visitor.anonymous.as_bytes()].concat();
    Ok(cx.sealer.seal_text(seal::Purpose::Journey, &place, id.bytes(), &cx.random)?)
}

/// Reads it; nothing if it is another browser's.
pub(super) fn open_id(cx: &Ctx, visitor: &Visitor, sealed: &str) -> Option<JourneyId> {
    let place = [b"second factor ", visitor.anonymous.as_bytes()].concat();
    JourneyId::from_slice(&cx.sealer.open_text(seal::Purpose::Journey, &place, sealed).ok()?)
}

/// The digest of a code for a journey.
pub(super) fn code_digest(sealer: &seal::Sealer, journey: JourneyId, code: &str) -> Result<Vec<u8>, seal::SealError> {
    Ok(sealer.digest(&[b"second factor code", journey.bytes(), code.as_bytes()])?.to_vec())
}

/// A code, as the journey keeps it and as the mail tells it.
pub(super) fn mail_code(
    cx: &Ctx,
    visitor: &Visitor,
    (account, company): (&Account, &Company),
    (journey, now): (JourneyId, Timestamp),
) -> Result<(Vec<u8>, Parcel), ServiceError> {
    let code = cx.random.digits()?;
    let digest = code_digest(&cx.sealer, journey, code.expose())?;
    let address = account.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let letter = Letter::Code {
        code: code.expose().clone(),
        what_for: CodeFor::SignIn,
        until: now + CODE_LIFE,
        asked_by: visitor.agent.clone(),
    };
    let to = To { address: &address, company, account: Some(account) };
    Ok((digest, pack(cx, to, letter, (now, CODE_LIFE, false))?))
}

impl Door {
    /// Decides from rows that are held, and does what follows. Nothing, if what was prepared isn't right any more: the
    /// account was locked or reset meanwhile, or what it is protected by has changed.
    pub(super) fn pass(&self, w: &mut Write<'_>) -> Result<Option<Passed>, StoreError> {
        let Some(standing) = sessions::standing_held(w, self.account.tenant, self.account.id)? else {
            return Ok(None);
        };
        let account = &self.account;
        if standing.may_begin().is_err() || standing.epochs.account != account.epoch {
            return Ok(None);
        }
        let facts = facts(w, (account, self.mail_is_on), self.device, (&self.rules, &standing, self.now))?;
        let spared = facts.is_trusted && !self.insists;
        if !need(&self.rules, &facts.own, (self.method, spared), self.now).is_as(&self.need) {
            return Ok(None);
        }
        match &self.need {
            Need::Nothing | Need::Trusted if self.must_change => Ok(Some(Passed::MustChange)),
            Need::Nothing | Need::Trusted => {
                if let Some(recovery) = &self.recovery {
                    recovery.commit(w, account)?;
                }
                Ok(self.plan.commit(w)?.map(Passed::In))
            }
            Need::Proof(_) => self.set_out(w, standing),
            Need::SetUp(..) => {
                idp_store::second_factors::note_due(w, (account.tenant, account.id), self.now)?;
                self.set_out(w, standing)
            }
        }
    }

    fn set_out(&self, w: &mut Write<'_>, standing: Standing) -> Result<Option<Passed>, StoreError> {
        let mut journey = Journey { epochs: standing.epochs, ..self.journey.clone() };
        if let Some(code) = &self.code {
            let since = self.now - Lifetime::hours(1);
            let (sent, _) = idp_store::journeys::codes_since(w, self.account.id, since)?;
            if sent >= CODES_AN_HOUR || !code.post(w)? {
                journey.code = None;
            }
        }
        idp_store::journeys::insert(w, &journey, self.now)?;
        Ok(Some(Passed::Journey))
    }

    /// What the browser is told.
    pub(super) fn answer(&self, cx: &Ctx, passed: Passed, request: Option<String>) -> Inside {
        match passed {
            Passed::In(session) => {
                let next = next(cx, request, &self.account);
                let way = Way { by: self.method, lacks_key: lacks_key(cx, &self.rules, &self.own) };
                let next = match self.review {
                    Some(why) => next.after(why),
                    None => next,
                };
                Inside::In(Box::new(Entry { cookies: self.cookies.clone(), session, next, way }))
            }
            Passed::Journey => {
                cx.wake_outbox();
                Inside::Second(self.sealed.clone())
            }
            Passed::MustChange => Inside::MustChange(self.second()),
        }
    }

    /// What there was of a second factor, if no more is due.
    fn second(&self) -> Second {
        if self.need == Need::Trusted { Second::Trusted } else { Second::NotDue }
    }
}

/// Where somebody is after a right first factor.
#[derive(Debug)]
pub(super) enum Inside {
    /// In.
    In(Box<Entry>),
    /// Before the second factor.
    Second(String),
    /// Before a new password, with what there was of a second factor.
    MustChange(Second),
}
