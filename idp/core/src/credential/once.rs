//! What works once: links, mailed codes, backup codes, challenges.

use crate::ids::{AccountId, TenantId};
use crate::standing::Epochs;
use crate::time::Timestamp;

/// What a credential is good for. One that was made for something else is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A link in a mail that signs in.
    SignInLink,
    /// A link in an invitation.
    Welcome,
    /// A link in a mail that leads to a new password.
    Reset,
    /// A code in a mail.
    MailCode,
    /// A code that was written down for the day the second factor is lost.
    BackupCode,
    /// The same, given by an administrator.
    AdminCode,
    /// A link that takes back a changed mail address.
    UndoEmail,
    /// What an authenticator has to sign.
    Challenge,
    /// A form that makes something that is shown once: sent a second time it makes nothing.
    Form,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::SignInLink,
        Self::Welcome,
        Self::Reset,
        Self::MailCode,
        Self::BackupCode,
        Self::AdminCode,
        Self::UndoEmail,
        Self::Challenge,
        Self::Form,
    ];

    /// The word a row holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignInLink => "sign_in_link",
            Self::Welcome => "welcome",
            Self::Reset => "reset",
            Self::MailCode => "mail_code",
            Self::BackupCode => "backup_code",
            Self::AdminCode => "admin_code",
            Self::UndoEmail => "undo_email",
            Self::Challenge => "challenge",
            Self::Form => "form",
        }
    }
}

/// A credential that works once, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTime {
    /// Whose company.
    pub tenant: TenantId,
    /// Whose it is.
    pub account: AccountId,
    /// What for.
    pub purpose: Purpose,
    /// What else there is to know, as its maker wrote it.
    pub payload: String,
    /// What it was born under.
    pub epochs: Epochs,
    /// Good until then.
    pub expires_at: Timestamp,
}
