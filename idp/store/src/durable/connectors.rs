//! Other providers by which people sign in.

use diesel::prelude::*;
use idp_core::federation::{Connector, Kind};
use idp_core::ids::{ConnectorId, TenantId};
use idp_core::secret::Sealed;

use crate::durable::conn::each_backend;
use crate::durable::schema::connectors;
use crate::durable::{Read, StoreError, Write};

#[derive(Queryable, Selectable)]
#[diesel(table_name = connectors)]
struct Row {
    id: Vec<u8>,
    tenant: Vec<u8>,
    name: String,
    kind: String,
    label: String,
    issuer: String,
    client_id: String,
    domains: String,
    directories: String,
    enabled: bool,
}

impl TryFrom<Row> for Connector {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::row("connectors", column);
        let words = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect();
        Ok(Self {
            id: ConnectorId::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
            tenant: TenantId::from_slice(&row.tenant).ok_or_else(|| wrong("tenant"))?,
            name: row.name,
            kind: Kind::from_name(&row.kind).ok_or_else(|| wrong("kind"))?,
            label: row.label,
            issuer: row.issuer,
            client_id: row.client_id,
            domains: words(&row.domains),
            directories: words(&row.directories),
            enabled: row.enabled,
        })
    }
}

/// Those of a company, or of all, by name.
///
/// # Errors
/// If the statement fails.
pub fn list(r: &mut Read<'_>, tenant: Option<TenantId>) -> Result<Vec<Connector>, StoreError> {
    let all = connectors::table.order(connectors::name).select(Row::as_select());
    let rows: Vec<Row> = match tenant {
        Some(tenant) => all.filter(connectors::tenant.eq(tenant.bytes().to_vec())).load(r.conn)?,
        None => all.load(r.conn)?,
    };
    rows.into_iter().map(Connector::try_from).collect()
}

/// Is there one anywhere by which people come in?
///
/// # Errors
/// If the statement fails.
pub fn is_any(r: &mut Read<'_>) -> Result<bool, StoreError> {
    let on = connectors::table.filter(connectors::enabled.eq(true));
    Ok(diesel::select(diesel::dsl::exists(on)).get_result(r.conn)?)
}

/// The one of that name.
///
/// # Errors
/// If the statement fails.
pub fn by_name(r: &mut Read<'_>, name: &str) -> Result<Option<Connector>, StoreError> {
    let row: Option<Row> =
        connectors::table.filter(connectors::name.eq(name)).select(Row::as_select()).get_result(r.conn).optional()?;
    row.map(Connector::try_from).transpose()
}

/// Is it there, and switched on?
///
/// # Errors
/// If the statement fails.
pub fn is_on(r: &mut Read<'_>, id: ConnectorId) -> Result<bool, StoreError> {
    let on = connectors::table.filter(connectors::id.eq(id.bytes().to_vec()).and(connectors::enabled.eq(true)));
    Ok(diesel::select(diesel::dsl::exists(on)).get_result(r.conn)?)
}

/// What it knows us by, sealed.
///
/// # Errors
/// If the statement fails.
pub fn secret(r: &mut Read<'_>, id: ConnectorId) -> Result<Option<Sealed>, StoreError> {
    let row: Option<Vec<u8>> = connectors::table
        .filter(connectors::id.eq(id.bytes().to_vec()))
        .select(connectors::secret)
        .get_result(r.conn)
        .optional()?;
    Ok(row.map(Sealed))
}

/// All secrets, for a new master key.
///
/// # Errors
/// If the statement fails.
pub fn secrets(r: &mut Read<'_>) -> Result<Vec<(ConnectorId, Sealed)>, StoreError> {
    let rows: Vec<(Vec<u8>, Vec<u8>)> = connectors::table.select((connectors::id, connectors::secret)).load(r.conn)?;
    let read = |(id, secret): (Vec<u8>, Vec<u8>)| {
        let id = ConnectorId::from_slice(&id).ok_or_else(|| StoreError::row("connectors", "id"))?;
        Ok((id, Sealed(secret)))
    };
    rows.into_iter().map(read).collect()
}

/// Keeps a secret; false if it isn't any more what it was when it was read.
///
/// # Errors
/// If the statement fails.
pub fn reseal(w: &mut Write<'_>, id: ConnectorId, (old, new): (&Sealed, &Sealed)) -> Result<bool, StoreError> {
    let same = connectors::table.filter(connectors::id.eq(id.bytes().to_vec()).and(connectors::secret.eq(&old.0)));
    Ok(diesel::update(same).set(connectors::secret.eq(&new.0)).execute(w.conn)? == 1)
}

/// Makes one; false if the name is taken.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, connector: &Connector, secret: &Sealed) -> Result<bool, StoreError> {
    let row = (
        connectors::id.eq(connector.id.bytes().to_vec()),
        connectors::tenant.eq(connector.tenant.bytes().to_vec()),
        connectors::name.eq(&connector.name),
        connectors::kind.eq(connector.kind.name()),
        connectors::label.eq(&connector.label),
        connectors::issuer.eq(&connector.issuer),
        connectors::client_id.eq(&connector.client_id),
        connectors::secret.eq(&secret.0),
        connectors::domains.eq(connector.domains.join(" ")),
        connectors::directories.eq(connector.directories.join(" ")),
        connectors::enabled.eq(connector.enabled),
    );
    // ON CONFLICT: a taken name is an answer, not an error.
    let kept =
        each_backend!(w, |c| diesel::insert_into(connectors::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(kept == 1)
}

/// Changes what may be changed: whose it is and whose rules it follows stays.
///
/// # Errors
/// If the statement fails.
pub fn update(w: &mut Write<'_>, connector: &Connector, secret: Option<&Sealed>) -> Result<(), StoreError> {
    let own = connectors::table.filter(connectors::id.eq(connector.id.bytes().to_vec()));
    let set = (
        connectors::label.eq(&connector.label),
        connectors::issuer.eq(&connector.issuer),
        connectors::client_id.eq(&connector.client_id),
        connectors::domains.eq(connector.domains.join(" ")),
        connectors::directories.eq(connector.directories.join(" ")),
        connectors::enabled.eq(connector.enabled),
        secret.map(|secret| connectors::secret.eq(secret.0.clone())),
    );
    diesel::update(own).set(set).execute(w.conn)?;
    Ok(())
}
