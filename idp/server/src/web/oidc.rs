//! The protocol's endpoints.

pub mod authorize;
pub mod discovery;
pub mod logout;
pub mod token;
pub mod userinfo;
