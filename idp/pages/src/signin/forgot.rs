//! A forgotten password.

use askama::Template;

use super::new_password::{NewPasswordError, fields as new_password_fields};
use crate::form::{Again, Fault, Field, Kind};
use crate::link;
use crate::shell::Shell;

/// Whose password, by the names of the sign-in page.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/forgot.html", whitespace = "minimize")]
pub struct Forgot {
    /// The frame.
    pub shell: Shell,
    /// The company's code where it is known.
    pub tenant: Option<String>,
    /// What was entered before.
    pub identifier: String,
    /// The company that was entered before; asked for where the name alone doesn't say it.
    pub company: Option<String>,
    /// True where there is a mail server.
    pub by_email: bool,
    /// What went wrong.
    pub error: Option<ForgotError>,
}

/// What was wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgotError {
    /// No name.
    EmptyIdentifier,
    /// The name alone doesn't say which company.
    WhichCompany,
}

impl Forgot {
    fn fault(&self) -> Option<Fault> {
        let text = |key| self.shell.text(key);
        self.error.map(|error| match error {
            ForgotError::EmptyIdentifier => Fault::new(&["identifier"], text("forgot-error-empty")),
            ForgotError::WhichCompany => Fault::new(&["company"], text("company-error-empty-company")),
        })
    }

    fn identifier_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Exact, "identifier", self.shell.text("signin-identifier"))
            .hint(self.shell.identifier_hint(self.tenant.as_deref()))
            .value(&self.identifier)
            .autocomplete("username")
            .fault(fault)
            .focus_if(self.company.is_none())
    }

    fn company_field<'a>(&'a self, fault: Option<&'a Fault>) -> Option<Field<'a>> {
        let company = self.company.as_deref()?;
        let field = Field::new(&self.shell, Kind::Exact, "company", self.shell.text("company-name"));
        Some(
            field
                .hint(self.shell.text("company-name-hint"))
                .value(company)
                .autocomplete("organization")
                .fault(fault)
                .focus_if(true),
        )
    }
}

/// A mail was sent, if there is an account: the same page for everybody.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/forgot_sent.html", whitespace = "minimize")]
pub struct ForgotSent {
    /// The frame.
    pub shell: Shell,
    /// What the next form has to bring.
    pub journey: String,
    /// The name as it was typed.
    pub identifier: String,
    /// How long the link works, in minutes.
    pub minutes: u64,
    /// Seconds until another mail may be asked for.
    pub resend_in: u64,
    /// Another mail was sent just now.
    pub again: bool,
    /// Another mail was asked for too soon.
    pub too_soon: bool,
}

impl ForgotSent {
    fn again_button(&self) -> Again<'_> {
        Again { shell: &self.shell, label: self.shell.text("email-send-again"), seconds: self.resend_in }
    }

    fn fault(&self) -> Option<Fault> {
        self.too_soon.then(|| Fault::new(&[], self.shell.text("email-error-too-soon")))
    }

    fn text(&self) -> String {
        self.shell.number_and_text("forgot-sent-text", ("minutes", self.minutes), ("identifier", &self.identifier))
    }

    fn link_link(&self) -> String {
        link::local("/login", &[("name", Some(&self.identifier))])
    }
}

/// A new password, by a link.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/reset.html", whitespace = "minimize")]
pub struct ResetPassword {
    /// The frame.
    pub shell: Shell,
    /// What names the link: its form says which one it is about.
    pub link: String,
    /// Whose password it is.
    pub username: String,
    /// The company's minimum length.
    pub min_length: u32,
    /// What went wrong.
    pub error: Option<NewPasswordError>,
}

impl ResetPassword {
    fn fault(&self) -> Option<Fault> {
        let empty = || Fault::new(&["new"], self.shell.text("password-error-empty"));
        self.error.map(|error| error.fault(&self.shell, empty()))
    }

    fn username_field(&self) -> Field<'_> {
        Field::new(&self.shell, Kind::Exact, "username", self.shell.text("password-username"))
            .value(&self.username)
            .autocomplete("username")
            .read_only()
    }

    fn new_fields<'a>(&'a self, fault: Option<&'a Fault>) -> [Field<'a>; 2] {
        let [new, confirm] = new_password_fields(&self.shell, self.min_length, fault);
        [new.focus_if(true), confirm]
    }
}
