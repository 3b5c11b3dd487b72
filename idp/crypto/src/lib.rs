#![doc = include_str!("../README.md")]

pub mod jwks;
pub mod jwt;
pub mod keys;
pub mod passkey;
pub mod password;
pub mod random;
pub mod ring;
pub mod seal;
pub mod totp;
