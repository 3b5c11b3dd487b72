//! Pages before and around a sign-in. What may be entered is checked by the rules of `idp-core`; a page only says what
//! came of it.

mod company;
mod email;
mod forgot;
mod new_password;
mod second;

use askama::Template;

use idp_core::federation::Kind;

use crate::form::{Fault, Field, Kind as FieldKind};
use crate::link;
use crate::shell::{Shell, initials};

pub use company::{Company, CompanyError, Ways, WaysError};
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
    /// The other providers by which people come in.
    pub providers: Providers,
    /// Who came from a provider and is to be connected with the account that is signed in to.
    pub connects: Option<Connects>,
    /// By what somebody came in here the last time.
    pub last: Option<Last>,
    /// What the window of an installed app needs, if a portal waits.
    pub app: Option<InApp>,
}

/// What the window of an installed app needs to let somebody sign in in the browser.
#[derive(Clone, Debug)]
pub struct InApp {
    /// The host that passkeys are for.
    pub host: String,
    /// Where the browser is opened.
    pub browser: String,
    /// Where the window goes on then.
    pub resume: String,
}

/// The other providers by which people come in.
#[derive(Clone, Debug)]
pub enum Providers {
    /// Those of the company; maybe none.
    These(Vec<ProviderButton>),
    /// There are some, and which depends on the company: it isn't known yet.
    AskCompany,
}

/// A way in by another provider.
#[derive(Clone, Debug)]
pub struct ProviderButton {
    /// Its name in addresses.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Whose sign it carries.
    pub kind: Kind,
}

/// Who is to be connected, and with whose account.
#[derive(Clone, Debug)]
pub struct Connects {
    /// What people call the provider.
    pub provider: String,
    /// What people recognise him by.
    pub shown: String,
    /// The company's name.
    pub company: String,
    /// What waited before.
    pub back: Option<String>,
}

/// A way in, as a browser remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Last {
    /// A password.
    Password,
    /// A mail.
    Email,
    /// A passkey.
    Passkey,
    /// The provider of this name.
    Provider(String),
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Somebody gave up at the provider of this name.
    ProviderCancelled(String),
    /// It says no, or what it says isn't right.
    ProviderRefused(String),
    /// It doesn't answer.
    ProviderDown(String),
    /// The company doesn't let in people of this domain from there; none, if it isn't known.
    ProviderOutside(String, String),
    /// It took too long, or was sent before.
    ProviderOver,
    /// Nobody here is who came, by what people recognise him by.
    NoAccount(String),
    /// The account, or the company, is locked or switched off.
    Barred,
}

impl SignIn {
    fn fault(&self) -> Option<Fault> {
        let text = |key| self.shell.text(key);
        let of = |key, provider: &str| Fault::new(&[], self.shell.text1(key, "provider", provider));
        self.error.as_ref().map(|error| match error {
            SignInError::ProviderCancelled(provider) => of("sso-cancelled", provider),
            SignInError::ProviderRefused(provider) => of("sso-refused", provider),
            SignInError::ProviderDown(provider) => of("sso-down", provider),
            SignInError::ProviderOutside(provider, domain) if domain.is_empty() => of("sso-outside", provider),
            SignInError::ProviderOutside(provider, domain) => {
                Fault::new(&[], self.shell.text2("sso-outside-domain", ("provider", provider), ("domain", domain)))
            }
            SignInError::ProviderOver => Fault::new(&[], text("sso-over")),
            SignInError::NoAccount(shown) => Fault::new(&[], self.shell.text1("sso-no-account", "mail", shown)),
            SignInError::Barred => Fault::new(&[], text("sso-barred")),
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
        let field = Field::new(&self.shell, FieldKind::Exact, "identifier", self.shell.text("signin-identifier"))
            .value(&self.identifier)
            .autocomplete(if self.by_passkey { "username webauthn" } else { "username" })
            .fault(fault);
        if self.step == Step::Password {
            return field.read_only();
        }
        field
            .hint(self.shell.identifier_hint(self.tenant.as_deref()))
            .focus_if(self.step == Step::Name || self.identifier.is_empty())
    }

    fn title(&self) -> String {
        match &self.connects {
            Some(connects) => self.shell.text1("connect-title", "provider", &connects.provider),
            None => self.shell.text("signin-title"),
        }
    }

    fn connect_text(&self, connects: &Connects) -> String {
        let (provider, shown) = (("provider", connects.provider.as_str()), ("mail", connects.shown.as_str()));
        format!(
            "{} {}",
            self.shell.text2("connect-text", provider, shown),
            self.shell.text1("connect-once", "company", &connects.company)
        )
    }

    fn cancel_link(&self, connects: &Connects) -> String {
        link::local("/login", &[("r", connects.back.as_deref()), ("tenant", self.tenant.as_deref())])
    }

    /// The mail comes first, the password on a page of its own: that is how somebody came in here the last time.
    fn is_mail_first(&self) -> bool {
        self.last == Some(Last::Email) && self.by_email && self.step == Step::Both && self.error.is_none()
    }

    fn is_key_first(&self) -> bool {
        self.last == Some(Last::Passkey) && self.by_passkey
    }

    fn was_last(&self, way: &ProviderButton) -> bool {
        matches!(&self.last, Some(Last::Provider(name)) if *name == way.name)
    }

    fn buttons(&self) -> &[ProviderButton] {
        match &self.providers {
            Providers::These(all) => all,
            Providers::AskCompany => &[],
        }
    }

    fn has_other_ways(&self) -> bool {
        matches!(self.providers, Providers::AskCompany)
    }

    fn first_provider(&self) -> Option<&ProviderButton> {
        self.buttons().iter().find(|way| self.was_last(way))
    }

    fn other_providers(&self) -> impl Iterator<Item = &ProviderButton> {
        self.buttons().iter().filter(|way| !self.was_last(way))
    }

    fn provider_link(&self, way: &ProviderButton) -> String {
        link::local(&format!("/upstream/{}", way.name), &[("r", self.request.as_deref())])
    }

    fn provider_text(&self, way: &ProviderButton) -> String {
        self.shell.text1("sso-button", "provider", &way.label)
    }

    fn ways_link(&self) -> String {
        link::local("/login/ways", &[("r", self.request.as_deref())])
    }

    fn change_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref()), ("tenant", self.tenant.as_deref())])
    }

    fn password_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, FieldKind::Password, "password", self.shell.text("password"))
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

/// Somebody is in, in the browser; what waits does so in the window of an app.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/back_to_app.html", whitespace = "minimize")]
pub struct BackToApp {
    /// The frame.
    pub shell: Shell,
    /// To go on here instead.
    pub resume: String,
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
    /// The other provider by which he came in, as people call it, and where that leads again.
    pub by: Option<(String, String)>,
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
