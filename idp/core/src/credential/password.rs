//! What a password has to be. Hashing is in `idp-crypto`.

use unicode_normalization::UnicodeNormalization;

use crate::policy::Policy;
use crate::secret::Secret;
use crate::time::Timestamp;

/// The longest password, in bytes. Longer ones are refused before they cost anything.
pub const LONGEST: usize = 1024;

/// A password as an account holds it.
#[derive(Clone, Debug)]
pub struct StoredPassword {
    /// Argon2id in PHC form.
    pub phc: Secret<String>,
    /// Made by an administrator: has to be replaced at the next sign-in.
    pub temporary: bool,
    /// Dead from then on, if temporary.
    pub expires_at: Option<Timestamp>,
}

impl StoredPassword {
    /// Is it still good?
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| !end.reached(now))
    }
}

/// Why a new password was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Nothing was typed.
    #[error("enter a password")]
    Empty,
    /// Fewer characters than the company wants.
    #[error("a password has at least {0} characters")]
    TooShort(u32),
    /// More bytes than anybody types.
    #[error("a password has at most {LONGEST} bytes")]
    TooLong,
    /// One of those that are tried first.
    #[error("this password is easily guessed: a known one, or a name of the person or the company")]
    Known,
    /// The two fields differ.
    #[error("the two passwords differ")]
    Mismatch,
}

/// Composes a typed password, so that the same keys give the same bytes on every system. Nothing is cut or folded.
///
/// # Errors
/// If it is longer than anybody types; checked before any work is done.
pub fn prepare(typed: &str) -> Result<Secret<String>, PasswordError> {
    if typed.len() > LONGEST {
        return Err(PasswordError::TooLong);
    }
    Ok(Secret::new(typed.nfkc().collect()))
}

/// Checks a new password against the company's policy. No rule about its composition: length and novelty are what
/// count.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_new(typed: &str, confirm: &str, policy: &Policy, own: &[String]) -> Result<Secret<String>, PasswordError> {
    if typed.is_empty() {
        return Err(PasswordError::Empty);
    }
    let prepared = prepare(typed)?;
    let least = policy.password_min();
    if u32::try_from(prepared.expose().chars().count()).unwrap_or(u32::MAX) < least {
        return Err(PasswordError::TooShort(least));
    }
    if policy.refuses_known_passwords() && is_known(prepared.expose(), own) {
        return Err(PasswordError::Known);
    }
    if typed != confirm {
        return Err(PasswordError::Mismatch);
    }
    Ok(prepared)
}

/// True for what is tried first: words of the list with or without digits and marks after them, one character again and
/// again, runs of the keyboard or alphabet, and the names that the person and his company go by.
fn is_known(password: &str, own: &[String]) -> bool {
    let folded = password.to_lowercase();
    let stem = folded.trim_end_matches(|c: char| !c.is_alphabetic());
    let plain: String = stem.chars().map(undisguise).collect();
    let words = COMMON.iter().copied().chain(own.iter().map(String::as_str).filter(|w| w.chars().count() >= 4));
    let mut matches = words.map(str::to_lowercase);
    matches.any(|w| w == folded || w == stem || w == plain) || is_monotone(&folded) || is_run(&folded)
}

/// The letter somebody means by a digit or mark that looks like it.
fn undisguise(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

fn is_monotone(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next();
    chars.all(|c| Some(c) == first)
}

fn is_run(text: &str) -> bool {
    const RUNS: [&str; 5] = [
        "01234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
        "98765432109876543210",
    ];
    RUNS.iter().any(|run| run.contains(text))
}

/// Words that lead every list of stolen passwords; written with eight or more characters only where digits do not
/// follow.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passw0rd",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "batman",
    "welcome",
    "willkommen",
    "monkey",
    "dragon",
    "letmein",
    "master",
    "shadow",
    "michael",
    "jennifer",
    "jordan",
    "hunter",
    "trustno",
    "trustno1",
    "starwars",
    "computer",
    "internet",
    "whatever",
    "qwerty",
    "qwertz",
    "qwertyui",
    "qwerty123",
    "1q2w3e4r",
    "1qaz2wsx",
    "zaq12wsx",
    "asdfghjk",
    "abc123",
    "abcd1234",
    "admin",
    "administrator",
    "root",
    "login",
    "hallo",
    "hello",
    "schatz",
    "sommer",
    "winter",
    "summer",
    "spring",
    "autumn",
    "herbst",
    "geheim",
    "secret",
    "changeme",
    "default",
    "testtest",
    "test",
    "guest",
    "samsung",
    "google",
    "facebook",
    "liverpool",
    "chelsea",
    "arsenal",
    "bayern",
    "fussball",
    "berlin",
    "hamburg",
    "pokemon",
    "naruto",
    "freedom",
    "mustang",
    "charlie",
    "daniel",
    "thomas",
    "andrew",
    "ashley",
    "nicole",
    "jessica",
    "babygirl",
    "lovely",
    "chocolate",
    "butterfly",
    "cheese",
    "pepper",
    "ginger",
    "maggie",
    "bailey",
    "access",
    "flower",
    "hottie",
    "loveme",
    "solo",
    "ninja",
    "azerty",
    "photoshop",
    "adobe",
    "matrix",
    "killer",
    "pass",
    "company",
    "office",
    "telephone",
    "phone",
    "agent",
    "support",
    "callcenter",
    "extension",
    "switchboard",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), PasswordError> {
        check_new(text, text, &Policy::default(), &["wickedsprockets".to_owned(), "maria".to_owned()]).map(drop)
    }

    #[test]
    fn seven_characters_are_too_few_and_eight_are_enough() {
        assert_eq!(check("tulipan"), Err(PasswordError::TooShort(8)));
        assert_eq!(check("tulipano"), Ok(()));
        assert_eq!(check("äöüäöüäß"), Ok(()));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for known in
            ["Password1", "p4ssw0rd!", "12345678", "aaaaaaaa", "Wickedsprockets2026!", "qwertzuiop", "Sommer2026"]
        {
            assert_eq!(check(known), Err(PasswordError::Known), "{known}");
        }
    }

    #[test]
    fn length_is_welcome_up_to_a_kilobyte_and_nothing_is_cut() {
        assert_eq!(check(&"lange Sätze 🌷 ".repeat(20)), Ok(()));
        assert_eq!(check(&"ab".repeat(513)), Err(PasswordError::TooLong));
        let (a, b) = (format!("{}a", "xy".repeat(40)), format!("{}b", "xy".repeat(40)));
        assert_ne!(prepare(&a).unwrap(), prepare(&b).unwrap());
    }

    #[test]
    fn two_different_fields_change_nothing() {
        let result = check_new("tulipano1", "tulipano2", &Policy::default(), &[]);
        assert_eq!(result.unwrap_err(), PasswordError::Mismatch);
    }

    #[test]
    fn a_company_may_want_more() {
        let policy = Policy::resolve(&[&[("password.min".to_owned(), "12".to_owned())]]);
        assert_eq!(check_new("tulipano", "tulipano", &policy, &[]).unwrap_err(), PasswordError::TooShort(12));
    }

    #[test]
    fn a_temporary_password_dies_on_time() {
        let end = Timestamp::from_seconds(100);
        let stored = StoredPassword { phc: Secret::new(String::new()), temporary: true, expires_at: Some(end) };
        assert!(stored.holds(Timestamp::from_seconds(99)));
        assert!(!stored.holds(end));
    }
}
