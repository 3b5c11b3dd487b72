//! OpenID Connect and OAuth 2.0: what requests must look like, when they need a person, and what they are worth.

pub mod authorize;
pub mod client;
pub mod discovery;
pub mod end_session;
pub mod error;
pub mod id_token;
pub mod interaction;
pub mod logout_token;
pub mod redirect_uri;
pub mod scope;
pub mod token;
pub mod userinfo;
