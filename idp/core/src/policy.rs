//! What a company may decide for itself: values, each with a default, a form and a range. A value that isn't
//! set is inherited: company, then vendor, then the default here.

pub mod second_factor;

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::account::Email;
use crate::language::Language;
use crate::mail::shown_name;
use crate::throttle::Limits;
use crate::time::Lifetime;

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `on` or `off`.
    Switch,
    /// A whole number in a range.
    Count(i64, i64),
    /// A length: a whole number and `s`, `m`, `h` or `d`; the range is in seconds.
    Length(i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Several of these words, comma separated.
    Set(&'static [&'static str]),
    /// A text, maybe empty.
    Text,
    /// A name that mails and pages show, or empty.
    Name,
    /// An `https` address, or empty.
    Link,
    /// A mail address, or empty.
    Mailbox,
}

/// One key of the policy.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name.
    pub key: &'static str,
    /// What holds where nobody says otherwise.
    pub default: &'static str,
    /// What it looks like.
    pub form: Form,
    /// What it means.
    pub meaning: &'static str,
}

const fn spec(key: &'static str, default: &'static str, form: Form, meaning: &'static str) -> Spec {
    Spec { key, default, form, meaning }
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Every key.
pub const SPECS: &[Spec] = &[
    spec(
        "welcome.mode",
        "magic_link",
        Form::Choice(&["magic_link", "temporary_password", "out_of_band"]),
        "How people are invited: by a mail with a link, by a mail with a password for once, or by somebody who hands it over.",
    ),
    spec("welcome.link_ttl", "72h", Form::Length(HOUR, 30 * DAY), "How long the link in an invitation works."),
    spec("magiclink.enabled", "on", Form::Switch, "May people sign in by a link or a code in a mail?"),
    spec("magiclink.ttl", "15m", Form::Length(60, DAY), "How long such a link, and its code, works."),
    spec(
        "magiclink.other_browser",
        "button",
        Form::Choice(&["button", "code"]),
        "What a link does in a browser that didn't ask for it: one button signs in there, or nothing but the typed code does.",
    ),
    spec("reset.ttl", "1h", Form::Length(600, DAY), "How long a link to a new password works."),
    spec("password.enabled", "on", Form::Switch, "May people sign in with a password?"),
    spec("password.min", "8", Form::Count(8, 64), "The fewest characters of a password."),
    spec(
        "password.breach_check",
        "refuse",
        Form::Choice(&["refuse", "off"]),
        "Are passwords refused that everybody tries first?",
    ),
    spec(
        "password.temp_ttl",
        "72h",
        Form::Length(HOUR, 30 * DAY),
        "How long a password made by an administrator is good for.",
    ),
    spec(
        "sso.first_time",
        "bind",
        Form::Choice(&["bind", "deny", "create"]),
        "Who comes from another provider for the first time: shows that an account is his and connects it, is sent to his administrator, or gets an account. The last one wants a provider that lets in certain domains or directories only.",
    ),
    spec(
        "sso.trust_amr",
        "off",
        Form::Switch,
        "Does a sign-in at another provider count as both factors, if that says that it asked for two?",
    ),
    spec("session.idle", "4h", Form::Length(300, 7 * DAY), "A session ends after so long without activity."),
    spec("session.absolute", "24h", Form::Length(HOUR, 30 * DAY), "It ends after so long in any case."),
    spec(
        "session.others_on_pw_change",
        "ask",
        Form::Choice(&["ask", "end"]),
        "Does a change of password always end the other sessions, or is the person asked?",
    ),
    spec(
        "session.offline",
        "90d",
        Form::Length(DAY, 400 * DAY),
        "How long a portal may come back without the person (`offline_access`).",
    ),
    spec("lock1.threshold", "5", Form::Count(3, 20), "So many wrong passwords begin a wait."),
    spec(
        "lock1.wait",
        "15m",
        Form::Length(60, 2 * HOUR),
        "The first wait; the next ones are twice and four times as long, two hours at most.",
    ),
    spec(
        "2fa.policy",
        "optional",
        Form::Choice(&["off", "optional", "required"]),
        "Is a second factor never asked for, asked of those who set one up, or asked of everybody?",
    ),
    spec(
        "2fa.roles",
        "all",
        Form::Set(&["all", "agent", "supervisor", "auditor", "tenant_admin", "support", "system_admin"]),
        "Whom a required second factor is required of; for the others it is optional.",
    ),
    spec(
        "2fa.grace",
        "0d",
        Form::Length(0, 90 * DAY),
        "How long setting it up may wait, from the first sign-in on at which it is required.",
    ),
    spec("2fa.methods", "email,totp", Form::Set(&["email", "totp"]), "By what means it may be set up."),
    spec(
        "2fa.trust_days",
        "none",
        Form::Choice(&["none", "14", "30", "60", "90"]),
        "For how many days a person may trust a browser, which is then not asked.",
    ),
    spec("2fa.admin_code", "24h", Form::Length(HOUR, 7 * DAY), "How long a backup code from an administrator works."),
    spec(
        "lock2.threshold",
        "5",
        Form::Count(3, 10),
        "So many wrong second factors lock the account, until an administrator unlocks it.",
    ),
    spec("passkey.enabled", "on", Form::Switch, "May people sign in with passkeys, and make them?"),
    spec(
        "passkey.uv_is_mfa",
        "on",
        Form::Switch,
        "Is a passkey that the person unlocked both factors? If not, a second one is asked for beside it.",
    ),
    spec(
        "mail.from",
        "",
        Form::Mailbox,
        "The address that mails come from, which the mail server has to be allowed to send from (SPF, DKIM); without it the one of the configuration.",
    ),
    spec(
        "login.layout",
        "combined",
        Form::Choice(&["combined", "identifier_first"]),
        "Is the name asked for together with the password, or before it?",
    ),
    spec(
        "ui.language",
        "en",
        Form::Choice(&["en", "de"]),
        "The language, where nobody wishes another; a company's own stands at the company.",
    ),
    spec("ui.zone", "UTC", Form::Text, "The time zone in which people are told the time, such as `Europe/Berlin`."),
    spec("ui.tos", "", Form::Link, "The terms of service, linked at the foot of every page."),
    spec("ui.privacy", "", Form::Link, "The privacy policy, likewise."),
    spec("ui.brand", "", Form::Name, "The name that pages carry instead of the company's."),
];

/// Why a value can't be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No such key.
    #[error("there is no policy `{0}`")]
    UnknownKey(String),
    /// Not of the key's form, or out of its range.
    #[error("`{key}` can't be `{value}`: {wanted}")]
    BadValue {
        /// The key.
        key: &'static str,
        /// What was given.
        value: String,
        /// What would be right.
        wanted: String,
    },
}

/// Reads `90s`, `15m`, `4h`, `30d`.
pub fn parse_length(text: &str) -> Option<Lifetime> {
    let unit = text.chars().last()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    match unit {
        's' => Some(Lifetime::seconds(number)),
        'm' => Some(Lifetime::minutes(number)),
        'h' => Some(Lifetime::hours(number)),
        'd' => Some(Lifetime::days(number)),
        _ => None,
    }
}

fn wanted(form: Form) -> String {
    match form {
        Form::Switch => "use on or off".into(),
        Form::Count(low, high) => format!("use a number from {low} to {high}"),
        Form::Length(low, high) => format!("use a length such as 15m or 4h, from {low} s to {high} s"),
        Form::Choice(words) => format!("use one of {}", words.join(", ")),
        Form::Set(words) => format!("use some of {}, separated by commas", words.join(", ")),
        Form::Text => "use up to 200 characters on one line".into(),
        Form::Name => "use up to 100 characters on one line, and no address".into(),
        Form::Link => "use an https address, or leave it empty".into(),
        Form::Mailbox => "use a mail address such as no-reply@example.com, or leave it empty".into(),
    }
}

/// All keys, in Markdown.
pub fn reference() -> String {
    let form = |form: Form| match form {
        Form::Switch => "on or off".to_owned(),
        Form::Count(low, high) => format!("{low} to {high}"),
        Form::Length(low, high) => format!("{} to {}", length(low), length(high)),
        Form::Choice(words) => words.join(" or "),
        Form::Set(words) => format!("several of {}", words.join(", ")),
        Form::Text => "text".to_owned(),
        Form::Name => "name".to_owned(),
        Form::Link => "https address".to_owned(),
        Form::Mailbox => "mail address".to_owned(),
    };
    let mut text = String::from("| policy | value | default | meaning |\n|---|---|---|---|\n");
    for spec in SPECS {
        let default = if spec.default.is_empty() { "none" } else { spec.default };
        let row = [&format!("`{}`", spec.key), &form(spec.form), default, spec.meaning];
        text.push_str(&row.map(|cell| format!("| {cell} ")).concat());
        text.push_str("|\n");
    }
    text
}

/// A length as it is written.
fn length(seconds: i64) -> String {
    match seconds {
        s if s % DAY == 0 => format!("{}d", s / DAY),
        s if s % HOUR == 0 => format!("{}h", s / HOUR),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

fn fits(form: Form, value: &str) -> bool {
    match form {
        Form::Switch => matches!(value, "on" | "off"),
        Form::Count(low, high) => value.parse::<i64>().is_ok_and(|n| (low..=high).contains(&n)),
        Form::Length(low, high) => parse_length(value).is_some_and(|l| (low..=high).contains(&l.as_seconds())),
        Form::Choice(words) => words.contains(&value),
        Form::Set(words) => value.split(',').all(|w| words.contains(&w.trim())),
        Form::Text => value.chars().count() <= 200 && !value.chars().any(char::is_control),
        Form::Name => value.is_empty() || shown_name(value) == Some(value),
        Form::Link => value.is_empty() || url::Url::parse(value).is_ok_and(|u| u.scheme() == "https"),
        // As it is read, or what was checked is not what is used.
        Form::Mailbox => value.is_empty() || Email::from_str(value).is_ok_and(|email| email.as_str() == value),
    }
}

/// Finds a key and checks a value for it.
///
/// # Errors
/// If there is no such key, or the value doesn't fit it.
pub fn check(key: &str, value: &str) -> Result<&'static Spec, PolicyError> {
    let spec = SPECS.iter().find(|s| s.key == key).ok_or_else(|| PolicyError::UnknownKey(key.to_owned()))?;
    if fits(spec.form, value) {
        Ok(spec)
    } else {
        Err(PolicyError::BadValue { key: spec.key, value: value.to_owned(), wanted: wanted(spec.form) })
    }
}

/// What happens to who comes from another provider for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstTime {
    /// He shows that an account is his, and connects it.
    Bind,
    /// He is sent to his administrator.
    Deny,
    /// He gets an account.
    Create,
}

/// How people are invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Welcome {
    /// By a link in a mail.
    Link,
    /// By a password for once, in a mail.
    TemporaryPassword,
    /// By an administrator, who hands a password for once over.
    OutOfBand,
}

/// The values that hold for one company, resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy(BTreeMap<&'static str, String>);

/// Values as somebody set them, by key.
pub type Layer = [(String, String)];

impl Policy {
    /// Lays the layers over each other, the most general first. Values an older or newer release would not accept are
    /// passed over: a default that works is better than a sign-in that doesn't.
    pub fn resolve(layers: &[&Layer]) -> Self {
        let mut values = BTreeMap::new();
        for (key, value) in layers.iter().flat_map(|layer| layer.iter()) {
            if let Ok(spec) = check(key, value) {
                values.insert(spec.key, value.clone());
            }
        }
        Self(values)
    }

    /// The value of a key, as text.
    pub fn text(&self, key: &'static str) -> &str {
        let default = || SPECS.iter().find(|s| s.key == key).map_or("", |s| s.default);
        self.0.get(key).map_or_else(default, String::as_str)
    }

    fn is_on(&self, key: &'static str) -> bool {
        self.text(key) == "on"
    }

    fn count(&self, key: &'static str) -> u32 {
        self.text(key).parse().unwrap_or(0)
    }

    fn length(&self, key: &'static str) -> Lifetime {
        parse_length(self.text(key)).unwrap_or(Lifetime::ZERO)
    }

    fn optional(&self, key: &'static str) -> Option<&str> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    /// Is the name asked for on a page of its own, before the password?
    pub fn asks_name_first(&self) -> bool {
        self.text("login.layout") == "identifier_first"
    }

    /// The address that mails come from, if the company has one of its own.
    pub fn mail_from(&self) -> Option<&str> {
        self.optional("mail.from")
    }

    /// How people are invited.
    pub fn welcome(&self) -> Welcome {
        match self.text("welcome.mode") {
            "temporary_password" => Welcome::TemporaryPassword,
            "out_of_band" => Welcome::OutOfBand,
            _ => Welcome::Link,
        }
    }

    /// How long the link in an invitation works.
    pub fn welcome_life(&self) -> Lifetime {
        self.length("welcome.link_ttl")
    }

    /// May people make passkeys and sign in with them?
    pub fn passkeys_enabled(&self) -> bool {
        self.is_on("passkey.enabled")
    }

    /// What happens to who comes from another provider for the first time.
    pub fn first_time(&self) -> FirstTime {
        match self.text("sso.first_time") {
            "deny" => FirstTime::Deny,
            "create" => FirstTime::Create,
            _ => FirstTime::Bind,
        }
    }

    /// May people sign in by mail?
    pub fn links_enabled(&self) -> bool {
        self.is_on("magiclink.enabled")
    }

    /// How long a link in a mail works.
    pub fn link_life(&self) -> Lifetime {
        self.length("magiclink.ttl")
    }

    /// Is a link worth nothing in a browser that didn't ask for it?
    pub fn wants_typed_code(&self) -> bool {
        self.text("magiclink.other_browser") == "code"
    }

    /// How long a link to a new password works.
    pub fn reset_life(&self) -> Lifetime {
        self.length("reset.ttl")
    }

    /// May people sign in with a password?
    pub fn password_enabled(&self) -> bool {
        self.is_on("password.enabled")
    }

    /// The fewest characters of a password.
    pub fn password_min(&self) -> u32 {
        self.count("password.min")
    }

    /// Are known passwords refused?
    pub fn refuses_known_passwords(&self) -> bool {
        self.text("password.breach_check") == "refuse"
    }

    /// How long a password made by an administrator is good for.
    pub fn temporary_password_life(&self) -> Lifetime {
        self.length("password.temp_ttl")
    }

    /// The sliding time of a session.
    pub fn session_idle(&self) -> Lifetime {
        self.length("session.idle")
    }

    /// The absolute end of a session.
    pub fn session_absolute(&self) -> Lifetime {
        self.length("session.absolute")
    }

    /// How long a client may come back without the person (`offline_access`).
    pub fn offline(&self) -> Lifetime {
        self.length("session.offline")
    }

    /// Does a change of password always end the other sessions?
    pub fn ends_others_on_change(&self) -> bool {
        self.text("session.others_on_pw_change") == "end"
    }

    /// The first-factor counter.
    pub fn first_factor(&self) -> Limits {
        Limits { threshold: self.count("lock1.threshold"), wait: self.length("lock1.wait") }
    }

    /// The vendor's own language, where nobody wishes another.
    pub fn language(&self) -> Language {
        Language::from_tag(self.text("ui.language")).unwrap_or(Language::En)
    }

    /// The time zone in which people are told the time.
    pub fn zone(&self) -> &str {
        self.text("ui.zone")
    }

    /// Terms of service.
    pub fn terms(&self) -> Option<&str> {
        self.optional("ui.tos")
    }

    /// Privacy policy.
    pub fn privacy(&self) -> Option<&str> {
        self.optional("ui.privacy")
    }

    /// The name that pages carry instead of the company's.
    pub fn brand(&self) -> Option<&str> {
        self.optional("ui.brand")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_fits_its_own_form() {
        for spec in SPECS {
            assert!(check(spec.key, spec.default).is_ok(), "{}", spec.key);
        }
    }

    #[test]
    fn every_key_is_asked_for_somewhere() {
        let files = [include_str!("policy.rs"), include_str!("policy/second_factor.rs")];
        let source: String = files.iter().filter_map(|text| text.split("#[cfg(test)]").next()).collect();
        for spec in SPECS {
            let times = source.matches(&format!("\"{}\"", spec.key)).count();
            assert!(times >= 2, "{} can be set and changes nothing", spec.key);
        }
    }

    #[test]
    fn keys_are_there_once() {
        let keys: std::collections::BTreeSet<_> = SPECS.iter().map(|s| s.key).collect();
        assert_eq!(keys.len(), SPECS.len());
    }

    #[test]
    fn the_company_beats_the_vendor_and_the_vendor_the_default() {
        let vendor = [("password.min".to_owned(), "10".to_owned()), ("session.idle".to_owned(), "2h".to_owned())];
        let company = [("password.min".to_owned(), "12".to_owned())];
        let policy = Policy::resolve(&[&vendor, &company]);
        assert_eq!(policy.password_min(), 12);
        assert_eq!(policy.session_idle(), Lifetime::hours(2));
        assert_eq!(policy.session_absolute(), Lifetime::hours(24));
    }

    #[test]
    fn a_value_out_of_range_says_what_would_be_right() {
        let told = check("password.min", "7").unwrap_err().to_string();
        assert!(told.contains("8 to 64"), "{told}");
        assert!(matches!(check("pasword.min", "8"), Err(PolicyError::UnknownKey(_))));
        assert!(check("ui.tos", "javascript:alert(1)").is_err());
        assert!(check("mail.from", "no-reply@acme.example").is_ok() && check("mail.from", "").is_ok());
        assert!(check("mail.from", " No-Reply@acme.example\r\n").is_err());
        assert!(check("mail.from", "Acme <no-reply@acme.example>").is_err());
    }

    #[test]
    fn the_promised_defaults_hold() {
        let policy = Policy::default();
        assert_eq!(policy.first_factor(), Limits { threshold: 5, wait: Lifetime::minutes(15) });
        assert_eq!(policy.session_idle(), Lifetime::hours(4));
        assert_eq!(policy.password_min(), 8);
        let second = policy.second_factor(&[]);
        assert_eq!((second.demand, second.threshold, second.trust), (second_factor::Demand::Optional, 5, None));
        assert!(second.app && second.email);
    }
}
