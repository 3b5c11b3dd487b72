//! What the operator says about a portal. Not here: what the portal says about itself, which is its `Product`.

use switchboard_rp::{IdTokenAlgorithm, RpConfig, Secret};
use url::Url;

/// The settings of one portal.
#[derive(Clone, Debug)]
pub struct PortalConfig {
    /// The identity provider.
    pub issuer: Url,
    /// The origin at which browsers reach the portal.
    pub public_url: Url,
    /// The portal's client at the provider.
    pub client_id: String,
    /// The client's secret; `None` for a public client.
    pub client_secret: Option<Secret>,
    /// Where the other portal is, if the menu should lead there.
    pub other_portal: Option<Url>,
}

impl PortalConfig {
    /// The same for the relying party.
    pub(crate) fn relying_party(&self, cookie_prefix: &'static str) -> RpConfig {
        RpConfig {
            issuer: self.issuer.clone(),
            public_url: self.public_url.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            algorithm: IdTokenAlgorithm::Es256,
            cookie_prefix,
            scopes: ["openid", "profile", "email", "tenant"].map(str::to_owned).to_vec(),
        }
    }

    /// The provider's page where people change their password.
    pub(crate) fn account_settings(&self) -> String {
        format!("{}/account/settings", self.issuer.as_str().trim_end_matches('/'))
    }
}
