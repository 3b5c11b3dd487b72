//! Passkeys: what is kept of each, how many there may be, and what an authenticator is called.

use crate::ids::PasskeyId;
use crate::time::{Lifetime, Timestamp};

/// So many may an account have.
pub const MOST: usize = 10;

/// So long an authenticator may take to sign.
pub const PATIENCE: Lifetime = Lifetime::minutes(5);

/// The longest name a person gives one.
pub const LONGEST_NAME: usize = 60;

/// A passkey as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its row.
    pub id: PasskeyId,
    /// What the authenticator knows it by.
    pub credential: Vec<u8>,
    /// Its public key and counter, as the crypto room wrote them.
    pub key: String,
    /// What the person knows it by.
    pub name: String,
    /// It may be on other devices of the person, too.
    pub is_synced: bool,
    /// Since when.
    pub made_at: Timestamp,
    /// When it last signed somebody in.
    pub used_at: Option<Timestamp>,
}

/// A name that a person gives one: one line, not empty.
pub fn name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

/// What makers call their authenticators, by AAGUID (WebAuthn section 6.5.1). It names things for people and decides
/// nothing: an authenticator says of itself what it likes.
const MADE_BY: [(&str, &str); 22] = [
    ("ea9b8d664d011d213ce4b6b48cb575d4", "Google Password Manager"),
    ("adce000235bcc60a648b0b25f1f05503", "Chrome on Mac"),
    ("08987058cadc4b81b6e130de50dcbe96", "Windows Hello"),
    ("9ddd1817af5a4672a2b93e3dd95000a9", "Windows Hello"),
    ("6028b017b1d44c02b4b3afcdafc96bb2", "Windows Hello"),
    ("fbfc3007154e4ecc8c0b6e020557d7bd", "iCloud Keychain"),
    ("dd4ec289e01d41c9bb8970fa845d4bf2", "iCloud Keychain"),
    ("bada5566a7aa401fbd9645619a55120d", "1Password"),
    ("d548826e79b4db40a3d811116f7e8349", "Bitwarden"),
    ("531126d6e717415c93203d9aa6981239", "Dashlane"),
    ("b84e404815dc4dd08640f4f60813c8af", "NordPass"),
    ("0ea242b443c44a1b8b17dd6d0b6baec6", "Keeper"),
    ("53414d53554e47000000000000000000", "Samsung Pass"),
    ("50726f746f6e5061737350726f746f6e", "Proton Pass"),
    ("fdb141b25d84443e8a354698c205a502", "KeePassXC"),
    ("f38095407f1449c1a8b38f813b225541", "Enpass"),
    ("2fc0579f811347eab116bb5a8db9202a", "YubiKey 5"),
    ("cb69481e8ff7403993ec0a2729a154a8", "YubiKey 5"),
    ("ee882879721c491397753dfcce97072a", "YubiKey 5"),
    ("fa2b99dc9e3942578f924a30d23c4118", "YubiKey 5"),
    ("c5ef55ffad9a4b9fb580adebafe026d0", "YubiKey 5"),
    ("b92c3f9ac0144056887f140a2501163b", "Security Key by Yubico"),
];

/// What the maker calls this authenticator, if that is known.
pub fn made_by(aaguid: [u8; 16]) -> Option<&'static str> {
    let text = data_encoding::HEXLOWER.encode(&aaguid);
    MADE_BY.iter().find(|(id, _)| *id == text).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authenticators_are_called_what_their_makers_call_them() {
        let id = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap();
        assert_eq!(made_by(id("d548826e79b4db40a3d811116f7e8349")), Some("Bitwarden"));
        assert_eq!(made_by([0; 16]), None);
        for (text, _) in MADE_BY {
            assert!(made_by(id(text)).is_some(), "{text} is an id");
        }
    }

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(name("  Work laptop "), Some("Work laptop".to_owned()));
        for bad in ["", "  ", "a\nb", &"x".repeat(LONGEST_NAME + 1)] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }
}
