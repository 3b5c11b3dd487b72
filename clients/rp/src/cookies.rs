//! The names of the cookies and how they are read and written. Not here: what stands in them.

use cookie::{Cookie, SameSite, time::Duration};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use crate::config::Settings;

/// Writes and reads the cookies of one application.
///
/// On https the names carry `__Host-`: the browser then keeps every other host, subdomains too, from planting one.
#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    secure: bool,
    session: String,
    flow: String,
    farewell: String,
}

impl Cookies {
    pub(crate) fn new(settings: &Settings) -> Self {
        let secure = settings.is_https();
        let host = if secure { "__Host-" } else { "" };
        let prefix = settings.config.cookie_prefix;
        Self {
            secure,
            session: format!("{host}{prefix}_session"),
            flow: format!("{host}{prefix}_flow"),
            farewell: format!("{host}{prefix}_farewell"),
        }
    }

    /// Names the session.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    /// Remembers the state of a sign-out on its way through the provider.
    pub(crate) fn farewell(&self) -> &str {
        &self.farewell
    }

    /// Holds one sign-in under way. Each has a cookie of its own: tabs that start at once would overwrite a shared one.
    pub(crate) fn flow(&self, state: &str) -> String {
        format!("{}_{state}", self.flow)
    }

    /// The state of a flow cookie's name.
    pub(crate) fn state_of<'name>(&self, name: &'name str) -> Option<&'name str> {
        name.strip_prefix(self.flow.as_str())?.strip_prefix('_')
    }

    /// A cookie for `age`, or until the browser closes.
    pub(crate) fn set(&self, headers: &mut HeaderMap, (name, value): (&str, &str), age: Option<Duration>) {
        let mut cookie =
            Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(self.secure);
        if let Some(age) = age {
            cookie = cookie.max_age(age);
        }
        // Names and values are made of URL-safe Base64 here, so this always fits into a header.
        if let Ok(value) = HeaderValue::try_from(cookie.build().to_string()) {
            headers.append(SET_COOKIE, value);
        }
    }

    /// Takes a cookie back.
    pub(crate) fn unset(&self, headers: &mut HeaderMap, name: &str) {
        self.set(headers, (name, ""), Some(Duration::ZERO));
    }
}

/// Every cookie of the request, as (name, value).
pub(crate) fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// The value of the cookie with this name.
pub(crate) fn value<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    all(headers).find_map(|(found, value)| (found == name).then_some(value))
}
