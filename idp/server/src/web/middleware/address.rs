//! The client's address: the connection's, or what a trusted proxy says. Nothing else reads forwarding headers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;
use ipnet::IpNet;

use crate::web::App;

/// The right-most address that isn't a trusted proxy's. What can't be read ends the search: the one who wrote it is the
/// last that is known.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut known = peer.to_canonical(); // a listener for both families sees IPv4 inside IPv6
    let lists = headers.get_all("x-forwarded-for").iter().rev();
    for hop in lists.flat_map(|list| list.as_bytes().rsplit(|byte| *byte == b',')) {
        if !is_trusted(&known) {
            return known;
        }
        match std::str::from_utf8(hop).ok().and_then(|hop| read(hop.trim())) {
            Some(address) => known = address,
            None => return known,
        }
    }
    known
}

/// An address, with a port or without.
fn read(hop: &str) -> Option<IpAddr> {
    let address = hop.parse::<IpAddr>().or_else(|_cause| hop.parse::<SocketAddr>().map(|a| a.ip()));
    address.ok().map(|a| a.to_canonical())
}

/// The address of this request.
pub fn of(app: &App, request: &Request) -> IpAddr {
    let peer =
        request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip());
    client_address(peer, request.headers(), &app.public().trusted_proxies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, &["10.0.0.0/8".parse().unwrap()]).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(address("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
    }

    #[test]
    fn the_right_most_stranger_is_the_client() {
        assert_eq!(address("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1", &["1.1.1.1", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(address("::ffff:10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1", &["[2001:db8::1]:443"]), "2001:db8::1");
    }

    #[test]
    fn what_can_not_be_read_is_not_skipped() {
        assert_eq!(address("10.0.0.1", &["203.0.113.9, a"]), "10.0.0.1");
        assert_eq!(address("10.0.0.1", &[]), "10.0.0.1");
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "8.8.8.8".parse().unwrap());
        headers.append("x-forwarded-for", http::HeaderValue::from_bytes(b"\xff, 203.0.113.9").unwrap());
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let seen = |headers: &HeaderMap| client_address("10.0.0.1".parse().unwrap(), headers, &trusted).to_string();
        assert_eq!(seen(&headers), "203.0.113.9");
        headers.append("x-forwarded-for", http::HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(seen(&headers), "10.0.0.1");
    }
}
