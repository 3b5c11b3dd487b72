//! What is worth keeping: one variant for each fact. No secret, no password, no token is ever part of one.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, AuditId, ClientKey, GrantId, SessionId, TenantId};
use crate::time::Timestamp;

/// A row of the audit log.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    /// Its row.
    pub id: AuditId,
    /// The company it belongs to.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// Who did it; nobody with an account if it was the operator or a job.
    pub actor: Option<AccountId>,
    /// From where, if over the network.
    pub address: Option<String>,
    /// What.
    pub event: AuditEvent,
}

/// A fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AuditEvent {
    /// Somebody signed in.
    SignedIn {
        /// Who.
        account: AccountId,
        /// In which session.
        session: SessionId,
        /// How (RFC 8176).
        amr: String,
    },
    /// A first factor was wrong. The typed name is not kept: people type passwords there.
    SignInFailed {
        /// Whose account was meant, if there is one.
        account: Option<AccountId>,
        /// Why, in a word.
        reason: String,
    },
    /// Too many failures: attempts wait.
    WaitBegan {
        /// Whose account, if there is one.
        account: Option<AccountId>,
        /// Until when.
        until: Timestamp,
    },
    /// Somebody signed out, or was signed out.
    SignedOut {
        /// Whose account.
        account: AccountId,
        /// Which session.
        session: SessionId,
        /// Why, in a word: `person`, `client`, `expired`, `password`, `admin`.
        reason: String,
    },
    /// Somebody changed his password.
    PasswordChanged {
        /// Whose account.
        account: AccountId,
        /// How many other sessions ended with it.
        others_ended: usize,
    },
    /// Somebody set a new password by a link in a mail.
    PasswordRecovered {
        /// Whose account.
        account: AccountId,
    },
    /// A second factor was set up.
    SecondFactorOn {
        /// Whose account.
        account: AccountId,
        /// Which: `app`, `email`.
        means: String,
    },
    /// A second factor was taken away.
    SecondFactorOff {
        /// Whose account.
        account: AccountId,
        /// Which: `app`, `email`.
        means: String,
    },
    /// New backup codes were made; the ones of before are worth nothing.
    BackupCodesMade {
        /// Whose account.
        account: AccountId,
    },
    /// A backup code was used.
    BackupCodeUsed {
        /// Whose account.
        account: AccountId,
        /// So many are left of the set.
        left: usize,
    },
    /// An administrator gave somebody a backup code.
    BackupCodeIssued {
        /// To which account.
        account: AccountId,
        /// Why, in the administrator's words.
        reason: String,
    },
    /// Somebody got in by the code that an administrator had given.
    IssuedCodeUsed {
        /// Whose account.
        account: AccountId,
    },
    /// Too many wrong second factors: the account is locked until an administrator unlocks it.
    AccountLockedByGuesses {
        /// Which account.
        account: AccountId,
    },
    /// A browser is trusted from now on.
    BrowserTrusted {
        /// Whose account.
        account: AccountId,
        /// Until when.
        until: Timestamp,
    },
    /// A trusted browser is trusted no more.
    BrowserDistrusted {
        /// Whose account.
        account: AccountId,
    },
    /// The mail address was changed by its person.
    EmailChanged {
        /// Whose account.
        account: AccountId,
    },
    /// A changed mail address was taken back from the old mailbox.
    EmailChangeUndone {
        /// Whose account.
        account: AccountId,
    },
    /// A company was made.
    TenantCreated {
        /// Its code.
        code: String,
    },
    /// A company was switched on or off.
    TenantSwitched {
        /// Is it on now?
        on: bool,
    },
    /// A policy was set.
    PolicySet {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// An account was made.
    AccountCreated {
        /// Which.
        account: AccountId,
    },
    /// Somebody was invited, for the first time or again.
    Invited {
        /// Which account.
        account: AccountId,
    },
    /// A passkey was made.
    PasskeyMade {
        /// Whose.
        account: AccountId,
        /// What it is called.
        name: String,
    },
    /// Somebody connected a person at another provider with his account.
    IdentityConnected {
        /// Whose.
        account: AccountId,
        /// With what provider, as people call it.
        name: String,
    },
    /// Somebody took the connection away again.
    IdentityDisconnected {
        /// Whose.
        account: AccountId,
        /// With what provider, as people call it.
        name: String,
    },
    /// A company's way in by another provider was made or changed.
    ConnectorChanged {
        /// Its name in addresses.
        name: String,
        /// May people come in by it?
        on: bool,
    },
    /// A passkey was taken away.
    PasskeyRevoked {
        /// Whose.
        account: AccountId,
        /// What it was called.
        name: String,
    },
    /// Mails go again to an address that was refused.
    MailAllowed {
        /// Which account.
        account: AccountId,
    },
    /// An account was locked by an administrator.
    AccountLocked {
        /// Which.
        account: AccountId,
    },
    /// An account was unlocked by an administrator.
    AccountUnlocked {
        /// Which.
        account: AccountId,
    },
    /// An account was switched on or off.
    AccountSwitched {
        /// Which.
        account: AccountId,
        /// Is it on now?
        on: bool,
    },
    /// An administrator made a one-time password.
    PasswordReset {
        /// For which account.
        account: AccountId,
    },
    /// A client was made or changed.
    ClientChanged {
        /// Which.
        client: ClientKey,
        /// Its public name.
        client_id: String,
    },
    /// Somebody said he was a client and couldn't show it.
    ClientRefused {
        /// Which.
        client: ClientKey,
    },
    /// A client was switched on or off.
    ClientSwitched {
        /// Which.
        client: ClientKey,
        /// Its public name.
        client_id: String,
        /// Is it on now?
        on: bool,
    },
    /// A client may now act for somebody.
    GrantMade {
        /// Which grant.
        grant: GrantId,
        /// Whose.
        account: AccountId,
        /// For which client.
        client: ClientKey,
    },
    /// Somebody was refused a portal that he has no part in.
    NotEntitled {
        /// Who.
        account: AccountId,
        /// Which portal.
        client: ClientKey,
    },
    /// A code or refresh token came twice: what it stood for is dead.
    TokenReused {
        /// Which grant.
        grant: GrantId,
        /// `code` or `refresh_token`.
        kind: String,
    },
    /// A backup was put back; everything that was signed in before is dead.
    Restored {
        /// The last event before, if there is one.
        last_event: Option<Timestamp>,
    },
    /// Signing keys were made.
    KeysRotated {
        /// Their names.
        kids: Vec<String>,
    },
}

impl AuditEvent {
    /// Whose account it is about, where the person should know of it.
    pub fn about(&self) -> Option<AccountId> {
        match self {
            Self::SignInFailed { account, .. } | Self::WaitBegan { account, .. } => *account,
            Self::SignedIn { account, .. }
            | Self::SignedOut { account, .. }
            | Self::PasswordChanged { account, .. }
            | Self::PasswordRecovered { account }
            | Self::SecondFactorOn { account, .. }
            | Self::SecondFactorOff { account, .. }
            | Self::BackupCodesMade { account }
            | Self::BackupCodeUsed { account, .. }
            | Self::BackupCodeIssued { account, .. }
            | Self::IssuedCodeUsed { account }
            | Self::AccountLockedByGuesses { account }
            | Self::BrowserTrusted { account, .. }
            | Self::BrowserDistrusted { account }
            | Self::EmailChanged { account }
            | Self::EmailChangeUndone { account }
            | Self::AccountCreated { account }
            | Self::Invited { account }
            | Self::MailAllowed { account }
            | Self::PasskeyMade { account, .. }
            | Self::PasskeyRevoked { account, .. }
            | Self::IdentityConnected { account, .. }
            | Self::IdentityDisconnected { account, .. }
            | Self::AccountLocked { account }
            | Self::AccountUnlocked { account }
            | Self::AccountSwitched { account, .. }
            | Self::PasswordReset { account } => Some(*account),
            Self::TenantCreated { .. }
            | Self::TenantSwitched { .. }
            | Self::PolicySet { .. }
            | Self::ClientChanged { .. }
            | Self::ConnectorChanged { .. }
            | Self::ClientRefused { .. }
            | Self::ClientSwitched { .. }
            | Self::GrantMade { .. }
            | Self::NotEntitled { .. }
            | Self::TokenReused { .. }
            | Self::Restored { .. }
            | Self::KeysRotated { .. } => None,
        }
    }

    /// The event's name, as in its text form.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "signed_in",
            Self::SignInFailed { .. } => "sign_in_failed",
            Self::WaitBegan { .. } => "wait_began",
            Self::SignedOut { .. } => "signed_out",
            Self::PasswordChanged { .. } => "password_changed",
            Self::PasswordRecovered { .. } => "password_recovered",
            Self::SecondFactorOn { .. } => "second_factor_on",
            Self::SecondFactorOff { .. } => "second_factor_off",
            Self::BackupCodesMade { .. } => "backup_codes_made",
            Self::BackupCodeUsed { .. } => "backup_code_used",
            Self::BackupCodeIssued { .. } => "backup_code_issued",
            Self::IssuedCodeUsed { .. } => "issued_code_used",
            Self::AccountLockedByGuesses { .. } => "account_locked_by_guesses",
            Self::BrowserTrusted { .. } => "browser_trusted",
            Self::BrowserDistrusted { .. } => "browser_distrusted",
            Self::EmailChanged { .. } => "email_changed",
            Self::EmailChangeUndone { .. } => "email_change_undone",
            Self::TenantCreated { .. } => "tenant_created",
            Self::TenantSwitched { .. } => "tenant_switched",
            Self::PolicySet { .. } => "policy_set",
            Self::AccountCreated { .. } => "account_created",
            Self::Invited { .. } => "invited",
            Self::MailAllowed { .. } => "mail_allowed",
            Self::PasskeyMade { .. } => "passkey_made",
            Self::PasskeyRevoked { .. } => "passkey_revoked",
            Self::IdentityConnected { .. } => "identity_connected",
            Self::IdentityDisconnected { .. } => "identity_disconnected",
            Self::ConnectorChanged { .. } => "connector_changed",
            Self::AccountLocked { .. } => "account_locked",
            Self::AccountUnlocked { .. } => "account_unlocked",
            Self::AccountSwitched { .. } => "account_switched",
            Self::PasswordReset { .. } => "password_reset",
            Self::ClientChanged { .. } => "client_changed",
            Self::ClientRefused { .. } => "client_refused",
            Self::ClientSwitched { .. } => "client_switched",
            Self::GrantMade { .. } => "grant_made",
            Self::NotEntitled { .. } => "not_entitled",
            Self::TokenReused { .. } => "token_reused",
            Self::Restored { .. } => "restored",
            Self::KeysRotated { .. } => "keys_rotated",
        }
    }
}
