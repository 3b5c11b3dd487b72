//! What every use case works with, built once at the start.

use std::sync::Arc;

use idp_core::ids::TenantId;
use idp_core::oidc::client::Client;
use idp_core::policy::Policy;
use idp_core::tenant::TenantCode;
use idp_crypto::passkey::Ceremonies;
use idp_crypto::password::Hasher;
use idp_crypto::random::Random;
use idp_crypto::ring::KeyRing;
use idp_crypto::seal::{Mac, Sealer};
use idp_store::Store;
use idp_store::ephemeral::Ephemeral;
use tokio::sync::Notify;

use crate::cache::Cache;
pub use crate::cache::Company;
use crate::clock::Clock;
use crate::error::ServiceError;
use crate::outside::http::Http;
use crate::outside::post::Post;
use crate::outside::provider::Providers;

/// What an operator settles before the start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer: the public URL, without a slash at its end.
    pub issuer: String,
    /// What the vendor calls the product; people see it where no company is known.
    pub product: String,
}

/// What a use case works with.
#[derive(Debug)]
pub struct Ctx {
    /// What must survive.
    pub store: Store,
    /// What may be lost.
    pub ephemeral: Ephemeral,
    /// The signing keys.
    pub keys: KeyRing,
    /// Password hashing.
    pub hasher: Hasher,
    /// Sealing.
    pub sealer: Arc<Sealer>,
    /// What the audit log is signed with.
    pub audit: Arc<Mac>,
    /// Chance.
    pub random: Random,
    /// Time.
    pub clock: Clock,
    /// Calls to the outside.
    pub http: Http,
    /// Other providers, and what is known of them.
    pub providers: Providers,
    /// Mails to the outside.
    pub post: Post,
    /// Passkeys, if the public address has a name that they could belong to.
    pub passkeys: Option<Ceremonies>,
    /// What the operator settled.
    pub settings: Settings,
    /// The vendor's company.
    pub vendor: TenantId,
    cache: Cache,
    outbox: Notify,
}

/// The parts of a [`Ctx`].
#[derive(Debug)]
pub struct Parts {
    /// See [`Ctx::store`].
    pub store: Store,
    /// See [`Ctx::ephemeral`].
    pub ephemeral: Ephemeral,
    /// See [`Ctx::keys`].
    pub keys: KeyRing,
    /// See [`Ctx::hasher`].
    pub hasher: Hasher,
    /// See [`Ctx::sealer`].
    pub sealer: Arc<Sealer>,
    /// See [`Ctx::audit`].
    pub audit: Arc<Mac>,
    /// See [`Ctx::clock`].
    pub clock: Clock,
    /// See [`Ctx::http`].
    pub http: Http,
    /// See [`Ctx::post`].
    pub post: Post,
    /// See [`Ctx::passkeys`].
    pub passkeys: Option<Ceremonies>,
    /// See [`Ctx::settings`].
    pub settings: Settings,
    /// See [`Ctx::vendor`].
    pub vendor: TenantId,
}

impl Ctx {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self {
            store: parts.store,
            ephemeral: parts.ephemeral,
            keys: parts.keys,
            hasher: parts.hasher,
            sealer: parts.sealer,
            audit: parts.audit,
            random: Random::System,
            clock: parts.clock,
            http: parts.http,
            providers: Providers::default(),
            post: parts.post,
            passkeys: parts.passkeys,
            settings: parts.settings,
            vendor: parts.vendor,
            cache: Cache::new(),
            outbox: Notify::new(),
        }
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Says that the outbox has something new.
    pub(crate) fn wake_outbox(&self) {
        self.outbox.notify_one();
    }

    /// Waits until the outbox has something new.
    pub(crate) async fn outbox_woken(&self) {
        self.outbox.notified().await;
    }

    /// Answers one request: however often it asks the database, nobody waits for much longer than for one answer of it.
    pub fn as_one_request<F: Future>(&self, answer: F) -> impl Future<Output = F::Output> + use<F> {
        self.store.as_one_request(answer)
    }

    /// The client of that public name.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn client(&self, client_id: &str) -> Result<Option<Arc<Client>>, ServiceError> {
        if let Some(known) = self.cache.client(client_id) {
            return Ok(Some(known));
        }
        let generation = self.cache.clients.generation();
        let name = client_id.to_owned();
        let loaded = self.store.read(move |r| idp_store::clients::by_client_id(r, &name)).await?.map(Arc::new);
        if let Some(client) = &loaded {
            self.cache.clients.put(client_id.to_owned(), client, generation);
        }
        Ok(loaded)
    }

    /// The company of that id, with the policies that hold for it. Whether it is switched on is not decided by this: it
    /// may be a quarter of a second old.
    ///
    /// # Errors
    /// If the database can't be read, or there is no such company.
    pub async fn company(&self, id: TenantId) -> Result<Arc<Company>, ServiceError> {
        if let Some(known) = self.cache.company(id) {
            return Ok(known);
        }
        let generation = self.cache.companies.generation();
        let vendor = self.vendor;
        let loaded = self.store.read(move |r| {
            let general = idp_store::tenants::policies(r, vendor)?;
            let own = if id == vendor { Vec::new() } else { idp_store::tenants::policies(r, id)? };
            let connectors = idp_store::connectors::list(r, Some(id))?.into_iter().filter(|c| c.enabled).collect();
            let policy = Policy::resolve(&[&general, &own]);
            Ok(idp_store::tenants::by_id(r, id)?.map(|tenant| Company { tenant, policy, connectors }))
        });
        let company = loaded.await?.ok_or_else(|| ServiceError::Broken(format!("there is no company {id}")))?;
        let company = Arc::new(company);
        self.cache.companies.put(id, &company, generation);
        Ok(company)
    }

    /// The company of that code, if there is one.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn company_by_code(&self, code: &TenantCode) -> Result<Option<Arc<Company>>, ServiceError> {
        let code = code.clone();
        match self.store.read(move |r| idp_store::tenants::by_code(r, &code)).await? {
            Some(tenant) => self.company(tenant.id).await.map(Some),
            None => Ok(None),
        }
    }
}
