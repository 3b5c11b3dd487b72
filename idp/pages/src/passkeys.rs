//! The pages of one's own passkeys: a new one, and what is done to one.

use askama::Template;

use crate::form::{Field, Kind};
use crate::shell::Shell;

/// A passkey is about to be made.
#[derive(Clone, Debug, Template)]
#[template(path = "account/passkey_new.html", whitespace = "minimize")]
pub struct NewPasskey {
    /// The frame.
    pub shell: Shell,
    /// What the browser is told.
    pub options: String,
    /// What the form has to bring back.
    pub ticket: String,
}

/// A passkey can be called something else, or be taken away.
#[derive(Clone, Debug, Template)]
#[template(path = "account/passkey.html", whitespace = "minimize")]
pub struct OnePasskey {
    /// The frame.
    pub shell: Shell,
    /// Its row.
    pub id: String,
    /// What it is called.
    pub name: String,
}

impl OnePasskey {
    fn name_field(&self) -> Field<'_> {
        Field::new(&self.shell, Kind::Text, "name", self.shell.text("passkey-name"))
            .hint(self.shell.text("passkey-name-hint"))
            .value(&self.name)
            .last()
    }
}

/// The passkeys of an account, as a card shows them.
#[derive(Clone, Debug, Default)]
pub struct PasskeyCard {
    /// Each.
    pub rows: Vec<PasskeyRow>,
    /// How many there may be.
    pub most: usize,
    /// The host that they are for.
    pub host: String,
    /// What authenticators know the account by.
    pub user: String,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct PasskeyRow {
    /// Its row.
    pub id: String,
    /// What authenticators know it by.
    pub credential: String,
    /// What it is called.
    pub name: String,
    /// It may be on other devices, too.
    pub is_synced: bool,
    /// Since when.
    pub made: String,
    /// When it last signed somebody in.
    pub used: Option<String>,
}

impl PasskeyCard {
    pub(crate) fn accepted(&self) -> String {
        let ids: Vec<&str> = self.rows.iter().map(|row| row.credential.as_str()).collect();
        ids.join(" ")
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= self.most
    }
}
