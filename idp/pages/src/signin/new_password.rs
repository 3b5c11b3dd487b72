//! A new password: the page that a temporary one leads to, and what the settings share with it.

use askama::Template;

use crate::form::{Fault, Field, Kind};
use crate::shell::Shell;

/// A temporary password must be replaced before anything else.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/must_change.html", whitespace = "minimize")]
pub struct MustChange {
    /// The frame.
    pub shell: Shell,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// The proof that the temporary password was right.
    pub ticket: String,
    /// Whose password it is.
    pub username: String,
    /// The company's minimum length.
    pub min_length: u32,
    /// What went wrong.
    pub error: Option<NewPasswordError>,
}

/// What was wrong with a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPasswordError {
    /// Shorter than the company's minimum, which is named.
    TooShort(u32),
    /// Longer than is hashed.
    TooLong,
    /// On a list of known passwords.
    Common,
    /// The two entries differ.
    Mismatch,
    /// The current one is wrong.
    WrongCurrent,
    /// The current one again.
    Same,
    /// Nothing was entered.
    Empty,
    /// Too much work at this moment.
    Busy,
}

impl NewPasswordError {
    /// The same mistakes are possible on two pages; only what was left empty reads differently.
    pub(crate) fn fault(self, shell: &Shell, empty: Fault) -> Fault {
        let at = |fields, key| Fault::new(fields, shell.text(key));
        match self {
            Self::TooShort(least) => {
                Fault::new(&["new"], shell.number("password-error-too-short", "count", least.into()))
            }
            Self::TooLong => at(&["new"], "password-error-too-long"),
            Self::Common => at(&["new"], "password-error-common"),
            Self::Mismatch => at(&["confirm"], "password-error-mismatch"),
            Self::WrongCurrent => at(&["current"], "password-error-wrong-current"),
            Self::Same => at(&["new"], "password-error-same"),
            Self::Empty => empty,
            Self::Busy => at(&[], "error-busy"),
        }
    }
}

/// The two fields of a new password, on whichever page.
pub(crate) fn fields<'a>(shell: &'a Shell, least: u32, fault: Option<&'a Fault>) -> [Field<'a>; 2] {
    [
        Field::new(shell, Kind::Password, "new", shell.text("password-new"))
            .hint(shell.number("password-new-hint", "count", least.into()))
            .autocomplete("new-password")
            .fault(fault),
        Field::new(shell, Kind::Password, "confirm", shell.text("password-confirm"))
            .autocomplete("new-password")
            .fault(fault)
            .last(),
    ]
}

impl MustChange {
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
        let [new, confirm] = fields(&self.shell, self.min_length, fault);
        [new.focus_if(true).last(), confirm]
    }
}
