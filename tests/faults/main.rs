//! What happens when something else fails: the database, Redis, the process itself.

mod database;
mod edge;
mod flood;
mod herd;
mod lines;
mod load;
mod mail;
mod operator;
mod process;
mod redis;
mod secrets;
mod silent;
mod sqlite;
mod telemetry;
mod upgrade;
