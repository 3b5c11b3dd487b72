//! What handlers ask for.

pub mod authority;
pub mod client;
pub mod fields;
pub mod program;
pub mod session;

pub use fields::Fields;
