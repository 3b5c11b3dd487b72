//! Chance. The real source is the operating system's; tests hand in a seeded one, so that a failure can be repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use idp_core::secret::Secret;
use sha2::{Digest, Sha256};

/// A source of random bytes.
#[derive(Debug)]
pub enum Random {
    /// The operating system.
    System,
    /// The same bytes in every run; for tests only.
    Seeded(u64, AtomicU64),
}

/// The operating system gave no random bytes: nothing secret can be made, so nothing is.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

impl Random {
    /// A source that gives the same bytes in every run.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(seed, AtomicU64::new(0))
    }

    /// `N` random bytes.
    ///
    /// # Errors
    /// If the operating system has none to give.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut out = [0_u8; N];
        match self {
            Self::System => getrandom::fill(&mut out).map_err(|_cause| NoRandomness)?,
            Self::Seeded(seed, counter) => {
                for chunk in out.chunks_mut(32) {
                    let n = counter.fetch_add(1, Ordering::Relaxed);
                    let block = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(n.to_be_bytes()).finalize();
                    for (slot, byte) in chunk.iter_mut().zip(block) {
                        *slot = byte;
                    }
                }
            }
        }
        Ok(out)
    }

    /// Six digits, for a code in a mail.
    ///
    /// # Errors
    /// If the operating system has no random bytes to give.
    pub fn digits(&self) -> Result<Secret<String>, NoRandomness> {
        // Of 2^64 numbers a million is so small a part that no digits are noticeably likelier.
        let number = u64::from_be_bytes(self.bytes()?) % 1_000_000;
        Ok(Secret::new(format!("{number:06}")))
    }

    /// A password for a person to type once: 16 characters without look-alikes, in groups of four; 78 bits.
    ///
    /// # Errors
    /// If the operating system has no random bytes to give.
    pub fn password(&self) -> Result<String, NoRandomness> {
        self.letters(16)
    }

    /// A code that is written down and kept: eight such characters in two groups; 39 bits, and few tries.
    ///
    /// # Errors
    /// If the operating system has no random bytes to give.
    pub fn backup_code(&self) -> Result<String, NoRandomness> {
        self.letters(8)
    }

    /// So many characters that nobody takes for others, in groups of four.
    fn letters(&self, count: usize) -> Result<String, NoRandomness> {
        const LETTERS: &[u8; 30] = b"abcdefghjkmnpqrstuvwxyz2345679";
        let (mut text, length) = (String::new(), count + count.div_ceil(4) - 1);
        while text.len() < length {
            // 240 is the largest multiple of 30 in a byte: what lies above would make some letters likelier.
            for byte in self.bytes::<32>()?.into_iter().filter(|b| *b < 240) {
                if text.len() < length {
                    if text.len() % 5 == 4 {
                        text.push('-');
                    }
                    text.extend(LETTERS.get(usize::from(byte % 30)).map(|l| char::from(*l)));
                }
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_bytes_differ_and_seeded_ones_repeat() {
        assert_ne!(Random::System.bytes::<32>().unwrap(), Random::System.bytes::<32>().unwrap());
        let (a, b) = (Random::seeded(7), Random::seeded(7));
        assert_eq!(a.bytes::<48>().unwrap(), b.bytes::<48>().unwrap());
        assert_ne!(a.bytes::<32>().unwrap(), a.bytes::<32>().unwrap());
    }

    #[test]
    fn a_generated_password_can_be_read_aloud() {
        let text = Random::System.password().unwrap();
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        assert!(!text.contains(['0', 'o', '1', 'l', 'i']));
        assert_eq!(Random::System.backup_code().unwrap().split('-').map(str::len).collect::<Vec<_>>(), [4, 4]);
    }
}
