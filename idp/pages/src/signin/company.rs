//! Which company: asked where a name alone doesn't say it, and where its people come in by other providers.

use askama::Template;

use crate::form::{Fault, Field, Kind as FieldKind};
use crate::link;
use crate::shell::Shell;

/// Asks for the company, to show by what other providers its people come in.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/ways.html", whitespace = "minimize")]
pub struct Ways {
    /// The frame.
    pub shell: Shell,
    /// The portal that waits.
    pub to: Option<String>,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// The company that was entered before.
    pub company: String,
    /// What went wrong.
    pub error: Option<WaysError>,
}

/// What was wrong with a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaysError {
    /// None was entered.
    Empty,
    /// There is none of that name.
    Unknown,
    /// Its people come in by nothing else.
    None,
}

impl Ways {
    fn fault(&self) -> Option<Fault> {
        self.error.map(|error| {
            let text = match error {
                WaysError::Empty => self.shell.text("company-error-empty-company"),
                WaysError::Unknown => self.shell.text1("company-error-unknown", "company", &self.company),
                WaysError::None => self.shell.text1("ways-error-none", "company", &self.company),
            };
            Fault::new(&["company"], text)
        })
    }

    fn company_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, FieldKind::Exact, "company", self.shell.text("company-name"))
            .hint(self.shell.text("company-name-hint"))
            .value(&self.company)
            .autocomplete("organization")
            .fault(fault)
            .focus_if(true)
            .last()
    }

    fn back_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref())])
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
        Field::new(&self.shell, FieldKind::Exact, "company", self.shell.text("company-name"))
            .hint(self.shell.text("company-name-hint"))
            .value(&self.company)
            .autocomplete("organization")
            .fault(fault)
            .focus_if(self.company.is_empty())
    }

    fn account_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, FieldKind::Exact, "account", self.shell.text("company-account"))
            .hint(self.shell.text("company-account-hint"))
            .value(&self.account)
            .autocomplete("username")
            .fault(fault)
            .focus_if(!self.company.is_empty() && self.account.is_empty())
    }

    fn password_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, FieldKind::Password, "password", self.shell.text("password"))
            .autocomplete("current-password")
            .fault(fault)
            .focus_if(!self.company.is_empty() && !self.account.is_empty())
            .last()
    }

    fn back_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref())])
    }
}
