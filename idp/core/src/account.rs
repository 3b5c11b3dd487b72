//! An account: one way of being known to one company. What may be done to it is in [`crate::authority`].

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::authority::Role;
use crate::ids::{AccountId, Subject, TenantId};
use crate::language::Language;
use crate::tenant::{Tenant, TenantCode};
use crate::time::Timestamp;

/// An account as its row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its row.
    pub id: AccountId,
    /// Its company.
    pub tenant: TenantId,
    /// What relying parties know it by.
    pub subject: Subject,
    /// The name it signs in with inside its company: an extension or a user name.
    pub login: LoginName,
    /// The name of the person.
    pub name: String,
    /// Its mail address, if it has one.
    pub email: Option<Email>,
    /// True once the person has shown that the mailbox is his.
    pub email_verified: bool,
    /// The language the person chose for himself.
    pub language: Option<Language>,
    /// Whether it may sign in.
    pub state: AccountState,
    /// What it may do in the console.
    pub roles: Vec<Role>,
    /// Everything born under an older epoch is dead.
    pub epoch: i64,
    /// Last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// The name that says the company too: `201-wickedsprockets`, `maria@wickedsprockets`.
    pub fn username(&self, company: &TenantCode) -> String {
        self.login.full(company)
    }

    /// What a guesser tries first for this person: his names, whole and in parts, his address and his company.
    pub fn own_words(&self, company: &Tenant) -> Vec<String> {
        let mut words = vec![
            self.name.clone(),
            self.login.as_str().to_owned(),
            self.username(&company.code),
            company.name.clone(),
            company.code.as_str().to_owned(),
        ];
        words.extend(self.name.split_whitespace().map(str::to_owned));
        if let Some(email) = &self.email {
            words.push(email.to_string());
            words.extend(email.as_str().split('@').map(str::to_owned));
        }
        words
    }
}

/// Whether an account may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Made, but its owner has not been in yet. He may come in.
    Invited,
    /// In use.
    Active,
    /// Locked until an administrator unlocks it.
    Locked,
    /// Switched off.
    Disabled,
}

impl AccountState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Invited, Self::Active, Self::Locked, Self::Disabled];

    /// The word a row holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Disabled => "disabled",
        }
    }

    /// Reads a row's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// May its owner come in?
    pub fn may_sign_in(self) -> bool {
        match self {
            Self::Invited | Self::Active => true,
            Self::Locked | Self::Disabled => false,
        }
    }
}

/// A name that can't be used, and what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A sign-in name of a wrong form.
    #[error(
        "a sign-in name has 1 to 64 letters, digits, dots, hyphens or underscores and starts with a letter or digit"
    )]
    Login,
    /// A mail address of a wrong form.
    #[error("a mail address looks like name@company.com")]
    Email,
}

/// True for characters that are not seen or that turn the text around: two names that look alike must be alike.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
}

/// Trims, composes and folds a typed name, once, so that every spelling of it meets the same row (RFC 8265 section
/// 3.3).
pub(crate) fn prepare(text: &str) -> String {
    // Nearly all are ASCII, where composing changes nothing: each token that is looked at reads two such names.
    if text.is_ascii() { text.trim().to_ascii_lowercase() } else { composed(text) }
}

fn composed(text: &str) -> String {
    text.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// What an account is called inside its company, prepared: `201`, `maria`. It never holds an `@`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginName(String);

impl LoginName {
    /// The prepared text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for digits only: such a name is written `201-wickedsprockets`.
    pub fn is_extension(&self) -> bool {
        self.0.bytes().all(|b| b.is_ascii_digit())
    }

    /// With its company: an extension takes a hyphen, another name an `@`, since it may hold hyphens itself.
    pub fn full(&self, company: &TenantCode) -> String {
        let joint = if self.is_extension() { '-' } else { '@' };
        format!("{}{joint}{company}", self.0)
    }
}

impl FromStr for LoginName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let name = prepare(text);
        let length = (1..=64).contains(&name.chars().count());
        let shape = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        let begins = name.chars().next().is_some_and(char::is_alphanumeric);
        // `201-acme` is how somebody of another company is called: here it would be counted and shown as him.
        let foreign = name.split_once('-').is_some_and(|(extension, code)| {
            extension.bytes().all(|b| b.is_ascii_digit()) && code.parse::<TenantCode>().is_ok()
        });
        if length && shape && begins && !foreign { Ok(Self(name)) } else { Err(NameError::Login) }
    }
}

impl fmt::Display for LoginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail address, prepared for comparing. One parser serves forms, storage and, later, sending.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// The prepared text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = NameError;

    /// One `@`, a plain local part, a domain with a dot: what mail providers give to people. Quoted local parts,
    /// comments and address literals (RFC 5321 section 4.1.2) are refused, because programs read them differently.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let address = prepare(text);
        let (local, domain) = address.split_once('@').ok_or(NameError::Email)?;
        let local_fits = (1..=64).contains(&local.len())
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let labels_fit = domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        });
        let domain_fits = labels_fit && domain.contains('.') && domain.len() <= 253;
        if local_fits && domain_fits { Ok(Self(address)) } else { Err(NameError::Email) }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_name_is_one_name() {
        let one: LoginName = "maria".parse().unwrap();
        for spelling in [" Maria ", "MARIA", "ｍａｒｉａ", "maria\u{200b}"] {
            match spelling.parse::<LoginName>() {
                Ok(name) => assert_eq!(name, one, "{spelling}"),
                Err(_) => assert!(spelling.contains('\u{200b}'), "{spelling}"),
            }
        }
    }

    #[test]
    fn the_short_way_for_ascii_says_what_the_long_one_says() {
        for c in (0..128_u8).map(char::from) {
            for text in [format!("{c}"), format!("{c}Maria 201"), format!("A{c}"), format!("a{c}B")] {
                assert_eq!(prepare(&text), composed(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn a_name_holds_no_at_sign_no_space_and_nothing_unseen() {
        for bad in ["", "a b", "a@b", "-a", "a\u{202e}b", "a\nb", "201-acme", &"x".repeat(65)] {
            assert!(bad.parse::<LoginName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_extension_takes_a_hyphen_and_a_name_an_at_sign() {
        let code: TenantCode = "wickedsprockets".parse().unwrap();
        assert_eq!("201".parse::<LoginName>().unwrap().full(&code), "201-wickedsprockets");
        assert_eq!("anna-maria".parse::<LoginName>().unwrap().full(&code), "anna-maria@wickedsprockets");
    }

    #[test]
    fn ambiguous_addresses_are_refused() {
        assert!("Maria@Wickedsprockets.example".parse::<Email>().is_ok());
        for bad in [
            "a@b@c.example",
            "\"a b\"@c.example",
            "a@c",
            "a(x)@c.example",
            "@c.example",
            "a@",
            ".a@c.example",
            "a@c.example\r\nBcc: x",
            "a@[127.0.0.1]",
            "a@-c.example",
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }
}
