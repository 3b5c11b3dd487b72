//! Clients and the addresses they registered.

use diesel::prelude::*;
use idp_core::ids::{ClientKey, TenantId};
use idp_core::oidc::client::{AuthMethod, Client, Entry, Pkce, Refresh, SigningAlgorithm};
use idp_core::oidc::redirect_uri::RedirectUri;
use idp_core::oidc::scope::Scopes;
use idp_core::secret::TokenHash;
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::{client_uris, clients};
use crate::durable::{Read, StoreError, Write};

const REDIRECT: &str = "redirect";
const POST_LOGOUT: &str = "post_logout";

#[derive(Queryable, Selectable)]
#[expect(clippy::struct_excessive_bools, reason = "a row has the columns it has")]
#[diesel(table_name = clients)]
struct Row {
    id: Vec<u8>,
    client_id: String,
    tenant: Vec<u8>,
    name: String,
    auth_method: String,
    secret: Option<Vec<u8>>,
    id_token_alg: String,
    pkce_required: bool,
    scopes: String,
    entitled_only: bool,
    refresh_is_activity: bool,
    backchannel_logout_uri: Option<String>,
    home_uri: Option<String>,
    epoch: i64,
    enabled: bool,
}

fn load(r: &mut Read<'_>, row: Row) -> Result<Client, StoreError> {
    let wrong = |column| StoreError::row("clients", column);
    let uris: Vec<(String, String)> = client_uris::table
        .filter(client_uris::client.eq(&row.id))
        .select((client_uris::kind, client_uris::uri))
        .order(client_uris::uri)
        .load(r.conn)?;
    let of_kind = |kind: &str| -> Result<Vec<RedirectUri>, StoreError> {
        let texts = uris.iter().filter(|(k, _)| k == kind);
        texts.map(|(_, uri)| uri.parse().map_err(|_cause| StoreError::row("client_uris", "uri"))).collect()
    };
    Ok(Client {
        key: ClientKey::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
        tenant: TenantId::from_slice(&row.tenant).ok_or_else(|| wrong("tenant"))?,
        auth_method: AuthMethod::from_name(&row.auth_method).ok_or_else(|| wrong("auth_method"))?,
        secret: row.secret.map(|s| TokenHash::from_slice(&s).ok_or_else(|| wrong("secret"))).transpose()?,
        redirect_uris: of_kind(REDIRECT)?,
        post_logout_uris: of_kind(POST_LOGOUT)?,
        algorithm: SigningAlgorithm::from_name(&row.id_token_alg).ok_or_else(|| wrong("id_token_alg"))?,
        pkce: if row.pkce_required { Pkce::Required } else { Pkce::Optional },
        scopes: Scopes::read(&row.scopes),
        entry: if row.entitled_only { Entry::Entitled } else { Entry::Everybody },
        refresh: if row.refresh_is_activity { Refresh::Activity } else { Refresh::Silent },
        client_id: row.client_id,
        name: row.name,
        backchannel_logout_uri: row.backchannel_logout_uri,
        home_uri: row.home_uri,
        epoch: row.epoch,
        enabled: row.enabled,
    })
}

/// The client of that public name.
///
/// # Errors
/// If a statement fails.
pub fn by_client_id(r: &mut Read<'_>, client_id: &str) -> Result<Option<Client>, StoreError> {
    let row = clients::table
        .filter(clients::client_id.eq(client_id))
        .select(Row::as_select())
        .get_result(r.conn)
        .optional()?;
    row.map(|row| load(r, row)).transpose()
}

/// All clients, in the order of their public names.
///
/// # Errors
/// If a statement fails.
pub fn list(r: &mut Read<'_>) -> Result<Vec<Client>, StoreError> {
    let rows: Vec<Row> = clients::table.order(clients::client_id).select(Row::as_select()).load(r.conn)?;
    rows.into_iter().map(|row| load(r, row)).collect()
}

/// Makes a client; false if its public name is taken.
///
/// # Errors
/// If a statement fails.
pub fn insert(w: &mut Write<'_>, client: &Client, now: Timestamp) -> Result<bool, StoreError> {
    let row = (
        clients::id.eq(client.key.bytes().to_vec()),
        clients::client_id.eq(&client.client_id),
        clients::tenant.eq(client.tenant.bytes().to_vec()),
        clients::epoch.eq(client.epoch),
        clients::enabled.eq(client.enabled),
        clients::created_at.eq(now.micros()),
        changeable(client),
    );
    // ON CONFLICT: a taken name is an answer, not an error.
    let made =
        each_backend!(w, |c| diesel::insert_into(clients::table).values(row).on_conflict_do_nothing().execute(c))?;
    if made == 1 {
        put_uris(w, client)?;
    }
    Ok(made == 1)
}

/// Changes a client, but not whether it is switched on.
///
/// # Errors
/// If a statement fails.
pub fn update(w: &mut Write<'_>, client: &Client) -> Result<(), StoreError> {
    let target = clients::table.filter(clients::id.eq(client.key.bytes().to_vec()));
    diesel::update(target).set(changeable(client)).execute(w.conn)?;
    put_uris(w, client)
}

/// Ends what a client was given before.
///
/// # Errors
/// If the statement fails.
pub fn raise_epoch(w: &mut Write<'_>, key: ClientKey) -> Result<(), StoreError> {
    let target = clients::table.filter(clients::id.eq(key.bytes().to_vec()));
    diesel::update(target).set(clients::epoch.eq(clients::epoch + 1)).execute(w.conn)?;
    Ok(())
}

/// Switches a client on or off; false if it was so already.
///
/// # Errors
/// If the statement fails.
pub fn switch(w: &mut Write<'_>, key: ClientKey, enabled: bool) -> Result<bool, StoreError> {
    let target = clients::table.filter(clients::id.eq(key.bytes().to_vec()).and(clients::enabled.ne(enabled)));
    Ok(diesel::update(target).set(clients::enabled.eq(enabled)).execute(w.conn)? == 1)
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_null = true)]
struct Changeable {
    name: String,
    auth_method: &'static str,
    secret: Option<Vec<u8>>,
    id_token_alg: &'static str,
    pkce_required: bool,
    scopes: String,
    entitled_only: bool,
    refresh_is_activity: bool,
    backchannel_logout_uri: Option<String>,
    home_uri: Option<String>,
}

fn changeable(client: &Client) -> Changeable {
    Changeable {
        name: client.name.clone(),
        auth_method: client.auth_method.name(),
        secret: client.secret.map(|s| s.bytes().to_vec()),
        id_token_alg: client.algorithm.name(),
        pkce_required: client.pkce == Pkce::Required,
        scopes: client.scopes.text(),
        entitled_only: client.entry == Entry::Entitled,
        refresh_is_activity: client.refresh == Refresh::Activity,
        backchannel_logout_uri: client.backchannel_logout_uri.clone(),
        home_uri: client.home_uri.clone(),
    }
}

fn put_uris(w: &mut Write<'_>, client: &Client) -> Result<(), StoreError> {
    let id = client.key.bytes().to_vec();
    diesel::delete(client_uris::table.filter(client_uris::client.eq(&id))).execute(w.conn)?;
    let redirect = client.redirect_uris.iter().map(|uri| (REDIRECT, uri));
    let post_logout = client.post_logout_uris.iter().map(|uri| (POST_LOGOUT, uri));
    for (kind, uri) in redirect.chain(post_logout) {
        let row = (client_uris::client.eq(&id), client_uris::kind.eq(kind), client_uris::uri.eq(uri.as_str()));
        diesel::insert_into(client_uris::table).values(row).execute(w.conn)?;
    }
    Ok(())
}
