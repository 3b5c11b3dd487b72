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
}

impl Method {
    /// The value of `amr`.
    pub fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Email => "email",
        }
    }
}

/// One factor.
pub const ACR_SINGLE: &str = "urn:switchboard:acr:single";

/// A finished sign-in: what was proved, when, and in answer to which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When.
    pub at: Timestamp,
    /// How; `amr` as one text, space separated.
    pub methods: Vec<Method>,
    /// The request on whose behalf the person was asked.
    pub answered: Option<RequestId>,
}

impl Authentication {
    /// The `amr` values, space separated, as a row holds them.
    pub fn amr(&self) -> String {
        self.methods.iter().map(|m| m.amr()).collect::<Vec<_>>().join(" ")
    }
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
        self.ended_at.is_none() && !self.idle_ends.reached(now) && !self.ends.reached(now)
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
    fn clicks_within_a_minute_cost_no_write() {
        assert_eq!(session().touched(START + Lifetime::seconds(59)), None);
    }
}
