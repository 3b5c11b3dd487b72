//! What a refresh token is worth, and what becomes of its family (RFC 9700 section 4.14.2).
//!
//! A family is one line: the newest token, and the one before it. Using an older one ends the line. Two tabs that
//! refresh at once, and a client whose answer got lost, are told apart from a thief by the clock and by whether the
//! successor was ever used.

use crate::ids::{FamilyId, GrantId};
use crate::secret::TokenHash;
use crate::time::{Lifetime, Timestamp};

/// Two requests within this time are two tabs.
const TABS: Lifetime = Lifetime::seconds(2);

/// A client whose answer got lost comes back within this time.
const LOST_ANSWER: Lifetime = Lifetime::seconds(60);

/// The row of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its row.
    pub id: FamilyId,
    /// What it renews.
    pub grant: GrantId,
    /// The newest token.
    pub current: TokenHash,
    /// The one before.
    pub previous: Option<TokenHash>,
    /// How often it was renewed.
    pub generation: i64,
    /// When, the last time.
    pub rotated_at: Timestamp,
    /// True if the newest token replaced one whose answer got lost: that is forgiven once.
    pub retried: bool,
    /// Dead from then on.
    pub expires_at: Timestamp,
    /// Set once it is over.
    pub revoked_at: Option<Timestamp>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A new pair; the presented token becomes the one before.
    Rotate,
    /// A new pair in place of the one that got lost, which dies.
    Replace,
    /// Two tabs: this one gets nothing, the other's pair lives.
    Decline,
    /// Somebody has a token he should not have: the whole line ends.
    Revoke,
    /// It was over already.
    Dead,
}

/// Decides on a presented token. The store makes the change only if the row is still at this generation.
pub fn decide(family: &Family, presented: TokenHash, now: Timestamp) -> Decision {
    if family.revoked_at.is_some() || family.expires_at.reached(now) {
        return Decision::Dead;
    }
    if presented == family.current {
        return Decision::Rotate;
    }
    let age = now.since(family.rotated_at);
    if family.previous != Some(presented) {
        Decision::Revoke
    } else if age < TABS {
        Decision::Decline
    } else if age < LOST_ANSWER && !family.retried {
        Decision::Replace
    } else {
        Decision::Revoke
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_seconds(1_000);

    fn family() -> Family {
        Family {
            id: FamilyId::from_bytes([1; 16]),
            grant: GrantId::from_bytes([2; 16]),
            current: TokenHash::of("new"),
            previous: Some(TokenHash::of("old")),
            generation: 3,
            rotated_at: AT,
            retried: false,
            expires_at: AT + Lifetime::days(90),
            revoked_at: None,
        }
    }

    fn old_after(seconds: i64) -> Decision {
        decide(&family(), TokenHash::of("old"), AT + Lifetime::seconds(seconds))
    }

    #[test]
    fn the_newest_token_is_renewed() {
        assert_eq!(decide(&family(), TokenHash::of("new"), AT), Decision::Rotate);
    }

    #[test]
    fn the_one_before_is_two_tabs_then_a_lost_answer_then_a_thief() {
        assert_eq!(old_after(1), Decision::Decline);
        assert_eq!(old_after(2), Decision::Replace);
        assert_eq!(old_after(59), Decision::Replace);
        assert_eq!(old_after(60), Decision::Revoke);
    }

    #[test]
    fn a_lost_answer_is_forgiven_once() {
        let again = Family { retried: true, ..family() };
        assert_eq!(decide(&again, TokenHash::of("old"), AT + Lifetime::seconds(5)), Decision::Revoke);
    }

    #[test]
    fn an_older_token_ends_the_line() {
        assert_eq!(decide(&family(), TokenHash::of("ancient"), AT), Decision::Revoke);
    }

    #[test]
    fn nothing_outlives_its_end() {
        let late = AT + Lifetime::days(90);
        assert_eq!(decide(&family(), TokenHash::of("new"), late), Decision::Dead);
        let revoked = Family { revoked_at: Some(AT), ..family() };
        assert_eq!(decide(&revoked, TokenHash::of("new"), AT), Decision::Dead);
    }
}
