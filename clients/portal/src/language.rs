//! The languages of the portals and which one a browser gets. Not here: the texts.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

/// A language in which every text exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language of a tag such as `de-AT`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The tag in `lang`, cookies and `ui_locales`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language's name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// What the button in the header changes to.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::English => Self::German,
            Self::German => Self::English,
        }
    }

    /// The best of what the browser accepts (RFC 9110 section 12.5.4).
    pub(crate) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let accepted = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut best: Option<(f32, Self)> = None;
        for range in accepted.split(',') {
            let (tag, quality) = range.split_once(";q=").unwrap_or((range, "1"));
            let quality = quality.trim().parse::<f32>().unwrap_or_default();
            let Some(language) = Self::from_tag(tag.trim()) else { continue };
            if quality > best.map_or(0.0, |(quality, _)| quality) {
                best = Some((quality, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(header: &str) -> Option<Language> {
        Language::accepted(&HeaderMap::from_iter([(ACCEPT_LANGUAGE, header.parse().unwrap())]))
    }

    #[test]
    fn the_browser_gets_the_language_it_likes_best() {
        assert_eq!(accepted("de-AT,de;q=0.9,en;q=0.8"), Some(Language::German));
        assert_eq!(accepted("fr,en;q=0.5,de;q=0.7"), Some(Language::German));
        assert_eq!(accepted("en-GB"), Some(Language::English));
        assert_eq!(accepted("fr, de;q=0"), None);
        assert_eq!(accepted("*;q=x,;q="), None);
    }
}
