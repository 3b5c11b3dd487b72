//! What administrators and operators do. Each use case takes the proof that it may be done.

pub mod accounts;
pub mod clients;
pub mod connectors;
pub mod restore;
pub mod tenants;
