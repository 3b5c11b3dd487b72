//! What surrounds every page: theme, language, brand, header and footer, and how a page asks for its words.

use askama::Template;
use fluent_bundle::FluentArgs;
use idp_core::language::Language;

use crate::i18n::{Locale, Pseudo};
use crate::link;

/// A page that can be shown.
pub trait View {
    /// The whole HTML document.
    fn render(&self) -> String;
}

/// Writing to memory cannot fail, so the fallback is for the signature's sake: an empty body rather than a panic.
impl<T: Template> View for T {
    fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark.
    Dark,
    /// Light.
    Light,
    /// What the device says.
    System,
}

impl Theme {
    /// All of them, in the order in which the button cycles.
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::System];

    /// Reads the word in a cookie or a form.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The word in cookies, forms and `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::System => "system",
        }
    }

    /// What the button changes to: dark, light, system, dark again.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::System,
            Self::System => Self::Dark,
        }
    }

    /// The value of `<meta name=color-scheme>`: it paints the canvas before the stylesheet arrives.
    pub(crate) fn color_scheme(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::System => "light dark",
        }
    }

    /// Where it is chosen from a list.
    pub(crate) fn choice(self) -> &'static str {
        match self {
            Self::Dark => "settings-theme-dark",
            Self::Light => "settings-theme-light",
            Self::System => "settings-theme-system",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Dark => "theme-dark",
            Self::Light => "theme-light",
            Self::System => "theme-system",
        }
    }
}

/// Whose page it is: the company where one is known, else the vendor.
#[derive(Clone, Debug)]
pub struct Brand {
    /// Shown in the header and in titles.
    pub name: String,
    /// The Terms of Service, linked in the footer.
    pub terms: Option<String>,
    /// The Privacy Policy, linked in the footer.
    pub privacy: Option<String>,
}

impl Brand {
    pub(crate) fn terms_link(&self) -> Option<&str> {
        self.terms.as_deref().and_then(link::followable)
    }

    pub(crate) fn privacy_link(&self) -> Option<&str> {
        self.privacy.as_deref().and_then(link::followable)
    }
}

/// Who is signed in, on pages that belong to one account.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account session, which every form of the page names in the hidden field `as`.
    pub session: String,
    /// The person's name.
    pub name: String,
    /// The username with its company, `201-wickedsprockets`.
    pub username: String,
    /// True where the console is open to this person.
    pub admin: bool,
}

/// What every page needs beside its own content.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The language of the page.
    pub language: Language,
    /// The theme of the browser.
    pub theme: Theme,
    /// Whose page it is.
    pub brand: Brand,
    /// The token that every form carries in `csrf`.
    pub csrf: String,
    /// The local address that the language and theme forms return to.
    pub here: String,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// A pseudo-locale in place of the language; tests only, otherwise `None`.
    pub pseudo: Option<Pseudo>,
}

impl Shell {
    /// The message `key`.
    pub fn text(&self, key: &str) -> String {
        self.locale().format(key, None)
    }

    /// The message `key` with one value.
    pub fn text1(&self, key: &str, name: &str, value: &str) -> String {
        self.locale().format(key, Some(&FluentArgs::from_iter([(name, value)])))
    }

    /// How a username looks, in the company that is known or in any.
    pub(crate) fn identifier_hint(&self, tenant: Option<&str>) -> String {
        match tenant {
            Some(tenant) => self.text1("signin-identifier-hint", "tenant", tenant),
            None => self.text("signin-identifier-hint-any"),
        }
    }

    /// The message `key` with two values, as (name, value).
    pub fn text2(&self, key: &str, first: (&str, &str), second: (&str, &str)) -> String {
        self.locale().format(key, Some(&FluentArgs::from_iter([first, second])))
    }

    /// The message `key` with a number, which plural forms may depend on.
    pub(crate) fn number(&self, key: &str, name: &str, value: u64) -> String {
        self.locale().format(key, Some(&FluentArgs::from_iter([(name, value)])))
    }

    /// The message `key` with a number and a text.
    pub(crate) fn number_and_text(&self, key: &str, number: (&str, u64), text: (&str, &str)) -> String {
        let mut args = FluentArgs::from_iter([number]);
        args.set(text.0, text.1);
        self.locale().format(key, Some(&args))
    }

    /// The message `key`, cut in two where its value belongs, for pages that put markup around the value.
    pub(crate) fn around(&self, key: &str, name: &str) -> (String, String) {
        const HOLE: char = '\u{fffc}';
        let whole = self.text1(key, name, &HOLE.to_string());
        whole
            .split_once(HOLE)
            .map_or_else(|| (whole.clone(), String::new()), |(before, after)| (before.to_owned(), after.to_owned()))
    }

    /// A duration in the unit people would use.
    pub(crate) fn duration(&self, seconds: u64) -> String {
        if seconds < 120 {
            self.number("time-seconds", "count", seconds)
        } else {
            self.number("time-minutes", "count", seconds.div_ceil(60))
        }
    }

    /// A role's name; one that we have no word for shows as it is stored.
    pub(crate) fn role(&self, name: &str) -> String {
        let key = format!("role-{}", name.replace('_', "-"));
        self.locale().lookup(&key, None).unwrap_or_else(|| name.to_owned())
    }

    /// The content of `<title>`.
    pub(crate) fn title(&self, title: impl AsRef<str>, is_error: bool) -> String {
        let page = self.text2("title-page", ("title", title.as_ref()), ("brand", &self.brand.name));
        if is_error { self.text1("title-error", "title", &page) } else { page }
    }

    /// What the theme button says.
    pub(crate) fn theme_label(&self) -> String {
        self.theme_label_of(self.theme)
    }

    /// What the theme button will say, by the name of the theme, for the script that changes it without a reload.
    pub(crate) fn theme_labels(&self) -> [(&'static str, String); 3] {
        Theme::ALL.map(|theme| (theme.name(), self.theme_label_of(theme)))
    }

    fn theme_label_of(&self, now: Theme) -> String {
        let words = (self.text(now.word()), self.text(now.next().word()));
        self.text2("theme-button", ("now", &words.0), ("next", &words.1))
    }

    pub(crate) fn lang(&self) -> &'static str {
        self.locale().tag()
    }

    pub(crate) fn dir(&self) -> &'static str {
        self.locale().direction()
    }

    /// A page of the signed-in account; it names the session, as there is no current one.
    pub(crate) fn own(&self, path: &str) -> String {
        link::local(path, &[("as", self.session())])
    }

    /// Where in a list of places this page is: `page` for the place itself, `true` for one that it belongs to.
    pub(crate) fn current(&self, place: &str) -> Option<&'static str> {
        let below = self.here.split('?').next()?.strip_prefix(place)?;
        let is_home = place == "/account"; // it is above all the others
        match below {
            "" => Some("page"),
            below if below.starts_with('/') && !is_home => Some("true"),
            _ => None,
        }
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.signed_in.as_ref().map(|person| person.session.as_str())
    }

    fn locale(&self) -> Locale {
        Locale::of(self.language, self.pseudo)
    }
}

/// One or two letters that stand for a person where no picture does.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_button_cycles_dark_light_system() {
        assert_eq!(Theme::Dark.next(), Theme::Light);
        assert_eq!(Theme::Light.next(), Theme::System);
        assert_eq!(Theme::System.next(), Theme::Dark);
        for theme in Theme::ALL {
            assert_eq!(Theme::from_name(theme.name()), Some(theme));
        }
        assert_eq!(Theme::from_name("sepia"), None);
    }

    #[test]
    fn initials_are_those_of_the_first_and_the_last_name() {
        assert_eq!(initials("Anna Maria Berg"), "AB");
        assert_eq!(initials("anna"), "A");
        assert_eq!(initials("Änne (Team) Östlund"), "ÄÖ");
        assert_eq!(initials("  "), "");
    }
}
