//! Addresses: local ones with their parameters, and the check that an address from outside may become a link.

/// A local address with the parameters that have a value.
pub(crate) fn local(path: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut address = path.to_owned();
    let mut mark = '?';
    for (name, value) in parameters {
        if let Some(value) = value {
            address.push(mark);
            address.push_str(name);
            address.push('=');
            address.push_str(&encode(value));
            mark = '&';
        }
    }
    address
}

/// Percent-encodes all but the unreserved characters (RFC 3986 section 2.3): right in a path segment and in a query.
pub(crate) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let [high, low] =
                [byte >> 4, byte & 0xf].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default());
            encoded.extend(['%', high.to_ascii_uppercase(), low.to_ascii_uppercase()]);
        }
    }
    encoded
}

/// The address if a browser can only follow it, not run it: https, http, or local to this host.
///
/// Addresses of portals and documents come from settings. A `javascript:` one would be stopped by the content security
/// policy as well; here it does not even become a link.
pub(crate) fn followable(address: &str) -> Option<&str> {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    // Browsers read a backslash as a slash, so `/\host` leaves this host just as `//host` does.
    let local = address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\");
    (local || lower.starts_with("https://") || lower.starts_with("http://")).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_without_a_value_leave_no_trace() {
        assert_eq!(local("/login", &[("r", None), ("fresh", None)]), "/login");
        assert_eq!(local("/login", &[("r", None), ("fresh", Some("1"))]), "/login?fresh=1");
        assert_eq!(local("/login", &[("r", Some("a&b=ü")), ("fresh", Some("1"))]), "/login?r=a%26b%3D%C3%BC&fresh=1");
    }

    #[test]
    fn only_addresses_that_cannot_run_become_links() {
        for good in ["https://voice.example/", "HTTP://localhost:3000", "/account?as=ses_1", "/"] {
            assert_eq!(followable(good), Some(good));
        }
        for bad in
            ["javascript:alert(1)", " https://x.example", "data:text/html,x", "//evil.example", "/\\evil.example", ""]
        {
            assert_eq!(followable(bad), None);
        }
    }
}
