//! The library against a provider and a browser of its own, all in one process. Here: the actors and one module for
//! each of the library's rooms. Not here: rules that can be tested beside their code.
#![expect(clippy::disallowed_methods, reason = "tests start their provider as a task")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod activity;
mod backchannel;
mod browser;
mod provider;
mod sign_in;
mod sign_out;
