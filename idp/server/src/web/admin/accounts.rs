//! The accounts of a company: list, create, lock, unlock, new one-time password.

mod create;
mod list;
mod touch;

pub use create::{create, new};
pub use list::list;
pub use touch::{allow_mail, ask_code, ask_lock, ask_reset, backup_code, invite, lock, reset_password, unlock};
