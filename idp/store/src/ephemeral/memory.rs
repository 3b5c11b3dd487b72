//! Budgets in this process: fixed windows in a bounded table.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use idp_core::time::Timestamp;

use super::Budget;

/// More addresses than this are not told apart: the oldest windows make room.
const MOST: usize = 100_000;

/// The table.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<String, (Timestamp, u32)>>);

impl Memory {
    pub(super) fn take(&self, key: &str, budget: Budget, now: Timestamp) -> Result<(), Timestamp> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= MOST && !table.contains_key(key) {
            table.retain(|_, (began, _)| !is_over(*began, budget, now));
            if table.len() >= MOST {
                table.clear(); // a flood of addresses: the durable counters still hold
            }
        }
        let (began, used) = table.entry(key.to_owned()).or_insert((now, 0));
        if is_over(*began, budget, now) {
            (*began, *used) = (now, 0);
        }
        if *used >= budget.most {
            return Err(*began + budget.window);
        }
        *used += 1;
        Ok(())
    }

    pub(super) fn spent(&self, key: &str, budget: Budget, now: Timestamp) -> Option<Timestamp> {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, used) = table.get(key)?;
        (*used >= budget.most && !is_over(*began, budget, now)).then_some(*began + budget.window)
    }
}

/// A window that begins in the future was begun by a clock that ran ahead.
fn is_over(began: Timestamp, budget: Budget, now: Timestamp) -> bool {
    (began + budget.window).reached(now) || began.is_ahead(now)
}
