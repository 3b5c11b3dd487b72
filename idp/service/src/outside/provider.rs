//! Conversations with other providers: their metadata and keys, which are kept, and codes, which are exchanged. What is
//! kept is asked for seldom, and stays in use while a provider doesn't answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use idp_core::federation::identity::{Claims, Info};
use idp_core::federation::{Connector, Kind};
use idp_core::ids::ConnectorId;
use idp_core::secret::Secret;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::jwks::{ForeignKeys, Signed};
use idp_crypto::jwt::JwtError;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, HttpRequest, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use url::Url;

use super::http::{CallError, Http};

/// A person waits no longer for what is asked of a provider, however many questions that are.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is kept is asked for again after so long.
const FRESH: Lifetime = Lifetime::hours(1);

/// Keys are asked for at most so often, however many unknown ones tokens name.
const BETWEEN_KEYS: Lifetime = Lifetime::minutes(1);

/// After a provider didn't answer, its metadata are asked for again after so long.
const BETWEEN_TRIES: Lifetime = Lifetime::seconds(10);

/// So many conversations by one connector at a time: a slow provider keeps nobody else waiting, and no company another.
const AT_ONCE: usize = 32;

/// For its turn a conversation waits no longer.
const TURN: Duration = Duration::from_secs(1);

/// What is there already is asked for again on the side: for so long, and meanwhile others go on with it.
const ON_THE_SIDE: Duration = Duration::from_secs(2);

/// More providers are not kept in mind.
const MOST: usize = 10_000;

/// Why a provider was of no use.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It doesn't answer, or not in a way that anybody could use.
    #[error("{0}")]
    Down(String),
    /// It answers that it won't, or what it answers isn't right.
    #[error("{0}")]
    Refused(String),
}

impl From<CallError> for ProviderError {
    fn from(error: CallError) -> Self {
        Self::Down(error.to_string())
    }
}

/// What a provider says about itself (OpenID Connect Discovery section 3), as far as it is read here.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Its name in tokens.
    pub issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Does each of its answers name it (RFC 9207 section 3)?
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// What is known of one provider, and when it was asked for.
#[derive(Clone, Debug, Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    metadata_tried: Option<Timestamp>,
    keys: Option<(Arc<ForeignKeys>, Timestamp)>,
    keys_tried: Option<Timestamp>,
}

/// A provider. What is known is never held while something is asked for; who finds nothing waits for whoever asks.
#[derive(Debug, Default)]
struct Provider {
    known: Mutex<Known>,
    turn: tokio::sync::Mutex<()>,
}

impl Provider {
    fn known<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One company's way to it.
#[derive(Clone, Debug)]
struct Way {
    room: Arc<Semaphore>,
    provider: Arc<Provider>,
}

/// The providers that were talked to, by what they are and where; and the rooms, by connector.
#[derive(Debug, Default)]
pub struct Providers {
    all: Mutex<HashMap<(&'static str, String), Arc<Provider>>>,
    rooms: Mutex<HashMap<ConnectorId, Arc<Semaphore>>>,
}

/// What is sent along with a person.
#[derive(Debug)]
pub struct Ask<'a> {
    /// What has to come back.
    pub state: String,
    /// What has to stand in the token.
    pub nonce: String,
    /// What only the one who asked can show.
    pub verifier: &'a Secret<String>,
    /// Where the person comes back to.
    pub callback: String,
    /// The person has to show again who he is.
    pub anew: bool,
    /// Who is probably meant.
    pub hint: Option<String>,
}

/// A code, and what exchanges it.
#[derive(Debug)]
pub struct Redeem<'a> {
    /// The code.
    pub code: String,
    /// What shows that it is ours.
    pub verifier: &'a Secret<String>,
    /// Where the person came back to.
    pub callback: String,
    /// What the provider knows us by.
    pub secret: &'a Secret<String>,
}

/// What a token endpoint gives beside the access token.
#[derive(Debug, Deserialize, Serialize)]
struct More {
    id_token: Option<String>,
}

impl ExtraTokenFields for More {}

type Answer = StandardTokenResponse<More, BasicTokenType>;

type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn not_usable(what: &str, error: &dyn std::fmt::Display) -> ProviderError {
    ProviderError::Down(format!("{what}: {error}"))
}

impl Metadata {
    fn client(&self, connector: &Connector, callback: String) -> Result<Client, ProviderError> {
        let authorize = AuthUrl::new(self.authorization_endpoint.clone());
        let token = TokenUrl::new(self.token_endpoint.clone());
        let back = RedirectUrl::new(callback);
        Ok(oauth2::Client::new(ClientId::new(connector.client_id.clone()))
            .set_auth_uri(authorize.map_err(|e| not_usable("authorization_endpoint", &e))?)
            .set_token_uri(token.map_err(|e| not_usable("token_endpoint", &e))?)
            .set_redirect_uri(back.map_err(|e| not_usable("redirect_uri", &e))?)
            .set_auth_type(self.auth_type()))
    }

    /// Basic, unless the provider says that it doesn't know it.
    fn auth_type(&self) -> AuthType {
        match &self.token_endpoint_auth_methods_supported {
            Some(methods) if !methods.iter().any(|m| m == "client_secret_basic") => AuthType::RequestBody,
            Some(_) | None => AuthType::BasicAuth,
        }
    }
}

/// Is it the one that the connector names, and safe to talk to?
fn check(metadata: Metadata, connector: &Connector) -> Result<Metadata, ProviderError> {
    let safe = if connector.issuer.starts_with("https:") { "https:" } else { "http" };
    let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    let are_safe = endpoints.into_iter().chain(&metadata.userinfo_endpoint).all(|address| address.starts_with(safe));
    if !connector.is_issuer(&metadata.issuer) {
        return Err(ProviderError::Down(format!("it says of itself that it is {}", metadata.issuer)));
    }
    if !are_safe {
        return Err(ProviderError::Down("one of its endpoints is not on https".to_owned()));
    }
    Ok(metadata)
}

impl Providers {
    fn way(&self, connector: &Connector) -> Way {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST || rooms.len() >= MOST {
            all.clear();
            rooms.clear();
        }
        let room = rooms.entry(connector.id).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
        // What is believed of one kind is not of another: each is checked by its own rules.
        let place = (connector.kind.name(), connector.issuer.clone());
        Way { room: Arc::clone(room), provider: Arc::clone(all.entry(place).or_default()) }
    }

    /// Where a person is sent.
    ///
    /// # Errors
    /// If the provider is of no use now.
    pub async fn address(
        &self,
        http: &Http,
        connector: &Connector,
        (ask, now): (Ask<'_>, Timestamp),
    ) -> Result<Url, ProviderError> {
        let metadata = self.metadata(http, connector, now).await?;
        let client = metadata.client(connector, ask.callback)?;
        let verifier = PkceCodeVerifier::new(ask.verifier.expose().clone());
        let mut request = client
            .authorize_url(|| CsrfToken::new(ask.state))
            .add_scopes(["openid", "email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", ask.nonce);
        // Whom one chose on our page need not be chosen there again.
        if let Some(prompt) = connector.kind.prompt(ask.anew).filter(|_| ask.anew || ask.hint.is_none()) {
            request = request.add_extra_param("prompt", prompt);
        }
        if let Some(hint) = ask.hint {
            request = request.add_extra_param("login_hint", hint);
        }
        if ask.anew {
            request = request.add_extra_param("max_age", "0");
        }
        // Google shows accounts of this domain first; what counts is the claim.
        if let (Kind::Google, [domain]) = (connector.kind, connector.domains.as_slice()) {
            request = request.add_extra_param("hd", domain.clone());
        }
        Ok(request.url().0)
    }

    /// What the provider says about itself.
    ///
    /// # Errors
    /// If it is of no use now, and never was.
    pub async fn metadata(
        &self,
        http: &Http,
        connector: &Connector,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, ProviderError> {
        let way = self.way(connector);
        if let Some(metadata) = way.provider.known(|known| fresh(known, now)) {
            return Ok(metadata);
        }
        in_time(&way, metadata_of(&way.provider, http, connector, now)).await
    }

    /// Exchanges a code for what the provider says of the person (OpenID Connect Core section 3.1.3).
    ///
    /// # Errors
    /// If the provider is of no use now, or what it says isn't signed by it.
    pub async fn redeem(
        &self,
        http: &Http,
        connector: &Connector,
        (redeem, now): (Redeem<'_>, Timestamp),
    ) -> Result<Signed<Claims>, ProviderError> {
        let way = self.way(connector);
        in_time(&way, async {
            let metadata = metadata_of(&way.provider, http, connector, now).await?;
            let client = metadata.client(connector, redeem.callback)?;
            let client = client.set_client_secret(ClientSecret::new(redeem.secret.expose().clone()));
            let verifier = PkceCodeVerifier::new(redeem.verifier.expose().clone());
            let request = client.exchange_code(AuthorizationCode::new(redeem.code)).set_pkce_verifier(verifier);
            let answer = request.request_async(http).await.map_err(refusal)?;
            let token = answer.extra_fields().id_token.as_deref();
            let token = token.ok_or_else(|| ProviderError::Refused("no ID token".to_owned()))?;
            let signed = verify(&way.provider, http, (&metadata, token), now).await?;
            if signed.claims.email.is_some() {
                return Ok(signed);
            }
            let claims = match told(http, &metadata, answer.access_token().secret()).await {
                Some(info) => signed.claims.with(info),
                None => signed.claims,
            };
            Ok(Signed { claims, key_issuer: signed.key_issuer })
        })
        .await
    }
}

/// In the room that there is for it, and in the time that a person waits.
async fn in_time<T>(way: &Way, talk: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    let Ok(Ok(_permit)) = tokio::time::timeout(TURN, way.room.acquire()).await else {
        return Err(ProviderError::Down("too many conversations with it at once".to_owned()));
    };
    match tokio::time::timeout(PATIENCE, talk).await {
        Ok(told) => told,
        Err(_late) => Err(ProviderError::Down("it took too long".to_owned())),
    }
}

fn is_recent(at: Option<Timestamp>, within: Lifetime, now: Timestamp) -> bool {
    at.is_some_and(|at| now.since(at) < within)
}

/// The metadata, if nothing has to be asked for now: they are fresh, or were asked for a moment ago.
fn fresh(known: &Known, now: Timestamp) -> Option<Arc<Metadata>> {
    let (metadata, at) = known.metadata.as_ref()?;
    let is_good = is_recent(Some(*at), FRESH, now) || is_recent(known.metadata_tried, BETWEEN_TRIES, now);
    is_good.then(|| Arc::clone(metadata))
}

async fn metadata_of(
    provider: &Provider,
    http: &Http,
    connector: &Connector,
    now: Timestamp,
) -> Result<Arc<Metadata>, ProviderError> {
    let kept = provider.known(|known| {
        let kept = known.metadata.clone().map(|(metadata, _)| metadata);
        match fresh(known, now) {
            Some(metadata) => Kept::Fresh(metadata),
            None if kept.is_some() => {
                known.metadata_tried = Some(now); // others go on with what is there
                kept.map_or(Kept::Nothing, Kept::Old)
            }
            None => Kept::Nothing,
        }
    });
    match kept {
        Kept::Fresh(metadata) => Ok(metadata),
        Kept::Old(metadata) => {
            let told = tokio::time::timeout(ON_THE_SIDE, ask_metadata(provider, http, connector, now)).await;
            if let Ok(Ok(newer)) = told {
                return Ok(newer);
            }
            tracing::warn!(event = "provider_down", connector = %connector.name, "a provider's metadata stay as they were");
            Ok(metadata)
        }
        Kept::Nothing => {
            let _turn = provider.turn.lock().await;
            if let Some(metadata) = provider.known(|known| known.metadata.clone()) {
                return Ok(metadata.0); // somebody else asked meanwhile
            }
            if provider.known(|known| is_recent(known.metadata_tried, BETWEEN_TRIES, now)) {
                return Err(ProviderError::Down("it did not answer just now".to_owned()));
            }
            provider.known(|known| known.metadata_tried = Some(now));
            ask_metadata(provider, http, connector, now).await
        }
    }
}

/// What there is before anything is asked for.
enum Kept {
    Fresh(Arc<Metadata>),
    Old(Arc<Metadata>),
    Nothing,
}

async fn ask_metadata(
    provider: &Provider,
    http: &Http,
    connector: &Connector,
    now: Timestamp,
) -> Result<Arc<Metadata>, ProviderError> {
    let address = format!("{}/.well-known/openid-configuration", connector.issuer.trim_end_matches('/'));
    let told = http.get_json(&address).await?;
    let told = serde_json::from_value(told).map_err(|e| not_usable("its metadata", &e))?;
    let metadata = Arc::new(check(told, connector)?);
    provider.known(|known| {
        known.metadata = Some((Arc::clone(&metadata), now));
        known.metadata_tried = None;
    });
    Ok(metadata)
}

/// Looks at a signature. Keys are asked for anew where none fits, or where they are old; but seldom.
async fn verify(
    provider: &Provider,
    http: &Http,
    (metadata, token): (&Metadata, &str),
    now: Timestamp,
) -> Result<Signed<Claims>, ProviderError> {
    let read = |keys: &ForeignKeys| keys.verify::<Claims>(token);
    let refused = |error: JwtError| ProviderError::Refused(error.to_string());
    let look = || provider.known(|known| known.keys.clone()).map(|(keys, at)| (read(&keys), at));
    match look() {
        Some((Ok(signed), at)) => {
            let may_ask = provider.known(|known| {
                let may = !is_recent(Some(at), FRESH, now) && !is_recent(known.keys_tried, BETWEEN_KEYS, now);
                if may {
                    known.keys_tried = Some(now);
                }
                may
            });
            if may_ask {
                let told = tokio::time::timeout(ON_THE_SIDE, ask_keys(provider, http, metadata, now)).await;
                if !matches!(told, Ok(Ok(_))) {
                    tracing::warn!(event = "provider_down", "a provider's keys stay as they were");
                }
            }
            return Ok(signed);
        }
        Some((Err(JwtError::Malformed), _)) => return Err(refused(JwtError::Malformed)),
        Some((Err(JwtError::Foreign), _)) | None => {}
    }
    let _turn = provider.turn.lock().await;
    // Somebody else may have asked meanwhile.
    match look() {
        Some((Ok(signed), _)) => return Ok(signed),
        told if provider.known(|known| is_recent(known.keys_tried, BETWEEN_KEYS, now)) => {
            return match told {
                Some(_) => Err(refused(JwtError::Foreign)),
                None => Err(ProviderError::Down("it did not tell its keys just now".to_owned())),
            };
        }
        Some(_) | None => provider.known(|known| known.keys_tried = Some(now)),
    }
    read(&*ask_keys(provider, http, metadata, now).await?).map_err(refused)
}

async fn ask_keys(
    provider: &Provider,
    http: &Http,
    metadata: &Metadata,
    now: Timestamp,
) -> Result<Arc<ForeignKeys>, ProviderError> {
    let told = http.get_json(&metadata.jwks_uri).await?;
    let keys = Arc::new(ForeignKeys::read(told).map_err(|e| not_usable("its keys", &e))?);
    provider.known(|known| known.keys = Some((Arc::clone(&keys), now)));
    Ok(keys)
}

/// Asks for what the ID token leaves out. It is told to people and nothing more, so no answer is an answer.
async fn told(http: &Http, metadata: &Metadata, access_token: &str) -> Option<Info> {
    let mut request = HttpRequest::new(Vec::new());
    *request.uri_mut() = metadata.userinfo_endpoint.as_ref()?.parse().ok()?;
    let bearer = format!("Bearer {access_token}").parse().ok()?;
    request.headers_mut().insert("authorization", bearer);
    let answer = http.send(request).await.ok().filter(|answer| answer.status().is_success())?;
    serde_json::from_slice(answer.body()).ok()
}

/// A provider that has a bad day, or one that says no.
fn refusal(error: RequestTokenError<CallError, BasicErrorResponse>) -> ProviderError {
    match error {
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::ServerResponse(told) => ProviderError::Refused(format!("token endpoint: {told}")),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            ProviderError::Down("its token endpoint answers something else".to_owned())
        }
    }
}
