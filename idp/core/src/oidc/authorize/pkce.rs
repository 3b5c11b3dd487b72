//! Proof Key for Code Exchange (RFC 7636): S256 only.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use crate::secret::same;

/// The challenge of a request: the SHA-256 of a verifier, base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads a challenge made by S256 (RFC 7636 section 4.2): 43 characters that stand for 32 bytes.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Was this challenge made from that verifier (RFC 7636 section 4.6)?
    pub fn was_made_from(&self, verifier: &str) -> bool {
        let made = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
        verifier_fits(verifier) && same(made.as_bytes(), self.0.as_bytes())
    }
}

/// 43 to 128 unreserved characters (RFC 7636 section 4.1).
pub fn verifier_fits(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_document_holds() {
        // RFC 7636 appendix B
        let challenge = CodeChallenge::read("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.was_made_from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.was_made_from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
    }

    #[test]
    fn verifiers_have_43_to_128_plain_characters() {
        assert!(!verifier_fits(&"a".repeat(42)));
        assert!(verifier_fits(&"a".repeat(43)));
        assert!(verifier_fits(&"a".repeat(128)));
        assert!(!verifier_fits(&"a".repeat(129)));
        assert!(!verifier_fits(&"ä".repeat(43)));
    }

    #[test]
    fn a_challenge_that_is_no_digest_is_refused() {
        assert!(CodeChallenge::read("short").is_none());
        assert!(CodeChallenge::read(&"=".repeat(43)).is_none());
    }
}
