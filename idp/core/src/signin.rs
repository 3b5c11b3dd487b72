//! Signing in: who is meant, and what follows from a proof.

pub mod identifier;
pub mod second_factor;

use crate::account::AccountState;
use crate::credential::password::StoredPassword;
use crate::standing::{Barred, Standing};
use crate::time::Timestamp;

/// What follows from a password that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// He is in.
    Complete,
    /// He is who he says, and has to choose a new password first.
    MustChange,
    /// The same answer for everybody else.
    Refused(Refusal),
}

/// Why, for the audit log only: the visitor sees one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody has that name.
    Unknown,
    /// The account has no password.
    NoPassword,
    /// The password is wrong.
    Wrong,
    /// The code from a mail is wrong.
    WrongCode,
    /// The second factor is wrong.
    WrongSecond,
    /// What a passkey signed is wrong.
    WrongKey,
    /// It was a one-time password, and its time is over.
    Expired,
    /// The account or its company may not sign in.
    Barred(Barred),
    /// The company lets nobody in by password.
    MethodOff,
}

impl Refusal {
    /// The word in the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NoPassword => "no_password",
            Self::Wrong => "wrong",
            Self::WrongCode => "wrong_code",
            Self::WrongSecond => "wrong_second_factor",
            Self::WrongKey => "wrong_passkey",
            Self::Expired => "expired",
            Self::Barred(Barred::Tenant) => "tenant_off",
            Self::Barred(Barred::Account | Barred::Client | Barred::Epoch) => "account_off",
            Self::MethodOff => "method_off",
        }
    }
}

/// What a password sign-in is decided on.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The account's password, if it has one.
    pub stored: Option<&'a StoredPassword>,
    /// How the account stands.
    pub standing: Standing,
    /// Does the company let people in by password?
    pub enabled: bool,
    /// Now.
    pub now: Timestamp,
}

/// Decides a password sign-in, after the hash was computed: for everybody alike, known or not.
pub fn password(facts: &Facts<'_>, holds: bool) -> Outcome {
    let Some(stored) = facts.stored else { return Outcome::Refused(Refusal::NoPassword) };
    if !holds {
        return Outcome::Refused(Refusal::Wrong);
    }
    if !stored.holds(facts.now) {
        return Outcome::Refused(Refusal::Expired);
    }
    if let Err(barred) = facts.standing.may_begin() {
        return Outcome::Refused(Refusal::Barred(barred));
    }
    if !facts.enabled {
        return Outcome::Refused(Refusal::MethodOff);
    }
    if stored.temporary { Outcome::MustChange } else { Outcome::Complete }
}

/// The state after the first complete sign-in: an invitation that was taken up.
pub fn state_after_sign_in(state: AccountState) -> AccountState {
    match state {
        AccountState::Invited => AccountState::Active,
        other @ (AccountState::Active | AccountState::Locked | AccountState::Disabled) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::standing::Epochs;
    use crate::tenant::TenantState;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn stored(temporary: bool) -> StoredPassword {
        let expires_at = temporary.then(|| Timestamp::from_seconds(2_000));
        StoredPassword { phc: Secret::new(String::new()), temporary, expires_at }
    }

    fn standing(account: AccountState) -> Standing {
        let epochs = Epochs { instance: 1, tenant: 1, account: 1, client: 0 };
        Standing { epochs, tenant: TenantState::Active, account, client_enabled: true }
    }

    fn run(stored: &StoredPassword, standing: Standing, enabled: bool, now: Timestamp) -> Outcome {
        password(&Facts { stored: Some(stored), standing, enabled, now }, true)
    }

    #[test]
    fn the_right_password_of_an_active_account_is_enough() {
        let out = run(&stored(false), standing(AccountState::Active), true, NOW);
        assert_eq!(out, Outcome::Complete);
    }

    #[test]
    fn a_temporary_password_has_to_be_replaced_and_dies() {
        let active = standing(AccountState::Invited);
        assert_eq!(run(&stored(true), active, true, NOW), Outcome::MustChange);
        let late = Timestamp::from_seconds(2_000);
        assert_eq!(run(&stored(true), active, true, late), Outcome::Refused(Refusal::Expired));
    }

    #[test]
    fn the_right_password_of_a_locked_account_is_not_enough() {
        let out = run(&stored(false), standing(AccountState::Locked), true, NOW);
        assert_eq!(out, Outcome::Refused(Refusal::Barred(Barred::Account)));
    }

    #[test]
    fn a_company_can_switch_passwords_off() {
        let out = run(&stored(false), standing(AccountState::Active), false, NOW);
        assert_eq!(out, Outcome::Refused(Refusal::MethodOff));
    }
}
