//! What each kind of credential is and when it holds.

pub mod once;
pub mod passkey;
pub mod password;
