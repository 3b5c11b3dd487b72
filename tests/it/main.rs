//! The product, tested room by room. One binary, because each links everything anew.

mod admin;
mod apply;
mod audit;
mod authorize;
mod cli;
mod crate_client;
mod edge;
mod http2;
mod inputs;
mod logout;
mod password;
mod sessions;
mod signin;
mod slow;
mod store;
mod switches;
mod token;
mod work;
