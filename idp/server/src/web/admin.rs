//! The console.

pub mod accounts;
