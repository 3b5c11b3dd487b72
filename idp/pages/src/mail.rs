//! What people get by mail: HTML and plain text of the same words.

use askama::Template;
use fluent_bundle::FluentArgs;
use idp_core::language::Language;
use idp_core::mail::Letter;
use idp_core::time::Timestamp;

use crate::i18n::{Locale, Pseudo};

/// What surrounds a mail.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The language of the person.
    pub language: Language,
    /// Who writes: the company's brand, or the vendor's.
    pub brand: &'a str,
    /// Our public address, without a slash at its end. Links are built from it and from nothing else.
    pub base: &'a str,
    /// How the company tells the time.
    pub clock: &'a dyn Fn(Timestamp) -> String,
    /// A pseudo-locale in place of the language; tests only, otherwise `None`.
    pub pseudo: Option<Pseudo>,
}

impl std::fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame").field("language", &self.language).field("brand", &self.brand).finish_non_exhaustive()
    }
}

/// A mail, ready to be sent.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The subject; holds no secret but a code.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// What every mail is made of.
struct Parts {
    subject: String,
    heading: String,
    before: Vec<String>,
    /// Words and address.
    button: Option<(String, String)>,
    /// What it is, and its digits.
    code: Option<(String, String)>,
    after: Vec<String>,
}

#[derive(Template)]
#[template(path = "mail/letter.html", whitespace = "minimize")]
struct Html<'a> {
    lang: &'static str,
    dir: &'static str,
    brand: &'a str,
    or_copy: String,
    parts: &'a Parts,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Text<'a> {
    brand: &'a str,
    parts: &'a Parts,
}

/// Writes a mail.
pub fn render(frame: Frame<'_>, letter: &Letter) -> Rendered {
    let locale = Locale::of(frame.language, frame.pseudo);
    let parts = Words { frame, locale }.parts(letter);
    let html = Html {
        lang: locale.tag(),
        dir: locale.direction(),
        brand: frame.brand,
        or_copy: locale.format("mail-or-copy", None),
        parts: &parts,
    };
    // Writing to memory cannot fail; an empty part is what the signature would ask for.
    let html = html.render().unwrap_or_default();
    let text = Text { brand: frame.brand, parts: &parts }.render().unwrap_or_default();
    Rendered { subject: parts.subject, text, html }
}

struct Words<'a> {
    frame: Frame<'a>,
    locale: Locale,
}

impl Words<'_> {
    fn text(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// With the brand, which most of them name, and more.
    fn with(&self, key: &str, more: &[(&str, &str)]) -> String {
        let brand = [("brand", self.frame.brand)];
        let args: FluentArgs<'_> = brand.iter().chain(more).copied().collect();
        self.locale.format(key, Some(&args))
    }

    fn parts(&self, letter: &Letter) -> Parts {
        match letter {
            Letter::Test => Parts {
                subject: self.text("mail-test-subject"),
                heading: self.text("mail-test-heading"),
                before: vec![self.text("mail-test-text")],
                button: None,
                code: None,
                after: Vec::new(),
            },
            Letter::Welcome { name, username, email, company, code, token, password, until } => {
                let until = (self.frame.clock)(*until);
                let button = token.as_ref().map(|token| format!("{}/m/{token}", self.frame.base));
                let entry = format!("{}/t/{code}", self.frame.base);
                let names = [("company", company.as_str()), ("username", username), ("email", email)];
                let how = if token.is_some() { "mail-welcome-link" } else { "mail-welcome-password" };
                Parts {
                    subject: self.with("mail-welcome-subject", &names),
                    heading: self.with("mail-welcome-heading", &[("name", name)]),
                    before: vec![
                        self.with("mail-welcome-text", &names),
                        self.with("mail-welcome-names", &names),
                        self.with(how, &[("time", &until)]),
                    ],
                    button: Some((self.text("mail-sign-in-button"), button.unwrap_or_else(|| entry.clone()))),
                    code: password.clone().map(|password| (self.text("mail-welcome-once"), password)),
                    after: vec![self.with("mail-welcome-later", &[("address", &entry)])],
                }
            }
            Letter::Reset { token, username, until, asked_by } => Parts {
                subject: self.text("mail-reset-subject"),
                heading: self.text("mail-reset-heading"),
                before: vec![
                    self.with("mail-reset-text", &[("username", username)]),
                    self.with("mail-until", &[("time", &(self.frame.clock)(*until))]),
                ],
                button: Some((self.text("mail-reset-button"), format!("{}/reset/{token}", self.frame.base))),
                code: None,
                after: vec![self.with("mail-asked-by", &[("browser", asked_by)]), self.text("mail-not-you")],
            },
            Letter::PasswordChanged { username, at, from } => Parts {
                subject: self.text("mail-password-changed-subject"),
                heading: self.text("mail-password-changed-heading"),
                before: vec![self.with(
                    "mail-password-changed-text",
                    &[("username", username), ("time", &(self.frame.clock)(*at)), ("address", from)],
                )],
                button: Some((self.text("mail-password-changed-button"), format!("{}/forgot", self.frame.base))),
                code: None,
                after: vec![self.text("mail-password-changed-help")],
            },
            Letter::SignIn { token, code, until, asked_by } => Parts {
                subject: self.text("mail-sign-in-subject"),
                heading: self.text("mail-sign-in-heading"),
                before: vec![self.with("mail-until", &[("time", &(self.frame.clock)(*until))])],
                button: Some((self.text("mail-sign-in-button"), format!("{}/m/{token}", self.frame.base))),
                code: Some((self.text("mail-sign-in-code"), code.clone())),
                after: vec![self.with("mail-asked-by", &[("browser", asked_by)]), self.text("mail-not-you")],
            },
        }
    }
}
