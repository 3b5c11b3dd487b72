//! Codes of authenticator apps (RFC 6238): six digits, SHA-1, thirty seconds, which is what every app understands.

use data_encoding::BASE32_NOPAD;
use idp_core::secret::Secret;
use idp_core::time::Timestamp;

use crate::random::{NoRandomness, Random};

/// As long as the digest (RFC 4226 section 4, R6).
const LENGTH: usize = 20;

/// What an app and we both know.
#[derive(Clone, Debug)]
pub struct Seed(Secret<Vec<u8>>);

/// Bytes that are no seed.
#[derive(Debug, thiserror::Error)]
#[error("not the seed of an authenticator app")]
pub struct NoSeed;

impl Seed {
    /// Draws a new one.
    ///
    /// # Errors
    /// If the operating system has no random bytes to give.
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(Secret::new(random.bytes::<LENGTH>()?.to_vec())))
    }

    /// Reads one that was kept sealed.
    ///
    /// # Errors
    /// If it has another length.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, NoSeed> {
        if bytes.len() == LENGTH { Ok(Self(Secret::new(bytes))) } else { Err(NoSeed) }
    }

    /// Its bytes, to be sealed.
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// As people type it into an app: base 32.
    pub fn text(&self) -> String {
        BASE32_NOPAD.encode(self.0.expose())
    }

    /// The time step whose code this is, if it is one of now, or of the step before or after: clocks differ.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let totp = totp_rs::Builder::new().with_secret(self.0.expose().clone()).with_skew(1).build().ok()?;
        let step = totp.check(code, u64::try_from(now.seconds()).ok()?)?;
        i64::try_from(step).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B; its codes there have eight digits, of which these are the last six.
    fn seed() -> Seed {
        Seed::from_bytes(b"12345678901234567890".to_vec()).unwrap()
    }

    #[test]
    fn the_codes_of_the_standard_hold() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(seed().step_of(code, Timestamp::from_seconds(seconds)), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_neighbouring_step_counts_and_one_further_does_not() {
        let at = |seconds| seed().step_of("287082", Timestamp::from_seconds(seconds));
        assert_eq!((at(29), at(30), at(60), at(89)), (Some(1), Some(1), Some(1), Some(1)));
        assert_eq!((at(90), at(-1)), (None, None));
    }

    #[test]
    fn what_is_no_code_matches_nothing() {
        for typed in ["", "28708", "2870822", "28708x", "+28708"] {
            assert_eq!(seed().step_of(typed, Timestamp::from_seconds(59)), None, "{typed}");
        }
        assert!(Seed::from_bytes(vec![1; 5]).is_err());
        assert_eq!(seed().text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
