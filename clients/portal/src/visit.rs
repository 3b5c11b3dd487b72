//! A signed-in person who opens a page: what handlers ask for. Not here: the page.

use askama::Template;
use axum::extract::{FromRef, FromRequestParts};
use axum::response::Response;
use http::request::Parts;
use switchboard_rp::{Person, Rp, User};

use crate::language::Language;
use crate::portal::Portal;
use crate::preferences::Preferences;
use crate::shell::Shell;
use crate::texts::{self, Texts};

/// One page opened by a signed-in person. Strangers never get this far: they are sent to the sign-in.
#[derive(Debug)]
pub struct Visit {
    /// Who it is.
    pub person: Person,
    /// The language to answer in.
    pub language: Language,
    preferences: Preferences,
    portal: Portal,
    here: String,
}

impl Visit {
    /// The content in its shell. The content begins with the page's only `h1`.
    pub fn page(&self, title: &str, content: &impl Template) -> Response {
        let shell = Shell::new(self.portal.product(), self.portal.config(), self.preferences, &self.here);
        shell.with_person(&self.person).page(title, content)
    }

    /// A card that says who is signed in, for the start page of a portal.
    pub fn who(&self) -> Who<'_> {
        Who { texts: texts::of(self.language), person: &self.person }
    }

    pub(crate) fn portal(&self) -> &Portal {
        &self.portal
    }

    pub(crate) fn preferences(&self) -> Preferences {
        self.preferences
    }
}

/// The card of [`Visit::who`].
#[derive(Debug, Template)]
#[template(path = "who.html")]
pub struct Who<'a> {
    texts: &'static Texts,
    person: &'a Person,
}

impl<S> FromRequestParts<S> for Visit
where
    Portal: FromRef<S>,
    Rp: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let User(person) = User::from_request_parts(parts, state).await?;
        let portal = Portal::from_ref(state);
        let preferences = Preferences::of(&parts.headers, portal.product(), portal.config());
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { person, language: preferences.language, preferences, portal, here })
    }
}

/// The person's company, by name or else by code.
pub fn company(person: &Person) -> Option<&str> {
    person.claim("tenant_name").or_else(|| person.claim("tenant"))
}

/// One or two letters that stand for the person.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_name() {
        assert_eq!(initials("Maria Lopez"), "ML");
        assert_eq!(initials("Anna Maria von der Heide"), "AH");
        assert_eq!(initials("201-wickedsprockets"), "2");
        assert_eq!(initials("élise"), "É");
        assert_eq!(initials(""), "");
    }
}
