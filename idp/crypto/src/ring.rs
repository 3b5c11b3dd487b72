//! The keys in use: swapped whole when they change, never rebuilt for a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use idp_core::oidc::client::SigningAlgorithm;
use idp_core::time::Timestamp;
use serde::Serialize;

use crate::jwt;
use crate::keys::{KeyError, KeySet};

/// The current set, swapped whole when keys change; counts signatures.
#[derive(Debug)]
pub struct KeyRing {
    set: ArcSwap<KeySet>,
    signatures: AtomicU64,
    version: AtomicU64,
}

impl KeyRing {
    /// Begins with a set.
    pub fn new(set: KeySet) -> Self {
        Self { set: ArcSwap::from_pointee(set), signatures: AtomicU64::new(0), version: AtomicU64::new(0) }
    }

    /// The set of now.
    pub fn current(&self) -> Arc<KeySet> {
        self.set.load_full()
    }

    /// Puts another set in its place.
    pub fn replace(&self, set: KeySet) {
        self.set.store(Arc::new(set));
        self.version.fetch_add(1, Ordering::Release);
    }

    /// Another number after each replacement: what was made from a set is made anew when it differs.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Signs claims with the key for this algorithm.
    ///
    /// # Errors
    /// If no key may sign, or the library fails.
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: &impl Serialize,
        now: Timestamp,
    ) -> Result<String, KeyError> {
        self.signatures.fetch_add(1, Ordering::Relaxed);
        let set = self.set.load();
        jwt::sign(set.signer(algorithm, now)?, typ, claims)
    }

    /// Signatures made since the start.
    pub fn signatures(&self) -> u64 {
        self.signatures.load(Ordering::Relaxed)
    }
}
