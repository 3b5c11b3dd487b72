//! A type per entity, so that an account never stands where a tenant is meant. The prefix exists in text only; rows
//! hold the 16 bytes.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;

use crate::time::Timestamp;

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {prefix}_ followed by 32 hexadecimal digits")]
pub struct IdError {
    /// The prefix that was wanted.
    pub prefix: &'static str,
}

/// Sixteen bytes that sort by the time of their making (RFC 9562 section 5.7, UUID version 7).
fn sortable(now: Timestamp, random: [u8; 16]) -> [u8; 16] {
    let millis = u64::try_from(now.micros() / 1000).unwrap_or(0);
    let mut bytes = random;
    let head = millis.to_be_bytes();
    for (slot, byte) in bytes.iter_mut().zip(head.iter().skip(2)) {
        *slot = *byte;
    }
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0f) | 0x70;
    *variant = (*variant & 0x3f) | 0x80;
    bytes
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The prefix of the text form.
            pub const PREFIX: &'static str = $prefix;

            /// An id for a row made now; sorts by time.
            pub fn at(now: Timestamp, random: [u8; 16]) -> Self {
                Self(sortable(now, random))
            }

            /// An id that tells nothing, not even its age.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes a row holds.
            pub const fn bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads a row's bytes.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|hex| HEXLOWER.decode(hex.as_bytes()).ok())
                    .and_then(|bytes| Self::from_slice(&bytes))
                    .ok_or(IdError { prefix: $prefix })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A company, or the vendor itself.
    TenantId, "ten");
id!(
    /// One way of being known to one company.
    AccountId, "acc");
id!(
    /// What a relying party knows a person by: random, immutable, never used again.
    Subject, "sub");
id!(
    /// The row of a client; its public `client_id` is a text of its own.
    ClientKey, "cli");
id!(
    /// All that one browser is signed in to.
    BrowserId, "brw");
id!(
    /// One account signed in in one browser.
    SessionId, "ses");
id!(
    /// One client's share of an account session; the `sid` claim.
    Sid, "sid");
id!(
    /// What a person gave a client at one authorization.
    GrantId, "grt");
id!(
    /// A line of refresh tokens, each born from the one before.
    FamilyId, "fam");
id!(
    /// A signing key.
    KeyId, "key");
id!(
    /// One authorization request on its way through sign-in.
    RequestId, "req");
id!(
    /// A row of the audit log.
    AuditId, "aud");
id!(
    /// A message waiting to leave.
    OutboxId, "out");
id!(
    /// A sign-in that is under way and past its first factor.
    JourneyId, "jny");
id!(
    /// An account's trust in a browser.
    TrustId, "tru");
id!(
    /// A passkey of an account.
    PasskeyId, "pky");
id!(
    /// A company's way in by another provider.
    ConnectorId, "con");
id!(
    /// A person at another provider, connected with an account.
    IdentityId, "idy");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text_and_from_no_other_kind() {
        let id = AccountId::at(Timestamp::from_micros(1_700_000_000_000_000), [7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().replace("acc_", "ten_").parse::<AccountId>().is_err());
        assert!("acc_zz".parse::<AccountId>().is_err());
    }

    #[test]
    fn later_rows_sort_after_earlier_ones() {
        let early = AccountId::at(Timestamp::from_micros(1_000_000), [255; 16]);
        let late = AccountId::at(Timestamp::from_micros(2_000_000), [0; 16]);
        assert!(early < late);
    }
}
