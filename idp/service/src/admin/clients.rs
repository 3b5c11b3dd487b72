//! Clients: registered, changed, listed. For the vendor's operators.

use idp_core::audit::AuditEvent;
use idp_core::authority::SystemAdmin;
use idp_core::ids::{ClientKey, OutboxId, TenantId};
use idp_core::oidc::client::{AuthMethod, Client, Entry, Pkce, Refresh, SigningAlgorithm};
use idp_core::oidc::redirect_uri::{RedirectUri, RedirectUriError};
use idp_core::oidc::scope::Scopes;
use idp_core::secret::{Secret, TokenHash, bearer};
use idp_store::changes::{self, Topic};

use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;

/// What a client is registered with.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its public name.
    pub client_id: String,
    /// What people call it.
    pub name: String,
    /// The company that owns it; the vendor's serve everybody.
    pub tenant: TenantId,
    /// How it shows who it is.
    pub auth_method: AuthMethod,
    /// Where answers may go.
    pub redirect_uris: Vec<String>,
    /// Where people may go after a sign-out.
    pub post_logout_uris: Vec<String>,
    /// What its ID tokens are signed with.
    pub algorithm: SigningAlgorithm,
    /// Must it use PKCE?
    pub pkce: Pkce,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Who may enter.
    pub entry: Entry,
    /// What its refreshes mean.
    pub refresh: Refresh,
    /// Where it wants to hear that a session ended.
    pub backchannel_logout_uri: Option<String>,
    /// Where people find it.
    pub home_uri: Option<String>,
}

/// Why a client can't be registered so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The public name is another's.
    #[error("this client_id is taken; choose another")]
    Taken,
    /// The public name can't be.
    #[error("a client_id has 1 to 100 letters, digits, dots, hyphens or underscores")]
    BadClientId,
    /// The name can't be.
    #[error("a client has a name of 1 to 100 characters on one line")]
    BadName,
    /// An address can't be.
    #[error("`{0}` can't be registered: {1}")]
    BadUri(String, RedirectUriError),
    /// An address that we would never call.
    #[error("`{0}` is not called: it is http, or an address inside; open its network in outbound.allow first")]
    NotCalled(String),
    /// Nowhere to send anybody.
    #[error("a client needs at least one redirect URI")]
    NoRedirectUri,
}

fn check_uris(texts: &[String]) -> Result<Vec<RedirectUri>, Refused> {
    texts.iter().map(|t| t.parse().map_err(|why| Refused::BadUri(t.clone(), why))).collect()
}

fn check(registration: &Registration) -> Result<(Vec<RedirectUri>, Vec<RedirectUri>), Refused> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !(1..=100).contains(&registration.client_id.len()) || !registration.client_id.chars().all(plain) {
        return Err(Refused::BadClientId);
    }
    let name = registration.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Refused::BadName);
    }
    let redirect_uris = check_uris(&registration.redirect_uris)?;
    if redirect_uris.is_empty() {
        return Err(Refused::NoRedirectUri);
    }
    let single = [&registration.backchannel_logout_uri, &registration.home_uri];
    check_uris(&single.into_iter().flatten().cloned().collect::<Vec<_>>())?;
    Ok((redirect_uris, check_uris(&registration.post_logout_uris)?))
}

fn build(registration: Registration, key: ClientKey, secret: Option<TokenHash>) -> Result<Client, Refused> {
    let (redirect_uris, post_logout_uris) = check(&registration)?;
    Ok(Client {
        key,
        client_id: registration.client_id,
        tenant: registration.tenant,
        name: registration.name.trim().to_owned(),
        auth_method: registration.auth_method,
        secret,
        redirect_uris,
        post_logout_uris,
        algorithm: registration.algorithm,
        pkce: registration.pkce,
        scopes: registration.scopes,
        entry: registration.entry,
        refresh: registration.refresh,
        backchannel_logout_uri: registration.backchannel_logout_uri,
        home_uri: registration.home_uri,
        epoch: 1,
        enabled: true,
    })
}

/// Makes a secret for a client: random, so that a plain digest of it is safe.
///
/// # Errors
/// If the operating system has no random bytes to give.
pub fn generate_secret(cx: &Ctx) -> Result<Secret<String>, ServiceError> {
    Ok(bearer("sbk", &cx.random.bytes()?))
}

/// Registers a client.
///
/// # Errors
/// If it can't be done now.
pub async fn create(
    cx: &Ctx,
    by: &SystemAdmin,
    registration: Registration,
    secret: Option<&Secret<String>>,
) -> Result<Result<ClientKey, Refused>, ServiceError> {
    let key = ClientKey::at(cx.clock.now(), cx.random.bytes()?);
    match build(registration, key, secret.map(|s| TokenHash::of(s.expose()))) {
        Ok(client) => keep(cx, by, client, None).await,
        Err(refused) => Ok(Err(refused)),
    }
}

/// The client as it would be after a change.
fn changed(today: &Client, registration: Registration, secret: Option<&Secret<String>>) -> Result<Client, Refused> {
    let secret = secret.map(|s| TokenHash::of(s.expose())).or(today.secret);
    let mut wanted = build(registration, today.key, secret)?;
    (wanted.enabled, wanted.epoch) = (today.enabled, today.epoch);
    wanted.redirect_uris.sort();
    wanted.post_logout_uris.sort();
    Ok(wanted)
}

/// Is a client as declared?
///
/// # Errors
/// If it can't be as declared.
pub fn same(today: &Client, registration: &Registration, secret: Option<&Secret<String>>) -> Result<bool, Refused> {
    Ok(changed(today, registration.clone(), secret)? == *today)
}

/// Brings a client to what is declared.
///
/// # Errors
/// If it can't be done now.
pub async fn update(
    cx: &Ctx,
    by: &SystemAdmin,
    (today, registration): (&Client, Registration),
    secret: Option<&Secret<String>>,
) -> Result<Result<ClientKey, Refused>, ServiceError> {
    match changed(today, registration, secret) {
        Ok(wanted) => keep(cx, by, wanted, Some(today)).await,
        Err(refused) => Ok(Err(refused)),
    }
}

async fn keep(
    cx: &Ctx,
    _by: &SystemAdmin,
    client: Client,
    today: Option<&Client>,
) -> Result<Result<ClientKey, Refused>, ServiceError> {
    let is_new = today.is_none_or(|today| today.backchannel_logout_uri != client.backchannel_logout_uri);
    if let Some(address) = client.backchannel_logout_uri.as_ref().filter(|a| is_new && !cx.http.may_call(a)) {
        return Ok(Err(Refused::NotCalled(address.clone())));
    }
    let now = cx.clock.now();
    let scribe = Scribe::new(cx, now)?;
    let change = OutboxId::at(now, cx.random.bytes()?);
    let (is_there, secret_is_new) = (today.is_some(), today.is_some_and(|t| t.secret != client.secret));
    let kept = cx.store.write(move |w| {
        if is_there {
            idp_store::clients::update(w, &client)?;
            if secret_is_new {
                // What the old one was given goes with it.
                idp_store::clients::raise_epoch(w, client.key)?;
            }
        } else if !idp_store::clients::insert(w, &client, now)? {
            return Ok(Err(Refused::Taken));
        }
        let event = AuditEvent::ClientChanged { client: client.key, client_id: client.client_id.clone() };
        scribe.begin().add(w, client.tenant, event)?;
        changes::push(w, change, Topic::Clients, now)?;
        Ok(Ok(client.key))
    });
    let kept = kept.await?;
    cx.cache().clients.clear();
    Ok(kept)
}

/// Switches a client on or off. Off ends everything it was given.
///
/// # Errors
/// If it can't be done now.
pub async fn switch(cx: &Ctx, _by: &SystemAdmin, client: &Client, on: bool) -> Result<(), ServiceError> {
    let now = cx.clock.now();
    let (scribe, change) = (Scribe::new(cx, now)?, OutboxId::at(now, cx.random.bytes()?));
    let (key, tenant, client_id) = (client.key, client.tenant, client.client_id.clone());
    let set = cx.store.write(move |w| {
        if !idp_store::clients::switch(w, key, on)? {
            return Ok(());
        }
        if !on {
            idp_store::clients::raise_epoch(w, key)?;
        }
        let event = AuditEvent::ClientSwitched { client: key, client_id: client_id.clone(), on };
        scribe.begin().add(w, tenant, event)?;
        changes::push(w, change, Topic::Clients, now)
    });
    set.await?;
    cx.cache().clients.clear();
    Ok(())
}

/// All clients, by public name.
///
/// # Errors
/// If the database can't be read.
pub async fn list(cx: &Ctx) -> Result<Vec<Client>, ServiceError> {
    Ok(cx.store.read(idp_store::clients::list).await?)
}
