//! Calls to the outside. Nothing else opens a socket.

pub mod http;
pub mod post;
pub mod provider;
