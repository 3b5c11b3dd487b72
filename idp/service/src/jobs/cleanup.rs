//! What is over is forgotten, in small pieces, after it can no longer be of use.

use std::sync::Arc;

use idp_core::oidc::token::CODE_MEMORY;
use idp_core::time::Lifetime;
use idp_crypto::keys::HINT_MEMORY;

use crate::context::Ctx;
use crate::error::ServiceError;

/// Rows in one piece.
const PIECE: i64 = 200;

pub(super) async fn run(cx: Arc<Ctx>) -> Result<(), ServiceError> {
    let now = cx.clock.now();
    let day = now - Lifetime::days(1);
    cx.store.write(move |w| idp_store::codes::forget(w, now - CODE_MEMORY, PIECE)).await?;
    cx.store.write(move |w| idp_store::families::forget(w, day, PIECE)).await?;
    cx.store.write(move |w| idp_store::grants::forget(w, day, PIECE)).await?;
    cx.store.write(move |w| idp_store::sessions::forget(w, now - Lifetime::days(30), PIECE)).await?;
    cx.store.write(move |w| idp_store::outbox::forget(w, now - Lifetime::days(7), PIECE)).await?;
    cx.store.write(move |w| idp_store::known_browsers::drop_expired(w, now)).await?;
    cx.store.write(move |w| idp_store::throttles::forget(w, now - Lifetime::days(2))).await?;
    cx.store.write(move |w| idp_store::changes::forget(w, now - Lifetime::minutes(5))).await?;
    cx.store.write(move |w| idp_store::signing_keys::forget(w, now - HINT_MEMORY)).await?;
    Ok(())
}
