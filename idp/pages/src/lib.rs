#![doc = include_str!("../README.md")]
#![doc = ""]
//! What lives here: the words, the markup, the two stylesheets and the few scripts. What does not: any decision about
//! who may see a page. Nothing here reads a database, a clock or a request.

pub mod account;
pub mod admin;
pub mod assets;
pub mod connected;
pub mod error;
mod form;
pub mod help;
pub mod i18n;
mod link;
pub mod mail;
pub mod passkeys;
mod qr;
pub mod samples;
pub mod shell;
pub mod signin;
