//! Replacing a one-time password before the sign-in is complete.

use std::sync::Arc;

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::credential::password::{PasswordError, StoredPassword, check_new};
use idp_core::ids::{AccountId, SessionId, TenantId};
use idp_core::mail::Happening;
use idp_core::policy::second_factor::Rules;
use idp_core::secret::{Secret, TokenHash};
use idp_core::session::{Authentication, Method, Second};
use idp_core::signin::second_factor::{Need, need};
use idp_core::standing::{Epochs, Standing};
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::password::Asker;
use idp_crypto::seal::Purpose;
use idp_store::trusted_browsers::Trusted;
use idp_store::{StoreError, Write};
use serde::{Deserialize, Serialize};

use super::door::Start;
use super::second::{device_is_ours, keep_trust, trusted};
use super::{Entry, MustChange, Review, Way, next, print_of};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::second_factor::{is_trusted, own, rules};
use crate::sessions::{self, Cookies, Plan};
use crate::visitor::Visitor;

/// How long somebody may think about a new password.
const LIFE: Lifetime = Lifetime::minutes(15);

/// Proof that the one-time password was right: sealed, bound to the browser, and worth nothing once it was replaced.
#[derive(Serialize, Deserialize)]
struct Ticket {
    v: u8,
    account: AccountId,
    tenant: TenantId,
    stored: Vec<u8>,
    /// What it was made under: what ends a sign-in ends the ticket.
    epochs: Epochs,
    /// What there was of a second factor, and by which means.
    second: String,
    by: Option<String>,
    /// The browser is to be trusted, once this is done.
    trust: bool,
    /// Something else than what was shown has to be set up.
    review: bool,
    start: Start,
    expires_at: Timestamp,
}

/// What was shown before the new password.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// By which means.
    pub(super) by: Option<Method>,
    /// When it began.
    pub(super) start: Start,
    /// The browser is to be trusted.
    pub(super) trust: bool,
    /// It was a code from an administrator: something else has to be set up.
    pub(super) review: bool,
}

impl Shown {
    /// Nothing but the password, or what may be told of a means.
    pub(super) fn plain(by: Option<Method>, start: Start) -> Self {
        Self { by, start, trust: false, review: false }
    }
}

impl Ticket {
    fn shown(&self) -> (Second, Vec<Method>) {
        let by = self.by.as_deref().and_then(Method::from_amr);
        let methods = std::iter::once(Method::Password).chain(by).collect();
        (Second::from_name(&self.second).unwrap_or(Second::NotDue), methods)
    }
}

/// Makes a ticket, and says whose password it is about.
pub(super) async fn ticket(
    cx: &Ctx,
    visitor: &Visitor,
    (account, company): (&Account, &Company),
    (stored, second): (&StoredPassword, Second),
    Shown { by, start, trust, review }: Shown,
) -> Result<MustChange, ServiceError> {
    let (tenant, id) = (account.tenant, account.id);
    let standing = cx.store.read(move |r| sessions::standing(r, tenant, id)).await?;
    let epochs = standing.ok_or_else(|| ServiceError::Broken("an account without standing".to_owned()))?.epochs;
    let ticket = Ticket {
        v: 7,
        epochs,
        account: account.id,
        tenant: account.tenant,
        stored: print_of(stored).bytes().to_vec(),
        second: second.name().to_owned(),
        by: by.map(|method| method.amr().to_owned()),
        trust,
        review,
        start,
        expires_at: cx.clock.now() + LIFE,
    };
    let plain = serde_json::to_vec(&ticket)?;
    let ticket = cx.sealer.seal_text(Purpose::Ticket, visitor.anonymous.as_bytes(), &plain, &cx.random)?;
    let username = account.username(&company.tenant.code);
    Ok(MustChange { ticket, username, tenant: account.tenant, least: company.policy.password_min() })
}

/// The same, once the second factor was shown, or may wait.
pub(super) async fn after_second(
    cx: &Ctx,
    visitor: &Visitor,
    (account, company): (&Account, &Company),
    shown: Shown,
) -> Result<Option<MustChange>, ServiceError> {
    let id = account.id;
    let Some(stored) = cx.store.read(move |r| idp_store::passwords::of(r, id)).await? else { return Ok(None) };
    let second = if shown.by.is_some() { Second::Shown } else { Second::Postponed };
    ticket(cx, visitor, (account, company), (&stored, second), shown).await.map(Some)
}

/// What the form brings.
#[derive(Debug)]
pub struct NewPassword {
    /// The ticket.
    pub ticket: String,
    /// The sealed request that waits, if one does.
    pub request: Option<String>,
    /// The new password.
    pub new: Secret<String>,
    /// The same again.
    pub confirm: Secret<String>,
}

/// Whose password it is, for the form to be shown again.
#[derive(Clone, Debug)]
pub struct Whose {
    /// His name.
    pub username: String,
    /// His company.
    pub tenant: TenantId,
    /// The fewest characters.
    pub least: u32,
}

/// What came of it.
#[derive(Debug)]
pub enum Renewed {
    /// He is in.
    In(Entry),
    /// The new password won't do.
    Refused(Whose, PasswordError),
    /// It is the old one.
    Same(Whose),
    /// The ticket is worth nothing: the sign-in has to begin again.
    StartAgain,
}

/// Replaces the password and completes the sign-in.
///
/// # Errors
/// If it can't be done now.
pub async fn new_password(cx: &Ctx, visitor: &Visitor, form: NewPassword) -> Result<Renewed, ServiceError> {
    let now = cx.clock.now();
    let Some((account, stored, ticket)) = holder(cx, visitor, &form.ticket, now).await? else {
        return Ok(Renewed::StartAgain);
    };
    let company = cx.company(account.tenant).await?;
    let whose = Whose {
        username: account.username(&company.tenant.code),
        tenant: account.tenant,
        least: company.policy.password_min(),
    };
    let new =
        match check_new(form.new.expose(), form.confirm.expose(), &company.policy, &account.own_words(&company.tenant))
        {
            Ok(new) => new,
            Err(why) => return Ok(Renewed::Refused(whose, why)),
        };
    if cx.hasher.verify(Asker::Known, new.clone(), Some(stored.phc.clone())).await?.holds {
        return Ok(Renewed::Same(whose));
    }
    let phc = cx.hasher.hash(new, &cx.random).await?;
    let next = next(cx, form.request, &account);
    let id = account.id;
    let kept = cx.store.read(move |r| idp_store::second_factors::of(r, id)).await?;
    let next = match (ticket.review, kept.has_key || kept.has_identity) {
        (true, _) => next.after(Review::IssuedCode),
        (false, true) => next.after(Review::Passkeys),
        (false, false) => next,
    };
    let (replacement, cookies) = draw(cx, visitor, (account, company, ticket), (stored, phc, now)).await?;
    let made = cx.store.write(move |w| replacement.commit(w)).await?;
    cx.wake_outbox();
    Ok(made.map_or(Renewed::StartAgain, |session| {
        let way = Way { by: Method::Password, lacks_key: false };
        Renewed::In(Entry { cookies, session, next, way })
    }))
}

/// Everything that a new password leads to, drawn before the transaction that decides.
struct Replacement {
    account: Account,
    ticket: Ticket,
    stored: StoredPassword,
    replaced: StoredPassword,
    rules: Rules,
    mail_is_on: bool,
    device: Option<TokenHash>,
    plan: Plan,
    trust: Option<Trusted>,
    told: Option<Parcel>,
    scribe: Scribe,
    now: Timestamp,
}

async fn draw(
    cx: &Ctx,
    visitor: &Visitor,
    (account, company, ticket): (Account, Arc<Company>, Ticket),
    (stored, phc, now): (StoredPassword, Secret<String>, Timestamp),
) -> Result<(Replacement, Cookies), ServiceError> {
    let (second, methods) = ticket.shown();
    let Start { at, answered } = ticket.start;
    let authentication = Authentication { at, methods, second, answered };
    let (rules, known) = (rules(&company, &account), device_is_ours(cx, visitor, now).await?);
    let told = notice(cx, &company, &account, (Some(visitor), now), Happening::PasswordChanged)?;
    let (plan, cookies) = sessions::plan(cx, visitor, (&account, company), (authentication, known))?;
    let replacement = Replacement {
        trust: trusted(cx, visitor, (&rules, &plan, ticket.epochs), now)?.filter(|_| ticket.trust),
        scribe: Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string()),
        replaced: StoredPassword { phc, temporary: false, expires_at: None },
        mail_is_on: cx.post.is_on(),
        device: visitor.device,
        account,
        ticket,
        stored,
        rules,
        plan,
        told,
        now,
    };
    Ok((replacement, cookies))
}

impl Replacement {
    /// Nothing, if the sign-in has to begin again.
    fn commit(&self, w: &mut Write<'_>) -> Result<Option<SessionId>, StoreError> {
        let (tenant, id, now) = (self.account.tenant, self.account.id, self.now);
        // Held: an administrator's lock or reset comes before, and then this is refused, or after, and then it holds.
        let standing = sessions::standing_held(w, tenant, id)?;
        let Some(standing) = standing.filter(|s| s.may_receive(&self.ticket.epochs).is_ok()) else { return Ok(None) };
        // Of many forms with one ticket one wins.
        if !self.is_enough(w, &standing)?
            || !idp_store::passwords::replace(w, id, &self.stored.phc, (&self.replaced, now))?
        {
            return Ok(None);
        }
        let mut log = self.scribe.begin();
        log.add(w, tenant, AuditEvent::PasswordChanged { account: id, others_ended: 0 })?;
        if let Some(told) = &self.told {
            told.post(w)?;
        }
        let session = self.plan.commit(w)?;
        if let (Some(_), Some(trust)) = (session, &self.trust) {
            keep_trust(w, (tenant, id), trust, &mut log)?;
        }
        Ok(session)
    }

    /// What is due now has to be what was shown: something may have been set up, or be required, since.
    fn is_enough(&self, w: &mut Write<'_>, standing: &Standing) -> Result<bool, StoreError> {
        let (id, (second, _)) = (self.account.id, self.ticket.shown());
        let own = own(&idp_store::second_factors::of(w, id)?, &self.account, self.mail_is_on);
        let is_trusted = is_trusted(w, (id, self.device), &self.rules, (standing, self.now))?;
        let spared = is_trusted && second == Second::Trusted;
        Ok(match need(&self.rules, &own, (Method::Password, spared), self.now) {
            Need::Nothing | Need::Trusted => true,
            Need::Proof(_) => second == Second::Shown,
            Need::SetUp(_, may_wait) => second == Second::Postponed && may_wait.is_some(),
        })
    }
}

/// The account whose one-time password the ticket proves, if it still is the password, and the ticket.
async fn holder(
    cx: &Ctx,
    visitor: &Visitor,
    ticket: &str,
    now: Timestamp,
) -> Result<Option<(Account, StoredPassword, Ticket)>, ServiceError> {
    let opened = cx.sealer.open_text(Purpose::Ticket, visitor.anonymous.as_bytes(), ticket);
    let Some(ticket) = opened.ok().and_then(|plain| serde_json::from_slice::<Ticket>(&plain).ok()) else {
        return Ok(None);
    };
    if ticket.expires_at.reached(now) {
        return Ok(None);
    }
    let (tenant, id, print) = (ticket.tenant, ticket.account, ticket.stored.clone());
    let read = cx.store.read(move |r| {
        let account = idp_store::accounts::by_id(r, tenant, id)?;
        let stored = idp_store::passwords::of(r, id)?;
        Ok(account
            .zip(stored)
            .filter(|(_, s)| s.temporary && s.holds(now) && print_of(s).bytes().as_slice() == print.as_slice()))
    });
    Ok(read.await?.map(|(account, stored)| (account, stored, ticket)))
}
