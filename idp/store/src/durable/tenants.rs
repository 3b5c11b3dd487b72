//! Companies and what they decided for themselves.

use diesel::prelude::*;
use idp_core::ids::TenantId;
use idp_core::language::Language;
use idp_core::tenant::{Tenant, TenantCode, TenantState};
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::{policy_values, tenants};
use crate::durable::{Read, StoreError, Write};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants)]
pub(crate) struct Row {
    id: Vec<u8>,
    code: String,
    name: String,
    language: String,
    state: String,
    epoch: i64,
}

impl TryFrom<Row> for Tenant {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::row("tenants", column);
        Ok(Self {
            id: TenantId::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
            code: row.code.parse().map_err(|_cause| wrong("code"))?,
            name: row.name,
            language: Language::from_tag(&row.language).ok_or_else(|| wrong("language"))?,
            state: TenantState::from_name(&row.state).ok_or_else(|| wrong("state"))?,
            epoch: row.epoch,
        })
    }
}

/// The company of that id.
///
/// # Errors
/// If the statement fails.
pub fn by_id(r: &mut Read<'_>, id: TenantId) -> Result<Option<Tenant>, StoreError> {
    let row = tenants::table
        .filter(tenants::id.eq(id.bytes().to_vec()))
        .select(Row::as_select())
        .get_result(r.conn)
        .optional()?;
    row.map(Tenant::try_from).transpose()
}

/// The company of that code.
///
/// # Errors
/// If the statement fails.
pub fn by_code(r: &mut Read<'_>, code: &TenantCode) -> Result<Option<Tenant>, StoreError> {
    let row = tenants::table
        .filter(tenants::code.eq(code.as_str()))
        .select(Row::as_select())
        .get_result(r.conn)
        .optional()?;
    row.map(Tenant::try_from).transpose()
}

/// The company of that name, if there is exactly one.
///
/// # Errors
/// If the statement fails.
pub fn by_name(r: &mut Read<'_>, key: &str) -> Result<Option<Tenant>, StoreError> {
    let mut rows: Vec<Row> =
        tenants::table.filter(tenants::name_key.eq(key)).select(Row::as_select()).limit(2).load(r.conn)?;
    match (rows.pop(), rows.pop()) {
        (Some(only), None) => Tenant::try_from(only).map(Some),
        _ => Ok(None),
    }
}

/// Companies in the order of their codes, from after a code on.
///
/// # Errors
/// If the statement fails.
pub fn list(r: &mut Read<'_>, after: &str, limit: i64) -> Result<Vec<Tenant>, StoreError> {
    let rows: Vec<Row> = tenants::table
        .filter(tenants::code.gt(after))
        .order(tenants::code)
        .select(Row::as_select())
        .limit(limit)
        .load(r.conn)?;
    rows.into_iter().map(Tenant::try_from).collect()
}

/// Makes a company; false if its code is taken.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, tenant: &Tenant, name_key: &str, now: Timestamp) -> Result<bool, StoreError> {
    let row = (
        tenants::id.eq(tenant.id.bytes().to_vec()),
        tenants::code.eq(tenant.code.as_str()),
        tenants::name.eq(&tenant.name),
        tenants::name_key.eq(name_key),
        tenants::language.eq(tenant.language.tag()),
        tenants::state.eq(tenant.state.name()),
        tenants::epoch.eq(tenant.epoch),
        tenants::created_at.eq(now.micros()),
    );
    // ON CONFLICT: a taken code is an answer, not an error.
    let made =
        each_backend!(w, |c| diesel::insert_into(tenants::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(made == 1)
}

/// Changes a company's name and language.
///
/// # Errors
/// If the statement fails.
pub fn update(w: &mut Write<'_>, tenant: &Tenant, name_key: &str) -> Result<(), StoreError> {
    diesel::update(tenants::table.filter(tenants::id.eq(tenant.id.bytes().to_vec())))
        .set((
            tenants::name.eq(&tenant.name),
            tenants::name_key.eq(name_key),
            tenants::language.eq(tenant.language.tag()),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// Switches a company on or off; false if it was so already. Off raises its epoch: what was born before is dead for
/// good.
///
/// # Errors
/// If the statement fails.
pub fn switch(w: &mut Write<'_>, id: TenantId, to: TenantState) -> Result<bool, StoreError> {
    let target = tenants::table.filter(tenants::id.eq(id.bytes().to_vec()).and(tenants::state.ne(to.name())));
    let raised = i64::from(to == TenantState::Suspended);
    let set = (tenants::state.eq(to.name()), tenants::epoch.eq(tenants::epoch + raised));
    Ok(diesel::update(target).set(set).execute(w.conn)? == 1)
}

/// What a company set, by key.
///
/// # Errors
/// If the statement fails.
pub fn policies(r: &mut Read<'_>, tenant: TenantId) -> Result<Vec<(String, String)>, StoreError> {
    Ok(policy_values::table
        .filter(policy_values::tenant.eq(tenant.bytes().to_vec()))
        .select((policy_values::key, policy_values::value))
        .order(policy_values::key)
        .load(r.conn)?)
}

/// Sets a policy. The caller has checked the value.
///
/// # Errors
/// If the statement fails.
pub fn set_policy(w: &mut Write<'_>, tenant: TenantId, key: &str, value: &str) -> Result<(), StoreError> {
    let row =
        (policy_values::tenant.eq(tenant.bytes().to_vec()), policy_values::key.eq(key), policy_values::value.eq(value));
    // ON CONFLICT: set, whether it was set before or not.
    each_backend!(w, |c| diesel::insert_into(policy_values::table)
        .values(row)
        .on_conflict((policy_values::tenant, policy_values::key))
        .do_update()
        .set(policy_values::value.eq(value))
        .execute(c))?;
    Ok(())
}
