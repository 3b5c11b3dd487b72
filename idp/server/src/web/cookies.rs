//! Cookies: which there are, what they are called, how long they stay.
//!
//! On https every name carries `__Host-`, so that no other host and no plain connection can set it. On a developer's
//! `http://localhost` that can't be, and because ports share one jar the names say whose they are.

use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderMap, HeaderValue, header};

use axum::response::Response;

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Stateless: binds forms and waiting requests to the browser.
    Anonymous,
    /// The browser's sessions; only after a sign-in.
    Session,
    /// The browser as accounts know it.
    Device,
    /// Light or dark.
    Theme,
    /// The language chosen with the icon.
    Language,
    /// The company remembered on this device.
    Company,
    /// How somebody came in here the last time.
    Last,
    /// No passkeys are offered in this browser for a while.
    NoOffer,
    /// What a link from a mail carried, on its way from the address to the page.
    Link,
}

impl Kind {
    fn name(self, secure: bool) -> String {
        let own = match self {
            Self::Anonymous => "idp_anonymous",
            Self::Session => "idp_session",
            Self::Device => "idp_device",
            Self::Theme => "idp_theme",
            Self::Language => "idp_language",
            Self::Company => "idp_company",
            Self::Last => "idp_last",
            Self::NoOffer => "idp_no_offer",
            Self::Link => "idp_link",
        };
        if secure { format!("__Host-{own}") } else { own.to_owned() }
    }

    fn life(self) -> Option<Duration> {
        match self {
            Self::Session => None,
            Self::Link => Some(Duration::minutes(10)),
            Self::NoOffer => Some(Duration::days(30)),
            Self::Last | Self::Anonymous | Self::Device | Self::Theme | Self::Language | Self::Company => {
                Some(Duration::days(365))
            }
        }
    }
}

/// The cookies of a request.
#[derive(Debug)]
pub struct Jar {
    found: Vec<(String, String)>,
    secure: bool,
}

impl Jar {
    /// Reads them. A name that comes twice counts as absent: one of the two was planted. What isn't text is nobody's of
    /// ours, and doesn't hide the others.
    pub fn read(headers: &HeaderMap, secure: bool) -> Self {
        let lines = headers.get_all(header::COOKIE).iter().flat_map(|v| v.as_bytes().split(|b| *b == b';'));
        let texts = lines.filter_map(|pair| std::str::from_utf8(pair).ok());
        let pairs = texts.filter_map(|p| p.trim().split_once('='));
        Self { found: pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(), secure }
    }

    /// A cookie's value.
    pub fn get(&self, kind: Kind) -> Option<&str> {
        let name = kind.name(self.secure);
        let mut values = self.found.iter().filter(|(n, _)| *n == name).map(|(_, v)| v.as_str());
        match (values.next(), values.next()) {
            (Some(only), None) if !only.is_empty() => Some(only),
            _ => None,
        }
    }
}

fn build(kind: Kind, value: &str, secure: bool) -> Cookie<'static> {
    let mut cookie = Cookie::new(kind.name(secure), value.to_owned());
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_secure(secure);
    cookie.set_same_site(SameSite::Lax);
    cookie
}

/// A cookie to keep.
pub fn keep(kind: Kind, value: &str, secure: bool) -> Cookie<'static> {
    let mut cookie = build(kind, value, secure);
    if let Some(life) = kind.life() {
        cookie.set_max_age(life);
    }
    cookie
}

/// A cookie to keep for so long.
pub fn keep_for(kind: Kind, value: &str, (life, secure): (Duration, bool)) -> Cookie<'static> {
    let mut cookie = build(kind, value, secure);
    cookie.set_max_age(life);
    cookie
}

/// A cookie to drop.
pub fn drop(kind: Kind, secure: bool) -> Cookie<'static> {
    let mut cookie = build(kind, "", secure);
    cookie.set_max_age(Duration::ZERO);
    cookie
}

/// Puts a cookie on an answer.
pub fn set(response: &mut Response, cookie: &Cookie<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_https_every_cookie_is_bound_to_the_host() {
        let text = keep(Kind::Session, "v", true).to_string();
        for part in ["__Host-idp_session=v", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }

    #[test]
    fn a_foreign_cookie_that_is_no_text_hides_nothing() {
        let value = HeaderValue::from_bytes(b"other=\xe9; idp_theme=dark").unwrap();
        let jar = Jar::read(&[(header::COOKIE, value)].into_iter().collect(), false);
        assert_eq!(jar.get(Kind::Theme), Some("dark"));
    }

    #[test]
    fn a_doubled_cookie_is_none() {
        let headers: HeaderMap =
            [(header::COOKIE, "idp_session=a; idp_session=b; idp_theme=dark".parse().unwrap())].into_iter().collect();
        let jar = Jar::read(&headers, false);
        assert_eq!(jar.get(Kind::Session), None);
        assert_eq!(jar.get(Kind::Theme), Some("dark"));
    }
}
