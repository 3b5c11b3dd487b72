//! What happens around every handler.

pub mod address;
pub mod browser;
pub mod deadline;
pub mod headers;
pub mod log;
