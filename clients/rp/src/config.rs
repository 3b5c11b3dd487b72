//! What an application says about itself and its provider, and the checks on it. Not here: anything read from the
//! network.

use std::fmt;

use openidconnect::core::CoreJwsSigningAlgorithm;
use openidconnect::{IssuerUrl, PostLogoutRedirectUrl, RedirectUrl};
use url::{Host, Url};

/// The settings of one relying party.
///
/// The provider must know these addresses of the application: `{public_url}/callback` (redirect URI),
/// `{public_url}/signed-out` (post-logout redirect URI) and `{public_url}/backchannel-logout`.
#[derive(Clone, Debug)]
pub struct RpConfig {
    /// The issuer. One without a path is compared without a trailing slash: `https://id.example`.
    pub issuer: Url,
    /// The origin at which browsers reach the application, without a path.
    pub public_url: Url,
    /// The client's name at the provider.
    pub client_id: String,
    /// The client's secret, sent as `client_secret_basic`; `None` makes it a public client, held by PKCE alone.
    pub client_secret: Option<Secret>,
    /// The one algorithm that the client is registered for; tokens signed otherwise are refused.
    pub algorithm: IdTokenAlgorithm,
    /// Begins the names of all cookies. Programs on one host share cookies whatever their ports, so each needs its own.
    pub cookie_prefix: &'static str,
    /// The scopes asked for; `openid` is added where it is missing.
    pub scopes: Vec<String>,
}

/// A value that must not be printed: its `Debug` shows that it is there, not what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the moment of its use.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The signature algorithms that this library accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdTokenAlgorithm {
    /// ECDSA on P-256: small tokens, quick to sign.
    #[default]
    Es256,
    /// RSA PKCS#1 v1.5 with SHA-256, which every provider has.
    Rs256,
}

impl IdTokenAlgorithm {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    pub(crate) fn core(self) -> CoreJwsSigningAlgorithm {
        match self {
            Self::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            Self::Rs256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        }
    }
}

/// What is wrong with an [`RpConfig`].
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Plain http is for loopback addresses, where no one listens in.
    #[error("{0} must use https; http is for localhost only")]
    Insecure(&'static str),
    /// The public URL has to be an origin.
    #[error("the public URL must be an origin without path, query or user: {0}")]
    NotAnOrigin(Url),
    /// An address could not be built from the settings.
    #[error("the {0} is not a usable URL")]
    NotAUrl(&'static str),
    /// Cookie names are made of letters, digits, `-` and `_`.
    #[error("the cookie prefix {0:?} must be letters, digits, '-' or '_'")]
    CookiePrefix(&'static str),
    /// The client has no name.
    #[error("the client id is empty")]
    NoClientId,
    /// The TLS side of the HTTP client did not come up.
    #[error("the HTTP client could not be set up")]
    HttpClient(#[source] reqwest::Error),
}

/// An [`RpConfig`] that was checked, with the addresses that follow from it.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: RpConfig,
    pub(crate) issuer: IssuerUrl,
    /// The public URL as browsers write it into `Origin`.
    pub(crate) origin: String,
    pub(crate) redirect_uri: RedirectUrl,
    pub(crate) post_logout_redirect_uri: PostLogoutRedirectUrl,
}

impl Settings {
    pub(crate) fn check(config: RpConfig) -> Result<Self, ConfigError> {
        check_transport(&config.issuer, "the issuer")?;
        check_transport(&config.public_url, "the public URL")?;
        if !is_origin(&config.public_url) {
            return Err(ConfigError::NotAnOrigin(config.public_url));
        }
        if config.client_id.is_empty() {
            return Err(ConfigError::NoClientId);
        }
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if config.cookie_prefix.is_empty() || !config.cookie_prefix.bytes().all(is_token) {
            return Err(ConfigError::CookiePrefix(config.cookie_prefix));
        }
        let origin = config.public_url.origin().ascii_serialization();
        Ok(Self {
            issuer: issuer(&config.issuer)?,
            redirect_uri: RedirectUrl::new(format!("{origin}/callback"))
                .map_err(|_not_a_url| ConfigError::NotAUrl("redirect URI"))?,
            post_logout_redirect_uri: PostLogoutRedirectUrl::new(format!("{origin}/signed-out"))
                .map_err(|_not_a_url| ConfigError::NotAUrl("post-logout redirect URI"))?,
            origin,
            config,
        })
    }

    /// Whether browsers reach the application by https; cookies are `Secure` then.
    pub(crate) fn is_https(&self) -> bool {
        self.config.public_url.scheme() == "https"
    }
}

/// `Url` writes an empty path as `/`; issuers without a path are written without it.
fn issuer(url: &Url) -> Result<IssuerUrl, ConfigError> {
    let text = if url.path() == "/" { url.as_str().trim_end_matches('/') } else { url.as_str() };
    IssuerUrl::new(text.to_owned()).map_err(|_not_a_url| ConfigError::NotAUrl("issuer"))
}

fn is_origin(url: &Url) -> bool {
    let bare =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    bare && url.path() == "/"
}

fn check_transport(url: &Url, what: &'static str) -> Result<(), ConfigError> {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(ConfigError::NotAUrl(what)),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => Err(ConfigError::Insecure(what)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(issuer: &str, public_url: &str) -> RpConfig {
        RpConfig {
            issuer: Url::parse(issuer).unwrap(),
            public_url: Url::parse(public_url).unwrap(),
            client_id: "portal".into(),
            client_secret: Some(Secret::new("hush")),
            algorithm: IdTokenAlgorithm::default(),
            cookie_prefix: "portal",
            scopes: Vec::new(),
        }
    }

    #[test]
    fn an_issuer_without_a_path_has_no_trailing_slash() {
        let settings = Settings::check(config("http://localhost:8080", "http://localhost:8081")).unwrap();
        assert_eq!(settings.issuer.as_str(), "http://localhost:8080");
        assert_eq!(settings.origin, "http://localhost:8081");
        assert_eq!(settings.redirect_uri.as_str(), "http://localhost:8081/callback");
    }

    #[test]
    fn plain_http_is_refused_away_from_loopback() {
        let refused = Settings::check(config("http://id.example", "https://portal.example"));
        assert!(matches!(refused, Err(ConfigError::Insecure("the issuer"))));
        let refused = Settings::check(config("https://id.example", "http://portal.example"));
        assert!(matches!(refused, Err(ConfigError::Insecure("the public URL"))));
    }

    #[test]
    fn a_public_url_with_a_path_is_refused() {
        let refused = Settings::check(config("https://id.example", "https://portal.example/voice"));
        assert!(matches!(refused, Err(ConfigError::NotAnOrigin(_))));
    }

    #[test]
    fn a_secret_is_not_printed() {
        let printed = format!("{:?}", config("https://id.example", "https://portal.example"));
        assert!(printed.contains("Secret(..)"));
        assert!(!printed.contains("hush"));
    }
}
