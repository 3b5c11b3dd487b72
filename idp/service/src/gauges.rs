//! What is measured when somebody asks, not when it happens.

use idp_crypto::keys::SigningKey;

use crate::context::Ctx;
use crate::error::ServiceError;

/// Sets the gauges to what they are now.
///
/// # Errors
/// If the database can't be read.
pub async fn refresh(cx: &Ctx) -> Result<(), ServiceError> {
    let now = cx.clock.now();
    let (waiting, oldest) = cx.store.read(idp_store::outbox::backlog).await?;
    let lag = oldest.map_or(0, |since| now.since(since).seconds_up().max(0));
    set("idp_outbox_waiting", waiting);
    set("idp_outbox_lag_seconds", lag);
    set("idp_hash_queue_depth", i64::try_from(cx.hasher.waiting()).unwrap_or(i64::MAX));
    let signing =
        cx.keys.current().keys().iter().filter(|k| k.state(now) == "signing").map(SigningKey::active_from).min();
    if let Some(since) = signing {
        set("idp_key_age_seconds", now.since(since).seconds_up());
    }
    let stats = cx.store.stats();
    metrics::counter!("idp_password_hashes_total").absolute(cx.hasher.computed());
    metrics::counter!("idp_db_reads_total").absolute(stats.reads());
    metrics::counter!("idp_db_writes_total").absolute(stats.writes());
    metrics::counter!("idp_db_statements_total").absolute(stats.statements());
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floating point; these numbers are small")]
fn set(name: &'static str, value: i64) {
    metrics::gauge!(name).set(value as f64);
}
