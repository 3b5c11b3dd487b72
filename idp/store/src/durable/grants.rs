//! What people gave clients. A grant stands behind codes, refresh tokens and access tokens; revoking it ends them all.

use diesel::prelude::*;
use idp_core::account::{Account, AccountState};
use idp_core::ids::{AccountId, ClientKey, GrantId, SessionId, Sid, TenantId};
use idp_core::oidc::token::Grant;
use idp_core::standing::{Epochs, Standing};
use idp_core::tenant::{Tenant, TenantState};
use idp_core::time::Timestamp;

use crate::durable::conn::each_backend;
use crate::durable::schema::grants;
use crate::durable::{Read, StoreError, Write};

#[derive(Queryable, Selectable)]
#[diesel(table_name = grants)]
pub(super) struct Row {
    id: Vec<u8>,
    tenant: Vec<u8>,
    account: Vec<u8>,
    client: Vec<u8>,
    session: Vec<u8>,
    sid: Vec<u8>,
    subject: String,
    scope: String,
    auth_time: i64,
    acr: String,
    amr: String,
    instance_epoch: i64,
    tenant_epoch: i64,
    account_epoch: i64,
    client_epoch: i64,
    access_epoch: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

impl TryFrom<Row> for Grant {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::row("grants", column);
        Ok(Self {
            id: GrantId::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
            tenant: TenantId::from_slice(&row.tenant).ok_or_else(|| wrong("tenant"))?,
            account: AccountId::from_slice(&row.account).ok_or_else(|| wrong("account"))?,
            client: ClientKey::from_slice(&row.client).ok_or_else(|| wrong("client"))?,
            session: SessionId::from_slice(&row.session).ok_or_else(|| wrong("session"))?,
            sid: Sid::from_slice(&row.sid).ok_or_else(|| wrong("sid"))?,
            subject: row.subject,
            scope: row.scope,
            auth_time: Timestamp::from_micros(row.auth_time),
            acr: row.acr,
            amr: row.amr,
            epochs: Epochs {
                instance: row.instance_epoch,
                tenant: row.tenant_epoch,
                account: row.account_epoch,
                client: row.client_epoch,
            },
            access_epoch: row.access_epoch,
            ends: Timestamp::from_micros(row.expires_at),
            revoked_at: row.revoked_at.map(Timestamp::from_micros),
        })
    }
}

/// A grant with everything that decides whether it still counts, from one read.
#[derive(Clone, Debug)]
pub struct Held {
    /// The grant.
    pub grant: Grant,
    /// How things stand today.
    pub standing: Standing,
}

impl Held {
    /// Does the grant count?
    pub fn counts(&self) -> bool {
        self.grant.revoked_at.is_none() && self.standing.may_receive(&self.grant.epochs).is_ok()
    }
}

/// A grant that is held, its person and his company.
#[derive(Clone, Debug)]
pub struct Personal {
    /// The grant.
    pub held: Held,
    /// The person's account.
    pub account: Account,
    /// The person's company.
    pub tenant: Tenant,
}

/// Joins to grants what decides about them, and says which columns are read: a [`Joined`].
macro_rules! with_standing {
    (columns) => {{
        use $crate::durable::grants;
        use $crate::durable::schema::{accounts, clients, instance, tenants};
        let (account, tenant) = ((accounts::epoch, accounts::state), (tenants::epoch, tenants::state));
        (grants::Row::as_select(), account, tenant, (clients::epoch, clients::enabled), instance::epoch)
    }};
    ($from:expr) => {{
        use $crate::durable::schema::{accounts, clients, grants, instance, tenants};
        $from
            .inner_join(accounts::table.on(accounts::id.eq(grants::account).and(accounts::tenant.eq(grants::tenant))))
            .inner_join(tenants::table.on(tenants::id.eq(grants::tenant)))
            .inner_join(clients::table.on(clients::id.eq(grants::client)))
            .inner_join(instance::table.on(instance::id.eq(1)))
    }};
}
pub(super) use with_standing;

/// A grant beside what decides about it, as the join brings them: of account, company and client the epoch and whether
/// they are in use, and the epoch of the installation.
pub(super) type Joined = (Row, (i64, String), (i64, String), (i64, bool), i64);

impl TryFrom<Joined> for Held {
    type Error = StoreError;

    fn try_from((grant, account, tenant, client, instance): Joined) -> Result<Self, StoreError> {
        let wrong = |table| StoreError::row(table, "state");
        Ok(Self {
            grant: Grant::try_from(grant)?,
            standing: Standing {
                epochs: Epochs { instance, tenant: tenant.0, account: account.0, client: client.0 },
                tenant: TenantState::from_name(&tenant.1).ok_or_else(|| wrong("tenants"))?,
                account: AccountState::from_name(&account.1).ok_or_else(|| wrong("accounts"))?,
                client_enabled: client.1,
            },
        })
    }
}

/// The grant of that id.
///
/// # Errors
/// If the statement fails.
pub fn held(r: &mut Read<'_>, id: GrantId) -> Result<Option<Held>, StoreError> {
    // Hot: every code that is exchanged is looked at by it.
    let row: Option<Joined> = each_backend!(r, |c| with_standing!(grants::table)
        .filter(grants::id.eq(id.bytes().to_vec()))
        .select(with_standing!(columns))
        .get_result(c)
        .optional())?;
    row.map(Held::try_from).transpose()
}

/// The grant of that id, and whose it is.
///
/// # Errors
/// If the statement fails.
pub fn personal(r: &mut Read<'_>, id: GrantId) -> Result<Option<Personal>, StoreError> {
    // Hot: every access token is looked at by it.
    let row: Option<(super::accounts::Row, super::tenants::Row, Joined)> =
        each_backend!(r, |c| with_standing!(grants::table)
            .filter(grants::id.eq(id.bytes().to_vec()))
            .select((super::accounts::Row::as_select(), super::tenants::Row::as_select(), with_standing!(columns)))
            .get_result(c)
            .optional())?;
    let Some((account, tenant, held)) = row else { return Ok(None) };
    Ok(Some(Personal { held: held.try_into()?, account: account.try_into()?, tenant: tenant.try_into()? }))
}

/// Makes a grant.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, grant: &Grant, now: Timestamp) -> Result<(), StoreError> {
    let row = (
        (
            grants::id.eq(grant.id.bytes().to_vec()),
            grants::tenant.eq(grant.tenant.bytes().to_vec()),
            grants::account.eq(grant.account.bytes().to_vec()),
            grants::client.eq(grant.client.bytes().to_vec()),
            grants::session.eq(grant.session.bytes().to_vec()),
            grants::sid.eq(grant.sid.bytes().to_vec()),
            grants::subject.eq(&grant.subject),
            grants::scope.eq(&grant.scope),
            grants::auth_time.eq(grant.auth_time.micros()),
            grants::acr.eq(&grant.acr),
            grants::amr.eq(&grant.amr),
        ),
        (
            grants::instance_epoch.eq(grant.epochs.instance),
            grants::tenant_epoch.eq(grant.epochs.tenant),
            grants::account_epoch.eq(grant.epochs.account),
            grants::client_epoch.eq(grant.epochs.client),
            grants::access_epoch.eq(grant.access_epoch),
            grants::created_at.eq(now.micros()),
            grants::expires_at.eq(grant.ends.micros()),
        ),
    );
    // Hot: every authorization makes one.
    each_backend!(w, |c| diesel::insert_into(grants::table).values(row).execute(c))?;
    Ok(())
}

/// Ends a grant; false if it was over already.
///
/// # Errors
/// If the statement fails.
pub fn revoke(w: &mut Write<'_>, id: GrantId, now: Timestamp) -> Result<bool, StoreError> {
    let target = grants::table.filter(grants::id.eq(id.bytes().to_vec()).and(grants::revoked_at.is_null()));
    Ok(diesel::update(target).set(grants::revoked_at.eq(now.micros())).execute(w.conn)? == 1)
}

/// Ends the grants that came from a session, save those that may outlive it.
///
/// # Errors
/// If the statement fails.
pub fn revoke_with_session(
    w: &mut Write<'_>,
    session: SessionId,
    lasting_scope: &str,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let target = grants::table
        .filter(grants::session.eq(session.bytes().to_vec()).and(grants::revoked_at.is_null()))
        .filter(grants::scope.not_like(format!("%{lasting_scope}%")));
    Ok(diesel::update(target).set(grants::revoked_at.eq(now.micros())).execute(w.conn)?)
}

/// Lets the living grants of a session outlive a raised epoch of its account, together with the session itself. What an
/// older epoch had ended stays ended.
///
/// # Errors
/// If the statement fails.
pub fn adopt_epoch(w: &mut Write<'_>, session: SessionId, (from, to): (i64, i64)) -> Result<(), StoreError> {
    let target = grants::table
        .filter(grants::session.eq(session.bytes().to_vec()).and(grants::account_epoch.eq(from)))
        .filter(grants::revoked_at.is_null());
    diesel::update(target).set(grants::account_epoch.eq(to)).execute(w.conn)?;
    Ok(())
}

/// Ends the access tokens of a grant, but not the grant.
///
/// # Errors
/// If the statement fails.
pub fn raise_access_epoch(w: &mut Write<'_>, id: GrantId) -> Result<(), StoreError> {
    diesel::update(grants::table.filter(grants::id.eq(id.bytes().to_vec())))
        .set(grants::access_epoch.eq(grants::access_epoch + 1))
        .execute(w.conn)?;
    Ok(())
}

/// Forgets grants that nothing hangs on any more.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old = grants::table.filter(grants::expires_at.lt(before.micros())).select(grants::id).limit(limit);
    let ids: Vec<Vec<u8>> = old.load(w.conn)?;
    Ok(diesel::delete(grants::table.filter(grants::id.eq_any(ids))).execute(w.conn)?)
}
