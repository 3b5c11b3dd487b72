//! How many may be here at once: in all, and from one network, so that one machine can't take every place.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use idp_service::visitor::network;
use ipnet::IpNet;

use super::Edge;

#[derive(Debug)]
pub(super) struct Room {
    taken: Arc<Mutex<Taken>>,
    connections: usize,
    per_network: usize,
    trusted: Vec<IpNet>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_network: HashMap<String, usize>,
}

/// A place; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    taken: Arc<Mutex<Taken>>,
    network: Option<String>,
}

impl Room {
    pub(super) fn new(edge: &Edge) -> Self {
        let (connections, per_network) = (edge.limits.connections, edge.limits.per_network);
        Self { taken: Arc::default(), connections, per_network, trusted: edge.trusted_proxies.clone() }
    }

    /// Nothing if there is no place.
    pub(super) fn enter(&self, from: IpAddr) -> Option<Place> {
        let from = from.to_canonical();
        let network = (!self.trusted.iter().any(|net| net.contains(&from))).then(|| network(from));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.connections {
            return None;
        }
        if let Some(network) = &network {
            let count = taken.by_network.entry(network.clone()).or_default();
            if *count >= self.per_network {
                return None;
            }
            *count += 1;
        }
        taken.all += 1;
        Some(Place { taken: Arc::clone(&self.taken), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(network) = &self.network
            && let Some(count) = taken.by_network.get_mut(network)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_network.remove(network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::Limits;

    #[test]
    fn one_network_takes_its_share_and_a_proxy_all() {
        let limits = Limits { connections: 5, per_network: 2, ..Limits::default() };
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let room = Room::new(&Edge { limits, tls: None, trusted_proxies });
        let at = |text: &str| room.enter(text.parse().unwrap());
        let first = at("192.0.2.1").unwrap();
        let _second = at("::ffff:192.0.2.1").unwrap();
        assert!(at("192.0.2.1").is_none());
        drop(first);
        let _third = at("192.0.2.1").unwrap();
        let _proxied: Vec<_> = (0..3).map(|_| at("10.1.1.1").unwrap()).collect();
        assert!(at("10.1.1.1").is_none() && at("198.51.100.1").is_none(), "five are five");
    }
}
