//! Pages of a signed-in person: the home with its portals, and the settings.

use std::borrow::Cow;

use askama::Template;
use idp_core::language::Language;
use idp_core::signin::second_factor::Means;

use crate::connected::ConnectedCard;
use crate::form::{Fault, Field, Kind};
use crate::link;
use crate::passkeys::PasskeyCard;
use crate::shell::{Shell, Theme};
use crate::signin::{App, NewPasswordError, new_password_fields};

/// The first page after a sign-in that no portal waits for.
#[derive(Clone, Debug, Template)]
#[template(path = "account/home.html", whitespace = "minimize")]
pub struct Home {
    /// The frame.
    pub shell: Shell,
    /// The company's name.
    pub company: String,
    /// The sign-in before this one: when, in which browser, and how.
    pub last_sign_in: (String, String, LastBy),
    /// What would protect the account better.
    pub advice: Option<HomeAdvice>,
    /// The portals this account may use.
    pub apps: Vec<App>,
}

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastBy {
    /// With a password.
    Password,
    /// By mail.
    Email,
    /// With a passkey.
    Passkey,
    /// At another provider.
    Upstream,
}

/// What would protect an account better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HomeAdvice {
    /// An address.
    AddEmail,
    /// A second factor.
    SecondFactor,
    /// New backup codes.
    NewCodes,
}

impl Home {
    fn last(&self) -> String {
        let (time, browser, by) = &self.last_sign_in;
        let key = match by {
            LastBy::Password => "home-last-by-password",
            LastBy::Email => "home-last-by-email",
            LastBy::Passkey => "home-last-by-passkey",
            LastBy::Upstream => "home-last-by-upstream",
        };
        self.shell.text2(key, ("time", time), ("browser", &agent(&self.shell, browser)))
    }

    /// The advice, where it leads, and the words of the link.
    fn advised(&self) -> Option<(String, String, String)> {
        let (text, to, link) = match self.advice? {
            HomeAdvice::AddEmail => ("home-advice-email", "/account/settings", "home-advice-email-link"),
            HomeAdvice::SecondFactor => ("home-advice-second", "/account/security", "home-advice-second-link"),
            HomeAdvice::NewCodes => ("home-advice-codes", "/account/security", "home-advice-codes-link"),
        };
        Some((self.shell.text(text), self.shell.own(to), self.shell.text(link)))
    }

    fn name(&self) -> &str {
        self.shell.signed_in.as_ref().map_or("", |person| &person.name)
    }

    fn username(&self) -> &str {
        self.shell.signed_in.as_ref().map_or("", |person| &person.username)
    }
}

/// A browser in words, known or not.
fn agent<'a>(shell: &Shell, name: &'a str) -> Cow<'a, str> {
    if name.is_empty() || name == "?" { shell.text("security-unknown-browser").into() } else { name.into() }
}

/// What protects an account, who is signed in to it, and what happened to it.
#[derive(Clone, Debug, Template)]
#[template(path = "account/security.html", whitespace = "minimize")]
pub struct Security {
    /// The frame.
    pub shell: Shell,
    /// Passkeys, where there may be any.
    pub passkeys: Option<PasskeyCard>,
    /// Accounts at other providers, where the company has any.
    pub connected: Option<ConnectedCard>,
    /// Is there a password?
    pub has_password: bool,
    /// Two-factor authentication.
    pub second: SecondCard,
    /// Browsers that are not asked for it.
    pub trusted: Vec<TrustedRow>,
    /// Who is signed in.
    pub devices: Vec<DeviceRow>,
    /// What happened, the newest first.
    pub activity: Vec<ActivityRow>,
    /// Where somebody gets a new password who was not the one who did that, if mails reach him.
    pub anew: Option<String>,
    /// What was just done, or is to be done now.
    pub notice: Option<SecurityNotice>,
    /// Where it goes on from here, if a client waits.
    pub go_on: Option<String>,
}

/// Events that are shown at once.
const NEWEST: usize = 8;

/// Two-factor authentication, as the account has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondCard {
    /// What the company wants.
    pub wanted: Wanted,
    /// An app.
    pub app: Thing,
    /// Codes in mails.
    pub email: Thing,
    /// Browsers may be trusted.
    pub may_trust: bool,
    /// Backup codes that are left.
    pub codes: usize,
}

/// What a company wants of two-factor authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It doesn't use it.
    Unused,
    /// As people like.
    Optional,
    /// The last means can't be turned off.
    Required,
}

/// One means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// It is set up.
    On,
    /// It may be.
    Offered,
    /// It can't be: there is no address for it.
    NoAddress,
    /// It can't be: the company doesn't want it.
    Closed,
}

impl Thing {
    fn is_on(self) -> bool {
        self == Self::On
    }

    fn is_offered(self) -> bool {
        self == Self::Offered
    }

    fn is_closed(self) -> bool {
        self == Self::Closed
    }

    fn has_no_address(self) -> bool {
        self == Self::NoAddress
    }
}

/// A trusted browser.
#[derive(Clone, Debug)]
pub struct TrustedRow {
    /// Its id, as forms name it.
    pub id: String,
    /// The browser in words.
    pub agent: String,
    /// Until when.
    pub until: String,
}

/// A sign-in that goes on.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// Its session, as forms name it.
    pub id: String,
    /// The browser in words.
    pub agent: String,
    /// Its address.
    pub address: String,
    /// Since when.
    pub since: String,
    /// When something was last done.
    pub seen: String,
    /// The portals that were opened with it.
    pub apps: String,
    /// It is this one.
    pub is_here: bool,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct ActivityRow {
    /// The event's name.
    pub event: &'static str,
    /// Of a second factor: by what means.
    pub means: Option<Means>,
    /// When.
    pub at: String,
    /// From which address.
    pub address: Option<String>,
}

/// What the page says at its top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityNotice {
    /// Something is off now.
    Off,
    /// Somebody was signed out.
    SignedOut,
    /// A browser is asked again.
    Distrusted,
    /// The sign-in was by an administrator's code.
    Review,
    /// The password is new; passkeys of before are still there.
    CheckPasskeys,
    /// A code from a mail was tried too often, or came too late.
    CodeOver,
    /// Too many codes were asked for.
    TooMany,
    /// The company doesn't let the last means go.
    Required,
    /// A page was sent a second time, or too late.
    PageOver,
    /// A passkey was made.
    PasskeyMade,
    /// A passkey was taken away.
    PasskeyRevoked,
    /// An account at another provider is connected.
    Connected,
    /// It is no more.
    Disconnected,
    /// Somebody else here has it.
    ConnectTaken,
    /// It is the only way in.
    ConnectLast,
    /// There are as many passkeys as there may be.
    PasskeyFull,
    /// Somebody has that passkey already.
    PasskeyExists,
    /// No passkey was made.
    PasskeyWrong,
    /// It is the only way in.
    PasskeyLast,
}

impl SecondCard {
    fn is_used(self) -> bool {
        self.wanted != Wanted::Unused
    }

    fn is_required(self) -> bool {
        self.wanted == Wanted::Required
    }

    fn is_on(self) -> bool {
        self.app.is_on() || self.email.is_on()
    }

    fn has_few_codes(self) -> bool {
        self.is_on() && self.codes <= idp_core::signin::second_factor::FEW_BACKUP_CODES
    }

    /// May one means go? The last one not, where the company requires one.
    fn may_go(self) -> bool {
        !self.is_required() || (self.app.is_on() && self.email.is_on())
    }
}

impl Security {
    fn notice_text(&self) -> Option<String> {
        self.notice.map(|notice| {
            self.shell.text(match notice {
                SecurityNotice::Off => "security-notice-off",
                SecurityNotice::SignedOut => "security-notice-signed-out",
                SecurityNotice::Distrusted => "security-notice-distrusted",
                SecurityNotice::Review => "security-notice-review",
                SecurityNotice::CheckPasskeys => "security-notice-check-passkeys",
                SecurityNotice::CodeOver => "security-code-error-over",
                SecurityNotice::TooMany => "address-error-too-many",
                SecurityNotice::Required => "security-second-required",
                SecurityNotice::PageOver => "security-notice-page-over",
                SecurityNotice::PasskeyMade => "security-notice-passkey-made",
                SecurityNotice::Connected => "security-notice-connected",
                SecurityNotice::Disconnected => "security-notice-disconnected",
                SecurityNotice::ConnectTaken => "connect-taken",
                SecurityNotice::ConnectLast => "connected-last",
                SecurityNotice::PasskeyRevoked => "security-notice-passkey-revoked",
                SecurityNotice::PasskeyFull => "passkey-error-full",
                SecurityNotice::PasskeyExists => "passkey-error-exists",
                SecurityNotice::PasskeyWrong => "passkey-error-not-made",
                SecurityNotice::PasskeyLast => "passkey-error-last",
            })
        })
    }

    fn connect_link(&self, connector: &str) -> String {
        let session = self.shell.signed_in.as_ref().map(|person| person.session.as_str());
        link::local(&format!("/upstream/{connector}"), &[("r", Some("security")), ("as", session)])
    }

    /// Something was not done.
    fn is_caution(&self) -> bool {
        matches!(
            self.notice,
            Some(
                SecurityNotice::CodeOver
                    | SecurityNotice::TooMany
                    | SecurityNotice::Required
                    | SecurityNotice::PageOver
                    | SecurityNotice::PasskeyFull
                    | SecurityNotice::PasskeyExists
                    | SecurityNotice::PasskeyWrong
                    | SecurityNotice::PasskeyLast
                    | SecurityNotice::ConnectTaken
                    | SecurityNotice::ConnectLast
            )
        )
    }

    fn state(&self, thing: Thing) -> String {
        self.shell.text(if thing.is_on() { "security-on" } else { "security-off" })
    }

    fn set_up(&self) -> String {
        self.shell.text(if self.second.app.is_on() { "security-again" } else { "security-set-up" })
    }

    fn codes_text(&self) -> String {
        self.shell.number("security-codes-left", "count", u64::try_from(self.second.codes).unwrap_or(0))
    }

    fn agent<'a>(&self, name: &'a str) -> Cow<'a, str> {
        agent(&self.shell, name)
    }

    fn newest(&self) -> &[ActivityRow] {
        self.activity.get(..NEWEST).unwrap_or(&self.activity)
    }

    fn older(&self) -> &[ActivityRow] {
        self.activity.get(NEWEST..).unwrap_or_default()
    }

    fn others(&self) -> bool {
        self.devices.len() > 1
    }

    /// In plain words; an event that we have none for shows by its name.
    fn event(&self, row: &ActivityRow) -> String {
        let key = match row.event {
            "second_factor_on" if row.means == Some(Means::App) => "activity-second-on-app",
            "second_factor_on" if row.means == Some(Means::Email) => "activity-second-on-email",
            "second_factor_off" if row.means == Some(Means::App) => "activity-second-off-app",
            "second_factor_off" if row.means == Some(Means::Email) => "activity-second-off-email",
            "signed_in" => "activity-signed-in",
            "sign_in_failed" => "activity-sign-in-failed",
            "wait_began" => "activity-wait-began",
            "signed_out" => "activity-signed-out",
            "password_changed" => "activity-password-changed",
            "password_recovered" => "activity-password-recovered",
            "password_reset" => "activity-password-reset",
            "invited" => "activity-invited",
            "issued_code_used" => "activity-issued-code-used",
            "passkey_made" => "activity-passkey-made",
            "passkey_revoked" => "activity-passkey-revoked",
            "identity_connected" => "activity-identity-connected",
            "identity_disconnected" => "activity-identity-disconnected",
            "mail_allowed" => "activity-mail-allowed",
            "account_locked" => "activity-locked",
            "account_unlocked" => "activity-unlocked",
            "account_switched" => "activity-switched",
            "account_created" => "activity-account-made",
            "second_factor_on" => "activity-second-on",
            "second_factor_off" => "activity-second-off",
            "backup_codes_made" => "activity-codes-made",
            "backup_code_used" => "activity-code-used",
            "backup_code_issued" => "activity-code-issued",
            "account_locked_by_guesses" => "activity-guesses",
            "browser_trusted" => "activity-trusted",
            "browser_distrusted" => "activity-distrusted",
            "email_changed" => "activity-email-changed",
            "email_change_undone" => "activity-email-undone",
            other => return other.replace('_', " "),
        };
        self.shell.text(key)
    }
}

/// Asks before two-factor authentication is turned off.
#[derive(Clone, Debug, Template)]
#[template(path = "account/turn_off.html", whitespace = "minimize")]
pub struct TurnOff {
    /// The frame.
    pub shell: Shell,
    /// Which means.
    pub means: Means,
    /// Another one stays.
    pub stays: bool,
}

impl TurnOff {
    fn title(&self) -> String {
        match (self.stays, self.means) {
            (false, _) => self.shell.text("security-confirm-off-title"),
            (true, Means::Email) => self.shell.text("security-off-email-title"),
            (true, Means::App | Means::Key | Means::Backup) => self.shell.text("security-off-app-title"),
        }
    }

    fn text(&self) -> String {
        self.shell.text(match (self.stays, self.means) {
            (false, _) => "security-confirm-off-text",
            (true, Means::Email) => "security-off-email-text",
            (true, Means::App | Means::Key | Means::Backup) => "security-off-app-text",
        })
    }
}

/// Asks before new backup codes take the place of the ones there are.
#[derive(Clone, Debug, Template)]
#[template(path = "account/new_codes.html", whitespace = "minimize")]
pub struct NewCodes {
    /// The frame.
    pub shell: Shell,
    /// What names the form, which may be sent once.
    pub form: String,
}

/// Asks before a changed mail address is taken back, and says that it was.
#[derive(Clone, Debug, Template)]
#[template(path = "account/undo.html", whitespace = "minimize")]
pub struct UndoAddress {
    /// The frame.
    pub shell: Shell,
    /// What names the link: its form says which one it is about.
    pub link: String,
    /// Whose account; nothing once it is done.
    pub username: Option<String>,
}

impl UndoAddress {
    fn title(&self) -> String {
        self.shell.text(if self.username.is_some() { "undo-title" } else { "undo-done-title" })
    }
}

/// What was wrong with a new mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// None was typed.
    Empty,
    /// It can't be one, or no mail can be sent.
    Unfit,
    /// It is the one of now.
    Same,
    /// Too many codes were asked for.
    TooMany,
    /// The code was tried too often, or came too late.
    CodeOver,
}

/// What the settings say went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// With the password.
    Password(NewPasswordError),
    /// With the address.
    Address(AddressError),
}

/// What a person can change about his account.
#[derive(Clone, Debug, Template)]
#[template(path = "account/settings.html", whitespace = "minimize")]
pub struct Settings {
    /// The frame.
    pub shell: Shell,
    /// The company's minimum length of a password.
    pub min_length: u32,
    /// True where the company ends the other sessions whatever the person wants.
    pub others_forced: bool,
    /// False for accounts that sign in by other means.
    pub has_password: bool,
    /// The mail address, and whether it is shown to be the person's.
    pub email: Option<(String, bool)>,
    /// Mails can be sent.
    pub by_email: bool,
    /// What was entered as a new address.
    pub new_email: String,
    /// The language that was chosen; none for the company's.
    pub own_language: Option<Language>,
    /// What was changed just now.
    pub saved: Option<Saved>,
    /// What went wrong.
    pub error: Option<SettingsError>,
}

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The password.
    Password,
    /// The address.
    Address,
}

impl Settings {
    fn fault(&self) -> Option<Fault> {
        let fields: &[&str] = if self.has_password { &["current", "new", "confirm"] } else { &["new", "confirm"] };
        let empty = || Fault::new(fields, self.shell.text("settings-error-empty"));
        let at = |key| Fault::new(&["email"], self.shell.text(key));
        self.error.map(|error| match error {
            SettingsError::Password(error) => error.fault(&self.shell, empty()),
            SettingsError::Address(AddressError::Empty) => at("address-error-empty"),
            SettingsError::Address(AddressError::Unfit) => at("address-error-wrong"),
            SettingsError::Address(AddressError::Same) => at("address-error-same"),
            SettingsError::Address(AddressError::TooMany) => at("address-error-too-many"),
            SettingsError::Address(AddressError::CodeOver) => at("address-error-over"),
        })
    }

    /// Name, words, and whether it is the one.
    fn themes(&self) -> [(&'static str, String, bool); 3] {
        Theme::ALL.map(|theme| (theme.name(), self.shell.text(theme.choice()), self.shell.theme == theme))
    }

    fn password_title(&self) -> &'static str {
        if self.has_password { "change-password" } else { "settings-set-password" }
    }

    fn password_action(&self) -> &'static str {
        if self.has_password { "/account/settings/password" } else { "/account/settings/first-password" }
    }

    fn saved_text(&self) -> Option<String> {
        self.saved.map(|saved| {
            self.shell.text(match saved {
                Saved::Password => "settings-saved",
                Saved::Address => "address-saved",
            })
        })
    }

    fn email_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Email, "email", self.shell.text("address-new"))
            .hint(self.shell.text("address-new-hint"))
            .value(&self.new_email)
            .autocomplete("email")
            .fault(fault)
            .last()
    }

    /// Tag, name, and whether it is the one.
    fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        Language::ALL.into_iter().map(|l| (l.tag(), l.own_name(), self.own_language == Some(l))).collect()
    }

    fn username(&self) -> &str {
        self.shell.signed_in.as_ref().map_or("", |person| &person.username)
    }

    fn current_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Password, "current", self.shell.text("settings-current"))
            .autocomplete("current-password")
            .fault(fault)
    }

    fn new_fields<'a>(&'a self, fault: Option<&'a Fault>) -> [Field<'a>; 2] {
        new_password_fields(&self.shell, self.min_length, fault)
    }
}
