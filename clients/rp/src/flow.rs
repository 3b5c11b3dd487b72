//! A sign-in under way: what the browser keeps of it, in a cookie, until the provider sends the person back.
//! Not here: the requests themselves.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use openidconnect::{Nonce, PkceCodeVerifier};

use crate::clock::{since, unix_seconds};
use crate::cookies::{self, Cookies};
use crate::local_path::LocalPath;

/// Long enough to look for a mail or a phone on the way.
const LIFE: Duration = Duration::from_hours(1);
const LIFE_OF_COOKIE: cookie::time::Duration = cookie::time::Duration::hours(1);
/// So many tabs may be signing in at once; the oldest gives way to one more.
const MOST: usize = 8;

/// What must fit when the provider answers.
///
/// Nothing here is a secret from the browser that holds it: nonce and verifier protect against others. That the cookie
/// of this state is in the browser is the proof that the sign-in began there (RFC 9700 section 4.7).
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) nonce: Nonce,
    pub(crate) verifier: PkceCodeVerifier,
    pub(crate) started_at: SystemTime,
    /// The sign-in may have happened at most this long ago.
    pub(crate) max_age: Option<Duration>,
    pub(crate) return_to: LocalPath,
}

impl Flow {
    /// Puts the flow into the browser, and takes out what is too much or too old.
    pub(crate) fn keep(&self, state: &str, cookies: &Cookies, browser: &HeaderMap, answer: &mut HeaderMap) {
        for name in superfluous(cookies, browser, self.started_at) {
            cookies.unset(answer, name);
        }
        cookies.set(answer, (&cookies.flow(state), &self.encode()), Some(LIFE_OF_COOKIE));
    }

    /// The flow of this state, if this browser has it and it is not too old.
    pub(crate) fn find(state: &str, cookies: &Cookies, browser: &HeaderMap, now: SystemTime) -> Option<Self> {
        let flow = Self::decode(cookies::value(browser, &cookies.flow(state))?)?;
        (since(now, flow.started_at) < LIFE).then_some(flow)
    }

    fn encode(&self) -> String {
        let max_age = self.max_age.map(|age| age.as_secs().to_string()).unwrap_or_default();
        format!(
            "{}.{}.{}.{max_age}.{}",
            self.nonce.secret(),
            self.verifier.secret(),
            unix_seconds(self.started_at),
            BASE64URL_NOPAD.encode(self.return_to.as_str().as_bytes()),
        )
    }

    fn decode(value: &str) -> Option<Self> {
        let mut parts = value.split('.');
        let nonce = Nonce::new(parts.next()?.to_owned());
        let verifier = PkceCodeVerifier::new(parts.next()?.to_owned());
        let started_at = UNIX_EPOCH.checked_add(Duration::from_secs(parts.next()?.parse().ok()?))?;
        let max_age = match parts.next()? {
            "" => None,
            seconds => Some(Duration::from_secs(seconds.parse().ok()?)),
        };
        let return_to = String::from_utf8(BASE64URL_NOPAD.decode(parts.next()?.as_bytes()).ok()?).ok()?;
        let return_to = LocalPath::parse(&return_to)?;
        parts.next().is_none().then_some(Self { nonce, verifier, started_at, max_age, return_to })
    }
}

/// The names of the flow cookies that must go so that one more has room.
fn superfluous<'browser>(cookies: &Cookies, browser: &'browser HeaderMap, now: SystemTime) -> Vec<&'browser str> {
    let ours = cookies::all(browser).filter(|(name, _)| cookies.state_of(name).is_some());
    let (mut living, mut dead) = (Vec::new(), Vec::new());
    for (name, value) in ours {
        match Flow::decode(value) {
            Some(flow) if since(now, flow.started_at) < LIFE => living.push((flow.started_at, name)),
            _ => dead.push(name),
        }
    }
    living.sort_unstable();
    let surplus = (living.len() + 1).saturating_sub(MOST);
    dead.extend(living.into_iter().take(surplus).map(|(_, name)| name));
    dead
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, SET_COOKIE};

    use super::*;
    use crate::config::{IdTokenAlgorithm, RpConfig, Settings};

    fn cookies() -> Cookies {
        let config = RpConfig {
            issuer: "https://id.example".parse().unwrap(),
            public_url: "https://portal.example".parse().unwrap(),
            client_id: "portal".into(),
            client_secret: None,
            algorithm: IdTokenAlgorithm::Es256,
            cookie_prefix: "portal",
            scopes: Vec::new(),
        };
        Cookies::new(&Settings::check(config).unwrap())
    }

    fn flow(started: u64) -> Flow {
        Flow {
            nonce: Nonce::new("nonce".into()),
            verifier: PkceCodeVerifier::new("verifier".into()),
            started_at: UNIX_EPOCH + Duration::from_secs(started),
            max_age: Some(Duration::from_mins(5)),
            return_to: LocalPath::parse("/calls?page=2").unwrap(),
        }
    }

    /// A browser that took what the answer set.
    fn browser_after(answer: &HeaderMap) -> HeaderMap {
        let pair = |line: &http::HeaderValue| line.to_str().unwrap().split(';').next().unwrap().to_owned();
        let jar: Vec<_> = answer.get_all(SET_COOKIE).iter().map(pair).collect();
        HeaderMap::from_iter([(COOKIE, jar.join("; ").parse().unwrap())])
    }

    #[test]
    fn a_flow_comes_back_as_it_was_kept() {
        let mut answer = HeaderMap::new();
        flow(1_000).keep("state", &cookies(), &HeaderMap::new(), &mut answer);
        let set = answer.get(SET_COOKIE).unwrap().to_str().unwrap();
        assert!(set.starts_with("__Host-portal_flow_state="), "{set}");
        assert!(
            set.contains("HttpOnly")
                && set.contains("SameSite=Lax")
                && set.contains("Secure")
                && set.contains("Path=/"),
            "{set}"
        );
        let browser = browser_after(&answer);
        let found = Flow::find("state", &cookies(), &browser, flow(1_060).started_at).unwrap();
        assert_eq!(found.return_to.as_str(), "/calls?page=2");
        assert_eq!(found.max_age, Some(Duration::from_mins(5)));
        assert!(Flow::find("other", &cookies(), &browser, flow(1_060).started_at).is_none());
        assert!(Flow::find("state", &cookies(), &browser, flow(1_000 + 3_600).started_at).is_none());
    }

    #[test]
    fn the_ninth_tab_takes_the_place_of_the_oldest() {
        let mut answer = HeaderMap::new();
        for started in 0..8 {
            flow(started).keep(&format!("s{started}"), &cookies(), &HeaderMap::new(), &mut answer);
        }
        let browser = browser_after(&answer);
        assert_eq!(superfluous(&cookies(), &browser, flow(10).started_at), ["__Host-portal_flow_s0"]);
    }

    #[test]
    fn a_tampered_flow_is_no_flow() {
        for value in ["", "a.b", "a.b.c.d.e", "a.b.1..Ly9ldmls", "a.b.1..Lw.f", "a.b.-1..Lw"] {
            assert!(Flow::decode(value).is_none(), "{value}");
        }
        assert!(Flow::decode("a.b.1..Lw").is_some());
    }
}
