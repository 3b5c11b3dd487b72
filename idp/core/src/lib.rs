#![doc = include_str!("../README.md")]

pub mod account;
pub mod audit;
pub mod authority;
pub mod credential;
pub mod ids;
pub mod language;
pub mod logout;
pub mod oidc;
pub mod policy;
pub mod secret;
pub mod session;
pub mod signin;
pub mod standing;
pub mod tenant;
pub mod throttle;
pub mod time;
