//! Attempts at a password that were no guesses: it was right, and the database didn't say that it kept what follows. They
//! were counted before they were looked at; a job takes them back, or five busy moments would keep the owner out. Where it
//! isn't known whether the attempt itself was counted, it stays so: else what never was would forgive what was. A process
//! that ends meanwhile leaves them counted, too.

use std::sync::{Mutex, PoisonError};

use idp_core::throttle::Limits;
use idp_core::time::Timestamp;
use idp_store::Store;
use idp_store::throttles::Key;

use crate::error::ServiceError;

/// More than that stay counted: a database that is away for so long brings worse.
const MOST: usize = 10_000;

/// Taken back in one transaction.
const PIECE: usize = 20;

/// One that was counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) key: Key,
    pub(crate) limits: Limits,
    pub(crate) source: u64,
    pub(crate) at: Timestamp,
}

/// Those that wait for the job.
#[derive(Debug, Default)]
pub(crate) struct NoGuesses(Mutex<Vec<Attempt>>);

impl NoGuesses {
    pub(crate) fn note(&self, attempt: Attempt) {
        self.add(vec![attempt]);
    }

    fn add(&self, attempts: Vec<Attempt>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST.saturating_sub(waiting.len());
        waiting.extend(attempts.into_iter().take(room));
    }

    /// Takes some of them back; if that can't be done now, they go on waiting.
    pub(crate) async fn take_back(&self, store: &Store) -> Result<(), ServiceError> {
        let mut piece = self.piece();
        if piece.is_empty() {
            return Ok(());
        }
        piece.sort_by_key(|a| a.key.subject); // two nodes lock the counters in one order
        let taken = piece.clone();
        let cancel = move |w: &mut idp_store::Write<'_>| {
            taken.iter().try_for_each(|a| idp_store::throttles::cancel(w, a.key, a.limits, a.source, a.at))
        };
        let taken_back = store.write(cancel).await;
        if taken_back.is_err() {
            self.add(piece);
        }
        Ok(taken_back?)
    }

    fn piece(&self) -> Vec<Attempt> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let length = waiting.len().min(PIECE);
        waiting.drain(..length).collect()
    }
}
