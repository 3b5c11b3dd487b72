//! Who asks, as far as it is known before anybody proved anything.

use std::net::IpAddr;

use idp_core::secret::TokenHash;

/// A browser in front of us.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Its address, as the connection or a trusted proxy tells it.
    pub address: IpAddr,
    /// What it calls itself, in words that a person knows: `Firefox, Linux`.
    pub agent: String,
    /// The value of its anonymous cookie.
    pub anonymous: String,
    /// It brought none: it gets this one with the answer.
    pub is_new: bool,
    /// The digest of its session cookie.
    pub browser: Option<TokenHash>,
    /// The digest of its device cookie.
    pub device: Option<TokenHash>,
}

impl Visitor {
    /// The address as limits know it.
    pub fn network(&self) -> String {
        network(self.address)
    }
}

/// An address as limits know it: one machine, or one network where every machine has millions (RFC 6177).
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            let mapped = address.to_ipv4_mapped().map(|v4| v4.to_string());
            mapped.unwrap_or_else(|| format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_v6_network_counts_as_one() {
        let of = |a: &str| {
            let (agent, anonymous, address) = (String::new(), String::new(), a.parse().unwrap());
            Visitor { address, agent, anonymous, is_new: true, browser: None, device: None }.network()
        };
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
