//! The languages people can read us in, and which one a page speaks.

use serde::{Deserialize, Serialize};

/// A language that every page is complete in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English
    En,
    /// German
    De,
}

impl Language {
    /// All of them, in the order in which a menu shows them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Its name in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// Reads a BCP 47 tag; only its primary language counts (`de-AT` is German).
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|l| l.tag().eq_ignore_ascii_case(primary))
    }

    /// The first language of a space-separated preference list (OpenID Connect Core section 3.1.2.1, `ui_locales`).
    pub fn from_ui_locales(list: &str) -> Option<Self> {
        list.split_ascii_whitespace().take(20).find_map(Self::from_tag)
    }

    /// The best language of an `Accept-Language` header (RFC 9110 section 12.5.4).
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for range in header.split(',').take(20) {
            let mut parts = range.split(';');
            let language = parts.next().and_then(Self::from_tag);
            let weight =
                parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            if let Some(language) = language
                && weight > 0.0
                && best.is_none_or(|(_, w)| weight > w)
            {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

/// Everything that may say which language a page speaks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// `ui_locales` of the waiting request.
    pub request: Option<Language>,
    /// What the signed-in person chose for his account.
    pub person: Option<Language>,
    /// What somebody chose in this browser with the language icon.
    pub icon: Option<Language>,
    /// True when the icon was used after the waiting request began: the newer word wins.
    pub icon_is_newer: bool,
    /// The company's default, once the company is known.
    pub company: Option<Language>,
    /// The browser's own wish.
    pub browser: Option<Language>,
}

impl Wishes {
    /// Request, person, icon, company, browser, vendor; but a press of the icon made for this very request comes first.
    pub fn decide(self, vendor: Language) -> Language {
        let fresh = if self.icon_is_newer { self.icon } else { None };
        fresh.or(self.request).or(self.person).or(self.icon).or(self.company).or(self.browser).unwrap_or(vendor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_of_the_browser_wins() {
        assert_eq!(Language::from_accept_language("fr;q=0.9, de-AT;q=0.8, en;q=0.7"), Some(Language::De));
        assert_eq!(Language::from_accept_language("en;q=0, de;q=0.1"), Some(Language::De));
        assert_eq!(Language::from_accept_language("fr, es"), None);
    }

    #[test]
    fn ui_locales_are_read_in_order_of_preference() {
        assert_eq!(Language::from_ui_locales("fr-CA de en"), Some(Language::De));
    }

    #[test]
    fn a_company_speaks_its_own_language_until_somebody_says_otherwise() {
        let company = Wishes { company: Some(Language::De), browser: Some(Language::En), ..Wishes::default() };
        assert_eq!(company.decide(Language::En), Language::De);
        let chosen = Wishes { icon: Some(Language::En), ..company };
        assert_eq!(chosen.decide(Language::En), Language::En);
    }

    #[test]
    fn pressing_the_icon_during_a_request_beats_the_request() {
        let asked = Wishes { request: Some(Language::De), icon: Some(Language::En), ..Wishes::default() };
        assert_eq!(asked.decide(Language::En), Language::De);
        assert_eq!(Wishes { icon_is_newer: true, ..asked }.decide(Language::En), Language::En);
    }
}
