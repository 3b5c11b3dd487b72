//! Scopes: what a client may ask to know.

use std::collections::BTreeSet;

/// A scope we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The request is one of OpenID Connect.
    OpenId,
    /// Name, user name, language.
    Profile,
    /// Mail address.
    Email,
    /// The company.
    Tenant,
    /// May come back without the person.
    OfflineAccess,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::OpenId, Self::Profile, Self::Email, Self::Tenant, Self::OfflineAccess];

    /// The word in a request.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Tenant => "tenant",
            Self::OfflineAccess => "offline_access",
        }
    }

    /// Reads a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// A set of scopes; order and repetition mean nothing (RFC 6749 section 3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Reads a space-separated list. What we don't know is passed over (OpenID Connect Core section 3.1.2.1).
    pub fn read(text: &str) -> Self {
        Self(text.split(' ').filter_map(Scope::from_name).collect())
    }

    /// Is it in?
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// What both have.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// Is all of it in the other?
    pub fn within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The list as text.
    pub fn text(&self) -> String {
        self.0.iter().map(|s| s.name()).collect::<Vec<_>>().join(" ")
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_unknown_words_do_not_matter() {
        assert_eq!(Scopes::read("email admin openid email"), Scopes::read("openid email"));
    }
}
