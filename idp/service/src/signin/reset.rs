//! A forgotten password: a link in a mail, then a new one. Everything that was open before is over, and a second factor is
//! asked for as at any sign-in.

use std::sync::Arc;

use idp_core::audit::AuditEvent;
use idp_core::credential::once::Purpose;
use idp_core::credential::password::{PasswordError, StoredPassword, check_new};
use idp_core::ids::TenantId;
use idp_core::logout::Reason;
use idp_core::mail::Happening;
use idp_core::secret::{Secret, TokenHash};
use idp_core::session::Method;

use super::Entry;
use super::door::{self, First, Inside};
use super::email::{Over, held};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::notice;
use crate::sessions;
use crate::visitor::Visitor;

/// Whose password it will be.
#[derive(Clone, Debug)]
pub struct Whose {
    /// His user name.
    pub username: String,
    /// His company.
    pub tenant: TenantId,
    /// The fewest characters.
    pub least: u32,
}

/// What a link is worth, without using it.
///
/// # Errors
/// If the database can't be read.
pub async fn look(cx: &Ctx, token: &str) -> Result<Result<Whose, Over>, ServiceError> {
    let held = match held(cx, TokenHash::of(token), Purpose::Reset, cx.clock.now()).await? {
        Ok(held) => held,
        Err(over) => return Ok(Err(over)),
    };
    let company = cx.company(held.account.tenant).await?;
    Ok(Ok(Whose {
        username: held.account.username(&company.tenant.code),
        tenant: held.account.tenant,
        least: company.policy.password_min(),
    }))
}

/// What came of it.
#[derive(Debug)]
pub enum Reset {
    /// The password is new, and he is in.
    In(Box<Entry>),
    /// The password is new; the second factor comes next.
    Second(String),
    /// The new password won't do; the link is still good.
    Refused(Whose, PasswordError),
    /// The link is worth nothing.
    Over(Over),
}

/// Sets a new password by a link.
///
/// # Errors
/// If it can't be done now.
pub async fn reset(
    cx: &Ctx,
    visitor: &Visitor,
    token: &Secret<String>,
    (new, confirm): (&Secret<String>, &Secret<String>),
) -> Result<Reset, ServiceError> {
    let now = cx.clock.now();
    let digest = TokenHash::of(token.expose());
    let held = match held(cx, digest, Purpose::Reset, now).await? {
        Ok(held) => held,
        Err(over) => return Ok(Reset::Over(over)),
    };
    let account = held.account;
    let company = cx.company(account.tenant).await?;
    let username = account.username(&company.tenant.code);
    let own = account.own_words(&company.tenant);
    let prepared = match check_new(new.expose(), confirm.expose(), &company.policy, &own) {
        Ok(prepared) => prepared,
        Err(why) => {
            let whose = Whose { username, tenant: account.tenant, least: company.policy.password_min() };
            return Ok(Reset::Refused(whose, why));
        }
    };
    let phc = cx.hasher.hash(prepared, &cx.random).await?;
    let stored = StoredPassword { phc, temporary: false, expires_at: None };
    let scribe = Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string());
    let parcel = notice(cx, &company, &account, (Some(visitor), now), Happening::PasswordChanged)?;
    // With the raised epoch: what was born before is dead, this sign-in is not.
    let renewed = idp_core::account::Account { epoch: account.epoch + 1, ..account.clone() };
    let first = First {
        account: &renewed,
        company,
        method: Method::Email,
        answered: None,
        insists: true, // no browser is trusted any more
        must_change: false,
        now,
    };
    let Some(door) = door::prepare(cx, visitor, first).await? else { return Ok(Reset::Over(Over::Expired)) };
    let (door, whose) = (Arc::new(door), account.clone());
    let inner = Arc::clone(&door);
    let made = cx.store.write(move |w| {
        let Some(standing) = sessions::standing_held(w, whose.tenant, whose.id)? else { return Ok(None) };
        let Some(row) = idp_store::one_time::spend(w, digest, Purpose::Reset, now)? else { return Ok(None) };
        let is_dead = row.expires_at.reached(now) || standing.may_receive(&row.epochs).is_err();
        if is_dead || standing.may_begin().is_err() {
            return Ok(None);
        }
        let mut log = scribe.begin();
        idp_store::passwords::put(w, whose.tenant, whose.id, &stored, now)?;
        sessions::end_everything(w, &whose, (Reason::Password, now), &mut log)?;
        idp_store::throttles::clear(w, *whose.id.bytes())?;
        log.add(w, whose.tenant, AuditEvent::PasswordRecovered { account: whose.id })?;
        if let Some(parcel) = &parcel {
            parcel.post(w)?;
        }
        inner.pass(w)
    });
    let Some(passed) = made.await? else { return Ok(Reset::Over(Over::Used)) };
    cx.wake_outbox();
    Ok(match door.answer(cx, passed, None) {
        Inside::In(entry) => Reset::In(entry),
        Inside::Second(journey) => Reset::Second(journey),
        Inside::MustChange(_) => Reset::Over(Over::Used), // the password is new
    })
}
