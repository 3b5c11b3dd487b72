//! The authorization request: from parameters as they came to a request that can be answered.

mod params;
mod pkce;
mod prompt;
mod validate;

pub use params::{AuthorizationParams, LONGEST_TEXT};
pub use pkce::{CodeChallenge, verifier_fits};
pub use prompt::Prompts;
pub use validate::{AuthorizationRequest, AuthorizeError, Redirected, validate};
