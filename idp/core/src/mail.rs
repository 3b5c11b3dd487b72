//! Mails as facts: which there are and what each has to say. Words and form belong to the pages.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A name that mails and pages may show: one line, and no address that a mail program would turn into a link.
pub fn shown_name(name: &str) -> Option<&str> {
    let is_path = |word: &str| word.contains('@') || word.contains('.') && word.contains('/');
    let is_address = name.contains("://") || name.contains('<') || name.to_lowercase().contains("www.");
    let is_plain = !name.chars().any(char::is_control) && !is_address && !name.split_whitespace().any(is_path);
    Some(name.trim()).filter(|name| is_plain && !name.is_empty() && name.chars().count() <= 100)
}

/// What a mail says. It holds links and codes: it is sealed wherever it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// Does the mail server take what we send?
    Test,
    /// Somebody asked to sign in: a link, and a code for the browser that asked.
    SignIn {
        /// As whom; mails that wait from before say it by their address only.
        #[serde(default)]
        username: String,
        /// What the link carries.
        token: String,
        /// Six digits.
        code: String,
        /// Good until then.
        until: Timestamp,
        /// The browser that asked.
        asked_by: String,
    },
    /// Somebody is invited: by a link, or with a password for once.
    Welcome {
        /// The person.
        name: String,
        /// The user name.
        username: String,
        /// The address, which is a name to sign in with, too.
        email: String,
        /// The company.
        company: String,
        /// The company's code.
        code: String,
        /// What the link carries.
        token: Option<String>,
        /// The password.
        password: Option<String>,
        /// Good until then.
        until: Timestamp,
    },
    /// Somebody forgot a password: a link to a new one.
    Reset {
        /// What the link carries.
        token: String,
        /// Whose password.
        username: String,
        /// Good until then.
        until: Timestamp,
        /// The browser that asked.
        asked_by: String,
    },
    /// Six digits for the browser that asked, where they are typed in.
    Code {
        /// The digits.
        code: String,
        /// What they are for.
        what_for: CodeFor,
        /// Good until then.
        until: Timestamp,
        /// The browser that asked.
        asked_by: String,
    },
    /// Something happened to an account that its person should know of.
    Happened {
        /// What.
        what: Happening,
        /// Whose account.
        username: String,
        /// When.
        at: Timestamp,
        /// The browser, in words; empty if it was none.
        agent: String,
        /// Its address; empty likewise.
        address: String,
    },
    /// The mail address was changed: to the old one, with a way to take that back.
    AddressChanged {
        /// Whose account.
        username: String,
        /// The new address, as far as the old mailbox may know it.
        new: String,
        /// What the link carries.
        token: String,
        /// When.
        at: Timestamp,
        /// Good until then.
        until: Timestamp,
    },
}

/// What a mailed code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeFor {
    /// The second factor of a sign-in.
    SignIn,
    /// Showing that the mailbox is one's own.
    Address,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// The password was changed.
    PasswordChanged,
    /// An administrator made a password for the next sign-in.
    PasswordReset,
    /// Somebody signed in from a browser that the account didn't know.
    NewBrowser,
    /// An authenticator app was set up.
    AppOn,
    /// Codes in mails were switched on.
    EmailCodesOn,
    /// The second factor, or one of its means, was switched off.
    SecondFactorOff,
    /// New backup codes were made.
    BackupCodesMade,
    /// A backup code was used.
    BackupCodeUsed,
    /// An administrator made a backup code.
    BackupCodeIssued,
    /// Too many wrong codes: the account is locked.
    Locked,
    /// Mails go to another address from now on, and this one can't take that back.
    EmailChanged,
    /// A passkey was made.
    PasskeyMade,
    /// A passkey was taken away.
    PasskeyRevoked,
    /// A person at another provider signs in to it.
    Connected,
    /// He does no more.
    Disconnected,
}

impl Happening {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::NewBrowser,
        Self::AppOn,
        Self::EmailCodesOn,
        Self::SecondFactorOff,
        Self::BackupCodesMade,
        Self::BackupCodeUsed,
        Self::BackupCodeIssued,
        Self::Locked,
        Self::EmailChanged,
        Self::PasskeyMade,
        Self::PasskeyRevoked,
        Self::Connected,
        Self::Disconnected,
    ];

    /// The word in rows, counters and the names of texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::NewBrowser => "new_browser",
            Self::AppOn => "app_on",
            Self::EmailCodesOn => "email_codes_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::BackupCodesMade => "backup_codes_made",
            Self::BackupCodeUsed => "backup_code_used",
            Self::BackupCodeIssued => "backup_code_issued",
            Self::Locked => "locked",
            Self::EmailChanged => "email_changed",
            Self::PasskeyMade => "passkey_made",
            Self::PasskeyRevoked => "passkey_revoked",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
        }
    }
}

impl Letter {
    /// The word in rows, counters and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::SignIn { .. } => "sign_in",
            Self::Welcome { .. } => "welcome",
            Self::Reset { .. } => "reset",
            Self::Code { what_for: CodeFor::SignIn, .. } => "second_factor_code",
            Self::Code { what_for: CodeFor::Address, .. } => "address_code",
            Self::Happened { what, .. } => what.name(),
            Self::AddressChanged { .. } => "address_changed",
        }
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({})", self.kind())
    }
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It waits for its turn.
    Queued,
    /// The mail server didn't take it yet; it is tried again.
    Deferred,
    /// The mail server took it. Whether it arrived nobody tells us.
    Sent,
    /// The mail server refused it for good.
    Bounced,
    /// It was not taken before it had lost its use.
    Expired,
}

impl MailState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Deferred, Self::Sent, Self::Bounced, Self::Expired];

    /// The word a row holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Deferred => "deferred",
            Self::Sent => "sent",
            Self::Bounced => "bounced",
            Self::Expired => "expired",
        }
    }

    /// Reads a row's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}
