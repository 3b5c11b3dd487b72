//! Clients: programs that people sign in to by way of us.

use crate::ids::{ClientKey, TenantId};
use crate::oidc::redirect_uri::RedirectUri;
use crate::oidc::scope::Scopes;
use crate::secret::TokenHash;

/// How a client shows who it is (OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// Name and secret in the `Authorization` header.
    SecretBasic,
    /// Name and secret in the body.
    SecretPost,
    /// Not at all: a public client.
    None,
}

impl AuthMethod {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SecretBasic, Self::SecretPost, Self::None];

    /// The word in metadata and rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::None => "none",
        }
    }

    /// Reads a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }
}

/// The algorithms we sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// RSA with SHA-256: what every client must know.
    Rs256,
    /// ECDSA on P-256: what our portals ask for; it costs a tenth.
    Es256,
}

impl SigningAlgorithm {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// The word in headers and rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    /// Reads a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }
}

/// A client as it is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its row.
    pub key: ClientKey,
    /// Its public name.
    pub client_id: String,
    /// Who owns it: the vendor, or a company, whose people alone may then use it.
    pub tenant: TenantId,
    /// What people call it.
    pub name: String,
    /// How it shows who it is.
    pub auth_method: AuthMethod,
    /// The digest of its secret.
    pub secret: Option<TokenHash>,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where people may go after a sign-out.
    pub post_logout_uris: Vec<RedirectUri>,
    /// What its ID tokens are signed with.
    pub algorithm: SigningAlgorithm,
    /// Must it use PKCE?
    pub pkce: Pkce,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Who may enter.
    pub entry: Entry,
    /// What its refreshes mean for the session.
    pub refresh: Refresh,
    /// Where it wants to hear that a session ended.
    pub backchannel_logout_uri: Option<String>,
    /// Where people find it.
    pub home_uri: Option<String>,
    /// Everything born under an older epoch is dead.
    pub epoch: i64,
    /// Switched on?
    pub enabled: bool,
}

/// Whether a client has to prove that it asked (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pkce {
    /// It has to, with S256.
    Required,
    /// A confidential client that can't.
    Optional,
}

/// Who may enter a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Those who were given a part in it.
    Entitled,
    /// Everybody.
    Everybody,
}

/// What a refresh says about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Nothing: programs refresh by themselves.
    Silent,
    /// The person did something: this client refreshes on a person's request only.
    Activity,
}

impl Client {
    /// Can somebody of that company be given a part in it? It is the vendor's or the company's own, on, and not open to
    /// everybody anyway.
    pub fn can_be_given(&self, tenant: TenantId, vendor: TenantId) -> bool {
        self.enabled && self.entry == Entry::Entitled && (self.tenant == vendor || self.tenant == tenant)
    }

    /// A client that can't keep a secret.
    pub fn is_public(&self) -> bool {
        self.auth_method == AuthMethod::None
    }

    /// Must an authorization request carry a challenge? A public client's always must.
    pub fn needs_pkce(&self) -> bool {
        self.is_public() || self.pkce == Pkce::Required
    }
}

/// Who a client says it is, and how it wants to show it.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    /// The name.
    pub client_id: String,
    /// The way.
    pub method: AuthMethod,
    /// The digest of the secret it sent.
    pub secret: Option<TokenHash>,
}

/// May this client authenticate so? Only in the registered way: a secret in the body doesn't stand in for one in the
/// header.
pub fn authenticates(client: &Client, shown: &ClientCredentials) -> bool {
    let right_way = client.auth_method == shown.method;
    let right_secret = match client.auth_method {
        AuthMethod::None => shown.secret.is_none(),
        AuthMethod::SecretBasic | AuthMethod::SecretPost => client.secret.is_some() && client.secret == shown.secret,
    };
    client.enabled && right_way && right_secret
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn portal() -> Client {
        Client {
            key: ClientKey::from_bytes([1; 16]),
            client_id: "voice".into(),
            tenant: TenantId::from_bytes([9; 16]),
            name: "Voice Portal".into(),
            auth_method: AuthMethod::SecretBasic,
            secret: Some(TokenHash::of("secret")),
            redirect_uris: vec!["https://voice.example/callback".parse().unwrap()],
            post_logout_uris: vec!["https://voice.example/signed-out".parse().unwrap()],
            algorithm: SigningAlgorithm::Es256,
            pkce: Pkce::Required,
            scopes: Scopes::read("openid profile email tenant"),
            entry: Entry::Entitled,
            refresh: Refresh::Activity,
            backchannel_logout_uri: None,
            home_uri: None,
            epoch: 1,
            enabled: true,
        }
    }

    fn shown(method: AuthMethod, secret: Option<&str>) -> ClientCredentials {
        ClientCredentials { client_id: "voice".into(), method, secret: secret.map(TokenHash::of) }
    }

    #[test]
    fn only_the_registered_way_with_the_right_secret_counts() {
        let client = portal();
        assert!(authenticates(&client, &shown(AuthMethod::SecretBasic, Some("secret"))));
        assert!(!authenticates(&client, &shown(AuthMethod::SecretPost, Some("secret"))));
        assert!(!authenticates(&client, &shown(AuthMethod::SecretBasic, Some("wrong"))));
        assert!(!authenticates(&client, &shown(AuthMethod::None, None)));
    }

    #[test]
    fn a_client_without_a_stored_secret_is_not_let_in_without_one() {
        let client = Client { secret: None, ..portal() };
        assert!(!authenticates(&client, &shown(AuthMethod::SecretBasic, None)));
    }

    #[test]
    fn a_disabled_client_is_nobody() {
        let client = Client { enabled: false, ..portal() };
        assert!(!authenticates(&client, &shown(AuthMethod::SecretBasic, Some("secret"))));
    }

    #[test]
    fn pkce_can_not_be_switched_off_for_a_public_client() {
        let client = Client { auth_method: AuthMethod::None, pkce: Pkce::Optional, ..portal() };
        assert!(client.needs_pkce());
    }
}
