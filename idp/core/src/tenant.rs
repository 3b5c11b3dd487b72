//! Companies: what they are called and whether they are on. Their policies are in [`crate::policy`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::TenantId;
use crate::language::Language;

/// A company, or the vendor, who owns the portals and whose staff looks after everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its row.
    pub id: TenantId,
    /// The part after the hyphen in `201-wickedsprockets`.
    pub code: TenantCode,
    /// What people call it.
    pub name: String,
    /// The language its people start with.
    pub language: Language,
    /// Switched on or off.
    pub state: TenantState,
    /// Everything born under an older epoch is dead.
    pub epoch: i64,
}

/// Whether a company's people may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantState {
    /// They may.
    Active,
    /// Switched off by the vendor.
    Suspended,
}

impl TenantState {
    /// The word a row holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// Reads a row's word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Suspended].into_iter().find(|s| s.name() == name)
    }
}

/// The short name of a company: lower-case ASCII letters, digits and single hyphens, starting with a letter.
///
/// It must not start with a digit, so that in `201-wickedsprockets` the first hyphen always ends the extension.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantCode(String);

/// A text that can't be a company's short name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a company code has 2 to 40 lower-case letters, digits or single hyphens and starts with a letter")]
pub struct TenantCodeError;

impl TenantCode {
    /// The vendor's own.
    pub const VENDOR: &'static str = "vendor";

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantCode {
    type Err = TenantCodeError;

    fn from_str(text: &str) -> Result<Self, TenantCodeError> {
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let shaped = !text.ends_with('-') && !text.contains("--") && (2..=40).contains(&text.len());
        if letters && begins && shaped { Ok(Self(text.to_owned())) } else { Err(TenantCodeError) }
    }
}

impl TryFrom<String> for TenantCode {
    type Error = TenantCodeError;
    fn try_from(text: String) -> Result<Self, TenantCodeError> {
        text.parse()
    }
}

impl From<TenantCode> for String {
    fn from(code: TenantCode) -> Self {
        code.0
    }
}

impl fmt::Display for TenantCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_plain_and_starts_with_a_letter() {
        for good in ["wickedsprockets", "wicked-sprockets", "a1"] {
            assert!(good.parse::<TenantCode>().is_ok(), "{good}");
        }
        for bad in ["", "a", "1a", "-ab", "ab-", "a--b", "Abc", "a b", "wickedsprоckets", "a.b"] {
            assert!(bad.parse::<TenantCode>().is_err(), "{bad}");
        }
    }
}
