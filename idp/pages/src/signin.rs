//! Pages before and around a sign-in. What may be entered is checked by the rules of `idp-core`; a page only says what
//! came of it.

mod email;
mod forgot;
mod new_password;
mod second;

use askama::Template;

use crate::form::{Fault, Field, Kind};
use crate::link;
use crate::shell::{Shell, initials};

pub use email::{Anew, EmailCodeError, EmailSent, LinkHere, LinkOpened, LinkOver, LinkWhy};
pub use forgot::{Forgot, ForgotError, ForgotSent, ResetPassword};
pub(crate) use new_password::fields as new_password_fields;
pub use new_password::{MustChange, NewPasswordError};
pub use second::{AppSetUp, BackupCodes, CodeError, EmailSetUp, Locked, SecondError, SecondFactor, SetUp, Within};

/// Username or e-mail, and password.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/sign_in.html", whitespace = "minimize")]
pub struct SignIn {
    /// The frame.
    pub shell: Shell,
    /// The portal that waits.
    pub to: Option<String>,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// The company's code where it is known.
    pub tenant: Option<String>,
    /// What is asked for.
    pub step: Step,
    /// What was entered before.
    pub identifier: String,
    /// Why the person is here.
    pub notice: Option<Notice>,
    /// What went wrong.
    pub error: Option<SignInError>,
    /// True where this browser knows other accounts to choose from.
    pub has_others: bool,
    /// True where a mail may bring a link.
    pub by_email: bool,
    /// True where a passkey may sign in.
    pub by_passkey: bool,
    /// The id of a passkey that nobody here has any more, and the host it was for: the browser may forget it.
    pub unknown: Option<(String, String)>,
}

/// What the sign-in page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Name and password.
    Both,
    /// The name; the password comes on the next page, for everybody alike.
    Name,
    /// The password of the name that was entered.
    Password,
}

/// Why somebody sees the sign-in page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Too long passed without a sign of life; how long that is, the policy says.
    SignedOutIdle,
    /// The portal wants to be sure.
    ConfirmIdentity,
    /// The session was ended elsewhere.
    SessionEnded,
}

/// What was wrong with a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// Name or password; never which.
    WrongCredentials,
    /// No name.
    EmptyIdentifier,
    /// No password.
    EmptyPassword,
    /// A passkey that nobody here has.
    PasskeyUnknown,
    /// What a passkey signed isn't right, or took too long.
    PasskeyWrong,
    /// Too much work at this moment.
    Busy,
}

impl SignIn {
    fn fault(&self) -> Option<Fault> {
        let text = |key| self.shell.text(key);
        self.error.map(|error| match error {
            SignInError::WrongCredentials => Fault {
                link: Some((self.company_link(), text("signin-add-company"))),
                ..Fault::new(&["identifier", "password"], text("signin-error-wrong"))
            },
            SignInError::EmptyIdentifier => Fault::new(&["identifier"], text("signin-error-empty-identifier")),
            SignInError::EmptyPassword => Fault::new(&["password"], text("signin-error-empty-password")),
            SignInError::PasskeyUnknown => Fault::new(&[], text("passkey-error-unknown")),
            SignInError::PasskeyWrong => Fault::new(&[], text("passkey-error-wrong")),
            SignInError::Busy => Fault::new(&[], text("error-busy")),
        })
    }

    fn notice_text(&self) -> Option<String> {
        let key = match self.notice? {
            Notice::SignedOutIdle => "notice-signed-out-idle",
            Notice::ConfirmIdentity => "notice-confirm-identity",
            Notice::SessionEnded => "notice-session-ended",
        };
        Some(self.shell.text(key))
    }

    fn identifier_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        let field = Field::new(&self.shell, Kind::Exact, "identifier", self.shell.text("signin-identifier"))
            .value(&self.identifier)
            .autocomplete(if self.by_passkey { "username webauthn" } else { "username" })
            .fault(fault);
        if self.step == Step::Password {
            return field.read_only();
        }
        field
            .hint(self.shell.text1("signin-identifier-hint", "tenant", self.tenant.as_deref().unwrap_or("yourcompany")))
            .focus_if(self.step == Step::Name || self.identifier.is_empty())
    }

    fn change_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref()), ("tenant", self.tenant.as_deref())])
    }

    fn password_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Password, "password", self.shell.text("password"))
            .autocomplete("current-password")
            .fault(fault)
            .focus_if(!self.identifier.is_empty())
            .last()
    }

    fn forgot_link(&self) -> String {
        link::local("/forgot", &[("tenant", self.tenant.as_deref())])
    }

    fn company_link(&self) -> String {
        link::local("/login/company", &[("r", self.request.as_deref())])
    }

    fn choose_link(&self) -> String {
        link::local("/login/choose", &[("r", self.request.as_deref())])
    }
}

/// Company, account and password, for people who sign in with three words.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/company.html", whitespace = "minimize")]
pub struct Company {
    /// The frame.
    pub shell: Shell,
    /// The portal that waits.
    pub to: Option<String>,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// The company that was entered before.
    pub company: String,
    /// The account that was entered before.
    pub account: String,
    /// Whether the company is to be remembered on this device.
    pub remember: bool,
    /// True where a mail may bring a link.
    pub by_email: bool,
    /// What went wrong.
    pub error: Option<CompanyError>,
}

/// What was wrong with company, account and password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompanyError {
    /// The address of the page named a company that there is not.
    Unknown,
    /// They do not belong together; never which.
    NoMatch,
    /// No company.
    EmptyCompany,
    /// No account.
    EmptyAccount,
    /// No password.
    EmptyPassword,
    /// Too much work at this moment.
    Busy,
}

impl Company {
    fn fault(&self) -> Option<Fault> {
        let text = |key| self.shell.text(key);
        self.error.map(|error| match error {
            CompanyError::NoMatch => Fault::new(&["company", "account", "password"], text("company-error-no-match")),
            CompanyError::Unknown => {
                let told = self.shell.text1("company-error-unknown", "company", &self.company);
                Fault::new(&["company"], told)
            }
            CompanyError::EmptyCompany => Fault::new(&["company"], text("company-error-empty-company")),
            CompanyError::EmptyAccount => Fault::new(&["account"], text("signin-error-empty-identifier")),
            CompanyError::EmptyPassword => Fault::new(&["password"], text("signin-error-empty-password")),
            CompanyError::Busy => Fault::new(&[], text("error-busy")),
        })
    }

    fn company_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Exact, "company", self.shell.text("company-name"))
            .hint(self.shell.text("company-name-hint"))
            .value(&self.company)
            .autocomplete("organization")
            .fault(fault)
            .focus_if(self.company.is_empty())
    }

    fn account_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Exact, "account", self.shell.text("company-account"))
            .hint(self.shell.text("company-account-hint"))
            .value(&self.account)
            .autocomplete("username")
            .fault(fault)
            .focus_if(!self.company.is_empty() && self.account.is_empty())
    }

    fn password_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Password, "password", self.shell.text("password"))
            .autocomplete("current-password")
            .fault(fault)
            .focus_if(!self.company.is_empty() && !self.account.is_empty())
            .last()
    }

    fn back_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref())])
    }
}

/// The accounts this browser knows.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/choose.html", whitespace = "minimize")]
pub struct Choose {
    /// The frame.
    pub shell: Shell,
    /// The portal that waits.
    pub to: Option<String>,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// One card each.
    pub accounts: Vec<ChoiceCard>,
}

/// An account to choose.
#[derive(Clone, Debug)]
pub struct ChoiceCard {
    /// Its session.
    pub session: String,
    /// The person's name.
    pub name: String,
    /// The username with its company.
    pub username: String,
    /// The company's name.
    pub company: String,
    /// False where a password will be asked.
    pub signed_in: bool,
}

impl ChoiceCard {
    fn initials(&self) -> String {
        initials(&self.name)
    }

    fn state_key(&self) -> &'static str {
        if self.signed_in { "choose-signed-in" } else { "choose-signed-out" }
    }
}

impl Choose {
    fn another_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref()), ("fresh", Some("1"))])
    }
}

/// Too many attempts: when it goes on.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/wait.html", whitespace = "minimize")]
pub struct Wait {
    /// The frame.
    pub shell: Shell,
    /// The portal that waits.
    pub to: Option<String>,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// Minutes left, rounded up.
    pub minutes: u32,
    /// The end by the clock, with its named zone.
    pub at: String,
    /// Seconds left.
    pub seconds: u64,
    /// True where a mail may bring a link: that doesn't have to wait.
    pub by_email: bool,
}

impl Wait {
    fn text(&self) -> String {
        self.shell.number_and_text("wait-text", ("minutes", self.minutes.into()), ("at", &self.at))
    }

    fn back_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref())])
    }
}

/// A portal that this account may not use.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/not_entitled.html", whitespace = "minimize")]
pub struct NotEntitled {
    /// The frame.
    pub shell: Shell,
    /// The portal.
    pub to: String,
    /// The sealed request that waits, for another account.
    pub request: Option<String>,
    /// The company whose administrator can help.
    pub company: String,
    /// What the account may use.
    pub apps: Vec<App>,
    /// What to tell the administrator.
    pub reference: String,
    /// The account session that was refused.
    pub session: String,
}

impl NotEntitled {
    fn another_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref()), ("fresh", Some("1"))])
    }

    fn account_link(&self) -> String {
        link::local("/account", &[("as", Some(&self.session))])
    }
}

/// A portal to go to.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Where it opens.
    pub url: String,
}

impl App {
    pub(crate) fn link(&self) -> Option<&str> {
        link::followable(&self.url)
    }

    pub(crate) fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// A portal asked to sign out without proving who.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/confirm_sign_out.html", whitespace = "minimize")]
pub struct ConfirmSignOut {
    /// The frame.
    pub shell: Shell,
    /// What to sign out of.
    pub product: String,
    /// The request's fields, to come back with the answer.
    pub hidden: Vec<(String, String)>,
}

/// Signed out, and of what.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/signed_out.html", whitespace = "minimize")]
pub struct SignedOut {
    /// The frame.
    pub shell: Shell,
    /// The portals that have ended the session.
    pub left: Vec<String>,
    /// The portals that have not said so.
    pub may_stay: Vec<String>,
    /// How long those may stay at most.
    pub minutes: i64,
    /// Where "Sign in again" leads; the sign-in page where nothing better is known.
    pub back: Option<String>,
}

impl SignedOut {
    fn back_link(&self) -> &str {
        self.back.as_deref().and_then(link::followable).unwrap_or("/login")
    }

    fn list(&self) -> String {
        self.left.join(", ")
    }

    fn warning(&self, portal: &str) -> String {
        self.shell.text2("signedout-may-stay", ("portal", portal), ("minutes", &self.minutes.to_string()))
    }
}
