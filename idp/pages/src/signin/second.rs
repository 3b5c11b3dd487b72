//! The second factor: proving it, setting it up, and what follows from too many wrong answers.

use askama::Template;
use idp_core::signin::second_factor::{MailboxFor, Means};

use crate::form::{Again, Fault, Field, Kind};
use crate::link;
use crate::qr;
use crate::shell::Shell;

/// Asks for the second factor.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/second.html", whitespace = "minimize")]
pub struct SecondFactor {
    /// The frame.
    pub shell: Shell,
    /// The portal that waits.
    pub to: Option<String>,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// The sign-in, as forms have to name it.
    pub journey: String,
    /// Whose sign-in it is.
    pub username: String,
    /// By what.
    pub means: Means,
    /// What else there is.
    pub others: Vec<Means>,
    /// The address that codes go to, as far as it is shown.
    pub mailbox: String,
    /// A code is on its way.
    pub code_sent: bool,
    /// Seconds until another may be asked for.
    pub resend_in: u64,
    /// For how many days the browser may be trusted.
    pub trust_days: Option<u64>,
    /// It was to be, when the answer was wrong.
    pub trust: bool,
    /// Another code was sent just now.
    pub again: bool,
    /// What went wrong.
    pub error: Option<SecondError>,
}

/// What was wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondError {
    /// None was typed.
    Empty,
    /// Not as many digits as a code has.
    Length,
    /// It isn't right.
    Wrong,
    /// It isn't right, and so many tries are left.
    Left(u32),
    /// It was right, and used before.
    Used,
    /// It was right, and too old; another was sent.
    Expired,
    /// Another code was asked for too soon.
    TooSoon,
    /// There were too many; another may be asked for at this time.
    TooMany(String),
}

fn code_key(means: Means) -> &'static str {
    match means {
        Means::App | Means::Email | Means::Key => "second-code",
        Means::Backup => "second-backup-code",
    }
}

impl SecondFactor {
    fn title(&self) -> String {
        self.shell.text(match self.means {
            Means::App | Means::Email => "second-title",
            Means::Key => "second-key-title",
            Means::Backup => "second-backup-title",
        })
    }

    fn text(&self) -> String {
        match self.means {
            Means::App => self.shell.text("second-app-text"),
            Means::Key => self.shell.text("second-key-text"),
            Means::Email if self.code_sent => self.shell.text1("second-email-text", "mailbox", &self.mailbox),
            Means::Email => self.shell.text1("second-email-ask", "mailbox", &self.mailbox),
            Means::Backup => self.shell.text("second-backup-text"),
        }
    }

    fn fault(&self) -> Option<Fault> {
        let text = |key| self.shell.text(key);
        let field: &[&str] = if self.means == Means::Key { &[] } else { &["code"] };
        let at = |words| Fault::new(field, words);
        self.error.as_ref().map(|error| match error {
            SecondError::Empty => at(text("second-error-empty")),
            SecondError::Length => at(text("second-error-length")),
            SecondError::Wrong => at(text(match self.means {
                Means::Email => "second-error-wrong-email",
                Means::App => "second-error-wrong-app",
                Means::Key => "passkey-error-wrong",
                Means::Backup => "second-error-wrong-backup",
            })),
            SecondError::Left(left) => at(self.shell.number("second-attempts-left", "count", (*left).into())),
            SecondError::Used => at(text("second-error-used")),
            SecondError::Expired if self.means == Means::Key => at(text("passkey-error-wrong")),
            SecondError::Expired => at(text("second-error-expired")),
            SecondError::TooSoon => Fault::new(&[], text("email-error-too-soon")),
            SecondError::TooMany(time) => Fault::new(&[], self.shell.text1("second-error-too-many", "time", time)),
        })
    }

    fn is_by_key(&self) -> bool {
        self.means == Means::Key
    }

    /// Where the script asks what an authenticator has to sign.
    fn key_link(&self) -> String {
        link::local("/login/passkey", &[("journey", Some(&*self.journey))])
    }

    fn is_by_mail(&self) -> bool {
        self.means == Means::Email
    }

    fn code_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        let kind = if self.means == Means::Backup { Kind::Exact } else { Kind::Code };
        let hint = if self.means == Means::Backup { "second-backup-hint" } else { "email-code-hint" };
        Field::new(&self.shell, kind, "code", self.shell.text(code_key(self.means)))
            .hint(self.shell.text(hint))
            .autocomplete("one-time-code")
            .fault(fault)
            .focus_if(self.means != Means::Email || self.code_sent)
            .last()
    }

    fn again_button(&self) -> Again<'_> {
        let label = self.shell.text(if self.code_sent { "second-resend" } else { "second-send" });
        Again { shell: &self.shell, label, seconds: self.resend_in }
    }

    fn trust_label(&self) -> Option<String> {
        self.trust_days.map(|days| self.shell.number("second-trust", "days", days))
    }

    /// The other ways, as (address, words).
    fn other_ways(&self) -> Vec<(String, String)> {
        let way = |means: &Means| {
            let with =
                [("r", self.request.as_deref()), ("journey", Some(&*self.journey)), ("with", Some(means.name()))];
            let words = match means {
                Means::App => "second-use-app",
                Means::Email => "second-use-email",
                Means::Key => "second-use-key",
                Means::Backup => "second-use-backup",
            };
            (link::local("/login/second", &with), self.shell.text(words))
        };
        self.others.iter().map(way).collect()
    }
}

/// Somebody has to set a second factor up before he goes on, or soon.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/set_up.html", whitespace = "minimize")]
pub struct SetUp {
    /// The frame.
    pub shell: Shell,
    /// The portal that waits.
    pub to: Option<String>,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// The sign-in.
    pub journey: String,
    /// The company that wants it.
    pub company: String,
    /// By what.
    pub means: Vec<Means>,
    /// The address that codes would go to, as far as it is shown.
    pub mailbox: String,
    /// For so many days it may wait.
    pub days: Option<u64>,
}

impl SetUp {
    fn can(&self, means: Means) -> bool {
        self.means.contains(&means)
    }

    fn key(&self) -> bool {
        self.can(Means::Key)
    }

    fn app(&self) -> bool {
        self.can(Means::App)
    }

    fn email(&self) -> bool {
        self.can(Means::Email)
    }

    fn days_text(&self) -> Option<String> {
        self.days.map(|days| self.shell.number("setup-days", "count", days))
    }
}

/// Where the forms of a set-up lead and what they carry: a sign-in under way, or somebody's own account.
#[derive(Clone, Debug)]
pub enum Within {
    /// A sign-in: its name, and the sealed request that waits.
    SignIn {
        /// The sign-in.
        journey: String,
        /// The request.
        request: Option<String>,
    },
    /// The account of the page.
    Account,
    /// An offer on the way to what waits.
    Offer {
        /// What waits.
        request: Option<String>,
    },
}

impl Within {
    pub(crate) fn hidden(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::SignIn { journey, request } => {
                let r = request.as_deref().map(|r| ("r", r));
                std::iter::once(("journey", journey.as_str())).chain(r).collect()
            }
            Self::Offer { request } => request.as_deref().map(|r| ("r", r)).into_iter().collect(),
            Self::Account => Vec::new(),
        }
    }

    pub(crate) fn address(&self, of_sign_in: &'static str, of_account: &'static str) -> &'static str {
        match self {
            Self::SignIn { .. } => of_sign_in,
            Self::Account | Self::Offer { .. } => of_account,
        }
    }

    pub(crate) fn back(&self, shell: &Shell) -> String {
        match self {
            Self::SignIn { journey, request } => {
                link::local("/login/second", &[("r", request.as_deref()), ("journey", Some(journey))])
            }
            Self::Account | Self::Offer { .. } => shell.own("/account/security"),
        }
    }
}

/// An authenticator app is set up: the seed to scan or to type, and the field for its first code.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/app_set_up.html", whitespace = "minimize")]
pub struct AppSetUp {
    /// The frame.
    pub shell: Shell,
    /// Where it happens.
    pub within: Within,
    /// The seed, sealed, as the form has to bring it back.
    pub ticket: String,
    /// The seed as people type it.
    pub secret: String,
    /// The seed as a camera reads it.
    pub uri: String,
    /// What went wrong.
    pub error: Option<CodeError>,
}

/// What was wrong with a code at a set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// None was typed.
    Empty,
    /// It isn't right.
    Wrong,
    /// It isn't right, and so many tries are left.
    Left(u32),
    /// Not as many digits as a code has.
    Length,
    /// Another was sent a moment ago.
    TooSoon,
    /// It is too old, or was tried too often; another was sent.
    Expired,
}

impl CodeError {
    /// The word in an address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Wrong | Self::Left(_) => "wrong",
            Self::Length => "length",
            Self::TooSoon => "too-soon",
            Self::Expired => "expired",
        }
    }

    /// Reads it.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Empty, Self::Wrong, Self::Length, Self::TooSoon, Self::Expired]
            .into_iter()
            .find(|error| error.name() == name)
    }
}

impl AppSetUp {
    fn fault(&self) -> Option<Fault> {
        self.error.map(|error| code_fault(&self.shell, error, "second-error-wrong-app"))
    }

    fn action(&self) -> &'static str {
        self.within.address("/login/second/app/confirm", "/account/security/app/confirm")
    }

    /// In groups, which are easier to type.
    fn groups(&self) -> Vec<String> {
        let letters: Vec<char> = self.secret.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect()).collect()
    }

    fn qr(&self) -> qr::Svg {
        qr::svg(&self.uri)
    }

    fn code_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        code_field(&self.shell, fault)
    }
}

fn code_fault(shell: &Shell, error: CodeError, wrong: &'static str) -> Fault {
    match error {
        CodeError::Empty => Fault::new(&["code"], shell.text("second-error-empty")),
        CodeError::Wrong => Fault::new(&["code"], shell.text(wrong)),
        CodeError::Left(left) => Fault::new(&["code"], shell.number("second-attempts-left", "count", left.into())),
        CodeError::Length => Fault::new(&["code"], shell.text("second-error-length")),
        CodeError::TooSoon => Fault::new(&[], shell.text("email-error-too-soon")),
        CodeError::Expired => Fault::new(&["code"], shell.text("second-error-expired")),
    }
}

fn code_field<'a>(shell: &'a Shell, fault: Option<&'a Fault>) -> Field<'a> {
    Field::new(shell, Kind::Code, "code", shell.text("second-code"))
        .hint(shell.text("email-code-hint"))
        .autocomplete("one-time-code")
        .fault(fault)
        .focus_if(true)
        .last()
}

/// A code was mailed that shows that a mailbox is somebody's own.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/email_set_up.html", whitespace = "minimize")]
pub struct EmailSetUp {
    /// The frame.
    pub shell: Shell,
    /// Where it happens.
    pub within: Within,
    /// What it is for.
    pub what_for: MailboxFor,
    /// What the form has to bring back.
    pub ticket: String,
    /// The address.
    pub mailbox: String,
    /// Seconds until another may be asked for.
    pub resend_in: u64,
    /// Another code was sent just now.
    pub again: bool,
    /// What went wrong.
    pub error: Option<CodeError>,
}

impl EmailSetUp {
    fn again_button(&self) -> Again<'_> {
        Again { shell: &self.shell, label: self.shell.text("second-resend"), seconds: self.resend_in }
    }

    fn fault(&self) -> Option<Fault> {
        self.error.map(|error| code_fault(&self.shell, error, "second-error-wrong-email"))
    }

    fn action(&self) -> &'static str {
        let own = match self.what_for {
            MailboxFor::SecondFactor => "/account/security/email/confirm",
            MailboxFor::Address => "/account/settings/email/confirm",
        };
        self.within.address("/login/second/email/confirm", own)
    }

    /// Where another code is asked for.
    fn again_action(&self) -> &'static str {
        let own = match self.what_for {
            MailboxFor::SecondFactor => "/account/security/email",
            MailboxFor::Address => "/account/settings/email",
        };
        self.within.address("/login/second/email", own)
    }

    fn back(&self) -> String {
        match self.what_for {
            MailboxFor::SecondFactor => self.within.back(&self.shell),
            MailboxFor::Address => self.shell.own("/account/settings"),
        }
    }

    fn code_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        code_field(&self.shell, fault)
    }
}

/// Backup codes, shown once.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/backup_codes.html", whitespace = "minimize")]
pub struct BackupCodes {
    /// The frame.
    pub shell: Shell,
    /// The codes.
    pub codes: Vec<String>,
    /// A means was set up just now.
    pub is_first: bool,
    /// Those of before are worth nothing.
    pub replaced: bool,
    /// Where it goes on, and what has to come along.
    pub next: (String, Vec<(String, String)>),
}

impl BackupCodes {
    fn all(&self) -> String {
        self.codes.join("\n")
    }
}

/// Too many wrong answers: the account is locked.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/locked.html", whitespace = "minimize")]
pub struct Locked {
    /// The frame.
    pub shell: Shell,
    /// How many there were.
    pub count: u64,
    /// Where the sign-in begins again.
    pub back: String,
    /// What to tell the administrator.
    pub reference: String,
}

impl Locked {
    fn text(&self) -> String {
        self.shell.number("locked-text", "count", self.count)
    }
}
