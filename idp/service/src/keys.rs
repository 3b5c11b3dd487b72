//! Signing keys: made, rotated, loaded. A new key is published before it signs, an old one after it has stopped.

use idp_core::audit::AuditEvent;
use idp_core::authority::SystemAdmin;
use idp_core::ids::{AccountId, KeyId, OutboxId, TenantId};
use idp_core::oidc::client::SigningAlgorithm;
use idp_core::secret::SealContext;
use idp_core::time::Timestamp;
use idp_crypto::keys::{JWKS_MAX_AGE, KeySet, NewKey, PUBLISH_AHEAD, SigningKey};
use idp_crypto::random::Random;
use idp_crypto::seal::{Mac, Sealer};
use idp_store::Store;
use idp_store::changes::{self, Topic};
use idp_store::signing_keys::StoredKey;

use crate::audit::scribe::Scribe;
use crate::connectors;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::second_factor;

fn place(id: &KeyId) -> SealContext<'_> {
    SealContext { table: "signing_keys", column: "private", row: id.bytes() }
}

const AUDIT: SealContext<'_> = SealContext { table: "instance", column: "audit_key", row: &[1] };

/// The key of the audit log; made at the first start.
///
/// # Errors
/// If it can't be read, kept or opened.
pub async fn audit(store: &Store, sealer: &Sealer) -> Result<Mac, ServiceError> {
    let mut there = store.read(idp_store::instance::audit_key).await?;
    if there.is_none() {
        let made = sealer.seal_column(AUDIT, Mac::generate(&Random::System)?.expose(), &Random::System)?;
        store.write(move |w| idp_store::instance::keep_audit_key(w, None, &made)).await?;
        there = store.read(idp_store::instance::audit_key).await?; // another process may have been first
    }
    let kept = there.ok_or_else(|| ServiceError::Broken("the key of the audit log could not be kept".into()))?;
    let key = sealer.open_column(AUDIT, &kept).map_err(|_cause| {
        ServiceError::Broken("the key of the audit log doesn't open: is this the right master key?".into())
    })?;
    Ok(Mac::from_kept(&key)?)
}

/// Loads the keys as they are now.
///
/// # Errors
/// If they can't be read or opened: a wrong master key shows here.
pub async fn load(store: &Store, sealer: &Sealer, now: Timestamp) -> Result<KeySet, ServiceError> {
    let stored = store.read(idp_store::signing_keys::list).await?;
    let mut keys = Vec::new();
    for key in stored {
        let private = sealer.open_column(place(&key.id), &key.private).map_err(|_cause| {
            ServiceError::Broken(format!("the signing key {} doesn't open: is this the right master key?", key.id))
        })?;
        keys.push(SigningKey::load(key.id, key.algorithm, &private, key.active_from, key.retires_at)?);
    }
    Ok(KeySet::new(keys, now)?)
}

/// Makes the first key of each algorithm that has none; it signs at once, since nobody holds an older JWKS.
///
/// # Errors
/// If it can't be done now.
pub async fn ensure(store: &Store, sealer: &Sealer, now: Timestamp) -> Result<(), ServiceError> {
    let there = store.read(idp_store::signing_keys::list).await?;
    for algorithm in SigningAlgorithm::ALL {
        if !there.iter().any(|k| k.algorithm == algorithm) {
            let key = make(sealer, &Random::System, algorithm, (now, now)).await?;
            store.write(move |w| idp_store::signing_keys::insert(w, &key)).await?;
        }
    }
    Ok(())
}

/// Makes a key; RSA takes a tenth of a second, so it happens off the threads that serve.
async fn make(
    sealer: &Sealer,
    random: &Random,
    algorithm: SigningAlgorithm,
    (now, active_from): (Timestamp, Timestamp),
) -> Result<StoredKey, ServiceError> {
    let made = tokio::task::spawn_blocking(move || NewKey::generate(algorithm)).await;
    let made = made.map_err(|e| ServiceError::Broken(e.to_string()))??;
    let id = KeyId::at(now, random.bytes()?);
    let private = sealer.seal_column(place(&id), made.private.expose(), random)?;
    Ok(StoredKey { id, algorithm, private, created_at: now, active_from, retires_at: None })
}

/// When keys that were made already begin to sign, if some wait for that.
pub fn next_from(cx: &Ctx) -> Option<Timestamp> {
    let now = cx.clock.now();
    cx.keys.current().keys().iter().map(SigningKey::active_from).filter(|from| !from.reached(now)).min()
}

/// Makes a new key of each algorithm. It signs when everybody has had time to see it; until then the old one does.
///
/// # Errors
/// If it can't be done now.
pub async fn rotate(cx: &Ctx, _by: &SystemAdmin) -> Result<Timestamp, ServiceError> {
    let now = cx.clock.now();
    let active_from = now + PUBLISH_AHEAD;
    let mut made = Vec::new();
    for algorithm in SigningAlgorithm::ALL {
        made.push(make(&cx.sealer, &cx.random, algorithm, (now, active_from)).await?);
    }
    let scribe = Scribe::new(cx, now)?;
    let change = OutboxId::at(now, cx.random.bytes()?);
    let vendor: TenantId = cx.vendor;
    let kids: Vec<String> = made.iter().map(|k| k.id.to_string()).collect();
    let kept = cx.store.write(move |w| {
        for key in &made {
            idp_store::signing_keys::retire(w, key.algorithm, active_from)?;
            idp_store::signing_keys::insert(w, key)?;
        }
        scribe.begin().add(w, vendor, AuditEvent::KeysRotated { kids: kids.clone() })?;
        changes::push(w, change, Topic::Keys, now)
    });
    kept.await?;
    reload(cx).await?;
    Ok(active_from)
}

/// What sealing anew came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// Rows that were sealed anew.
    pub rows: usize,
    /// Passwords whose hash is under another master key: each is hashed anew when its owner signs in.
    pub passwords_left: i64,
}

/// Seals everything anew that is sealed under the other master key. People go on meanwhile; stopped in the middle, it
/// goes on where it was.
///
/// # Errors
/// If it can't be done now, or something opens under neither key.
pub async fn reseal(cx: &Ctx, _by: &SystemAdmin) -> Result<Resealed, ServiceError> {
    let mut rows = 0;
    for key in cx.store.read(idp_store::signing_keys::list).await? {
        if cx.sealer.is_current(&key.private) {
            continue;
        }
        let plain = cx.sealer.open_column(place(&key.id), &key.private)?;
        let anew = cx.sealer.seal_column(place(&key.id), plain.expose(), &cx.random)?;
        let replaced = cx.store.write(move |w| idp_store::signing_keys::reseal(w, key.id, &key.private, &anew)).await?;
        rows += usize::from(replaced);
    }
    if let Some(sealed) = cx.store.read(idp_store::instance::audit_key).await?.filter(|s| !cx.sealer.is_current(s)) {
        let anew = cx.sealer.seal_column(AUDIT, cx.sealer.open_column(AUDIT, &sealed)?.expose(), &cx.random)?;
        let kept = cx.store.write(move |w| idp_store::instance::keep_audit_key(w, Some(&sealed), &anew)).await?;
        rows += usize::from(kept);
    }
    rows += reseal_seeds(cx).await?;
    for (id, sealed) in cx.store.read(idp_store::connectors::secrets).await? {
        if cx.sealer.is_current(&sealed) {
            continue;
        }
        let anew = cx.sealer.open_column(connectors::place(&id), &sealed)?;
        let anew = cx.sealer.seal_column(connectors::place(&id), anew.expose(), &cx.random)?;
        let kept = cx.store.write(move |w| idp_store::connectors::reseal(w, id, (&sealed, &anew))).await?;
        rows += usize::from(kept);
    }
    let mark = cx.hasher.key_mark();
    let passwords_left = cx.store.read(move |r| idp_store::passwords::without_mark(r, &mark)).await?;
    Ok(Resealed { rows, passwords_left })
}

/// The seeds of authenticator apps, in pieces.
async fn reseal_seeds(cx: &Ctx) -> Result<usize, ServiceError> {
    const PIECE: i64 = 200;
    let (mut rows, mut after) = (0, AccountId::from_bytes([0; 16]));
    loop {
        let piece = cx.store.read(move |r| idp_store::second_factors::seeds(r, after, PIECE)).await?;
        let Some((last, _)) = piece.last() else { return Ok(rows) };
        after = *last;
        for (account, sealed) in piece.into_iter().filter(|(_, sealed)| !cx.sealer.is_current(sealed)) {
            let plain = cx.sealer.open_column(second_factor::place(&account), &sealed)?;
            let anew = cx.sealer.seal_column(second_factor::place(&account), plain.expose(), &cx.random)?;
            let kept = cx.store.write(move |w| idp_store::second_factors::reseal(w, account, &sealed, &anew));
            rows += usize::from(kept.await?);
        }
    }
}

/// Loads the keys anew: some may have come, and what is published depends on the time.
///
/// # Errors
/// If they can't be read or opened.
pub async fn reload(cx: &Ctx) -> Result<(), ServiceError> {
    let set = load(&cx.store, &cx.sealer, cx.clock.now()).await?;
    cx.keys.replace(set);
    Ok(())
}

/// The published keys as a document.
#[derive(Clone, Debug)]
pub struct Published {
    /// Which set it was made from: see [`version`].
    pub version: u64,
    /// The document.
    pub jwks: Vec<u8>,
    /// For how many seconds others may keep it.
    pub seconds: i64,
}

/// Another number whenever the keys changed.
pub fn version(cx: &Ctx) -> u64 {
    cx.keys.version()
}

/// The published keys as they are now.
pub fn published(cx: &Ctx) -> Published {
    let version = cx.keys.version(); // before the set: an older number only means that it is made once more
    Published { version, jwks: cx.keys.current().jwks().to_vec(), seconds: JWKS_MAX_AGE.as_seconds() }
}
