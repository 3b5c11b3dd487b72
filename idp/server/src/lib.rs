#![doc = include_str!("../README.md")]
#![recursion_limit = "256"] // the token endpoint: what it does, in what guards it, is one future

pub mod boot;
pub mod cli;
pub mod config;
pub mod serve;
pub mod telemetry;
pub mod web;
