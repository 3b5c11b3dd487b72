//! The second factor: when it is asked for, by which means, and what a wrong answer costs. What comes in are facts,
//! what comes out is a decision; nobody is looked up here.

use crate::authority::{Confirmed, Holder};
use crate::policy::second_factor::{Demand, Rules};
use crate::session::{Method, Present, Second};
use crate::time::{Lifetime, Timestamp};

/// A code in a mail is good for so long.
pub const CODE_LIFE: Lifetime = Lifetime::minutes(10);

/// It is tried so often at most.
pub const CODE_TRIES: i32 = 5;

/// Backup codes in one set.
pub const BACKUP_CODES: usize = 10;

/// From so few on, a person is told that they run out.
pub const FEW_BACKUP_CODES: usize = 3;

/// By what somebody shows that he is who he says, a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// An authenticator app (RFC 6238).
    App,
    /// A code in a mail.
    Email,
    /// A passkey, after a first factor that is none.
    Key,
    /// One of the codes that were written down, or one that an administrator gave.
    Backup,
}

impl Means {
    /// All of them, as they are offered.
    pub const ALL: [Self; 4] = [Self::App, Self::Email, Self::Key, Self::Backup];

    /// The word in addresses and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Email => "email",
            Self::Key => "passkey",
            Self::Backup => "backup",
        }
    }

    /// Reads the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }

    /// What it is in a session; a passkey tells where it is kept.
    pub fn method(self, is_synced: bool) -> Method {
        match self {
            Self::App => Method::App,
            Self::Email => Method::Email,
            Self::Key if is_synced => Method::SyncedKey,
            Self::Key => Method::DeviceKey,
            Self::Backup => Method::BackupCode,
        }
    }
}

/// Can codes in mails reach an account?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mailbox {
    /// There is no address, or no way to it.
    #[default]
    None,
    /// There is one that is not shown to be the person's.
    Unshown,
    /// There is one that is.
    Shown,
}

/// What an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// An app.
    pub app: bool,
    /// It wants codes in mails.
    pub email: bool,
    /// A passkey. It asks for nothing by itself: who made one to sign in faster goes on signing in by password as
    /// before.
    pub key: bool,
    /// Where such codes would go.
    pub mailbox: Mailbox,
    /// Since when it is asked to set something up.
    pub due_since: Option<Timestamp>,
}

impl Own {
    /// Is it protected by anything?
    pub fn is_on(&self) -> bool {
        self.app || self.email
    }
}

/// What has to follow a right first factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// Nothing: this browser was trusted after an earlier one.
    Trusted,
    /// A second factor, by one of these; the first is the one to begin with.
    Proof(Vec<Means>),
    /// There is none, and there has to be: by one of these; until then it may wait.
    SetUp(Vec<Means>, Option<Timestamp>),
}

impl Need {
    /// Does the same have to follow? Until when it may wait is another time for each who asks first.
    pub fn is_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::SetUp(means, until), Self::SetUp(others, or_until)) => {
                means == others && until.is_some() == or_until.is_some()
            }
            _ => self == other,
        }
    }
}

/// Decides what has to follow.
pub fn need(rules: &Rules, own: &Own, (first, trusted): (Method, bool), now: Timestamp) -> Need {
    let grace = match rules.demand {
        Demand::Off => return Need::Nothing,
        Demand::Optional => None,
        Demand::Required(grace) => Some(grace),
    };
    if first.is_complete(rules.key.is_both()) {
        return Need::Nothing;
    }
    let by_mail = first == Method::Email;
    let by_key = own.key && rules.key.is_any() && !first.is_key();
    if own.is_on() || (by_key && grace.is_some()) {
        if trusted {
            return Need::Trusted;
        }
        // A link and a code in mails show the same thing twice: who chose the code has shown it, who has to show two
        // has not.
        if !own.app && !by_key && by_mail {
            return grace.map_or(Need::Nothing, |_| Need::Proof(vec![Means::Backup]));
        }
        return Need::Proof(means(own, (by_mail, by_key)));
    }
    let Some(grace) = grace else { return Need::Nothing };
    let until = own.due_since.unwrap_or(now) + grace;
    // The first code shows whose mailbox it is.
    let offered = [
        (Means::Key, rules.key.is_both() && !own.key),
        (Means::App, rules.app),
        (Means::Email, rules.email && own.mailbox != Mailbox::None && !by_mail),
    ];
    let offered = offered.into_iter().filter(|(_, may)| *may).map(|(m, _)| m).collect();
    Need::SetUp(offered, Some(until).filter(|until| !until.reached(now)))
}

/// What an account that is protected can answer with.
fn means(own: &Own, (by_mail, by_key): (bool, bool)) -> Vec<Means> {
    let can = [
        (Means::App, own.app),
        (Means::Email, own.email && own.mailbox == Mailbox::Shown && !by_mail),
        (Means::Key, by_key),
        (Means::Backup, true),
    ];
    can.into_iter().filter(|(_, can)| *can).map(|(m, _)| m).collect()
}

/// What a wrong answer means, now that so many have been given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing is said about it yet.
    Early,
    /// So many are left before the account is locked.
    Left(u32),
    /// That was the last.
    Last,
}

/// Weighs a wrong answer: the last two are announced.
pub fn wrong(failures: u32, threshold: u32) -> Wrong {
    match threshold.saturating_sub(failures) {
        0 => Wrong::Last,
        left @ 1..=2 => Wrong::Left(left),
        _ => Wrong::Early,
    }
}

/// Who showed who he is so long ago is asked again before credentials change.
pub const FRESH: Lifetime = Lifetime::minutes(10);

/// Has the person shown all that he has to show in this session, whenever it was? A trusted browser has not.
pub fn is_complete(present: &Present, (rules, own): (&Rules, &Own), now: Timestamp) -> bool {
    match need(rules, own, (present.session.first_method(), false), now) {
        Need::Nothing | Need::Trusted | Need::SetUp(..) => true,
        Need::Proof(_) => present.session.second == Second::Shown,
    }
}

/// Has the person shown just now that he holds the account, and all that he has to show? A trusted browser has not.
pub fn confirm(present: &Present, (rules, own): (&Rules, &Own), now: Timestamp) -> Option<Confirmed> {
    let session = &present.session;
    let is_complete = is_complete(present, (rules, own), now);
    let is_fresh = now.since(session.auth_time) < FRESH;
    let holder = Holder { account: session.account, tenant: session.tenant, session: session.id };
    (is_fresh && is_complete).then(|| Confirmed::new(holder))
}

/// What a mailbox is shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailboxFor {
    /// Codes at each sign-in.
    SecondFactor,
    /// A new mail address.
    Address,
}

/// A code as a person types it, without what doesn't matter: six digits from a mail or an app.
pub fn digits(typed: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    typed.nfkc().filter(char::is_ascii_digit).take(7).collect()
}

/// A backup code as a person types it: blanks, hyphens and case don't matter, nor do wide letters.
pub fn backup_code(typed: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    typed.nfkc().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::second_factor::KeyWorth;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
    const DAY: Lifetime = Lifetime::days(1);

    fn rules(demand: Demand) -> Rules {
        Rules { demand, app: true, email: true, key: KeyWorth::Both, upstream_tells: true, trust: None, threshold: 5 }
    }

    fn own(means: &[Means]) -> Own {
        let has = |one| means.contains(&one);
        let (app, email, key) = (has(Means::App), has(Means::Email), has(Means::Key));
        Own { app, email, key, mailbox: Mailbox::Shown, due_since: None }
    }

    fn asked(demand: Demand, own: Own, first: Method) -> Need {
        need(&rules(demand), &own, (first, false), NOW)
    }

    #[test]
    fn who_has_none_is_asked_for_none_unless_the_company_wants_one() {
        for demand in [Demand::Off, Demand::Optional] {
            assert_eq!(asked(demand, own(&[]), Method::Password), Need::Nothing);
        }
        let wanted = asked(Demand::Required(Lifetime::ZERO), own(&[]), Method::Password);
        assert_eq!(wanted, Need::SetUp(vec![Means::Key, Means::App, Means::Email], None));
    }

    #[test]
    fn who_has_one_is_asked_for_it_unless_the_company_switched_it_off() {
        let wanted = Need::Proof(vec![Means::App, Means::Email, Means::Backup]);
        assert_eq!(asked(Demand::Optional, own(&[Means::App, Means::Email]), Method::Password), wanted);
        assert_eq!(asked(Demand::Off, own(&[Means::App, Means::Email]), Method::Password), Need::Nothing);
    }

    #[test]
    fn a_link_and_a_code_in_mails_are_one_factor() {
        assert_eq!(asked(Demand::Optional, own(&[Means::Email]), Method::Email), Need::Nothing);
        let other = asked(Demand::Required(DAY), own(&[Means::Email]), Method::Email);
        assert_eq!(other, Need::Proof(vec![Means::Backup]));
        let app = asked(Demand::Optional, own(&[Means::App, Means::Email]), Method::Email);
        assert_eq!(app, Need::Proof(vec![Means::App, Means::Backup]), "an app is asked for after a link, too");
        let set_up = asked(Demand::Required(Lifetime::ZERO), own(&[]), Method::Email);
        assert_eq!(set_up, Need::SetUp(vec![Means::Key, Means::App], None));
    }

    #[test]
    fn a_passkey_that_was_unlocked_is_both_factors_where_the_company_takes_it_for_both() {
        for method in [Method::DeviceKey, Method::SyncedKey] {
            for demand in [Demand::Off, Demand::Optional, Demand::Required(Lifetime::ZERO)] {
                assert_eq!(asked(demand, own(&[Means::App]), method), Need::Nothing);
                assert_eq!(asked(demand, own(&[]), method), Need::Nothing);
            }
            let strict = Rules { key: KeyWorth::One, ..rules(Demand::Optional) };
            let wanted = need(&strict, &own(&[Means::App, Means::Email]), (method, false), NOW);
            assert_eq!(wanted, Need::Proof(vec![Means::App, Means::Email, Means::Backup]));
        }
    }

    #[test]
    fn another_provider_is_one_factor_unless_its_word_is_taken() {
        for (method, is_enough) in [(Method::Upstream, false), (Method::UpstreamBoth, true)] {
            let wanted = asked(Demand::Required(Lifetime::ZERO), own(&[Means::App]), method);
            assert_eq!(wanted == Need::Nothing, is_enough, "{method:?}");
        }
    }

    #[test]
    fn a_passkey_asks_for_nothing_and_answers_where_something_is_asked() {
        let only_key = own(&[Means::Key]);
        assert_eq!(asked(Demand::Optional, only_key, Method::Password), Need::Nothing);
        let both = own(&[Means::App, Means::Key]);
        let wanted = Need::Proof(vec![Means::App, Means::Key, Means::Backup]);
        assert_eq!(asked(Demand::Optional, both, Method::Password), wanted);
        let required = Demand::Required(Lifetime::ZERO);
        assert_eq!(asked(required, only_key, Method::Password), Need::Proof(vec![Means::Key, Means::Backup]));
        let mail_and_key = own(&[Means::Email, Means::Key]);
        assert_eq!(asked(required, mail_and_key, Method::Email), Need::Proof(vec![Means::Key, Means::Backup]));
        // Not the same twice, and none where the company has none.
        let strict = Rules { key: KeyWorth::One, ..rules(required) };
        let again = need(&strict, &only_key, (Method::SyncedKey, false), NOW);
        assert_eq!(again, Need::SetUp(vec![Means::App, Means::Email], None));
        let without = Rules { key: KeyWorth::Nothing, ..rules(required) };
        let asked = need(&without, &only_key, (Method::Password, false), NOW);
        assert_eq!(asked, Need::SetUp(vec![Means::App, Means::Email], None));
    }

    #[test]
    fn a_mailbox_that_cannot_be_reached_is_not_offered() {
        let lost = Own { mailbox: Mailbox::Unshown, ..own(&[Means::Email]) };
        assert_eq!(asked(Demand::Optional, lost, Method::Password), Need::Proof(vec![Means::Backup]));
        let required = Demand::Required(Lifetime::ZERO);
        for (mailbox, offered) in [
            (Mailbox::None, vec![Means::Key, Means::App]),
            (Mailbox::Unshown, vec![Means::Key, Means::App, Means::Email]),
        ] {
            let wanted = asked(required, Own { mailbox, ..own(&[]) }, Method::Password);
            assert_eq!(wanted, Need::SetUp(offered, None), "the first code shows whose it is");
        }
    }

    #[test]
    fn grace_begins_when_it_is_asked_for_first_and_ends() {
        let required = Demand::Required(Lifetime::days(7));
        let first = asked(required, own(&[]), Method::Password);
        assert_eq!(first, Need::SetUp(vec![Means::Key, Means::App, Means::Email], Some(NOW + Lifetime::days(7))));
        let late = Own { due_since: Some(NOW - Lifetime::days(7)), ..own(&[]) };
        assert_eq!(
            asked(required, late, Method::Password),
            Need::SetUp(vec![Means::Key, Means::App, Means::Email], None)
        );
    }

    #[test]
    fn trust_saves_a_proof_and_never_a_set_up() {
        let trusted = |own, demand| need(&rules(demand), &own, (Method::Password, true), NOW);
        assert_eq!(trusted(own(&[Means::App]), Demand::Optional), Need::Trusted);
        let nothing = trusted(own(&[]), Demand::Required(Lifetime::ZERO));
        assert_eq!(nothing, Need::SetUp(vec![Means::Key, Means::App, Means::Email], None));
    }

    #[test]
    fn the_last_two_tries_are_announced_and_the_fifth_wrong_one_locks() {
        let told: Vec<Wrong> = (1..=5).map(|n| wrong(n, 5)).collect();
        assert_eq!(told, [Wrong::Early, Wrong::Early, Wrong::Left(2), Wrong::Left(1), Wrong::Last]);
    }

    #[test]
    fn how_a_code_is_spelled_does_not_matter() {
        assert_eq!(digits(" 123-456 "), "123456");
        assert_eq!(digits("１２３４５６"), "123456");
        assert_eq!(backup_code(" ABcd-2345 "), "abcd2345");
    }
}
