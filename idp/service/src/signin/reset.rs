//! A forgotten password: a link in a mail, then a new one. Where a second factor is due, the new password is set once
//! that was shown; with it everything that was open before is over.

use std::sync::Arc;

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::credential::once::Purpose;
use idp_core::credential::password::{PasswordError, StoredPassword, check_new};
use idp_core::ids::TenantId;
use idp_core::logout::Reason;
use idp_core::mail::Happening;
use idp_core::secret::{Secret, TokenHash};
use idp_core::session::Method;
use idp_core::time::Timestamp;
use idp_store::{StoreError, Write};

use super::Entry;
use super::door::{self, First, Inside};
use super::email::{Over, held};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
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
    let first = First {
        account: &account,
        company,
        method: Method::Email,
        answered: None,
        insists: true, // no browser is trusted any more
        must_change: false,
        recovery: Some(cx.hasher.hash(prepared, &cx.random).await?),
        at: now,
        now,
    };
    let Some(door) = door::prepare(cx, visitor, first).await? else { return Ok(Reset::Over(Over::Expired)) };
    let door = Arc::new(door);
    let inner = Arc::clone(&door);
    let made = cx.store.write(move |w| {
        let Some(standing) = sessions::standing_held(w, account.tenant, account.id)? else { return Ok(None) };
        let Some(row) = idp_store::one_time::spend(w, digest, Purpose::Reset, now)? else { return Ok(None) };
        if row.expires_at.reached(now) || standing.may_receive(&row.epochs).is_err() {
            return Ok(None);
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

/// A new password by a link, to be set in the act that makes the session. With it everything is over that was open
/// before.
pub(super) struct Recovery {
    stored: StoredPassword,
    notice: Option<Parcel>,
    scribe: Scribe,
    now: Timestamp,
}

/// The account as it is once everything of before is dead: what is made then is not.
pub(super) fn raised(account: &Account) -> Account {
    Account { epoch: account.epoch + 1, ..account.clone() }
}

impl Recovery {
    pub(super) fn draw(
        cx: &Ctx,
        visitor: &Visitor,
        (account, company): (&Account, &Company),
        (phc, now): (Secret<String>, Timestamp),
    ) -> Result<Self, ServiceError> {
        Ok(Self {
            stored: StoredPassword { phc, temporary: false, expires_at: None },
            notice: notice(cx, company, account, (Some(visitor), now), Happening::PasswordChanged)?,
            scribe: Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string()),
            now,
        })
    }

    pub(super) fn commit(&self, w: &mut Write<'_>, account: &Account) -> Result<(), StoreError> {
        let mut log = self.scribe.begin();
        idp_store::passwords::put(w, account.tenant, account.id, &self.stored, self.now)?;
        sessions::end_everything(w, account, (Reason::Password, self.now), &mut log)?;
        idp_store::throttles::clear(w, *account.id.bytes())?;
        log.add(w, account.tenant, AuditEvent::PasswordRecovered { account: account.id })?;
        match &self.notice {
            Some(notice) => notice.post(w).map(drop),
            None => Ok(()),
        }
    }
}
