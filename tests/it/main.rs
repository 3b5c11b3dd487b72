//! The product, tested room by room. One binary, because each links everything anew.

#![recursion_limit = "256"] // async blocks of async blocks, deep in what is tested

mod admin;
mod apply;
mod audit;
mod authorize;
mod cli;
mod clock;
mod crate_client;
mod edge;
mod email;
mod federation;
mod forgot;
mod http2;
mod inputs;
mod invitation;
mod keys;
mod logout;
mod machine;
mod mailbox;
mod notices;
mod one_factor;
mod over;
mod passkeys;
mod password;
mod provider;
mod second;
mod security;
mod sessions;
mod set_up;
mod signin;
mod slow;
mod stopping;
mod store;
mod strangers;
mod switches;
mod timing;
mod token;
mod trust;
mod work;
