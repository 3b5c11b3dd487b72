#![doc = include_str!("../README.md")]

pub mod boot;
pub mod cli;
pub mod config;
pub mod serve;
pub mod telemetry;
pub mod web;
