//! The pages of one's own passkeys: a new one, and what is done to one.

use askama::Template;

use crate::form::{Fault, Field, Kind};
use crate::shell::Shell;
use crate::signin::Within;

/// A passkey is about to be made.
#[derive(Clone, Debug, Template)]
#[template(path = "account/passkey_new.html", whitespace = "minimize")]
pub struct NewPasskey {
    /// The frame.
    pub shell: Shell,
    /// Where it happens.
    pub within: Within,
    /// What the browser is told.
    pub options: String,
    /// What the form has to bring back.
    pub ticket: String,
    /// Why the one before was not taken.
    pub error: Option<NewPasskeyError>,
}

/// Why a passkey was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPasskeyError {
    /// Somebody has it already.
    Exists,
    /// It isn't what was asked for.
    Wrong,
}

impl NewPasskey {
    fn fault(&self) -> Option<Fault> {
        self.error.map(|error| {
            let key = match error {
                NewPasskeyError::Exists => "passkey-error-exists",
                NewPasskeyError::Wrong => "passkey-none-made",
            };
            Fault::new(&[], self.shell.text(key))
        })
    }

    /// Did nobody ask for it?
    fn is_offer(&self) -> bool {
        matches!(self.within, Within::Offer { .. })
    }

    fn address(&self) -> &'static str {
        if self.is_offer() {
            return "/account/passkey";
        }
        self.within.address("/login/second/passkey/confirm", "/account/security/passkey/confirm")
    }
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
    /// The user name, which they show.
    pub username: String,
    /// The person's name.
    pub name: String,
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
