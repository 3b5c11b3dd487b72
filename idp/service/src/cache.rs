//! What is read often and changes seldom: clients, companies, policies. Never accounts, sessions or grants, and never
//! anything that decides single use, a lock or a revocation.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use idp_core::federation::Connector;
use idp_core::ids::TenantId;
use idp_core::oidc::client::Client;
use idp_core::policy::Policy;
use idp_core::tenant::Tenant;

/// Without a look at the database for so long, nothing here is believed.
const STALE: Duration = Duration::from_secs(1);

/// More than this are not kept.
const MOST: usize = 10_000;

/// A company with the policies that hold for it.
#[derive(Debug)]
pub struct Company {
    /// The company.
    pub tenant: Tenant,
    /// Its policies.
    pub policy: Policy,
    /// The other providers by which its people come in.
    pub connectors: Vec<Connector>,
}

/// Things of one kind.
#[derive(Debug)]
pub(crate) struct Shelf<K, V> {
    generation: AtomicU64,
    things: RwLock<HashMap<K, Arc<V>>>,
}

impl<K: Eq + Hash, V> Shelf<K, V> {
    fn new() -> Self {
        Self { generation: AtomicU64::new(0), things: RwLock::new(HashMap::new()) }
    }

    /// The generation, to be taken before loading.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn get(&self, key: &K) -> Option<Arc<V>> {
        self.things.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Puts a thing on the shelf, unless something changed while it was loaded.
    pub(crate) fn put(&self, key: K, thing: &Arc<V>, generation: u64) {
        let mut things = self.things.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation() != generation {
            return;
        }
        if things.len() >= MOST {
            things.clear();
        }
        things.insert(key, Arc::clone(thing));
    }

    /// Clears the shelf.
    pub(crate) fn clear(&self) {
        let mut things = self.things.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        things.clear();
    }
}

/// All shelves.
#[derive(Debug)]
pub(crate) struct Cache {
    pub(crate) clients: Shelf<String, Client>,
    pub(crate) companies: Shelf<TenantId, Company>,
    looked: Mutex<Option<Instant>>,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self { clients: Shelf::new(), companies: Shelf::new(), looked: Mutex::new(None) }
    }

    /// Notes that somebody has just looked for changes.
    pub(crate) fn looked(&self) {
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_fresh(&self) -> bool {
        let looked = *self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.is_some_and(|at| at.elapsed() < STALE)
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<Arc<Client>> {
        if self.is_fresh() { self.clients.get(&client_id.to_owned()) } else { None }
    }

    pub(crate) fn company(&self, id: TenantId) -> Option<Arc<Company>> {
        if self.is_fresh() { self.companies.get(&id) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_loaded_before_a_change_is_not_kept() {
        let shelf: Shelf<u8, u8> = Shelf::new();
        let generation = shelf.generation();
        shelf.clear();
        shelf.put(1, &Arc::new(1), generation);
        assert!(shelf.get(&1).is_none());
        shelf.put(1, &Arc::new(2), shelf.generation());
        assert_eq!(shelf.get(&1).as_deref(), Some(&2));
    }

    #[test]
    fn nothing_is_believed_before_somebody_looked() {
        let cache = Cache::new();
        assert!(!cache.is_fresh());
        cache.looked();
        assert!(cache.is_fresh());
    }
}
