//! May this account get anything now? One question, asked at every door: session, code, refresh token, access token.

use serde::{Deserialize, Serialize};

use crate::account::AccountState;
use crate::tenant::TenantState;

/// The epochs something was born under. A lock, reset or suspension raises one of them and so ends all that came
/// before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epochs {
    /// The whole installation.
    pub instance: i64,
    /// The company.
    pub tenant: i64,
    /// The account.
    pub account: i64,
    /// The client, where one is concerned.
    pub client: i64,
}

/// How things stand, read in the same act that gives something out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The epochs of today.
    pub epochs: Epochs,
    /// The company today.
    pub tenant: TenantState,
    /// The account today.
    pub account: AccountState,
    /// False if the client was switched off.
    pub client_enabled: bool,
}

/// Why nothing may be given out. The visitor learns less than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    /// The company is switched off.
    #[error("the company is switched off")]
    Tenant,
    /// The account is locked, disabled or not yet in use.
    #[error("the account may not sign in")]
    Account,
    /// The client is switched off.
    #[error("the client is switched off")]
    Client,
    /// Something was locked, reset or switched off since; it may be on again.
    #[error("ended by a later event")]
    Epoch,
}

impl Standing {
    /// May the account get anything that was born under these epochs?
    ///
    /// # Errors
    /// The first reason against it.
    pub fn may_receive(&self, born: &Epochs) -> Result<(), Barred> {
        self.may_begin()?;
        if *born == self.epochs { Ok(()) } else { Err(Barred::Epoch) }
    }

    /// May the account begin something new?
    ///
    /// # Errors
    /// The first reason against it.
    pub fn may_begin(&self) -> Result<(), Barred> {
        if self.tenant != TenantState::Active {
            return Err(Barred::Tenant);
        }
        if !self.account.may_sign_in() {
            return Err(Barred::Account);
        }
        if self.client_enabled { Ok(()) } else { Err(Barred::Client) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BORN: Epochs = Epochs { instance: 1, tenant: 1, account: 1, client: 1 };

    fn good() -> Standing {
        Standing { epochs: BORN, tenant: TenantState::Active, account: AccountState::Active, client_enabled: true }
    }

    #[test]
    fn all_is_well_until_something_happens() {
        assert_eq!(good().may_receive(&BORN), Ok(()));
    }

    #[test]
    fn each_later_event_bars_what_came_before() {
        let cases = [
            (Standing { tenant: TenantState::Suspended, ..good() }, Barred::Tenant),
            (Standing { account: AccountState::Locked, ..good() }, Barred::Account),
            (Standing { account: AccountState::Disabled, ..good() }, Barred::Account),
            (Standing { client_enabled: false, ..good() }, Barred::Client),
            (Standing { epochs: Epochs { instance: 2, ..BORN }, ..good() }, Barred::Epoch),
            (Standing { epochs: Epochs { tenant: 2, ..BORN }, ..good() }, Barred::Epoch),
            (Standing { epochs: Epochs { account: 2, ..BORN }, ..good() }, Barred::Epoch),
            (Standing { epochs: Epochs { client: 2, ..BORN }, ..good() }, Barred::Epoch),
        ];
        for (standing, why) in cases {
            assert_eq!(standing.may_receive(&BORN), Err(why), "{standing:?}");
        }
    }
}
