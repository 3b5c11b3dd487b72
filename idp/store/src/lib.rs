#![doc = include_str!("../README.md")]

mod durable;
pub mod ephemeral;

pub use durable::{
    Read, Settings, Stats, Store, StoreError, Url, Write, accounts, audit, audit_seals, backup, changes, clients,
    codes, connectors, entitlements, families, grants, identities, instance, journeys, known_browsers, logins, mails,
    one_time, outbox, passkeys, passwords, second_factors, sessions, shares, signing_keys, tenants, throttles,
    trusted_browsers,
};
