//! What the provider says about itself: discovery and keys, fetched when first needed and kept. Not here: what they are
//! used for.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::{AuthType, ClientId, ClientSecret, EndSessionUrl, TokenUrl, UserInfoUrl};
use tokio::sync::Mutex;
use url::Url;

use crate::clock::since;
use crate::config::Settings;
use crate::oidc::{Client, Metadata};
use crate::transport::Transport;

/// After a failure the next requests are answered at once for this long, so that a provider that comes up is not
/// flooded.
const BACK_OFF: Duration = Duration::from_secs(2);
/// A document this old is fetched anew, so that endpoints that moved and keys that were withdrawn are noticed.
const FRESH: Duration = Duration::from_hours(1);
/// While the provider does not answer, an old document serves on for at most this long.
const STALE: Duration = Duration::from_hours(24);
/// An unknown key id leads to a fetch this often: anyone can send one.
const BETWEEN_KEY_FETCHES: Duration = Duration::from_mins(1);

/// The provider cannot be asked right now; nothing is known about the request itself.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the provider cannot be reached")]
pub(crate) struct Unavailable;

/// The provider of one application.
#[derive(Debug)]
pub(crate) struct Provider {
    settings: Arc<Settings>,
    transport: Transport,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    known: Option<Arc<Document>>,
    failed_at: Option<SystemTime>,
}

/// One version of the provider's description.
#[derive(Debug)]
pub(crate) struct Document {
    /// Ready for requests, with the keys of this version.
    pub(crate) client: Client,
    pub(crate) end_session: Option<EndSessionUrl>,
    /// Whether authorization responses name their issuer (RFC 9207 section 3).
    pub(crate) names_issuer: bool,
    pub(crate) keys: CoreJsonWebKeySet,
    metadata: Metadata,
    fetched_at: SystemTime,
    keys_fetched_at: SystemTime,
}

impl Provider {
    pub(crate) fn new(settings: Arc<Settings>, transport: Transport) -> Self {
        Self { settings, transport, memory: Mutex::default() }
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The provider's description, from memory where it is fresh.
    ///
    /// The lock is held while fetching: whoever comes meanwhile waits for the same answer.
    ///
    /// # Errors
    /// [`Unavailable`] while there is none.
    pub(crate) async fn document(&self, now: SystemTime) -> Result<Arc<Document>, Unavailable> {
        let mut memory = self.memory.lock().await;
        let usable = |limit| memory.known.clone().filter(|known| since(now, known.fetched_at) < limit);
        if let Some(known) = usable(FRESH) {
            return Ok(known);
        }
        let old = usable(STALE);
        if memory.failed_at.is_some_and(|failed| since(now, failed) < BACK_OFF) {
            return old.ok_or(Unavailable);
        }
        if let Ok(document) = self.discover(now).await {
            let document = Arc::new(document);
            *memory = Memory { known: Some(Arc::clone(&document)), failed_at: None };
            return Ok(document);
        }
        memory.failed_at = Some(now);
        old.ok_or(Unavailable)
    }

    /// A description with newer keys than `seen` had, if there is one; called for a signature by an unknown key.
    pub(crate) async fn newer_keys(&self, seen: &Document, now: SystemTime) -> Option<Arc<Document>> {
        let mut memory = self.memory.lock().await;
        let known = memory.known.clone()?;
        if known.keys_fetched_at > seen.keys_fetched_at {
            return Some(known); // another request was faster
        }
        if since(now, known.keys_fetched_at) < BETWEEN_KEY_FETCHES {
            return None;
        }
        let fetched = CoreJsonWebKeySet::fetch_async(known.metadata.jwks_uri(), &self.transport).await;
        let found = fetched.is_ok();
        let keys = fetched.unwrap_or_else(|error| {
            tracing::warn!(error = %chain(&error), "the provider's keys could not be fetched");
            known.keys.clone()
        });
        // A failed fetch counts too, or unknown key ids could cause one each.
        let times = Times { fetched_at: known.fetched_at, keys_fetched_at: now };
        let document = Arc::new(self.describe(known.metadata.clone().set_jwks(keys), times));
        memory.known = Some(Arc::clone(&document));
        found.then_some(document)
    }

    async fn discover(&self, now: SystemTime) -> Result<Document, Unavailable> {
        let found = Metadata::discover_async(self.settings.issuer.clone(), &self.transport).await;
        let metadata = found.map_err(|error| {
            tracing::warn!(issuer = %self.settings.issuer.as_str(), error = %chain(&error), "discovery failed");
            Unavailable
        })?;
        if !keeps_transport(&metadata, &self.settings.config.issuer) {
            tracing::error!(issuer = %self.settings.issuer.as_str(), "discovery names an endpoint without https");
            return Err(Unavailable);
        }
        Ok(self.describe(metadata, Times { fetched_at: now, keys_fetched_at: now }))
    }

    fn describe(&self, metadata: Metadata, times: Times) -> Document {
        let config = &self.settings.config;
        let secret = config.client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().to_owned()));
        let client = Client::from_provider_metadata(metadata.clone(), ClientId::new(config.client_id.clone()), secret)
            .set_auth_type(AuthType::BasicAuth)
            .set_redirect_uri(self.settings.redirect_uri.clone());
        let more = metadata.additional_metadata();
        Document {
            client,
            end_session: more.end_session_endpoint.clone(),
            names_issuer: more.additional_metadata.authorization_response_iss_parameter_supported,
            keys: metadata.jwks().clone(),
            metadata,
            fetched_at: times.fetched_at,
            keys_fetched_at: times.keys_fetched_at,
        }
    }
}

/// When the parts of a document were fetched.
#[derive(Clone, Copy)]
struct Times {
    fetched_at: SystemTime,
    keys_fetched_at: SystemTime,
}

/// A provider reached by https must not send secrets, tokens or people to plain http.
fn keeps_transport(metadata: &Metadata, issuer: &Url) -> bool {
    let endpoints = [
        Some(metadata.authorization_endpoint().url()),
        metadata.token_endpoint().map(TokenUrl::url),
        metadata.userinfo_endpoint().map(UserInfoUrl::url),
        metadata.additional_metadata().end_session_endpoint.as_ref().map(EndSessionUrl::url),
        Some(metadata.jwks_uri().url()),
    ];
    issuer.scheme() != "https" || endpoints.into_iter().flatten().all(|url| url.scheme() == "https")
}

/// The error with its causes on one line; `openidconnect` keeps the telling part in the source.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    text
}
