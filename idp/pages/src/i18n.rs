//! The words: one Fluent bundle per locale, built once. Which language a page speaks is decided in
//! `idp_core::language`; which words a page needs, beside the page.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use idp_core::language::Language;
use unic_langid::LanguageIdentifier;

/// A made-up language that shows what a real translation would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pseudo {
    /// `en-XA`: accented and a third longer, for text that is cut off or was never translated.
    EnXa,
    /// `ar-XB`: right to left, for layouts that assume a left edge.
    ArXb,
}

/// A set of words with a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locale {
    En,
    De,
    EnXa,
    ArXb,
}

impl Locale {
    /// The locale of a page; a pseudo-locale, where a test asks for one, hides the language.
    pub(crate) fn of(language: Language, pseudo: Option<Pseudo>) -> Self {
        match (pseudo, language) {
            (Some(Pseudo::EnXa), _) => Self::EnXa,
            (Some(Pseudo::ArXb), _) => Self::ArXb,
            (None, Language::En) => Self::En,
            (None, Language::De) => Self::De,
        }
    }

    /// The BCP 47 tag, for `lang`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => Language::En.tag(),
            Self::De => Language::De.tag(),
            Self::EnXa => "en-XA",
            Self::ArXb => "ar-XB",
        }
    }

    /// The writing direction, for `dir`.
    pub(crate) fn direction(self) -> &'static str {
        match self {
            Self::En | Self::De | Self::EnXa => "ltr",
            Self::ArXb => "rtl",
        }
    }

    /// The message `key` with its values filled in.
    ///
    /// A key without a message shows itself in brackets: visible to whoever looks, and the crate's tests look at
    /// every page. A person still gets a page that works.
    pub(crate) fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        self.lookup(key, args).unwrap_or_else(|| format!("\u{27e6}{key}\u{27e7}"))
    }

    /// As [`Self::format`], for keys made from data: nothing where there is no such message.
    pub(crate) fn lookup(self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle = BUNDLES.of(self);
        let pattern = bundle.get_message(key)?.value()?;
        // Fluent always gives text; what it reports beside it (a value that is missing) the tests compare beforehand.
        let mut reported = Vec::new();
        Some(bundle.format_pattern(pattern, args, &mut reported).into_owned())
    }
}

type Bundle = FluentBundle<FluentResource>;

struct Bundles {
    en: Bundle,
    de: Bundle,
    accented: Bundle,
    mirrored: Bundle,
}

static BUNDLES: LazyLock<Bundles> = LazyLock::new(|| {
    let en = include_str!("../locales/en.ftl");
    let de = include_str!("../locales/de.ftl");
    Bundles {
        en: bundle(Language::En, en, None),
        de: bundle(Language::De, de, None),
        accented: bundle(Language::En, en, Some(accent)),
        mirrored: bundle(Language::En, en, Some(mirror)),
    }
});

impl Bundles {
    fn of(&self, locale: Locale) -> &Bundle {
        match locale {
            Locale::En => &self.en,
            Locale::De => &self.de,
            Locale::EnXa => &self.accented,
            Locale::ArXb => &self.mirrored,
        }
    }
}

fn bundle(language: Language, source: &str, transform: Option<fn(&str) -> Cow<'_, str>>) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolating marks around values would end up in titles, attributes and copied text.
    bundle.set_use_isolating(false);
    bundle.set_transform(transform);
    // A resource with a mistake still holds its other messages; a test refuses the mistake.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
    bundle.add_resource_overriding(resource);
    bundle
}

/// Accents every vowel and doubles it: about as long as German.
fn accent(text: &str) -> Cow<'_, str> {
    text.chars()
        .flat_map(|letter| {
            let (accented, times) = match letter {
                'a' => ('å', 2),
                'e' => ('é', 2),
                'i' => ('î', 2),
                'o' => ('ö', 2),
                'u' => ('û', 2),
                'A' => ('Å', 1),
                'E' => ('É', 1),
                'I' => ('Î', 1),
                'O' => ('Ö', 1),
                'U' => ('Û', 1),
                other => (other, 1),
            };
            std::iter::repeat_n(accented, times)
        })
        .collect::<String>()
        .into()
}

/// Forces right-to-left order on letters that do not have it.
fn mirror(text: &str) -> Cow<'_, str> {
    if text.trim().is_empty() { text.into() } else { format!("\u{202e}{text}\u{202c}").into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(locale: Locale, minutes: u32) -> String {
        let mut args = FluentArgs::new();
        args.set("count", minutes);
        locale.format("time-minutes", Some(&args))
    }

    #[test]
    fn both_files_are_free_of_mistakes() {
        for source in [include_str!("../locales/en.ftl"), include_str!("../locales/de.ftl")] {
            let parsed = FluentResource::try_new(source.to_owned());
            assert!(parsed.is_ok(), "{:?}", parsed.err().map(|(_, mistakes)| mistakes));
        }
    }

    #[test]
    fn plurals_follow_the_language() {
        assert_eq!(minutes(Locale::En, 1), "1 minute");
        assert_eq!(minutes(Locale::En, 15), "15 minutes");
        assert_eq!(minutes(Locale::De, 1), "1 Minute");
        assert_eq!(minutes(Locale::De, 15), "15 Minuten");
    }

    #[test]
    fn pseudo_locales_change_words_and_leave_values_alone() {
        let mut args = FluentArgs::new();
        args.set("rp", "Voice Portal");
        assert_eq!(Locale::EnXa.format("signin-to", Some(&args)), "töö cööntîînûûéé töö Voice Portal");
        assert_eq!(Locale::ArXb.format("signin-to", Some(&args)), "\u{202e}to continue to \u{202c}Voice Portal");
    }

    #[test]
    fn a_missing_message_shows_its_key() {
        assert_eq!(Locale::En.format("no-such-key", None), "⟦no-such-key⟧");
    }
}
