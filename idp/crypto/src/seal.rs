//! Secrets at rest and on the road: AES-256-GCM under keys derived from the master key, one for each purpose, bound to
//! the place where the sealed bytes belong.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, Mac as _};
use idp_core::secret::{SealContext, Sealed, Secret, same};
use openssl::md::Md;
use openssl::pkey::Id;
use openssl::pkey_ctx::PkeyCtx;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use sha2::Sha256;

use crate::random::{NoRandomness, Random};

const NONCE: usize = 12;
const TAG: usize = 16;
const KEY_ID: usize = 4;

/// What a sealed value is for; each purpose has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A column of a row.
    Row,
    /// An authorization request that the browser carries through sign-in.
    Request,
    /// An access token for our own endpoints.
    Access,
    /// A password change that has to come before the sign-in ends.
    Ticket,
    /// A mail that waits to be sent.
    Mail,
    /// A link or a code on its way through a browser.
    Journey,
    /// Digests of short or guessable values: the anonymous cookie's form token, unknown names, audit rows.
    Digest,
}

impl Purpose {
    const ALL: [Self; 7] =
        [Self::Row, Self::Request, Self::Access, Self::Ticket, Self::Mail, Self::Journey, Self::Digest];

    fn label(self) -> &'static [u8] {
        match self {
            Self::Row => b"switchboard row v1",
            Self::Request => b"switchboard request v1",
            Self::Access => b"switchboard access v1",
            Self::Ticket => b"switchboard ticket v1",
            Self::Mail => b"switchboard mail v1",
            Self::Journey => b"switchboard journey v1",
            Self::Digest => b"switchboard digest v1",
        }
    }
}

/// The master key: 32 random bytes that live outside the database.
#[derive(Clone)]
pub struct MasterKey(Secret<[u8; 32]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// A text that is no master key.
#[derive(Debug, thiserror::Error)]
#[error("a master key is 64 hexadecimal digits")]
pub struct MasterKeyError;

impl MasterKey {
    /// A new one.
    ///
    /// # Errors
    /// If the operating system has no random bytes to give.
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(Secret::new(random.bytes()?)))
    }

    /// Reads 64 hexadecimal digits; blanks around them don't matter.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn from_hex(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = HEXLOWER.decode(text.trim().to_ascii_lowercase().as_bytes()).map_err(|_cause| MasterKeyError)?;
        bytes.try_into().map(|key| Self(Secret::new(key))).map_err(|_cause| MasterKeyError)
    }

    /// As 64 hexadecimal digits, for its file.
    pub fn to_hex(&self) -> Secret<String> {
        Secret::new(HEXLOWER.encode(self.0.expose()))
    }
}

/// Why something didn't seal or open.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Not ours, changed, or sealed for another place.
    #[error("sealed for another place, changed, or under another key")]
    Foreign,
    /// The library or the operating system failed.
    #[error("sealing failed: {0}")]
    Broken(String),
}

fn broken(cause: &impl fmt::Display) -> SealError {
    SealError::Broken(cause.to_string())
}

/// Seals and opens; holds the derived keys.
#[derive(Debug)]
pub struct Sealer {
    current: Keys,
    other: Option<Keys>,
}

/// What comes from one master key.
#[derive(Debug)]
struct Keys {
    id: [u8; KEY_ID],
    keys: Vec<(Purpose, Secret<[u8; 32]>)>,
}

impl Keys {
    /// Derives the keys (RFC 5869).
    fn new(master: &MasterKey) -> Result<Self, SealError> {
        let id = derive(master, b"switchboard key id v1")?;
        let keys = Purpose::ALL
            .into_iter()
            .map(|p| derive::<32>(master, p.label()).map(|key| (p, Secret::new(key))))
            .collect::<Result<_, _>>()?;
        Ok(Self { id, keys })
    }

    fn key(&self, purpose: Purpose) -> Result<&[u8; 32], SealError> {
        self.keys.iter().find(|(p, _)| *p == purpose).map(|(_, k)| k.expose()).ok_or(SealError::Foreign)
    }

    fn digest(&self, parts: &[&[u8]]) -> Result<[u8; 32], SealError> {
        hmac(self.key(Purpose::Digest)?, parts)
    }
}

/// HMAC-SHA-256 of parts, each with its length, so that no two lists of parts give the same. Not OpenSSL's: that one
/// makes a key object for each, which takes ten times as long as the digest.
fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> Result<[u8; 32], SealError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|e| broken(&e))?;
    for part in parts {
        mac.update(&part.len().to_be_bytes());
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().into())
}

/// A key for digests that doesn't come from the master key: what it has signed can still be checked when that is
/// another.
#[derive(Debug)]
pub struct Mac(Secret<[u8; 32]>);

impl Mac {
    /// Draws a new one.
    ///
    /// # Errors
    /// If the operating system has no random bytes to give.
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(Secret::new(random.bytes()?)))
    }

    /// Reads one that was kept sealed.
    ///
    /// # Errors
    /// If it isn't 32 bytes.
    pub fn from_kept(bytes: &Secret<Vec<u8>>) -> Result<Self, SealError> {
        bytes.expose().as_slice().try_into().map(|key| Self(Secret::new(key))).map_err(|_cause| SealError::Foreign)
    }

    /// Its bytes, to be sealed.
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// The digest of parts.
    ///
    /// # Errors
    /// If the library fails.
    pub fn digest(&self, parts: &[&[u8]]) -> Result<[u8; 32], SealError> {
        hmac(self.0.expose(), parts)
    }

    /// Is this the digest of those parts?
    ///
    /// # Errors
    /// If the library fails.
    pub fn is_digest(&self, digest: &[u8], parts: &[&[u8]]) -> Result<bool, SealError> {
        Ok(same(digest, &self.digest(parts)?))
    }
}

impl Sealer {
    /// Seals and opens under one master key.
    ///
    /// # Errors
    /// If the library fails.
    pub fn new(master: &MasterKey) -> Result<Self, SealError> {
        Ok(Self { current: Keys::new(master)?, other: None })
    }

    /// Opens what was sealed under another one, too: the one before, or the one to come.
    ///
    /// # Errors
    /// If the library fails.
    pub fn with_other(self, other: &MasterKey) -> Result<Self, SealError> {
        Ok(Self { other: Some(Keys::new(other)?), ..self })
    }

    fn all(&self) -> impl Iterator<Item = &Keys> {
        std::iter::once(&self.current).chain(&self.other)
    }

    /// Was this sealed under the master key that seals now?
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        sealed.0.starts_with(&self.current.id)
    }

    /// Seals bytes: key id, nonce, ciphertext, tag.
    ///
    /// # Errors
    /// If there is no randomness or the library fails.
    pub fn seal(&self, purpose: Purpose, place: &[u8], plain: &[u8], random: &Random) -> Result<Vec<u8>, SealError> {
        let nonce = random.bytes::<NONCE>().map_err(|e| broken(&e))?;
        let mut tag = [0; TAG];
        let body =
            encrypt_aead(Cipher::aes_256_gcm(), self.current.key(purpose)?, Some(&nonce), place, plain, &mut tag)
                .map_err(|e| broken(&e))?;
        Ok([&self.current.id[..], &nonce, &body, &tag].concat())
    }

    /// Opens sealed bytes, if they were sealed for this purpose and place.
    ///
    /// # Errors
    /// If they were not.
    pub fn open(&self, purpose: Purpose, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let under = |keys: &Keys| sealed.strip_prefix(&keys.id).is_some();
        let keys = self.all().find(|keys| under(keys)).ok_or(SealError::Foreign)?;
        let rest = sealed.strip_prefix(&keys.id).ok_or(SealError::Foreign)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(SealError::Foreign)?;
        let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(SealError::Foreign)?;
        decrypt_aead(Cipher::aes_256_gcm(), keys.key(purpose)?, Some(nonce), place, body, tag)
            .map_err(|_cause| SealError::Foreign)
    }

    /// Seals a column of a row.
    ///
    /// # Errors
    /// If there is no randomness or the library fails.
    pub fn seal_column(&self, place: SealContext<'_>, plain: &[u8], random: &Random) -> Result<Sealed, SealError> {
        self.seal(Purpose::Row, &column(place), plain, random).map(Sealed)
    }

    /// Opens a column of a row.
    ///
    /// # Errors
    /// If it belongs elsewhere or was changed.
    pub fn open_column(&self, place: SealContext<'_>, sealed: &Sealed) -> Result<Secret<Vec<u8>>, SealError> {
        self.open(Purpose::Row, &column(place), &sealed.0).map(Secret::new)
    }

    /// Seals bytes as text for a URL.
    ///
    /// # Errors
    /// If there is no randomness or the library fails.
    pub fn seal_text(
        &self,
        purpose: Purpose,
        place: &[u8],
        plain: &[u8],
        random: &Random,
    ) -> Result<String, SealError> {
        self.seal(purpose, place, plain, random).map(|bytes| BASE64URL_NOPAD.encode(&bytes))
    }

    /// Opens text from a URL.
    ///
    /// # Errors
    /// If it isn't ours.
    pub fn open_text(&self, purpose: Purpose, place: &[u8], text: &str) -> Result<Vec<u8>, SealError> {
        let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_cause| SealError::Foreign)?;
        self.open(purpose, place, &sealed)
    }

    /// A keyed digest of parts; another after the master key was replaced.
    ///
    /// # Errors
    /// If the library fails.
    pub fn digest(&self, parts: &[&[u8]]) -> Result<[u8; 32], SealError> {
        self.current.digest(parts)
    }

    /// Is this the digest of those parts, under either master key?
    ///
    /// # Errors
    /// If the library fails.
    pub fn is_digest(&self, digest: &[u8], parts: &[&[u8]]) -> Result<bool, SealError> {
        for keys in self.all() {
            if same(digest, &keys.digest(parts)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The secret that goes into every password hash, and its id.
pub(crate) fn pepper(master: &MasterKey) -> Result<([u8; 32], [u8; KEY_ID]), SealError> {
    Ok((derive(master, b"switchboard pepper v1")?, derive(master, b"switchboard pepper id v1")?))
}

fn column(place: SealContext<'_>) -> Vec<u8> {
    [place.table.as_bytes(), b"\0", place.column.as_bytes(), b"\0", place.row].concat()
}

fn derive<const N: usize>(master: &MasterKey, label: &[u8]) -> Result<[u8; N], SealError> {
    let mut out = [0; N];
    let run = |out: &mut [u8]| -> Result<(), openssl::error::ErrorStack> {
        let mut ctx = PkeyCtx::new_id(Id::HKDF)?;
        ctx.derive_init()?;
        ctx.set_hkdf_md(Md::sha256())?;
        ctx.set_hkdf_key(master.0.expose())?;
        ctx.set_hkdf_salt(b"switchboard")?;
        ctx.add_hkdf_info(label)?;
        ctx.derive(Some(out)).map(drop)
    };
    run(&mut out).map_err(|e| broken(&e))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(n: char) -> Sealer {
        Sealer::new(&MasterKey::from_hex(&n.to_string().repeat(64)).unwrap()).unwrap()
    }

    #[test]
    fn it_opens_where_it_was_sealed_and_nowhere_else() {
        let (s, r) = (sealer('a'), Random::System);
        let sealed = s.seal(Purpose::Request, b"here", b"text", &r).unwrap();
        assert_eq!(s.open(Purpose::Request, b"here", &sealed).unwrap(), b"text");
        assert!(s.open(Purpose::Request, b"there", &sealed).is_err());
        assert!(s.open(Purpose::Access, b"here", &sealed).is_err());
        assert!(sealer('b').open(Purpose::Request, b"here", &sealed).is_err());
        for n in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[n] ^= 1;
            assert!(s.open(Purpose::Request, b"here", &changed).is_err(), "byte {n}");
            assert!(s.open(Purpose::Request, b"here", &sealed[..n]).is_err(), "cut at {n}");
        }
    }

    #[test]
    fn a_row_swapped_for_another_does_not_open() {
        let (s, r) = (sealer('a'), Random::System);
        let place = |row| SealContext { table: "signing_keys", column: "private", row };
        let sealed = s.seal_column(place(b"1"), b"key", &r).unwrap();
        assert_eq!(s.open_column(place(b"1"), &sealed).unwrap().expose(), b"key");
        assert!(s.open_column(place(b"2"), &sealed).is_err());
    }

    #[test]
    fn two_master_keys_are_readable_and_one_seals() {
        let r = Random::System;
        let (old, new) = (MasterKey::generate(&r).unwrap(), MasterKey::generate(&r).unwrap());
        let place = SealContext { table: "t", column: "c", row: b"1" };
        let before = Sealer::new(&old).unwrap();
        let after = Sealer::new(&new).unwrap().with_other(&old).unwrap();
        let sealed = before.seal_column(place, b"key", &r).unwrap();
        assert_eq!(after.open_column(place, &sealed).unwrap().expose(), b"key");
        assert!(!after.is_current(&sealed));
        let anew = after.seal_column(place, b"key", &r).unwrap();
        assert!(after.is_current(&anew) && before.open_column(place, &anew).is_err());
        assert!(after.is_digest(&before.digest(&[b"x"]).unwrap(), &[b"x"]).unwrap());
        assert!(!after.is_digest(&before.digest(&[b"x"]).unwrap(), &[b"y"]).unwrap());
    }

    #[test]
    fn parts_do_not_run_together_in_a_digest() {
        let s = sealer('a');
        assert_ne!(s.digest(&[b"ab", b"c"]).unwrap(), s.digest(&[b"a", b"bc"]).unwrap());
        assert_eq!(s.digest(&[b"ab"]).unwrap(), s.digest(&[b"ab"]).unwrap());
    }

    #[test]
    fn a_master_key_is_64_digits() {
        assert!(MasterKey::from_hex("abc").is_err());
        let key = MasterKey::generate(&Random::System).unwrap();
        assert_eq!(MasterKey::from_hex(key.to_hex().expose()).unwrap().to_hex(), key.to_hex());
    }
}
