//! One client for every call that we make: only to public addresses, unless the operator opened others; no redirects, a
//! deadline, a bound on what is read.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// A call takes no longer.
const DEADLINE: Duration = Duration::from_secs(5);

/// More of an answer isn't read.
const LONGEST: usize = 1024 * 1024;

/// Why a call didn't happen or didn't succeed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The address is one that we don't call.
    #[error("{0} is not an address that may be called; see outbound.allow")]
    NotAllowed(String),
    /// A certificate of an authority that can't be read.
    #[error("not a PEM certificate: {0}")]
    BadAuthority(String),
    /// The other side didn't answer, or not in time.
    #[error("no answer: {0}")]
    Unreachable(String),
}

/// The client.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    allow: Vec<IpNet>,
}

impl Rules {
    fn permits(&self, address: IpAddr) -> bool {
        let address = match address {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
            IpAddr::V4(_) => address,
        };
        self.allow.iter().any(|net| net.contains(&address)) || is_public(address)
    }
}

/// Addresses that anybody on the internet could reach (IANA special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let [first, second, third, _] = a.octets();
            !(a.is_private()
                || a.is_loopback()
                || a.is_link_local()
                || a.is_unspecified()
                || a.is_broadcast()
                || a.is_documentation()
                || a.is_multicast()
                || first == 0
                || first >= 240
                || (first == 100 && (64..128).contains(&second))
                || (first == 192 && second == 0 && third == 0)
                || (first == 198 && (18..20).contains(&second)))
        }
        // 2000::/3 is what is given out; 6to4 and Teredo would carry a hidden IPv4 address.
        IpAddr::V6(a) => {
            let [first, second, ..] = a.segments();
            let given_out = (0x2000..0x4000).contains(&first);
            given_out && first != 0x2002 && !(first == 0x2001 && (second == 0 || second == 0xdb8))
        }
    }
}

/// Resolves names and drops the addresses that may not be called; what is connected to is what was checked.
#[derive(Debug)]
struct Resolver(Arc<Rules>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<SocketAddr> = found.filter(|a| rules.permits(a.ip())).collect();
            if permitted.is_empty() {
                return Err(Box::new(CallError::NotAllowed(name.as_str().to_owned()))
                    as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

impl Http {
    /// Builds the client; `allow` opens networks that are not public, `extra_ca` are certificates of authorities, PEM,
    /// that are trusted beside the public ones.
    ///
    /// # Errors
    /// If TLS can't be set up.
    pub fn new(allow: Vec<IpNet>, extra_ca: &[Vec<u8>]) -> Result<Self, CallError> {
        let rules = Arc::new(Rules { allow });
        let mut builder = reqwest::Client::builder();
        for pem in extra_ca {
            let all = reqwest::Certificate::from_pem_bundle(pem).map_err(|e| CallError::BadAuthority(e.to_string()))?;
            if all.is_empty() {
                return Err(CallError::BadAuthority("there is no certificate in it".to_owned()));
            }
            builder = all.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DEADLINE)
            .connect_timeout(DEADLINE)
            .no_proxy()
            .dns_resolver(Arc::new(Resolver(Arc::clone(&rules))))
            .user_agent("Switchboard")
            .build()
            .map_err(|e| CallError::Unreachable(e.to_string()))?;
        Ok(Self { client, rules })
    }

    /// May this address be called, as far as one can tell without resolving its name? For who is about to keep it.
    pub fn may_call(&self, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| self.check(&url).is_ok())
    }

    /// Checks an address that needs no resolving; names are checked when they are resolved.
    fn check(&self, url: &Url) -> Result<(), CallError> {
        let literal = match url.host() {
            Some(Host::Ipv4(a)) => Some(IpAddr::V4(a)),
            Some(Host::Ipv6(a)) => Some(IpAddr::V6(a)),
            Some(Host::Domain(_)) => None,
            None => return Err(CallError::NotAllowed(url.to_string())),
        };
        // Plain http only to where the operator opened the way: an address in `allow`, or this machine by its name.
        let opened = |a: IpAddr| self.rules.allow.iter().any(|net| net.contains(&a));
        let here = url.host_str() == Some("localhost") && opened(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
        let plain = url.scheme() == "http" && (here || literal.is_some_and(opened));
        if (url.scheme() != "https" && !plain) || literal.is_some_and(|a| !self.rules.permits(a)) {
            return Err(CallError::NotAllowed(url.to_string()));
        }
        Ok(())
    }

    /// Posts a form and tells the status; the body of the answer is not read.
    ///
    /// # Errors
    /// If the address may not be called, or nobody answers in time.
    pub async fn post_form(&self, url: &str, form: &[(&str, &str)]) -> Result<u16, CallError> {
        let url = Url::parse(url).map_err(|_cause| CallError::NotAllowed(url.to_owned()))?;
        self.check(&url)?;
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.client.post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
        let answer = request.send().await.map_err(|e| CallError::Unreachable(e.without_url().to_string()))?;
        Ok(answer.status().as_u16())
    }

    /// Sends a request, and reads at most a mebibyte of what comes back.
    ///
    /// # Errors
    /// If the address may not be called, or there is no such answer in time.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let unreachable = |e: reqwest::Error| CallError::Unreachable(e.without_url().to_string());
        let request: reqwest::Request = request.try_into().map_err(unreachable)?;
        self.check(request.url())?;
        let answer = self.client.execute(request).await.map_err(unreachable)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut response = HttpResponse::new(Self::body(answer).await?);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// Gets a JSON document of at most a mebibyte.
    ///
    /// # Errors
    /// If the address may not be called, there is no answer in time, or it is no such document.
    pub async fn get_json(&self, address: &str) -> Result<serde_json::Value, CallError> {
        let url = Url::parse(address).map_err(|_cause| CallError::NotAllowed(address.to_owned()))?;
        self.check(&url)?;
        let unreachable = |e: reqwest::Error| CallError::Unreachable(e.without_url().to_string());
        let answer = self.client.get(url).send().await.map_err(unreachable)?;
        if !answer.status().is_success() {
            return Err(CallError::Unreachable(format!("status {}", answer.status())));
        }
        let body = Self::body(answer).await?;
        serde_json::from_slice(&body).map_err(|e| CallError::Unreachable(format!("not JSON: {e}")))
    }

    async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, CallError> {
        let unreachable = |e: reqwest::Error| CallError::Unreachable(e.without_url().to_string());
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&piece);
            if body.len() > LONGEST {
                return Err(CallError::Unreachable("the answer is too long".to_owned()));
            }
        }
        Ok(body)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::task::JoinSet;

    use super::*;

    #[test]
    fn addresses_inside_are_not_called() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "192.168.0.1",
            "0.0.0.0",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "198.18.0.1",
            "255.255.255.255",
            "224.0.0.1",
        ] {
            let rules = Rules { allow: Vec::new() };
            assert!(!rules.permits(inside.parse().unwrap()), "{inside}");
        }
        for public in ["9.9.9.9", "2620:fe::fe"] {
            assert!(Rules { allow: Vec::new() }.permits(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn literals_names_and_plain_http_are_checked() {
        let http = Http::new(Vec::new(), &[]).unwrap();
        for url in [
            "http://127.0.0.1:1/",
            "https://127.0.0.1:1/",
            "https://[::1]:1/",
            "https://localhost:1/",
            "http://0x7f.1/",
            "file:///etc/passwd",
        ] {
            assert!(http.post_form(url, &[]).await.is_err(), "{url}");
        }
        let told = http.post_form("https://127.0.0.1:1/", &[]).await.unwrap_err();
        assert!(matches!(told, CallError::NotAllowed(_)), "{told}");
    }

    /// A server that answers everybody with a redirect to another, and how many came to it.
    async fn redirecting(to: String) -> (u16, Arc<AtomicUsize>, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, came, mut task) =
            (listener.local_addr().unwrap().port(), Arc::<AtomicUsize>::default(), JoinSet::new());
        let counted = Arc::clone(&came);
        task.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let answer =
                    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let mut asked = [0; 1024];
                if stream.read(&mut asked).await.is_ok() {
                    stream.write_all(answer.as_bytes()).await.ok();
                }
            }
        });
        (port, came, task)
    }

    #[tokio::test]
    async fn nobody_inside_is_reached_by_a_name_or_by_a_redirect() {
        let (inside, came, _task) = redirecting(String::new()).await;
        let closed = Http::new(Vec::new(), &[]).unwrap();
        for url in [format!("https://localhost:{inside}/"), format!("https://127.0.0.1:{inside}/")] {
            assert!(closed.post_form(&url, &[]).await.is_err() && closed.get_json(&url).await.is_err(), "{url}");
        }
        assert_eq!(came.load(Ordering::Relaxed), 0);
        let opened = Http::new(vec!["127.0.0.0/8".parse().unwrap()], &[]).unwrap();
        let (outside, reached, _task) = redirecting(format!("http://127.0.0.1:{inside}/")).await;
        let url = format!("http://127.0.0.1:{outside}/");
        assert_eq!(opened.post_form(&url, &[]).await.unwrap(), 302, "told as it is, not followed");
        assert!(opened.get_json(&url).await.is_err());
        assert_eq!((reached.load(Ordering::Relaxed), came.load(Ordering::Relaxed)), (2, 0));
    }

    #[test]
    fn what_the_operator_opened_is_open() {
        let rules = Rules { allow: vec!["127.0.0.0/8".parse().unwrap()] };
        assert!(rules.permits("127.0.0.1".parse().unwrap()));
        assert!(!rules.permits("10.0.0.1".parse().unwrap()));
    }
}
