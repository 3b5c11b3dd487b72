//! What went wrong, in the form that the one who asked understands: a page, or JSON of the protocol.

pub mod oauth;
pub mod page;
