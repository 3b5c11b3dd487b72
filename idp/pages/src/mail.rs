//! What people get by mail: HTML and plain text of the same words.

use askama::Template;
use fluent_bundle::FluentArgs;
use idp_core::language::Language;
use idp_core::mail::{CodeFor, Happening, Letter};
use idp_core::time::Timestamp;

use crate::i18n::{Locale, Pseudo};
use crate::link;

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
    /// For programs: the host that a code may be filled in at, and the code (the format of origin-bound one-time
    /// codes).
    last: Option<String>,
}

/// What an invitation says.
struct Welcome<'a> {
    name: &'a str,
    username: &'a str,
    email: &'a str,
    company: &'a str,
    code: &'a str,
    token: Option<&'a str>,
    password: Option<&'a str>,
    until: Timestamp,
}

/// Subject and text of what happened.
fn happened(what: Happening) -> (&'static str, &'static str) {
    match what {
        Happening::PasswordChanged => ("mail-password-changed-subject", "mail-password-changed-text"),
        Happening::PasswordReset => ("mail-password-reset-subject", "mail-password-reset-text"),
        Happening::NewBrowser => ("mail-new-browser-subject", "mail-new-browser-text"),
        Happening::AppOn => ("mail-app-on-subject", "mail-app-on-text"),
        Happening::EmailCodesOn => ("mail-email-codes-on-subject", "mail-email-codes-on-text"),
        Happening::SecondFactorOff => ("mail-second-factor-off-subject", "mail-second-factor-off-text"),
        Happening::BackupCodesMade => ("mail-backup-codes-made-subject", "mail-backup-codes-made-text"),
        Happening::BackupCodeUsed => ("mail-backup-code-used-subject", "mail-backup-code-used-text"),
        Happening::BackupCodeIssued => ("mail-backup-code-issued-subject", "mail-backup-code-issued-text"),
        Happening::Locked => ("mail-locked-subject", "mail-locked-text"),
        Happening::EmailChanged => ("mail-address-changed-subject", "mail-email-changed-text"),
        Happening::PasskeyMade => ("mail-passkey-made-subject", "mail-passkey-made-text"),
        Happening::Connected => ("mail-connected-subject", "mail-connected-text"),
        Happening::Disconnected => ("mail-disconnected-subject", "mail-disconnected-text"),
        Happening::PasskeyRevoked => ("mail-passkey-revoked-subject", "mail-passkey-revoked-text"),
    }
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

    /// The code comes first: in the subject, and in the text.
    fn code(&self, what_for: CodeFor, code: &str, (until, asked_by): (Timestamp, &str)) -> Parts {
        let (subject, heading, not_you) = match what_for {
            CodeFor::SignIn => ("mail-code-subject", "mail-code-heading", "mail-code-not-you"),
            CodeFor::Address => ("mail-address-code-subject", "mail-address-code-heading", "mail-address-code-not-you"),
        };
        let host = self.frame.base.split("://").last().and_then(|rest| rest.split(':').next()).unwrap_or_default();
        Parts {
            subject: self.with(subject, &[("code", code)]),
            heading: self.text(heading),
            before: Vec::new(),
            button: None,
            code: Some((self.text("mail-code-type"), code.to_owned())),
            after: vec![
                self.with("mail-until", &[("time", &(self.frame.clock)(until))]),
                self.with("mail-asked-by", &[("browser", asked_by)]),
                self.text(not_you),
            ],
            last: Some(format!("@{host} #{code}")),
        }
    }

    fn happened(&self, what: Happening, username: &str, (at, agent, address): (Timestamp, &str, &str)) -> Parts {
        let time = (self.frame.clock)(at);
        let (subject, text) = happened(what);
        let needs_admin = matches!(what, Happening::Locked | Happening::EmailChanged);
        let place = [("time", time.as_str()), ("browser", agent), ("address", address)];
        let key = if address.is_empty() { "mail-happened-when" } else { "mail-happened-where" };
        let anew = link::local("/forgot", &[("name", Some(username))]);
        Parts {
            subject: self.text(subject),
            heading: self.text(subject),
            before: vec![self.with(text, &[("username", username)]), self.with(key, &place)],
            // A new password opens no locked account and doesn't come to an old mailbox; nothing to do is not what it
            // is then.
            button: (!needs_admin).then(|| (self.text("mail-happened-button"), format!("{}{anew}", self.frame.base))),
            code: None,
            after: (!needs_admin).then(|| self.text("mail-happened-help")).into_iter().collect(),
            last: None,
        }
    }

    fn welcome(&self, to: &Welcome<'_>) -> Parts {
        let until = (self.frame.clock)(to.until);
        let button = to.token.map(|token| format!("{}/m/{token}", self.frame.base));
        let entry = format!("{}/t/{}", self.frame.base, to.code);
        let names = [("company", to.company), ("username", to.username), ("email", to.email)];
        let how = match (to.token, to.password) {
            (Some(_), _) => "mail-welcome-link",
            (None, Some(_)) => "mail-welcome-password",
            (None, None) => "mail-welcome-code",
        };
        Parts {
            subject: self.with("mail-welcome-subject", &names),
            heading: self.with("mail-welcome-heading", &[("name", to.name)]),
            before: vec![
                self.with("mail-welcome-text", &names),
                self.with("mail-welcome-names", &names),
                self.with(how, &[("time", &until)]),
            ],
            button: Some((self.text("mail-sign-in-button"), button.unwrap_or_else(|| entry.clone()))),
            code: to.password.map(|password| (self.text("mail-welcome-once"), password.to_owned())),
            after: vec![self.with("mail-welcome-later", &[("address", &entry)])],
            last: None,
        }
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
                last: None,
            },
            Letter::Welcome { name, username, email, company, code, token, password, until } => {
                let (token, password) = (token.as_deref(), password.as_deref());
                self.welcome(&Welcome { name, username, email, company, code, token, password, until: *until })
            }
            Letter::Reset { token, username, until, asked_by } => Parts {
                subject: self.text("mail-reset-subject"),
                heading: self.text("mail-reset-heading"),
                before: vec![
                    self.with("mail-for", &[("username", username)]),
                    self.with("mail-until", &[("time", &(self.frame.clock)(*until))]),
                ],
                button: Some((self.text("mail-reset-button"), format!("{}/reset/{token}", self.frame.base))),
                code: None,
                after: vec![self.with("mail-asked-by", &[("browser", asked_by)]), self.text("mail-not-you")],
                last: None,
            },
            Letter::Code { code, what_for, until, asked_by } => self.code(*what_for, code, (*until, asked_by)),
            Letter::Happened { what, username, at, agent, address } => {
                self.happened(*what, username, (*at, agent, address))
            }
            Letter::AddressChanged { username, new, token, at, until } => {
                let time = (self.frame.clock)(*at);
                let names = [("username", username.as_str()), ("new", new), ("time", &time)];
                Parts {
                    subject: self.text("mail-address-changed-subject"),
                    heading: self.text("mail-address-changed-subject"),
                    before: vec![
                        self.with("mail-address-changed-text", &names),
                        self.with("mail-address-changed-undo", &[("time", &(self.frame.clock)(*until))]),
                    ],
                    button: Some((self.text("mail-happened-button"), format!("{}/undo/{token}", self.frame.base))),
                    code: None,
                    after: vec![self.text("mail-happened-help")],
                    last: None,
                }
            }
            Letter::SignIn { username, token, code, until, asked_by } => Parts {
                subject: self.text("mail-sign-in-subject"),
                heading: self.text("mail-sign-in-heading"),
                before: vec![
                    self.with("mail-for", &[("username", username)]),
                    self.with("mail-until", &[("time", &(self.frame.clock)(*until))]),
                ],
                button: Some((self.text("mail-sign-in-button"), format!("{}/m/{token}", self.frame.base))),
                code: Some((self.text("mail-sign-in-code"), code.clone())),
                after: vec![self.with("mail-asked-by", &[("browser", asked_by)]), self.text("mail-not-you")],
                last: None,
            },
        }
    }
}
