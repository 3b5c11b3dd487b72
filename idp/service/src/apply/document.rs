//! The document: what can be declared, and how each entry reads. Secrets stand in it only for a demo or a test;
//! elsewhere an entry names a file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use idp_core::authority::Role;
use idp_core::federation::{Connector, Kind};
use idp_core::ids::{ClientKey, ConnectorId, TenantId};
use idp_core::language::Language;
use idp_core::oidc::client::{AuthMethod, Entry, Pkce, Refresh, SigningAlgorithm};
use idp_core::oidc::scope::{Scope, Scopes};
use idp_core::secret::Secret;
use serde::Deserialize;

use crate::admin::accounts::NewAccount;
use crate::admin::clients::Registration;

/// A document.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What holds for every company that doesn't say otherwise.
    #[serde(default)]
    pub policies: BTreeMap<String, String>,
    /// Clients.
    #[serde(default)]
    pub clients: Vec<ClientEntry>,
    /// Companies.
    #[serde(default)]
    pub tenants: Vec<TenantEntry>,
}

/// A company.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// The part after the hyphen.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The language its people start with.
    pub language: Option<String>,
    /// Its policies.
    #[serde(default)]
    pub policies: BTreeMap<String, String>,
    /// The other providers by which its people come in.
    #[serde(default)]
    pub connectors: Vec<ConnectorEntry>,
    /// Its accounts.
    #[serde(default)]
    pub accounts: Vec<AccountEntry>,
}

/// Another provider by which a company's people come in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorEntry {
    /// Its name in addresses; no other connector has it.
    pub name: String,
    /// `google`, `entra` or `oidc`.
    pub kind: String,
    /// What people call it, if not as its kind is called.
    pub label: Option<String>,
    /// Its issuer, if not the one that its kind has.
    pub issuer: Option<String>,
    /// What it knows this installation by.
    pub client_id: String,
    /// The secret that it gave out; for demos and tests.
    client_secret: Option<Plain>,
    /// A file that holds that secret.
    client_secret_file: Option<PathBuf>,
    /// The domains it lets in.
    #[serde(default)]
    pub domains: Vec<String>,
    /// The Entra directories it lets in.
    #[serde(default)]
    pub directories: Vec<String>,
    /// May people come in by it?
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// An account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountEntry {
    /// The name to sign in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
    /// True if the address is known to be his.
    #[serde(default)]
    pub email_verified: bool,
    /// The language, if not the company's.
    pub language: Option<String>,
    /// What it may do in the console.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The clients it has a part in.
    #[serde(default)]
    pub portals: Vec<String>,
    /// The first password; for demos and tests.
    password: Option<Plain>,
    /// A file that holds the first password.
    password_file: Option<PathBuf>,
    /// Must the password be replaced at the first sign-in?
    #[serde(default = "yes")]
    pub temporary: bool,
}

/// A client.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientEntry {
    /// Its public name.
    pub client_id: String,
    /// What people call it.
    pub name: String,
    /// How it shows who it is.
    pub auth_method: Option<String>,
    /// Its secret; for demos and tests.
    secret: Option<Plain>,
    /// A file that holds its secret.
    secret_file: Option<PathBuf>,
    /// Where answers may go.
    pub redirect_uris: Vec<String>,
    /// Where people may go after a sign-out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// What its ID tokens are signed with.
    pub id_token_alg: Option<String>,
    /// Must it use PKCE?
    #[serde(default = "yes")]
    pub pkce: bool,
    /// What it may ask for.
    pub scopes: Option<String>,
    /// Is it only for those who were given a part in it?
    #[serde(default = "yes")]
    pub entitled_only: bool,
    /// Does it refresh on a person's request only?
    #[serde(default)]
    pub refresh_is_activity: bool,
    /// Where it wants to hear that a session ended.
    pub backchannel_logout_uri: Option<String>,
    /// Where people find it.
    pub home_uri: Option<String>,
}

/// A secret in the document itself.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
struct Plain(String);

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plain(..)")
    }
}

fn yes() -> bool {
    true
}

fn language(tag: Option<&str>) -> Result<Option<Language>, String> {
    let read = |tag| Language::from_tag(tag).ok_or_else(|| format!("`{tag}` is not a language we speak; use en or de"));
    tag.map(read).transpose()
}

/// The text of a secret, from the entry or from its file; blank lines at the end of a file don't count.
fn secret(plain: Option<&Plain>, file: Option<&PathBuf>) -> Result<Option<Secret<String>>, String> {
    match (plain, file) {
        (None, None) => Ok(None),
        (Some(plain), None) => Ok(Some(Secret::new(plain.0.clone()))),
        (None, Some(path)) => match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))),
            Err(cause) => Err(format!("{} can't be read: {cause}", path.display())),
        },
        (Some(_), Some(_)) => Err("give the secret or its file, not both".to_owned()),
    }
}

impl TenantEntry {
    pub(super) fn language(&self) -> Result<Language, String> {
        Ok(language(self.language.as_deref())?.unwrap_or(Language::En))
    }
}

impl ConnectorEntry {
    /// The secret, from the entry or from its file.
    pub(super) fn secret(&self) -> Result<Option<Secret<String>>, String> {
        secret(self.client_secret.as_ref(), self.client_secret_file.as_ref())
    }

    pub(super) fn connector(&self, tenant: TenantId) -> Result<Connector, String> {
        let kind = Kind::from_name(&self.kind);
        let kind = kind.ok_or_else(|| format!("there is no kind `{}`; use google, entra or oidc", self.kind))?;
        let label = self.label.as_deref().or(kind.label());
        let issuer = self.issuer.as_deref().or(kind.issuer());
        let small = |all: &[String]| all.iter().map(|one| one.to_lowercase()).collect();
        Ok(Connector {
            id: ConnectorId::from_bytes([0; 16]), // it has one once it is kept
            tenant,
            name: self.name.clone(),
            kind,
            label: label.ok_or("say what people call the provider (label)")?.to_owned(),
            issuer: issuer.ok_or("say where the provider is (issuer)")?.to_owned(),
            client_id: self.client_id.clone(),
            domains: small(&self.domains),
            directories: small(&self.directories),
            enabled: self.enabled,
        })
    }
}

impl AccountEntry {
    /// The password in the document itself, if it has one: a demo shows it.
    pub fn shown_password(&self) -> Option<&str> {
        self.password.as_ref().map(|p| p.0.as_str())
    }

    pub(super) fn password(&self) -> Result<Option<Secret<String>>, String> {
        secret(self.password.as_ref(), self.password_file.as_ref())
    }

    pub(super) fn new_account(&self, portals: Vec<ClientKey>) -> Result<NewAccount, String> {
        let role = |name: &String| Role::from_name(name).ok_or_else(|| format!("there is no role `{name}`"));
        Ok(NewAccount {
            login: self.login.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            email_verified: self.email_verified,
            language: language(self.language.as_deref())?,
            roles: self.roles.iter().map(role).collect::<Result<_, _>>()?,
            portals,
        })
    }
}

impl ClientEntry {
    /// The secret, from the entry or from its file.
    ///
    /// # Errors
    /// If the file can't be read, or both are given.
    pub fn secret(&self) -> Result<Option<Secret<String>>, String> {
        secret(self.secret.as_ref(), self.secret_file.as_ref())
    }

    pub(super) fn registration(&self, owner: TenantId) -> Result<Registration, String> {
        let method = self.auth_method.as_deref().unwrap_or(AuthMethod::SecretBasic.name());
        let algorithm = self.id_token_alg.as_deref().unwrap_or(SigningAlgorithm::Es256.name());
        let scopes = self.scopes.as_deref().unwrap_or("openid profile email");
        if let Some(unknown) = scopes.split_ascii_whitespace().find(|s| Scope::from_name(s).is_none()) {
            return Err(format!("there is no scope `{unknown}`"));
        }
        Ok(Registration {
            client_id: self.client_id.clone(),
            name: self.name.clone(),
            tenant: owner,
            auth_method: AuthMethod::from_name(method).ok_or_else(|| format!("there is no auth_method `{method}`"))?,
            redirect_uris: self.redirect_uris.clone(),
            post_logout_uris: self.post_logout_redirect_uris.clone(),
            algorithm: SigningAlgorithm::from_name(algorithm)
                .ok_or_else(|| format!("there is no id_token_alg `{algorithm}`"))?,
            pkce: if self.pkce { Pkce::Required } else { Pkce::Optional },
            scopes: Scopes::read(scopes),
            entry: if self.entitled_only { Entry::Entitled } else { Entry::Everybody },
            refresh: if self.refresh_is_activity { Refresh::Activity } else { Refresh::Silent },
            backchannel_logout_uri: self.backchannel_logout_uri.clone(),
            home_uri: self.home_uri.clone(),
        })
    }
}
