//! Passwords that an administrator hands over.

use std::fmt;
use std::str::FromStr;

use idp_core::audit::AuditEvent;
use idp_core::authority::{Permission, TenantAdmin};
use idp_core::credential::once::Purpose;
use idp_core::credential::password::{StoredPassword, check_new, prepare};
use idp_core::ids::AccountId;
use idp_core::logout::Reason;
use idp_core::mail::Happening;
use idp_core::secret::Secret;
use idp_core::time::Timestamp;

use super::invite::Invitation;
use super::{Refused, by_id_for, touch};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::notice;
use crate::sessions::end_everything;

/// A one-time password: to be shown once and replaced at the first sign-in.
#[derive(Debug)]
pub struct OneTimePassword {
    /// The password.
    pub password: Secret<String>,
    /// Good until then.
    pub until: Timestamp,
}

/// Makes a one-time password. What the old one opened is over.
///
/// # Errors
/// If it can't be done now.
pub async fn reset_password(
    cx: &Ctx,
    by: &TenantAdmin,
    (id, instead_of): (AccountId, Option<PasswordStamp>),
) -> Result<Result<OneTimePassword, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::ResetPassword));
    let (made, shown) = one_time(cx, &*cx.company(by.tenant()).await?)?;
    let set = NewPassword { instead_of, ..made };
    let done = put_password(cx, by, id, (set, None)).await?;
    Ok(done.map(|()| shown))
}

/// Which password an account has, without saying which: when it was set. A form that asks for another is good for that
/// one only, so that sending it again doesn't kill the password that was just handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordStamp(Option<Timestamp>);

impl fmt::Display for PasswordStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.map_or(0, Timestamp::micros))
    }
}

impl FromStr for PasswordStamp {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let micros: i64 = text.parse()?;
        Ok(Self((micros != 0).then(|| Timestamp::from_micros(micros))))
    }
}

/// Which password an account has.
///
/// # Errors
/// If the database can't be read.
pub async fn password_stamp(cx: &Ctx, _by: &TenantAdmin, id: AccountId) -> Result<PasswordStamp, ServiceError> {
    Ok(PasswordStamp(cx.store.read(move |r| idp_store::passwords::changed_at(r, id)).await?))
}

/// A password that an operator hands over.
#[derive(Debug)]
pub struct NewPassword {
    /// The password.
    pub password: Secret<String>,
    /// With an end it is a one-time password; without, it stays.
    pub expires_at: Option<Timestamp>,
    /// The password it replaces; anything, if that isn't said.
    pub instead_of: Option<PasswordStamp>,
}

/// Sets a password for somebody, and posts the mail that tells it, if there is one. Everything that the old one opened
/// is over.
pub(super) async fn put_password(
    cx: &Ctx,
    by: &TenantAdmin,
    id: AccountId,
    (new, invitation): (NewPassword, Option<Invitation>),
) -> Result<Result<(), Refused>, ServiceError> {
    if by.by() == Some(id) {
        return Ok(Err(Refused::Yourself)); // his own he changes in his settings, with the current one
    }
    let now = cx.clock.now();
    let company = cx.company(by.tenant()).await?;
    let stored = match stored(cx, &company, &new).await? {
        Ok(stored) => stored,
        Err(refused) => return Ok(Err(refused)),
    };
    // Who is invited with it is told by that mail.
    let notice = match by_id_for(cx, by, id).await?.filter(|_| invitation.is_none()) {
        Some(account) => notice(cx, &company, &account, (None, now), Happening::PasswordReset)?,
        None => None,
    };
    let done = touch(cx, by, id, move |w, account, log| {
        let today = PasswordStamp(idp_store::passwords::changed_at(w, id)?);
        if new.instead_of.is_some_and(|stamp| stamp != today) {
            return Ok(Err(Refused::Stale));
        }
        idp_store::passwords::put(w, account.tenant, id, &stored, now)?;
        end_everything(w, account, (Reason::Password, now), log)?;
        idp_store::throttles::clear(w, *id.bytes())?;
        // Who asked the administrator is who has the account: no mailbox of before takes an address back after this.
        idp_store::one_time::supersede(w, id, Purpose::UndoEmail, now)?;
        if let Some(invitation) = &invitation {
            invitation.post(w, account, now)?;
            log.add(w, account.tenant, AuditEvent::Invited { account: id })?;
        }
        if let Some(notice) = &notice {
            notice.post(w)?;
        }
        log.add(w, account.tenant, AuditEvent::PasswordReset { account: id })?;
        Ok(Ok(()))
    });
    Ok(done.await?.and_then(|done| done))
}

/// Makes a password for once.
pub(super) fn one_time(cx: &Ctx, company: &Company) -> Result<(NewPassword, OneTimePassword), ServiceError> {
    let password = Secret::new(cx.random.password()?);
    let until = cx.clock.now() + company.policy.temporary_password_life();
    let set = NewPassword { password: password.clone(), expires_at: Some(until), instead_of: None };
    Ok((set, OneTimePassword { password, until }))
}

/// Checks a password and computes what is kept of it.
pub(super) async fn stored(
    cx: &Ctx,
    company: &Company,
    new: &NewPassword,
) -> Result<Result<StoredPassword, Refused>, ServiceError> {
    // One that stays has to be as long and as unknown as one that the person would choose; that it isn't his name, who
    // sets it sees himself. One for once was made by us or is replaced.
    let typed = new.password.expose();
    let checked = if new.expires_at.is_some() { prepare(typed) } else { check_new(typed, typed, &company.policy, &[]) };
    let prepared = match checked {
        Ok(prepared) => prepared,
        Err(why) => return Ok(Err(Refused::BadPassword(why))),
    };
    let phc = cx.hasher.hash(prepared, &cx.random).await?;
    Ok(Ok(StoredPassword { phc, temporary: new.expires_at.is_some(), expires_at: new.expires_at }))
}
