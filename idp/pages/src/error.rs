//! The page for everything that went wrong outside a form. What an error is and which status it has, the server says.

use askama::Template;

use crate::link;
use crate::shell::Shell;

/// What happened, what to do, and a reference to tell.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html", whitespace = "minimize")]
pub struct Problem {
    /// The frame.
    pub shell: Shell,
    /// What happened.
    pub kind: ProblemKind,
    /// What to tell an administrator.
    pub reference: String,
    /// What an administrator wants to know; never a secret, never internals.
    pub detail: Option<String>,
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A portal's request that cannot be answered with a redirect.
    BadRequest,
    /// The sign-in lay too long or lost its cookie.
    StartAgain {
        /// Where the same request begins again.
        restart: Option<String>,
    },
    /// A company that is switched off; the page belongs to the vendor, whom it says to contact.
    TenantOff {
        /// Its name.
        company: String,
        /// Where people of another company sign in, with the same request.
        elsewhere: Option<String>,
    },
    /// No such page.
    NotFound,
    /// A page that is only posted to, or only read.
    MethodNotAllowed,
    /// A page that was used up.
    Gone,
    /// A form that was open for too long, or is not ours.
    StaleForm,
    /// No permission.
    Forbidden,
    /// Our own fault.
    Broken,
    /// Not now.
    Unavailable {
        /// How long to wait.
        seconds: u64,
    },
    /// More than is accepted.
    TooLarge,
}

impl Problem {
    fn title(&self) -> String {
        let key = match &self.kind {
            ProblemKind::BadRequest => "problem-bad-request-title",
            ProblemKind::StartAgain { .. } => "problem-start-again-title",
            ProblemKind::TenantOff { company, .. } => {
                return self.shell.text1("problem-tenant-off-title", "company", company);
            }
            ProblemKind::NotFound => "problem-not-found-title",
            ProblemKind::MethodNotAllowed => "problem-method-title",
            ProblemKind::Gone => "problem-gone-title",
            ProblemKind::StaleForm => "problem-stale-title",
            ProblemKind::Forbidden => "problem-forbidden-title",
            ProblemKind::Broken => "problem-broken-title",
            ProblemKind::Unavailable { .. } => "problem-unavailable-title",
            ProblemKind::TooLarge => "problem-too-large-title",
        };
        self.shell.text(key)
    }

    fn text(&self) -> String {
        let shell = &self.shell;
        let reference = |key| shell.text1(key, "reference", &self.reference);
        let wait = |key, seconds| shell.text1(key, "time", &shell.duration(seconds));
        match &self.kind {
            ProblemKind::BadRequest => reference("problem-bad-request-error"),
            ProblemKind::StartAgain { .. } => shell.text("problem-start-again-error"),
            ProblemKind::TenantOff { company, .. } => {
                shell.text2("problem-tenant-off-error", ("company", company), ("vendor", &shell.brand.name))
            }
            ProblemKind::NotFound => shell.text("problem-not-found-error"),
            ProblemKind::MethodNotAllowed => shell.text("problem-method-error"),
            ProblemKind::Gone => shell.text("problem-gone-error"),
            ProblemKind::StaleForm => shell.text("problem-stale-error"),
            ProblemKind::Forbidden => shell.text("problem-forbidden-error"),
            ProblemKind::Broken => reference("problem-broken-error"),
            ProblemKind::Unavailable { seconds } => wait("problem-unavailable-error", *seconds),
            ProblemKind::TooLarge => shell.text("problem-too-large-error"),
        }
    }

    /// The one button, as (address, words): no page is a dead end.
    fn way_on(&self) -> (String, String) {
        let shell = &self.shell;
        let start = shell.own("/account");
        match &self.kind {
            ProblemKind::StartAgain { restart } => {
                let address = restart.as_deref().and_then(link::followable).unwrap_or("/login");
                (address.to_owned(), shell.text("problem-start-again-title"))
            }
            ProblemKind::TenantOff { elsewhere, .. } => {
                let address = elsewhere.as_deref().and_then(link::followable).unwrap_or("/login/company");
                (address.to_owned(), shell.text("signin-other-company"))
            }
            ProblemKind::BadRequest
            | ProblemKind::NotFound
            | ProblemKind::MethodNotAllowed
            | ProblemKind::Gone
            | ProblemKind::StaleForm
            | ProblemKind::Forbidden
            | ProblemKind::TooLarge => (start, shell.text("problem-start-page")),
            ProblemKind::Broken | ProblemKind::Unavailable { .. } => {
                // The address is the visitor's: one like `//host` would leave this host.
                let address = link::followable(&shell.here).map_or(start, str::to_owned);
                (address, shell.text("problem-try-again"))
            }
        }
    }
}
