//! What may be lost: budgets of attempts by address. Nothing here decides single use or is missed after a flush.
//!
//! In one process memory will do; several nodes share a Redis so that a budget isn't multiplied. If Redis doesn't
//! answer in time, the process counts for itself: less sharp, never open, never shut.

mod memory;
mod redis;
mod road;

use std::sync::Arc;

use idp_core::time::{Lifetime, Timestamp};

/// So many in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many.
    pub most: u32,
    /// In how long.
    pub window: Lifetime,
}

/// Where budgets are kept.
#[derive(Clone, Debug)]
pub enum Ephemeral {
    /// In this process.
    Memory(Arc<memory::Memory>),
    /// In Redis, with this process to fall back on.
    Redis(redis::Redis, Arc<memory::Memory>),
}

/// Redis can't be used as it is.
#[derive(Debug, thiserror::Error)]
#[error("Redis can't be used: {0}")]
pub struct EphemeralError(String);

impl Ephemeral {
    /// Keeps budgets in this process.
    pub fn memory() -> Self {
        Self::Memory(Arc::new(memory::Memory::default()))
    }

    /// Keeps budgets in Redis. Refuses one that would drop counters when its memory is full.
    ///
    /// # Errors
    /// If it can't be reached at the start, or its eviction policy is wrong.
    pub async fn redis(url: &str) -> Result<Self, EphemeralError> {
        Ok(Self::Redis(redis::Redis::connect(url).await?, Arc::new(memory::Memory::default())))
    }

    /// Takes one from a budget; if it is used up, says when to come back.
    pub async fn take(&self, key: &str, budget: Budget, now: Timestamp) -> Result<(), Timestamp> {
        match self {
            Self::Memory(memory) => memory.take(key, budget, now),
            Self::Redis(redis, memory) => {
                let here = memory.take(key, budget, now);
                redis.take(key, budget, now).await.unwrap_or(here)
            }
        }
    }

    /// Is a budget used up by what came to this process alone? For where nobody may wait for Redis.
    pub fn spent_here(&self, key: &str, budget: Budget, now: Timestamp) -> Option<Timestamp> {
        let (Self::Memory(memory) | Self::Redis(_, memory)) = self;
        memory.spent(key, budget, now)
    }

    /// Is a budget used up? Until when, and nothing is taken from it.
    pub async fn spent(&self, key: &str, budget: Budget, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Memory(memory) => memory.spent(key, budget, now),
            Self::Redis(redis, memory) => match redis.spent(key, budget, now).await {
                Some(answer) => answer,
                None => memory.spent(key, budget, now),
            },
        }
    }
}
