//! Accounts at other providers: connecting one, and those that are.

use askama::Template;

use crate::shell::Shell;

/// Shows who is about to be connected with whom, before it is done.
#[derive(Clone, Debug, Template)]
#[template(path = "account/connect.html", whitespace = "minimize")]
pub struct Connect {
    /// The frame.
    pub shell: Shell,
    /// What the form has to bring back.
    pub ticket: String,
    /// What people call the provider.
    pub provider: String,
    /// What people recognise him by there.
    pub shown: String,
    /// What this place is called.
    pub brand: String,
    /// Whose account it is here.
    pub username: String,
    /// The person's name.
    pub name: String,
}

impl Connect {
    fn title(&self) -> String {
        self.shell.text1("connect-title", "provider", &self.provider)
    }

    fn text(&self) -> String {
        self.shell.text2("connect-confirm", ("mail", &self.shown), ("username", &self.username))
    }
}

/// The connected accounts, as a card shows them.
#[derive(Clone, Debug, Default)]
pub struct ConnectedCard {
    /// Each.
    pub rows: Vec<ConnectedRow>,
    /// What could be connected, as (name in addresses, what people call it).
    pub more: Vec<(String, String)>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct ConnectedRow {
    /// Its row.
    pub id: String,
    /// What people call the provider.
    pub provider: String,
    /// What people recognise him by there.
    pub shown: String,
    /// Since when.
    pub made: String,
    /// When he last signed in by it.
    pub used: Option<String>,
    /// False where the company has switched the provider off.
    pub is_on: bool,
}
