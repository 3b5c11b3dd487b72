//! Signing in by another provider: which ones a company has, and by what rules. What one says of a person is in
//! [`identity`].

pub mod identity;

use url::Url;

use crate::account::Email;
use crate::ids::{ConnectorId, TenantId};

/// Whose rules a provider follows beside the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Google: a company's accounts have its domain in `hd`.
    Google,
    /// Microsoft Entra ID, version 2.0: one issuer for each directory, and `oid` names the person.
    Entra,
    /// Any other `OpenID` Connect provider.
    Oidc,
}

/// Personal Microsoft accounts, which belong to no company.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Stands for a directory in the metadata of providers that serve many.
const TEMPLATE: &str = "{tenantid}";

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Google, Self::Entra, Self::Oidc];

    /// The word in rows and commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Entra => "entra",
            Self::Oidc => "oidc",
        }
    }

    /// Reads the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its issuer, where everybody's is the same.
    pub fn issuer(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("https://accounts.google.com"),
            Self::Entra => Some("https://login.microsoftonline.com/organizations/v2.0"),
            Self::Oidc => None,
        }
    }

    /// What people call it.
    pub fn label(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("Google"),
            Self::Entra => Some("Office 365"),
            Self::Oidc => None,
        }
    }

    /// Does it tell when a person showed who he is? Without that nobody shows by it that he is there now.
    pub fn tells_when(self) -> bool {
        match self {
            Self::Google => false,
            Self::Entra | Self::Oidc => true,
        }
    }

    /// What `prompt` asks: for the person to show again who he is, which Google doesn't know, or for a choice of
    /// account, which others need not know and some refuse then.
    pub fn prompt(self, anew: bool) -> Option<&'static str> {
        match (self, anew) {
            (Self::Entra | Self::Oidc, true) => Some("login"),
            (Self::Google, _) | (Self::Entra, false) => Some("select_account"),
            (Self::Oidc, false) => None,
        }
    }
}

/// A provider by which a company's people sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// Its row.
    pub id: ConnectorId,
    /// Whose people.
    pub tenant: TenantId,
    /// Its name in addresses; no other has it.
    pub name: String,
    /// Whose rules it follows.
    pub kind: Kind,
    /// What people call it.
    pub label: String,
    /// Where its metadata are found.
    pub issuer: String,
    /// What it knows us by.
    pub client_id: String,
    /// The domains it lets in; all, if there is none.
    pub domains: Vec<String>,
    /// The directories it lets in.
    pub directories: Vec<String>,
    /// May people come in by it?
    pub enabled: bool,
}

/// Why a connector can't be as it is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadConnector {
    /// The name can't stand in an address.
    #[error("the name of a connector has 1 to 60 small letters, digits and hyphens, and begins with a letter")]
    Name,
    /// People can't call it that.
    #[error("say in up to 40 characters what people call the provider (label)")]
    Label,
    /// Nobody can be asked there.
    #[error("the issuer is an https address without `?` and `#`")]
    Issuer,
    /// We aren't known there.
    #[error("say under which client_id the provider knows this installation")]
    ClientId,
    /// Not a domain.
    #[error("a domain looks like company.com")]
    Domain,
    /// Entra vouches for no address.
    #[error("Entra tells no domain that could be relied on: name the directories that are let in")]
    EntraDomain,
    /// Not a directory, or none where one has to be named.
    #[error(
        "name each Entra directory that is let in by its id (a GUID), unless the issuer is that of a single directory"
    )]
    Directory,
    /// Only Entra has directories.
    #[error("only Entra has directories; restrict this provider by domains")]
    NoDirectories,
}

fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && format!("a@{text}").parse::<Email>().is_ok() && !text.contains(char::is_uppercase)
}

impl Connector {
    /// Is it one that could work? Plain http is for development, and where it may lead is decided when it is called.
    ///
    /// # Errors
    /// What would be right.
    pub fn check(&self) -> Result<(), BadConnector> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let begins = self.name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if !begins || self.name.len() > 60 || !self.name.bytes().all(plain) {
            return Err(BadConnector::Name);
        }
        if crate::mail::shown_name(&self.label).is_none() || self.label.chars().count() > 40 {
            return Err(BadConnector::Label);
        }
        let issuer = Url::parse(&self.issuer).map_err(|_cause| BadConnector::Issuer)?;
        let is_web = matches!(issuer.scheme(), "https" | "http") && issuer.has_host();
        if !is_web || issuer.query().is_some() || issuer.fragment().is_some() || !issuer.username().is_empty() {
            return Err(BadConnector::Issuer);
        }
        if self.client_id.is_empty() || self.client_id.len() > 255 || self.client_id.contains(char::is_whitespace) {
            return Err(BadConnector::ClientId);
        }
        if !self.domains.iter().all(|domain| is_domain(domain)) {
            return Err(BadConnector::Domain);
        }
        match self.kind {
            Kind::Entra if !self.domains.is_empty() => Err(BadConnector::EntraDomain),
            Kind::Entra if !self.directories.iter().all(|id| is_guid(id)) => Err(BadConnector::Directory),
            Kind::Entra if self.directories.is_empty() && self.single_directory().is_none() => {
                Err(BadConnector::Directory)
            }
            Kind::Google | Kind::Oidc if !self.directories.is_empty() => Err(BadConnector::NoDirectories),
            Kind::Google | Kind::Entra | Kind::Oidc => Ok(()),
        }
    }

    /// Is a provider that says so of itself the one that is meant (OpenID Connect Discovery section 4.3)? Entra tells
    /// one issuer for many directories, which only its host has in common with the address it is asked at.
    pub fn is_issuer(&self, told: &str) -> bool {
        let origin = |address: &str| Url::parse(address).ok().map(|url| url.origin());
        match self.kind {
            Kind::Entra => origin(&told.replace(TEMPLATE, "x")) == origin(&self.issuer),
            Kind::Google | Kind::Oidc => told == self.issuer,
        }
    }

    /// The directory that the issuer itself names.
    pub fn single_directory(&self) -> Option<&str> {
        self.issuer.split('/').find(|part| is_guid(part))
    }

    fn lets_in(&self, directory: &str) -> bool {
        let is_named = self.directories.iter().any(|id| id == directory);
        is_named
            || (self.directories.is_empty() && self.single_directory() == Some(directory) && directory != CONSUMERS)
    }

    /// Are its people some company's, and not anybody's? Only then somebody gets an account by coming from there.
    pub fn is_restricted(&self) -> bool {
        match self.kind {
            Kind::Entra => true,
            Kind::Google | Kind::Oidc => !self.domains.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const DIRECTORY: &str = "11111111-2222-3333-4444-555555555555";

    pub(super) fn connector(kind: Kind) -> Connector {
        Connector {
            id: ConnectorId::from_bytes([1; 16]),
            tenant: TenantId::from_bytes([2; 16]),
            name: "google-acme".into(),
            kind,
            label: "Google".into(),
            issuer: kind.issuer().unwrap_or("https://login.example").into(),
            client_id: "us".into(),
            domains: Vec::new(),
            directories: if kind == Kind::Entra { vec![DIRECTORY.into()] } else { Vec::new() },
            enabled: true,
        }
    }

    #[test]
    fn a_connector_that_could_let_everybody_in_is_refused() {
        for kind in Kind::ALL {
            assert_eq!(connector(kind).check(), Ok(()), "{kind:?}");
        }
        let entra = |directories: &[&str]| Connector {
            directories: directories.iter().map(|d| (*d).to_owned()).collect(),
            ..connector(Kind::Entra)
        };
        assert_eq!(entra(&[]).check(), Err(BadConnector::Directory));
        assert_eq!(entra(&["acme.example"]).check(), Err(BadConnector::Directory));
        let single = format!("https://login.microsoftonline.com/{DIRECTORY}/v2.0");
        assert_eq!(Connector { issuer: single, ..entra(&[]) }.check(), Ok(()));
        let with_domain = Connector { domains: vec!["acme.example".into()], ..connector(Kind::Entra) };
        assert_eq!(with_domain.check(), Err(BadConnector::EntraDomain));
        let oidc = connector(Kind::Oidc);
        for (bad, why) in [
            (Connector { name: "Google".into(), ..oidc.clone() }, BadConnector::Name),
            (Connector { name: "../x".into(), ..oidc.clone() }, BadConnector::Name),
            (Connector { label: String::new(), ..oidc.clone() }, BadConnector::Label),
            (Connector { issuer: "login.example".into(), ..oidc.clone() }, BadConnector::Issuer),
            (Connector { issuer: "https://login.example/?a".into(), ..oidc.clone() }, BadConnector::Issuer),
            (Connector { client_id: " ".into(), ..oidc.clone() }, BadConnector::ClientId),
            (Connector { domains: vec!["acme".into()], ..oidc.clone() }, BadConnector::Domain),
            (Connector { directories: vec![DIRECTORY.into()], ..oidc.clone() }, BadConnector::NoDirectories),
        ] {
            assert_eq!(bad.check(), Err(why));
        }
    }
}
