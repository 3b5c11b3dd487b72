//! Redirect addresses. One is read strictly when it is registered; a request's is compared with it byte for byte. Only
//! this type can stand in a `Location`.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// An address that a client registered for answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RedirectUri(String);

/// Why an address can't be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Not an absolute address.
    #[error("not an absolute address; write it with its scheme, host and path")]
    NotAbsolute,
    /// A scheme other than https; http is for this machine only.
    #[error("use https; plain http is only for http://localhost, http://127.0.0.1 and http://[::1]")]
    Scheme,
    /// A user name or password in it.
    #[error("leave out the user name and password")]
    Userinfo,
    /// A fragment.
    #[error("leave out the part after #")]
    Fragment,
    /// A wildcard, a dot segment or an empty one, a backslash, a space or a control character.
    #[error("write one exact address, without *, .., //, backslashes or spaces")]
    NotExact,
}

impl RedirectUri {
    /// As it was registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port: what `form-action` and CORS name.
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map_or_else(|_| String::new(), |u| u.origin().ascii_serialization())
    }

    /// With parameters added to the registered ones (RFC 6749 section 3.1.2: they are kept).
    pub fn with_params(&self, params: &[(&str, &str)]) -> String {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let joint = if self.0.contains('?') { '&' } else { '?' };
        format!("{}{joint}{query}", self.0)
    }
}

impl FromStr for RedirectUri {
    type Err = RedirectUriError;

    fn from_str(text: &str) -> Result<Self, RedirectUriError> {
        let visible = text.bytes().all(|b| b.is_ascii_graphic());
        if !visible || text.contains(['*', '\\']) || text.len() > 2000 {
            return Err(RedirectUriError::NotExact);
        }
        let url = Url::parse(text).map_err(|_cause| RedirectUriError::NotAbsolute)?;
        check_scheme(&url)?;
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(RedirectUriError::Userinfo);
        }
        // `http://127.1` is 127.0.0.1 to some programs and a name to others.
        let port = authority(text).strip_prefix(url.host_str().unwrap_or_default());
        if !port.is_some_and(|p| p.is_empty() || p.strip_prefix(':').is_some_and(|n| n.parse::<u16>().is_ok())) {
            return Err(RedirectUriError::NotExact);
        }
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        let path = text.split('?').next().and_then(|p| p.split_once("://")).map_or("", |(_, rest)| rest);
        let lower = path.to_ascii_lowercase();
        let dotted =
            lower.split('/').any(|s| matches!(s.replace("%2e", ".").as_str(), "." | "..") || s.starts_with("..;"));
        if dotted || path.contains("//") || lower.contains("%2f") || lower.contains("%5c") {
            return Err(RedirectUriError::NotExact);
        }
        Ok(Self(text.to_owned()))
    }
}

/// The text between the scheme and the path.
fn authority(text: &str) -> &str {
    text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()).unwrap_or_default()
}

/// https, or http on this very machine (RFC 8252 section 8.3).
fn check_scheme(url: &Url) -> Result<(), RedirectUriError> {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.octets() == [127, 0, 0, 1],
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(RedirectUriError::NotAbsolute),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if here => Ok(()),
        _ => Err(RedirectUriError::Scheme),
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_exact_https_address_is_fine_and_so_is_this_machine() {
        for good in [
            "https://app.example/cb",
            "https://app.example/cb?tenant=a",
            "http://localhost:8081/callback",
            "http://127.0.0.1/cb",
            "http://[::1]:9000/cb",
        ] {
            assert!(good.parse::<RedirectUri>().is_ok(), "{good}");
        }
    }

    #[test]
    fn everything_that_could_be_read_in_two_ways_is_refused() {
        for bad in [
            "https://app.example@evil.example/cb",
            "https://app.example/cb/../x",
            "https://app.example/cb/..;/x",
            "https://app.example/%2e%2e/x",
            "https://app.example//x",
            "https://*.example/cb",
            "https://app.example/cb#x",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "http://127.0.0.1.evil.example/cb",
            "http://127.1/cb",
            "http://0x7f.1/cb",
            "https://APP.example/cb",
            "http://app.example/cb",
            "/cb",
            "",
            "https://",
            "https://app.example/c b",
            "https://app.example/cb\r\nx",
            "https://app.example\\@evil.example",
            "https://app.example/%2fevil",
            "http://localhost.evil.example/",
        ] {
            assert!(bad.parse::<RedirectUri>().is_err(), "{bad}");
        }
    }

    #[test]
    fn registered_parameters_are_kept() {
        let uri: RedirectUri = "https://app.example/cb?a=1".parse().unwrap();
        assert_eq!(
            uri.with_params(&[("code", "x y"), ("state", "&")]),
            "https://app.example/cb?a=1&code=x+y&state=%26"
        );
    }
}
