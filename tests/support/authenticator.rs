//! An authenticator app, as a person has one on the phone (RFC 6238).

use data_encoding::BASE32_NOPAD;

use crate::Page;

/// The app, with the key of one account.
#[derive(Clone, Debug)]
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// Reads the key that a page shows.
    pub fn scan(page: &Page) -> Self {
        let shown = page.body.split("id=\"secret\"").nth(1).unwrap_or_else(|| panic!("no key: {}", page.text()));
        let text: String = shown.split(['>', '<']).nth(1).expect("a key").split_whitespace().collect();
        Self(BASE32_NOPAD.decode(text.as_bytes()).expect("base 32"))
    }

    /// The code of a moment, in seconds since 1970.
    pub fn code(&self, at: i64) -> String {
        let totp = totp_rs::Builder::new().with_secret(self.0.clone()).build().expect("a key");
        totp.generate(u64::try_from(at).expect("a time")).to_string()
    }

    /// A code that isn't right at that moment, nor near it.
    pub fn wrong(&self, at: i64) -> String {
        let near: Vec<String> = (-3..=3).map(|n| self.code(at + 30 * n)).collect();
        (0..10).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).expect("one of ten")
    }
}
