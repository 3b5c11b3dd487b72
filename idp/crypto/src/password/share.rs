//! Who may wait: one network or one company can't fill the queue for everybody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who asks for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Somebody at the door; numbers stand for where he comes from and which company he means.
    Stranger {
        /// The network.
        network: u64,
        /// The company.
        tenant: u64,
    },
    /// Somebody in a browser that the account knows, or who is in already. Two hundred of them behind one office's
    /// address sign in at nine o'clock.
    Known,
    /// Somebody who sets a password; they have places of their own.
    Setting,
}

/// The places.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    checking: usize,
    strangers: usize,
    setting: usize,
    networks: HashMap<u64, usize>,
    tenants: HashMap<u64, usize>,
}

/// A place; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    asker: Asker,
    taken: Arc<Mutex<Taken>>,
}

fn open(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A share of the queue, but never none.
fn part(most: usize, quarters: usize) -> usize {
    (most * quarters / 4).max(1)
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), taken: Arc::default() }
    }

    /// How many jobs there can be at once.
    pub(super) fn room(&self) -> usize {
        self.most + part(self.most, 1)
    }

    /// Nothing if the asker's share is used up.
    pub(super) fn take(&self, asker: Asker) -> Option<Place> {
        let mut taken = open(&self.taken);
        let fits = match asker {
            Asker::Setting => taken.setting < part(self.most, 1),
            Asker::Known => taken.checking < self.most,
            Asker::Stranger { network, tenant } => {
                let of = |map: &HashMap<u64, usize>, key| map.get(&key).copied().unwrap_or(0);
                taken.checking < self.most
                    && taken.strangers < part(self.most, 3)
                    && of(&taken.networks, network) < part(self.most, 1)
                    && of(&taken.tenants, tenant) < part(self.most, 2)
            }
        };
        if !fits {
            return None;
        }
        match asker {
            Asker::Setting => taken.setting += 1,
            Asker::Known => taken.checking += 1,
            Asker::Stranger { network, tenant } => {
                taken.checking += 1;
                taken.strangers += 1;
                *taken.networks.entry(network).or_default() += 1;
                *taken.tenants.entry(tenant).or_default() += 1;
            }
        }
        drop(taken);
        Some(Place { asker, taken: Arc::clone(&self.taken) })
    }
}

fn give_back(map: &mut HashMap<u64, usize>, key: u64) {
    if let Some(count) = map.get_mut(&key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            map.remove(&key);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = open(&self.taken);
        match self.asker {
            Asker::Setting => taken.setting = taken.setting.saturating_sub(1),
            Asker::Known => taken.checking = taken.checking.saturating_sub(1),
            Asker::Stranger { network, tenant } => {
                taken.checking = taken.checking.saturating_sub(1);
                taken.strangers = taken.strangers.saturating_sub(1);
                give_back(&mut taken.networks, network);
                give_back(&mut taken.tenants, tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(network: u64, tenant: u64) -> Asker {
        Asker::Stranger { network, tenant }
    }

    fn fill(places: &Places, asker: Asker) -> Vec<Place> {
        std::iter::from_fn(|| places.take(asker)).collect()
    }

    #[test]
    fn a_network_has_a_quarter_a_company_a_half_strangers_three_quarters() {
        let places = Places::new(40);
        let first = fill(&places, from(1, 1));
        assert_eq!(first.len(), 10, "a quarter");
        let second = fill(&places, from(2, 1));
        assert_eq!(second.len(), 10, "a half with the first, from whichever network");
        assert!(places.take(from(3, 1)).is_none());
        let others: Vec<Place> = (10..40).filter_map(|n| places.take(from(n, n))).collect();
        assert_eq!(others.len(), 10, "three quarters with the others");
        let known = fill(&places, Asker::Known);
        assert_eq!(known.len(), 10, "the last quarter is theirs");
        assert_eq!(fill(&places, Asker::Setting).len(), 10, "and these have their own");
        drop(first);
        assert!(places.take(from(1, 1)).is_some(), "what is given back can be taken again");
    }

    #[test]
    fn even_a_short_queue_has_room_for_one_of_each() {
        let places = Places::new(1);
        assert_eq!(fill(&places, from(1, 1)).len(), 1);
        assert!(places.take(Asker::Setting).is_some());
    }
}
