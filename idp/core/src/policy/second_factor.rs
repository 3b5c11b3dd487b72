//! What a company decides about the second factor, read for one account. When it is asked for follows from it in
//! [`crate::signin::second_factor`].

use super::{Policy, Welcome};
use crate::authority::Role;
use crate::time::Lifetime;

/// What a company wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nobody is asked.
    Off,
    /// Who wants to.
    Optional,
    /// Everybody of these roles; who has none yet has so long to get one.
    Required(Lifetime),
}

/// What a passkey is worth that the person unlocked: it is something he has, and something he knows or is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyWorth {
    /// Nothing: the company has none.
    Nothing,
    /// One factor.
    One,
    /// Both.
    Both,
}

impl KeyWorth {
    /// Does it count at all?
    pub fn is_any(self) -> bool {
        self != Self::Nothing
    }

    /// Is nothing asked for beside it?
    pub fn is_both(self) -> bool {
        self == Self::Both
    }
}

/// What holds for one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What its company wants of it.
    pub demand: Demand,
    /// May it be set up with an app?
    pub app: bool,
    /// With codes in mails?
    pub email: bool,
    /// What a passkey is worth that the person unlocked.
    pub key: KeyWorth,
    /// Is a sign-in at another provider both factors, where that says so?
    pub upstream_tells: bool,
    /// For how long a browser may be trusted.
    pub trust: Option<Lifetime>,
    /// So many wrong answers lock the account.
    pub threshold: u32,
}

impl Policy {
    /// What is asked of somebody with these roles beside the first factor.
    pub fn second_factor(&self, roles: &[Role]) -> Rules {
        let has = |key, word: &str| self.text(key).split(',').any(|w| w.trim() == word);
        let concerned = has("2fa.roles", "all")
            || roles.iter().any(|role| has("2fa.roles", role.name()))
            || (roles.is_empty() && has("2fa.roles", Role::Agent.name()));
        let demand = match self.text("2fa.policy") {
            "off" => Demand::Off,
            "required" if concerned => Demand::Required(self.length("2fa.grace")),
            _ => Demand::Optional,
        };
        let days = self.text("2fa.trust_days").parse().ok();
        Rules {
            demand,
            app: has("2fa.methods", "totp"),
            email: has("2fa.methods", "email"),
            key: match (self.passkeys_enabled(), self.is_on("passkey.uv_is_mfa")) {
                (false, _) => KeyWorth::Nothing,
                (true, false) => KeyWorth::One,
                (true, true) => KeyWorth::Both,
            },
            upstream_tells: self.is_on("sso.trust_amr"),
            trust: days.map(Lifetime::days),
            threshold: self.count("lock2.threshold"),
        }
    }

    /// Values that leave somebody without a way in: what is wrong, and what would be right.
    pub fn dead_end(&self) -> Option<(&'static str, &'static str)> {
        let only_mail = self.text("2fa.methods") == "email";
        let is_required = self.text("2fa.policy") == "required";
        // With a password the code is the second factor: time to set one is enough, or an invitation that brings one.
        let has_time = self.length("2fa.grace") > Lifetime::ZERO || self.welcome() != Welcome::Link;
        if !self.password_enabled() && !self.links_enabled() {
            Some((
                "people may sign in neither with a password nor by mail",
                "set password.enabled or magiclink.enabled to on",
            ))
        } else if is_required && only_mail && !self.password_enabled() {
            Some((
                "a second factor is required, codes by mail are the only one, and a link in a mail is the same mailbox: nobody gets in",
                "add totp to 2fa.methods, or set password.enabled to on",
            ))
        } else if is_required && only_mail && !has_time {
            Some((
                "a second factor is required, codes by mail are the only one, and a link in a mail is the same mailbox: who comes by an invitation stays out",
                "add totp to 2fa.methods, set 2fa.grace, or welcome.mode to temporary_password",
            ))
        } else {
            None
        }
    }

    /// How long a backup code from an administrator works.
    pub fn admin_code_life(&self) -> Lifetime {
        self.length("2fa.admin_code")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> Policy {
        let layer: Vec<_> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Policy::resolve(&[&layer])
    }

    #[test]
    fn a_second_factor_is_required_of_whom_the_company_names() {
        let policy = set(&[("2fa.policy", "required"), ("2fa.roles", "tenant_admin, support"), ("2fa.grace", "7d")]);
        assert_eq!(policy.second_factor(&[Role::Agent]).demand, Demand::Optional);
        assert_eq!(policy.second_factor(&[]).demand, Demand::Optional);
        assert_eq!(policy.second_factor(&[Role::TenantAdmin]).demand, Demand::Required(Lifetime::days(7)));
        assert_eq!(set(&[("2fa.policy", "off")]).second_factor(&[]).demand, Demand::Off);
        let named = set(&[("2fa.policy", "required"), ("2fa.roles", "agent"), ("2fa.trust_days", "30")]);
        assert_eq!(
            named.second_factor(&[]).demand,
            Demand::Required(Lifetime::ZERO),
            "who is nothing else works there"
        );
        assert_eq!(named.second_factor(&[]).trust, Some(Lifetime::days(30)));
    }

    #[test]
    fn values_that_leave_nobody_a_way_in_are_noticed() {
        let set = |pairs: &[(&str, &str)]| set(pairs).dead_end().is_some();
        let mail = [("2fa.policy", "required"), ("2fa.methods", "email")];
        assert!(set(&mail));
        assert!(set(&[("password.enabled", "off"), ("magiclink.enabled", "off")]));
        assert!(!set(&[]) && !set(&[("2fa.policy", "required")]) && !set(&mail[1..]));
        assert!(!set(&[mail[0], mail[1], ("welcome.mode", "temporary_password")]));
        assert!(!set(&[mail[0], mail[1], ("2fa.grace", "7d")]));
        assert!(set(&[mail[0], mail[1], ("2fa.grace", "7d"), ("password.enabled", "off")]));
    }
}
