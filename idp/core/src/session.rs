//! How long somebody stays signed in. A browser session holds account sessions; each has its own clock.

use crate::account::Account;
use crate::ids::{AccountId, BrowserId, RequestId, SessionId, TenantId};
use crate::standing::{Epochs, Standing};
use crate::tenant::Tenant;
use crate::time::{Lifetime, Timestamp};

/// At most so many accounts are signed in in one browser.
pub const MOST_ACCOUNTS: usize = 10;

/// Activity is written at most so often, so a session ends up to this much after its rule says.
pub const COALESCE: Lifetime = Lifetime::minutes(1);

/// How somebody proved who he is (RFC 8176 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A password.
    Password,
    /// A link or a code in a mail; not in the register.
    Email,
    /// An authenticator app.
    App,
    /// A code that was written down, or one from an administrator.
    BackupCode,
    /// A passkey on one device.
    DeviceKey,
    /// A passkey that the person has on other devices, too.
    SyncedKey,
    /// A sign-in at another provider; not in the register.
    Upstream,
    /// The same, where that provider says that it asked for two factors, and its word is taken.
    UpstreamBoth,
}

impl Method {
    /// The value of `amr`.
    pub fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Email => "email",
            Self::App | Self::BackupCode => "otp",
            Self::DeviceKey => "hwk",
            Self::SyncedKey => "swk",
            Self::Upstream | Self::UpstreamBoth => "fed",
        }
    }

    /// A passkey: something the person has, and has unlocked as himself.
    pub fn is_key(self) -> bool {
        matches!(self, Self::DeviceKey | Self::SyncedKey)
    }

    /// Is nothing due beside it?
    pub fn is_complete(self, key_is_both: bool) -> bool {
        self == Self::UpstreamBoth || (self.is_key() && key_is_both)
    }

    /// The method with this value of `amr`. A written code and one of an app have the same.
    pub fn from_amr(amr: &str) -> Option<Self> {
        let all = [Self::Password, Self::Email, Self::App, Self::DeviceKey, Self::SyncedKey, Self::Upstream];
        all.into_iter().find(|m| m.amr() == amr)
    }
}

/// One factor.
pub const ACR_SINGLE: &str = "urn:switchboard:acr:single";

/// Two different ones.
pub const ACR_MULTI: &str = "urn:switchboard:acr:multi";

/// A passkey that the person has unlocked: resistant to phishing (OpenID Connect Extended Authentication Profile,
/// section 2).
pub const ACR_KEY: &str = "phr";

/// What there was of a second factor. What a trusted browser spared is not claimed to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// It was not due.
    NotDue,
    /// It was shown.
    Shown,
    /// The browser was trusted.
    Trusted,
    /// It has to be set up, and may wait.
    Postponed,
}

impl Second {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NotDue, Self::Shown, Self::Trusted, Self::Postponed];

    /// The word a row holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotDue => "not_due",
            Self::Shown => "shown",
            Self::Trusted => "trusted",
            Self::Postponed => "postponed",
        }
    }

    /// Reads a row's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// A finished sign-in: what was proved, when, and in answer to which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When.
    pub at: Timestamp,
    /// How, first things first.
    pub methods: Vec<Method>,
    /// What there was of a second factor.
    pub second: Second,
    /// The request on whose behalf the person was asked.
    pub answered: Option<RequestId>,
}

impl Authentication {
    /// By two different means? The same one twice is one factor; a passkey that the company takes for both is two.
    pub fn is_multi(&self) -> bool {
        let has_two = self.methods.first() != self.methods.last()
            || self.is_by_key()
            || self.methods.first() == Some(&Method::UpstreamBoth);
        self.second == Second::Shown && has_two
    }

    fn is_by_key(&self) -> bool {
        self.methods.iter().any(|m| m.is_key())
    }

    /// The `amr` values, space separated, as a row holds them.
    pub fn amr(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        let methods = self.methods.iter().map(|m| m.amr());
        let verified = self.is_by_key().then_some("user");
        for name in methods.chain(verified).chain(self.is_multi().then_some("mfa")) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(" ")
    }

    /// How well.
    pub fn acr(&self) -> &'static str {
        match (self.is_multi(), self.is_by_key()) {
            (true, true) => ACR_KEY,
            (true, false) => ACR_MULTI,
            (false, _) => ACR_SINGLE,
        }
    }
}

/// Where somebody was when he signed in, as far as he can recognise it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenAt {
    /// The browser: `Firefox, Linux`.
    pub agent: String,
    /// Its address.
    pub address: String,
}

/// One account signed in in one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its row.
    pub id: SessionId,
    /// Its browser.
    pub browser: BrowserId,
    /// Its company.
    pub tenant: TenantId,
    /// Its account.
    pub account: AccountId,
    /// When the person last proved who he is.
    pub auth_time: Timestamp,
    /// How, space separated.
    pub amr: String,
    /// How well.
    pub acr: String,
    /// What there was of a second factor.
    pub second: Second,
    /// The browser, in words, and the address it was at.
    pub seen_at: SeenAt,
    /// The epochs it was born under; the client's is 0.
    pub epochs: Epochs,
    /// The last interaction that was written down.
    pub last_seen: Timestamp,
    /// The sliding time, as the company's policy was at the sign-in.
    pub idle: Lifetime,
    /// When the sliding time ends, unless something happens.
    pub idle_ends: Timestamp,
    /// When it ends in any case.
    pub ends: Timestamp,
    /// The request its sign-in answered.
    pub answered: Option<RequestId>,
    /// Set once it is over.
    pub ended_at: Option<Timestamp>,
}

/// A session with everything that decides whether it still counts.
#[derive(Clone, Debug)]
pub struct Present {
    /// The session.
    pub session: Session,
    /// Its account.
    pub account: Account,
    /// Its company.
    pub tenant: Tenant,
    /// How things stand today; the client's part is neutral.
    pub standing: Standing,
}

impl Present {
    /// Does it count now?
    pub fn counts(&self, now: Timestamp) -> bool {
        self.session.is_live(now) && self.standing.may_receive(&self.session.epochs).is_ok()
    }
}

impl Session {
    /// Is it still going?
    pub fn is_live(&self, now: Timestamp) -> bool {
        let in_time = !self.idle_ends.reached(now) && !self.ends.reached(now);
        self.ended_at.is_none() && in_time && !self.auth_time.is_ahead(now)
    }

    /// The first factor of its sign-in.
    pub fn first_method(&self) -> Method {
        Method::from_amr(self.amr.split(' ').next().unwrap_or_default()).unwrap_or(Method::Password)
    }

    /// Where the clock stands after an interaction now, or nothing if it was written down less than a minute ago.
    pub fn touched(&self, now: Timestamp) -> Option<Timestamp> {
        (now.since(self.last_seen) >= COALESCE).then(|| (now + self.idle).earlier(self.ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(0);

    fn session() -> Session {
        Session {
            id: SessionId::from_bytes([1; 16]),
            browser: BrowserId::from_bytes([2; 16]),
            tenant: TenantId::from_bytes([3; 16]),
            account: AccountId::from_bytes([4; 16]),
            auth_time: START,
            amr: "pwd".into(),
            acr: ACR_SINGLE.into(),
            second: Second::NotDue,
            seen_at: SeenAt::default(),
            epochs: Epochs { instance: 1, tenant: 1, account: 1, client: 0 },
            last_seen: START,
            idle: Lifetime::hours(4),
            idle_ends: START + Lifetime::hours(4),
            ends: START + Lifetime::hours(24),
            answered: None,
            ended_at: None,
        }
    }

    #[test]
    fn it_ends_four_hours_after_the_last_interaction() {
        assert!(session().is_live(START + Lifetime::seconds(4 * 3600 - 1)));
        assert!(!session().is_live(START + Lifetime::hours(4)));
    }

    #[test]
    fn an_interaction_in_the_last_second_gives_four_more_hours() {
        let at = START + Lifetime::seconds(4 * 3600 - 1);
        assert_eq!(session().touched(at), Some(at + Lifetime::hours(4)));
    }

    #[test]
    fn it_never_outlives_its_absolute_end() {
        let at = START + Lifetime::hours(23);
        assert_eq!(session().touched(at), Some(START + Lifetime::hours(24)));
    }

    #[test]
    fn what_was_shown_is_what_is_claimed() {
        let claims = |methods: &[Method], second| {
            let shown = Authentication { at: START, methods: methods.to_vec(), second, answered: None };
            (shown.amr(), shown.acr())
        };
        assert_eq!(claims(&[Method::Password], Second::NotDue), ("pwd".into(), ACR_SINGLE));
        assert_eq!(claims(&[Method::Password], Second::Trusted), ("pwd".into(), ACR_SINGLE));
        assert_eq!(claims(&[Method::Password, Method::App], Second::Shown), ("pwd otp mfa".into(), ACR_MULTI));
        assert_eq!(claims(&[Method::Email, Method::Email], Second::Shown), ("email".into(), ACR_SINGLE));
        assert_eq!(claims(&[Method::Email, Method::BackupCode], Second::Shown), ("email otp mfa".into(), ACR_MULTI));
        assert_eq!(claims(&[Method::SyncedKey], Second::Shown), ("swk user mfa".into(), ACR_KEY));
        assert_eq!(claims(&[Method::Password, Method::SyncedKey], Second::Shown), ("pwd swk user mfa".into(), ACR_KEY));
        assert_eq!(claims(&[Method::Upstream], Second::NotDue), ("fed".into(), ACR_SINGLE));
        assert_eq!(claims(&[Method::UpstreamBoth], Second::Shown), ("fed mfa".into(), ACR_MULTI));
        assert_eq!(claims(&[Method::DeviceKey], Second::NotDue), ("hwk user".into(), ACR_SINGLE));
        assert_eq!(claims(&[Method::DeviceKey, Method::App], Second::Shown), ("hwk otp user mfa".into(), ACR_KEY));
    }

    #[test]
    fn clicks_within_a_minute_cost_no_write() {
        assert_eq!(session().touched(START + Lifetime::seconds(59)), None);
    }
}
