//! What a connector needs wherever it is used: the secret that its provider knows us by, and the address that people
//! come back to.

use idp_core::ids::ConnectorId;
use idp_core::secret::{SealContext, Secret};

use crate::context::Ctx;
use crate::error::ServiceError;

/// Where the secret is kept.
pub(crate) fn place(id: &ConnectorId) -> SealContext<'_> {
    SealContext { table: "connectors", column: "secret", row: id.bytes() }
}

/// What the provider knows us by.
pub(crate) async fn open_secret(cx: &Ctx, id: ConnectorId) -> Result<Secret<String>, ServiceError> {
    let broken = |e: &dyn std::fmt::Display| ServiceError::Broken(format!("connectors.secret: {e}"));
    let sealed = cx.store.read(move |r| idp_store::connectors::secret(r, id)).await?;
    let sealed = sealed.ok_or_else(|| broken(&"there is none"))?;
    let plain = cx.sealer.open_column(place(&id), &sealed).map_err(|e| broken(&e))?;
    String::from_utf8(plain.expose().clone()).map(Secret::new).map_err(|e| broken(&e))
}

/// Where people come back to from that provider: to be registered there.
pub fn callback(cx: &Ctx, name: &str) -> String {
    format!("{}/upstream/{name}/callback", cx.settings.issuer)
}
