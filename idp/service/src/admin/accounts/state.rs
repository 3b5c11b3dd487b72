//! Letting people in and keeping them out.

use idp_core::account::AccountState;
use idp_core::audit::AuditEvent;
use idp_core::authority::{Permission, TenantAdmin};
use idp_core::ids::AccountId;
use idp_core::logout::Reason;

use super::{Refused, touch};
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::sessions::end_everything;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touched {
    /// It was done.
    Done,
    /// Nothing: the account was in this state, which is left otherwise or was wanted.
    Was(AccountState),
}

/// Keeps somebody out: at once, everywhere, until somebody unlocks the account. The portals hear of it.
///
/// # Errors
/// If it can't be done now.
pub async fn lock(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<Touched, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::LockAccount));
    let from = &[AccountState::Active, AccountState::Invited];
    keep_out(cx, by, id, (from, AccountState::Locked, AuditEvent::AccountLocked { account: id })).await
}

/// Switches an account off: as a lock, but only [`enable`] ends it.
///
/// # Errors
/// If it can't be done now.
pub async fn disable(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<Touched, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::LockAccount));
    let from = &[AccountState::Active, AccountState::Invited, AccountState::Locked];
    let event = AuditEvent::AccountSwitched { account: id, on: false };
    keep_out(cx, by, id, (from, AccountState::Disabled, event)).await
}

/// From these states into that one, and how it is told.
type Change = (&'static [AccountState], AccountState, AuditEvent);

async fn keep_out(
    cx: &Ctx,
    by: &TenantAdmin,
    id: AccountId,
    (from, to, event): Change,
) -> Result<Result<Touched, Refused>, ServiceError> {
    if by.by() == Some(id) {
        return Ok(Err(Refused::Yourself));
    }
    let now = cx.clock.now();
    touch(cx, by, id, move |w, account, log| {
        let mut touched = Touched::Was(account.state);
        for state in from {
            if idp_store::accounts::change_state(w, id, *state, to)? {
                end_everything(w, account, (Reason::Admin, now), log)?;
                log.add(w, account.tenant, event.clone())?;
                touched = Touched::Done;
            }
        }
        Ok(touched)
    })
    .await
}

/// Switches an account on again that was switched off: it may sign in, also if it was locked before.
///
/// # Errors
/// If it can't be done now.
pub async fn enable(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<Touched, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::LockAccount));
    touch(cx, by, id, move |w, account, log| {
        if !idp_store::accounts::change_state(w, id, AccountState::Disabled, AccountState::Active)? {
            return Ok(Touched::Was(account.state));
        }
        idp_store::throttles::clear(w, *id.bytes())?;
        idp_store::second_factors::clear(w, id)?;
        log.add(w, account.tenant, AuditEvent::AccountSwitched { account: id, on: true })?;
        Ok(Touched::Done)
    })
    .await
}

/// Lets somebody in again: ends a lock and a wait. What ended with the lock stays ended, and what is switched off stays
/// off.
///
/// # Errors
/// If it can't be done now.
pub async fn unlock(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<Touched, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::UnlockAccount));
    touch(cx, by, id, move |w, account, log| {
        if account.state == AccountState::Disabled {
            return Ok(Touched::Was(AccountState::Disabled));
        }
        idp_store::accounts::change_state(w, id, AccountState::Locked, AccountState::Active)?;
        idp_store::throttles::clear(w, *id.bytes())?;
        idp_store::second_factors::clear(w, id)?;
        log.add(w, account.tenant, AuditEvent::AccountUnlocked { account: id })?;
        Ok(Touched::Done)
    })
    .await
}
