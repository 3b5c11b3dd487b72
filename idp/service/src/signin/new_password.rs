//! Replacing a one-time password before the sign-in is complete.

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::credential::password::{PasswordError, StoredPassword, check_new};
use idp_core::ids::{AccountId, TenantId};
use idp_core::secret::Secret;
use idp_core::session::{Authentication, Method};
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::password::Asker;
use idp_crypto::seal::Purpose;
use serde::{Deserialize, Serialize};

use super::{Entry, next, print_of};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::sessions;
use crate::visitor::Visitor;
use crate::waiting::{self, Opened};

/// How long somebody may think about a new password.
const LIFE: Lifetime = Lifetime::minutes(15);

/// Proof that the one-time password was right: sealed, bound to the browser, and worth nothing once it was replaced.
#[derive(Serialize, Deserialize)]
struct Ticket {
    v: u8,
    account: AccountId,
    tenant: TenantId,
    stored: Vec<u8>,
    expires_at: Timestamp,
}

/// Makes a ticket.
pub(super) fn ticket(
    cx: &Ctx,
    visitor: &Visitor,
    account: &Account,
    (stored, now): (&StoredPassword, Timestamp),
) -> Result<String, ServiceError> {
    let ticket = Ticket {
        v: 1,
        account: account.id,
        tenant: account.tenant,
        stored: print_of(stored).bytes().to_vec(),
        expires_at: now + LIFE,
    };
    let plain = serde_json::to_vec(&ticket)?;
    Ok(cx.sealer.seal_text(Purpose::Ticket, visitor.anonymous.as_bytes(), &plain, &cx.random)?)
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
    let Some((account, stored)) = holder(cx, visitor, &form.ticket, now).await? else { return Ok(Renewed::StartAgain) };
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
    let answered = match &form.request {
        Some(sealed) => match waiting::open(cx, visitor, sealed, now)? {
            Opened::Good(waiting) => Some(waiting.id),
            Opened::Restart(_) => None,
        },
        None => None,
    };
    let authentication = Authentication { at: now, methods: vec![Method::Password], answered };
    let (plan, cookies) = sessions::plan(cx, visitor, (&account, company), (authentication, true))?;
    let scribe = Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string());
    let (id, tenant, epoch) = (account.id, account.tenant, account.epoch);
    let replaced = StoredPassword { phc, temporary: false, expires_at: None };
    let made = cx.store.write(move |w| {
        // Held: an administrator's lock or reset comes before, and then this is refused, or after, and then it holds.
        let standing = sessions::standing_held(w, tenant, id)?;
        if standing.is_none_or(|s| s.may_begin().is_err() || s.epochs.account != epoch) {
            return Ok(None);
        }
        // Of many forms with one ticket one wins.
        if !idp_store::passwords::replace(w, id, &stored.phc, (&replaced, now))? {
            return Ok(None);
        }
        scribe.begin().add(w, tenant, AuditEvent::PasswordChanged { account: id, others_ended: 0 })?;
        plan.commit(w)
    });
    let Some(session) = made.await? else { return Ok(Renewed::StartAgain) };
    Ok(Renewed::In(Entry { cookies, session, next: next(cx, form.request, &account) }))
}

/// The account whose one-time password the ticket proves, if it still is the password.
async fn holder(
    cx: &Ctx,
    visitor: &Visitor,
    ticket: &str,
    now: Timestamp,
) -> Result<Option<(Account, StoredPassword)>, ServiceError> {
    let opened = cx.sealer.open_text(Purpose::Ticket, visitor.anonymous.as_bytes(), ticket);
    let Some(ticket) = opened.ok().and_then(|plain| serde_json::from_slice::<Ticket>(&plain).ok()) else {
        return Ok(None);
    };
    if ticket.expires_at.reached(now) {
        return Ok(None);
    }
    let read = cx.store.read(move |r| {
        let account = idp_store::accounts::by_id(r, ticket.tenant, ticket.account)?;
        let stored = idp_store::passwords::of(r, ticket.account)?;
        Ok(account
            .zip(stored)
            .filter(|(_, s)| s.temporary && s.holds(now) && print_of(s).bytes().as_slice() == ticket.stored.as_slice()))
    });
    Ok(read.await?)
}
