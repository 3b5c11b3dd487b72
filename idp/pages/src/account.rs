//! Pages of a signed-in person: the home with its portals, and the settings.

use askama::Template;

use crate::form::{Fault, Field, Kind};
use crate::shell::Shell;
use crate::signin::{App, NewPasswordError, new_password_fields};

/// The first page after a sign-in that no portal waits for.
#[derive(Clone, Debug, Template)]
#[template(path = "account/home.html", whitespace = "minimize")]
pub struct Home {
    /// The frame.
    pub shell: Shell,
    /// The company's name.
    pub company: String,
    /// The sign-in before this one, in words.
    pub last_sign_in: String,
    /// The portals this account may use.
    pub apps: Vec<App>,
}

impl Home {
    fn name(&self) -> &str {
        self.shell.signed_in.as_ref().map_or("", |person| &person.name)
    }

    fn username(&self) -> &str {
        self.shell.signed_in.as_ref().map_or("", |person| &person.username)
    }
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
    /// True right after a change.
    pub saved: bool,
    /// What went wrong.
    pub error: Option<NewPasswordError>,
}

impl Settings {
    fn fault(&self) -> Option<Fault> {
        let empty = || Fault::new(&["current", "new", "confirm"], self.shell.text("settings-error-empty"));
        self.error.map(|error| error.fault(&self.shell, empty()))
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
