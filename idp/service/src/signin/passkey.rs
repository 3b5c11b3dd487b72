//! Signing in with a passkey: no name is typed, the authenticator tells whose it is. What is asked for leaves no row
//! behind; what comes back is taken once.

use std::sync::Arc;

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::credential::passkey::{PATIENCE, Passkey};
use idp_core::ids::JourneyId;
use idp_core::secret::TokenHash;
use idp_core::signin::Refusal;
use idp_core::signin::second_factor::Means;
use idp_core::standing::Standing;
use idp_core::throttle::Lane;
use idp_core::time::Timestamp;
use idp_crypto::passkey::{Begun, Ceremonies, Claimed};
use idp_crypto::seal;
use idp_store::throttles::Key;
use serde::{Deserialize, Serialize};

use super::door::{self, First, Inside, Passed};
use super::second::{Under, answered, under};
use super::{Counter, Entry, NETWORK, Wait, asks_for_two, source_of};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::passkeys::{Challenge, Signed, broken};
use crate::sessions;
use crate::visitor::Visitor;

/// What a page needs to ask an authenticator.
#[derive(Debug)]
pub struct Asked {
    /// The options, for the browser.
    pub options: String,
    /// What has to come back.
    pub state: String,
}

/// What a browser brings.
#[derive(Debug)]
pub struct Brought {
    /// What was asked for.
    pub state: String,
    /// What the authenticator says.
    pub answer: String,
    /// The sealed request that waits, if one does.
    pub request: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    /// He is in.
    In(Box<Entry>),
    /// A second factor comes next, by this journey.
    Second(String),
    /// Nobody here has that passkey; its id, so that the browser can forget it.
    Unknown(String),
    /// Not right.
    Wrong,
    /// Not before then, in this browser.
    Wait(Wait),
    /// It took too long, or was sent before.
    Over,
}

/// What is in progress, as the page carries it.
#[derive(Serialize, Deserialize)]
struct Progress {
    state: Vec<u8>,
    ends: Timestamp,
}

/// For what: what was asked for as one is worth nothing as the other.
#[derive(Clone, Copy)]
enum As {
    First,
    Second(JourneyId),
}

fn place(visitor: &Visitor, what_for: As) -> Vec<u8> {
    let what_for = match what_for {
        As::First => b"passkey sign-in ".to_vec(),
        As::Second(journey) => [b"passkey second ", journey.bytes().as_slice()].concat(),
    };
    [what_for.as_slice(), visitor.anonymous.as_bytes()].concat()
}

/// Draws what an authenticator has to sign; nothing where there are no passkeys.
///
/// # Errors
/// If it can't be drawn.
pub fn ask(cx: &Ctx, visitor: &Visitor) -> Result<Option<Asked>, ServiceError> {
    draw(cx, visitor, (As::First, &[]))
}

/// The same for a sign-in that is past its first factor: by a passkey of this account.
///
/// # Errors
/// If it can't be drawn.
pub async fn ask_second(cx: &Ctx, visitor: &Visitor, journey: &str) -> Result<Option<Asked>, ServiceError> {
    let Some(under) = under(cx, visitor, journey, cx.clock.now()).await? else { return Ok(None) };
    if !under.asks_for(Means::Key) {
        return Ok(None);
    }
    let id = under.account.id;
    let all = cx.store.read(move |r| idp_store::passkeys::of(r, id)).await?;
    draw(cx, visitor, (As::Second(under.id), &all))
}

fn draw(cx: &Ctx, visitor: &Visitor, (what_for, by): (As, &[Passkey])) -> Result<Option<Asked>, ServiceError> {
    let Some(ceremonies) = &cx.passkeys else { return Ok(None) };
    let by: Vec<&[u8]> = by.iter().map(|passkey| passkey.credential.as_slice()).collect();
    let Begun { options, state } = ceremonies.ask(&by).map_err(|e| broken(&e))?;
    let progress = serde_json::to_vec(&Progress { state, ends: cx.clock.now() + PATIENCE })?;
    let state = cx.sealer.seal_text(seal::Purpose::Journey, &place(visitor, what_for), &progress, &cx.random)?;
    Ok(Some(Asked { options, state }))
}

/// What a passkey that answers as a second factor comes to.
pub(super) enum Second {
    /// Right, to be taken in the transaction that ends the sign-in.
    Right(Box<Signed>),
    /// Not right.
    Wrong,
    /// It took too long.
    Over,
}

/// Looks at the answer of a passkey to a sign-in that is past its first factor.
pub(super) async fn second(
    cx: &Ctx,
    visitor: &Visitor,
    under: &Under,
    (state, answer): (&str, &str),
) -> Result<Second, ServiceError> {
    let now = cx.clock.now();
    let progress = open(cx, (visitor, As::Second(under.id)), state, now);
    let (Some(ceremonies), Some(progress)) = (&cx.passkeys, progress) else { return Ok(Second::Over) };
    let Ok(claimed) = ceremonies.claimed(answer) else { return Ok(Second::Wrong) };
    let (account, id) = (&under.account, under.account.id);
    let all = cx.store.read(move |r| idp_store::passkeys::of(r, id)).await?;
    let own = all.iter().find(|p| p.credential == claimed.credential && claimed.handle == *account.id.bytes());
    let Some(passkey) = own else { return Ok(Second::Wrong) };
    let Ok(after) = ceremonies.verify(&progress.state, &claimed, &passkey.key) else { return Ok(Second::Wrong) };
    let challenge = Challenge::new(TokenHash::of(state), (account.tenant, account.id, under.journey.epochs), now);
    Ok(Second::Right(Box::new(Signed::new(challenge, passkey, after))))
}

/// Whose passkey it is, from rows read now.
struct Found {
    account: Account,
    passkey: Passkey,
    standing: Standing,
    /// The account has been signed in from this browser.
    known: bool,
}

/// Looks at what an authenticator signed.
///
/// # Errors
/// If it can't be looked at now.
pub async fn sign_in(cx: &Ctx, visitor: &Visitor, brought: Brought) -> Result<Answer, ServiceError> {
    let answer = look(cx, visitor, brought).await?;
    let outcome = match &answer {
        Answer::In(_) => "in",
        Answer::Second(_) => "second",
        Answer::Unknown(_) => "unknown",
        Answer::Wrong => "wrong",
        Answer::Wait(_) => "wait",
        Answer::Over => "over",
    };
    metrics::counter!("idp_signin_total", "method" => "passkey", "outcome" => outcome).increment(1);
    Ok(answer)
}

async fn look(cx: &Ctx, visitor: &Visitor, brought: Brought) -> Result<Answer, ServiceError> {
    let now = cx.clock.now();
    if let Err(until) = cx.ephemeral.take(&format!("signin:{}", visitor.network()), NETWORK, now).await {
        let vendor = cx.company(cx.vendor).await?;
        return Ok(Answer::Wait(Wait { until, left: until.since(now), zone: vendor.policy.zone().to_owned() }));
    }
    let (Some(ceremonies), Some(progress)) = (&cx.passkeys, open(cx, (visitor, As::First), &brought.state, now)) else {
        return Ok(Answer::Over);
    };
    let claimed = match ceremonies.claimed(&brought.answer) {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::info!(event = "passkey_refused", %error, "a browser's answer is not what was asked for");
            return Ok(Answer::Wrong);
        }
    };
    let Some(found) = find(cx, visitor, &claimed, now).await? else {
        return Ok(Answer::Unknown(idp_crypto::passkey::text(&claimed.credential)));
    };
    let company = cx.company(found.account.tenant).await?;
    let lane = if found.known { Lane::Known } else { Lane::Stranger };
    let counter = Counter {
        key: Key { subject: *found.account.id.bytes(), lane },
        limits: company.policy.first_factor(),
        source: source_of(cx, visitor)?,
    };
    let whose = (found.account.tenant, found.account.id, found.standing.epochs);
    let challenge = Challenge::new(TokenHash::of(&brought.state), whose, now);
    let one = One { cx, visitor, now, company, counter, challenge, found };
    match one.verify(ceremonies, &progress, &claimed) {
        Some(signature) => one.passed(signature, brought.request).await,
        None => one.refused().await,
    }
}

fn open(cx: &Ctx, (visitor, what_for): (&Visitor, As), sealed: &str, now: Timestamp) -> Option<Progress> {
    let plain = cx.sealer.open_text(seal::Purpose::Journey, &place(visitor, what_for), sealed).ok()?;
    serde_json::from_slice::<Progress>(&plain).ok().filter(|progress| !progress.ends.reached(now))
}

async fn find(cx: &Ctx, visitor: &Visitor, claimed: &Claimed, now: Timestamp) -> Result<Option<Found>, ServiceError> {
    let (credential, device) = (claimed.credential.clone(), visitor.device);
    let read = cx.store.read(move |r| {
        let Some((tenant, id, passkey)) = idp_store::passkeys::by_credential(r, &credential)? else { return Ok(None) };
        let account = idp_store::accounts::by_id(r, tenant, id)?;
        let known = match device {
            Some(device) => idp_store::known_browsers::is_known(r, id, device, now)?,
            None => false,
        };
        let standing = sessions::standing(r, tenant, id)?;
        Ok(account.zip(standing).map(|(account, standing)| Found { account, passkey, standing, known }))
    });
    Ok(read.await?)
}

/// One attempt with everything around it.
struct One<'a> {
    cx: &'a Ctx,
    visitor: &'a Visitor,
    now: Timestamp,
    company: Arc<Company>,
    counter: Counter,
    challenge: Challenge,
    found: Found,
}

impl One<'_> {
    /// What is taken, if everything is right.
    fn verify(&self, ceremonies: &Ceremonies, progress: &Progress, claimed: &Claimed) -> Option<Signed> {
        let Found { account, passkey, .. } = &self.found;
        if claimed.handle != *account.id.bytes() || !self.company.policy.passkeys_enabled() {
            return None;
        }
        match ceremonies.verify(&progress.state, claimed, &passkey.key) {
            Ok(after) => Some(Signed::new(self.challenge.clone(), passkey, after)),
            Err(error) => {
                tracing::warn!(event = "passkey_wrong", account = %account.id, %error, "a passkey's answer is not right");
                None
            }
        }
    }

    /// Right: counters of strangers don't matter, those of this browser do.
    async fn passed(self, signed: Signed, request: Option<String>) -> Result<Answer, ServiceError> {
        let (cx, visitor, now) = (self.cx, self.visitor, self.now);
        let Found { account, .. } = &self.found;
        let first = First {
            account,
            company: Arc::clone(&self.company),
            method: Means::Key.method(signed.is_synced),
            answered: answered(cx, visitor, request.as_deref(), now)?,
            insists: asks_for_two(cx, visitor, request.as_deref(), now)?,
            must_change: false,
            recovery: None,
            at: now,
            now,
        };
        let Some(door) = door::prepare(cx, visitor, first).await? else { return Ok(Answer::Wrong) };
        let door = Arc::new(door);
        let (inner, counter, whose) = (Arc::clone(&door), self.counter, (account.tenant, account.id));
        let told = cx.store.write(move |w| {
            // Held first, as everywhere: a row that belongs to the account, or its counter, holds a part of it already,
            // and of many who hold a part and wait for the whole none goes on.
            sessions::standing_held(w, whose.0, whose.1)?;
            if !signed.take(w, now)? {
                return Ok(Told::Over);
            }
            let waits = idp_store::throttles::waits_here(w, counter.key, (counter.limits, counter.source), now)?;
            if let Some(until) = waits {
                return Ok(Told::Wait(until));
            }
            if !signed.note(w, now)? {
                return Ok(Told::Over);
            }
            let Some(passed) = inner.pass(w)? else { return Ok(Told::Wrong) };
            idp_store::throttles::forgive(w, counter.key, (counter.limits, counter.source), now)?;
            Ok(Told::Passed(passed))
        });
        Ok(match told.await? {
            Told::Passed(passed) => match door.answer(cx, passed, request) {
                Inside::In(entry) => Answer::In(entry),
                Inside::Second(journey) => Answer::Second(journey),
                Inside::MustChange(_) => Answer::Wrong, // a passkey is no password
            },
            Told::Wait(until) => self.wait(until),
            Told::Wrong => Answer::Wrong,
            Told::Over => Answer::Over,
        })
    }

    fn wait(&self, until: Timestamp) -> Answer {
        let zone = self.company.policy.zone().to_owned();
        Answer::Wait(Wait { until, left: until.since(self.now), zone })
    }

    /// Wrong: it counts with wrong passwords.
    async fn refused(self) -> Result<Answer, ServiceError> {
        let (cx, now, counter, challenge) = (self.cx, self.now, self.counter, self.challenge.clone());
        let (tenant, id) = (self.found.account.tenant, self.found.account.id);
        let scribe = Scribe::new(cx, now)?.from(self.visitor.address.to_string());
        let told = cx.store.write(move |w| {
            if !challenge.take(w, now)? {
                return Ok(None);
            }
            idp_store::throttles::reserve(w, counter.key, counter.limits, counter.source, now)?;
            let reason = Refusal::WrongKey.name().to_owned();
            let mut log = scribe.begin();
            log.add(w, tenant, AuditEvent::SignInFailed { account: Some(id), reason })?;
            Ok(Some(idp_store::throttles::waits_here(w, counter.key, (counter.limits, counter.source), now)?))
        });
        Ok(match told.await? {
            None => Answer::Over,
            Some(Some(until)) => self.wait(until),
            Some(None) => Answer::Wrong,
        })
    }
}

/// What the transaction tells.
enum Told {
    Passed(Passed),
    Wait(Timestamp),
    Wrong,
    Over,
}
