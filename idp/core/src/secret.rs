//! Values that must not be printed, stored or compared carelessly.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Something secret: it has no `Display`, its `Debug` shows nothing, it can't be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Takes a value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself; the name makes each use easy to find.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The SHA-256 of a bearer value of 32 random bytes: what a table knows it by. Such values can't be guessed, so a plain
/// digest is enough.
#[derive(Clone, Copy, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The digest of a bearer value as it travels.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The bytes a row holds.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads a row's bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// Bytes that only the holder of the master key can read; made and opened by `idp-crypto`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// Where a sealed value belongs: it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct SealContext<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The key of the row.
    pub row: &'a [u8],
}

/// A new bearer value: a prefix that tells people and scanners what leaked, then 32 random bytes.
pub fn bearer(prefix: &str, random: &[u8; 32]) -> Secret<String> {
    Secret::new(format!("{prefix}_{}", BASE64URL_NOPAD.encode(random)))
}

/// True if both are the same, in a time that tells nothing about where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
        assert_eq!(format!("{:?}", TokenHash::of("hunter2")), "TokenHash(..)");
    }

    #[test]
    fn a_bearer_value_carries_32_bytes_and_its_kind() {
        let value = bearer("sbc", &[0xff; 32]);
        assert_eq!(value.expose().len(), "sbc_".len() + 43);
        assert!(value.expose().starts_with("sbc_"));
    }
}
