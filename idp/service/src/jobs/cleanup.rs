//! What is over is forgotten, in small pieces, after it can no longer be of use.

use std::sync::Arc;

use idp_core::oidc::token::CODE_MEMORY;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::keys::HINT_MEMORY;
use idp_store::{StoreError, Write};

use crate::context::Ctx;
use crate::error::ServiceError;

/// Rows in one piece.
const PIECE: i64 = 200;

/// Pieces in one turn: what is left then waits for the next.
const PIECES: usize = 500;

/// Forgets one piece and says how many rows it had.
type Forget = fn(&mut Write<'_>, Timestamp) -> Result<usize, StoreError>;

/// What is forgotten, in the order in which rows point to each other.
const ALL: [Forget; 14] = [
    |w, now| idp_store::codes::forget(w, now - CODE_MEMORY, PIECE),
    |w, now| idp_store::one_time::forget(w, now - Lifetime::days(2), PIECE),
    |w, now| idp_store::families::forget(w, now - Lifetime::days(1), PIECE),
    |w, now| idp_store::grants::forget(w, now - Lifetime::days(1), PIECE),
    |w, now| idp_store::sessions::forget(w, now - Lifetime::days(30), PIECE),
    |w, now| idp_store::mails::forget(w, now - Lifetime::days(30), PIECE),
    |w, now| idp_store::outbox::forget(w, now - Lifetime::days(7), PIECE),
    |w, now| idp_store::journeys::forget(w, now - Lifetime::days(1), PIECE),
    |w, now| idp_store::identities::forget(w, now, PIECE),
    |w, now| idp_store::trusted_browsers::drop_expired(w, now).map(|_| 0),
    |w, now| idp_store::known_browsers::drop_expired(w, now).map(|_| 0),
    |w, now| idp_store::throttles::forget(w, now - Lifetime::days(2)).map(|_| 0),
    |w, now| idp_store::changes::forget(w, now - Lifetime::minutes(5)).map(|_| 0),
    |w, now| idp_store::signing_keys::forget(w, now - HINT_MEMORY).map(|_| 0),
];

pub(super) async fn run(cx: Arc<Ctx>) -> Result<(), ServiceError> {
    let now = cx.clock.now();
    for forget in ALL {
        for _ in 0..PIECES {
            let gone = cx.store.write(move |w| forget(w, now)).await?;
            if i64::try_from(gone).unwrap_or(PIECE) < PIECE {
                break;
            }
        }
    }
    Ok(())
}
