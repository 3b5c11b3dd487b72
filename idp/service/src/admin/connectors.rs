//! Other providers by which a company's people sign in: made, changed, switched on and off.

use idp_core::audit::AuditEvent;
use idp_core::authority::SystemAdmin;
use idp_core::federation::{BadConnector, Connector, Kind};
use idp_core::ids::{ConnectorId, OutboxId, TenantId};
use idp_core::secret::Secret;
use idp_store::changes::{self, Topic};

use crate::audit::scribe::Scribe;
use crate::connectors::{open_secret, place};
use crate::context::Ctx;
use crate::error::ServiceError;

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It can't be as it is declared.
    #[error(transparent)]
    Bad(#[from] BadConnector),
    /// It would never be asked.
    #[error("the issuer is not called: it is http, or an address inside; open its network in outbound.allow first")]
    NotCalled,
    /// Nobody would know us there.
    #[error("a new connector needs the client secret that the provider gave out")]
    NoSecret,
    /// It has been somebody else's, or of another kind, from its making on.
    #[error("there is a connector of this name for another company or of another kind; choose another name")]
    Taken,
    /// People are known by the old one.
    #[error("people are connected by this connector, so its issuer stays; make another connector for the new one")]
    Connected,
    /// There is none of that name.
    #[error("there is no connector of this name; see `idp connector list`")]
    NotFound,
}

/// All of them, or a company's.
///
/// # Errors
/// If the database can't be read.
pub async fn list(cx: &Ctx, tenant: Option<TenantId>) -> Result<Vec<Connector>, ServiceError> {
    Ok(cx.store.read(move |r| idp_store::connectors::list(r, tenant)).await?)
}

/// The one of that name.
///
/// # Errors
/// If the database can't be read.
pub async fn by_name(cx: &Ctx, name: &str) -> Result<Option<Connector>, ServiceError> {
    let name = name.to_owned();
    Ok(cx.store.read(move |r| idp_store::connectors::by_name(r, &name)).await?)
}

/// Is one as declared? A secret is, if it is the one that is kept.
///
/// # Errors
/// If the database can't be read, or the kept secret doesn't open.
pub async fn same(
    cx: &Ctx,
    today: &Connector,
    wanted: &Connector,
    secret: Option<&Secret<String>>,
) -> Result<bool, ServiceError> {
    let is_same = Connector { id: today.id, ..wanted.clone() } == *today;
    let Some(secret) = secret else { return Ok(is_same) };
    Ok(is_same && open_secret(cx, today.id).await?.expose() == secret.expose())
}

/// Makes one as it is declared, or brings it there. Whose it is and whose rules it follows never changes, or what is
/// connected by it would become another's.
///
/// # Errors
/// If it can't be done now.
pub async fn put(
    cx: &Ctx,
    _by: &SystemAdmin,
    wanted: Connector,
    secret: Option<&Secret<String>>,
) -> Result<Result<(), Refused>, ServiceError> {
    if let Err(bad) = wanted.check() {
        return Ok(Err(bad.into()));
    }
    let now = cx.clock.now();
    let today = by_name(cx, &wanted.name).await?;
    let is_new = today.as_ref().is_none_or(|today| today.issuer != wanted.issuer);
    if is_new && !cx.http.may_call(&wanted.issuer) {
        return Ok(Err(Refused::NotCalled));
    }
    if today.as_ref().is_some_and(|today| today.tenant != wanted.tenant || today.kind != wanted.kind) {
        return Ok(Err(Refused::Taken));
    }
    let id = match &today {
        Some(today) => today.id,
        None => ConnectorId::at(now, cx.random.bytes()?),
    };
    let sealed = match secret {
        Some(secret) => Some(cx.sealer.seal_column(place(&id), secret.expose().as_bytes(), &cx.random)?),
        None => None,
    };
    if today.is_none() && sealed.is_none() {
        return Ok(Err(Refused::NoSecret));
    }
    let issuer_moves = today.as_ref().is_some_and(|today| today.issuer != wanted.issuer);
    let connector = Connector { id, ..wanted };
    let (scribe, change, is_new) = (Scribe::new(cx, now)?, OutboxId::at(now, cx.random.bytes()?), today.is_none());
    let kept = cx.store.write(move |w| {
        match &sealed {
            Some(sealed) if is_new => {
                if !idp_store::connectors::insert(w, &connector, sealed)? {
                    return Ok(Err(Refused::Taken));
                }
            }
            sealed => {
                // Entra's issuer only says where to ask: people are known by that of their directory.
                let moves = issuer_moves && connector.kind != Kind::Entra;
                if moves && idp_store::identities::is_any_by(w, connector.id)? {
                    return Ok(Err(Refused::Connected));
                }
                idp_store::connectors::update(w, &connector, sealed.as_ref())?;
            }
        }
        let event = AuditEvent::ConnectorChanged { name: connector.name.clone(), on: connector.enabled };
        scribe.begin().add(w, connector.tenant, event)?;
        changes::push(w, change, Topic::Tenants, now)?;
        Ok(Ok(()))
    });
    let kept = kept.await?;
    cx.cache().companies.clear();
    Ok(kept)
}

/// Switches one on or off. Off, nobody comes in by it; who came in before stays in.
///
/// # Errors
/// If it can't be done now.
pub async fn switch(cx: &Ctx, by: &SystemAdmin, name: &str, on: bool) -> Result<Result<(), Refused>, ServiceError> {
    match by_name(cx, name).await? {
        Some(today) => put(cx, by, Connector { enabled: on, ..today }, None).await,
        None => Ok(Err(Refused::NotFound)),
    }
}
