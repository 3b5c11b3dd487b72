#![doc = include_str!("../README.md")]

pub mod account;
pub mod admin;
pub mod apply;
pub mod audit;
pub mod authorize;
mod cache;
pub mod clock;
pub mod connectors;
pub mod context;
pub mod error;
pub mod gauges;
pub mod health;
pub mod jobs;
pub mod keys;
pub mod logout;
pub mod mail;
pub mod outside;
pub mod passkeys;
pub mod second_factor;
pub mod sessions;
pub mod signin;
pub mod token;
pub mod userinfo;
pub mod visitor;
pub mod waiting;
pub mod when;
