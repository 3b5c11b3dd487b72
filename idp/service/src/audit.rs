//! The audit log: written in the acts it is about, chained afterwards, checked on demand. What covers what is said in
//! `seals`, and nowhere else.

pub mod scribe;
pub(crate) mod seals;
pub mod verify;
