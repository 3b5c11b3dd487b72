//! What each kind of credential is and when it holds.

pub mod password;
