//! Wrong answers between the factors: one count for an account, over all sign-ins, means and servers. The last one
//! locks it.

use idp_core::account::{Account, AccountState};
use idp_core::audit::AuditEvent;
use idp_core::logout::Reason;
use idp_core::mail::Happening;
use idp_core::signin::Refusal;
use idp_core::signin::second_factor::{Wrong, wrong};
use idp_core::time::Timestamp;
use idp_store::{StoreError, Write};

use super::Under;
use crate::audit::scribe::{Log, Scribe};
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::sessions;
use crate::visitor::Visitor;

/// What counting needs, drawn before the transaction.
pub(in crate::signin) struct Count {
    account: Account,
    threshold: u32,
    scribe: Scribe,
    locked: Option<Parcel>,
    now: Timestamp,
}

impl Count {
    pub(in crate::signin) fn draw(
        cx: &Ctx,
        visitor: &Visitor,
        under: &Under,
        now: Timestamp,
    ) -> Result<Self, ServiceError> {
        let account = under.account.clone();
        Ok(Self {
            locked: notice(cx, &under.company, &account, (Some(visitor), now), Happening::Locked)?,
            scribe: Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string()),
            threshold: under.rules.threshold,
            account,
            now,
        })
    }

    /// Counts an answer as wrong before it is looked at, so that many at once can't pass the threshold. Nothing if they
    /// have: the company allows fewer than it did, and the account is locked.
    pub(in crate::signin) fn reserve(&self, w: &mut Write<'_>) -> Result<Option<u32>, StoreError> {
        let whose = (self.account.tenant, self.account.id);
        let count = idp_store::second_factors::reserve(w, whose, self.threshold)?;
        if count.is_none() {
            self.lock(w, &mut self.scribe.begin())?;
        }
        Ok(count)
    }

    /// It was wrong: was it the last?
    pub(in crate::signin) fn wrong(&self, w: &mut Write<'_>, count: u32) -> Result<bool, StoreError> {
        let account = &self.account;
        let mut log = self.scribe.begin();
        let reason = Refusal::WrongSecond.name().to_owned();
        log.add(w, account.tenant, AuditEvent::SignInFailed { account: Some(account.id), reason })?;
        let is_last = wrong(count, self.threshold) == Wrong::Last;
        if is_last {
            self.lock(w, &mut log)?;
        }
        Ok(is_last)
    }

    fn lock(&self, w: &mut Write<'_>, log: &mut Log<'_>) -> Result<(), StoreError> {
        let (account, now) = (&self.account, self.now);
        for state in [AccountState::Active, AccountState::Invited] {
            idp_store::accounts::change_state(w, account.id, state, AccountState::Locked)?;
        }
        sessions::end_everything(w, account, (Reason::Guesses, now), log)?;
        log.add(w, account.tenant, AuditEvent::AccountLockedByGuesses { account: account.id })?;
        if let Some(parcel) = &self.locked {
            parcel.post(w)?;
        }
        Ok(())
    }
}
