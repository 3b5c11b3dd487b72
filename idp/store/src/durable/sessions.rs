//! Browsers and the accounts signed in in them. What clients have of a session is in `shares`.

use diesel::prelude::*;
use idp_core::account::Account;
use idp_core::ids::{AccountId, BrowserId, RequestId, SessionId, TenantId};
use idp_core::secret::TokenHash;
use idp_core::session::{Authentication, Present, Second, SeenAt, Session};
use idp_core::standing::{Epochs, Standing};
use idp_core::tenant::Tenant;
use idp_core::time::{Lifetime, Timestamp};

use crate::durable::conn::{Conn, each_backend};
use crate::durable::schema::{accounts, browsers, client_sessions, instance, sessions, tenants};
use crate::durable::testing::{around, guard};
use crate::durable::{Read, StoreError, Write};

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Row {
    id: Vec<u8>,
    browser: Vec<u8>,
    tenant: Vec<u8>,
    account: Vec<u8>,
    auth_time: i64,
    amr: String,
    acr: String,
    instance_epoch: i64,
    tenant_epoch: i64,
    account_epoch: i64,
    answered: Option<Vec<u8>>,
    last_seen: i64,
    idle: i64,
    idle_ends: i64,
    ends: i64,
    ended_at: Option<i64>,
    second: String,
    agent: String,
    address: String,
}

impl TryFrom<Row> for Session {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::row("sessions", column);
        let answered = row.answered.map(|id| RequestId::from_slice(&id).ok_or_else(|| wrong("answered")));
        Ok(Self {
            id: SessionId::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
            browser: BrowserId::from_slice(&row.browser).ok_or_else(|| wrong("browser"))?,
            tenant: TenantId::from_slice(&row.tenant).ok_or_else(|| wrong("tenant"))?,
            account: AccountId::from_slice(&row.account).ok_or_else(|| wrong("account"))?,
            auth_time: Timestamp::from_micros(row.auth_time),
            amr: row.amr,
            acr: row.acr,
            second: Second::from_name(&row.second).ok_or_else(|| wrong("second"))?,
            seen_at: SeenAt { agent: row.agent, address: row.address },
            epochs: Epochs {
                instance: row.instance_epoch,
                tenant: row.tenant_epoch,
                account: row.account_epoch,
                client: 0,
            },
            answered: answered.transpose()?,
            last_seen: Timestamp::from_micros(row.last_seen),
            idle: Lifetime::from_micros(row.idle),
            idle_ends: Timestamp::from_micros(row.idle_ends),
            ends: Timestamp::from_micros(row.ends),
            ended_at: row.ended_at.map(Timestamp::from_micros),
        })
    }
}

/// The browser of that cookie.
///
/// # Errors
/// If the statement fails.
pub fn browser(r: &mut Read<'_>, digest: TokenHash, now: Timestamp) -> Result<Option<BrowserId>, StoreError> {
    let row: Option<Vec<u8>> = browsers::table
        .filter(browsers::digest.eq(digest.bytes().to_vec()).and(browsers::expires_at.gt(now.micros())))
        .select(browsers::id)
        .get_result(r.conn)
        .optional()?;
    row.map(|id| BrowserId::from_slice(&id).ok_or_else(|| StoreError::row("browsers", "id"))).transpose()
}

/// The sessions in that browser that were not ended, the most recently used first; whether they count is the rules' to
/// say.
///
/// # Errors
/// If the statement fails.
pub fn in_browser(r: &mut Read<'_>, digest: TokenHash, now: Timestamp) -> Result<Vec<Present>, StoreError> {
    type Joined = (Row, super::accounts::Row, super::tenants::Row, i64);
    // Hot: every page and every authorization request begins with it.
    let rows: Vec<Joined> = each_backend!(r, |c| sessions::table
        .inner_join(browsers::table.on(browsers::id.eq(sessions::browser)))
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account).and(accounts::tenant.eq(sessions::tenant))))
        .inner_join(tenants::table.on(tenants::id.eq(sessions::tenant)))
        .inner_join(instance::table.on(instance::id.eq(1)))
        .filter(browsers::digest.eq(digest.bytes().to_vec()).and(browsers::expires_at.gt(now.micros())))
        .filter(sessions::ended_at.is_null())
        .order(sessions::last_seen.desc())
        .select((
            Row::as_select(),
            super::accounts::Row::as_select(),
            super::tenants::Row::as_select(),
            instance::epoch,
        ))
        .load(c))?;
    rows.into_iter().map(present).collect()
}

fn present(
    (session, account, tenant, instance): (Row, super::accounts::Row, super::tenants::Row, i64),
) -> Result<Present, StoreError> {
    let (account, tenant) = (Account::try_from(account)?, Tenant::try_from(tenant)?);
    let epochs = Epochs { instance, tenant: tenant.epoch, account: account.epoch, client: 0 };
    let standing = Standing { epochs, tenant: tenant.state, account: account.state, client_enabled: true };
    Ok(Present { session: Session::try_from(session)?, account, tenant, standing })
}

/// The sessions in that browser that were ended and whose accounts are still offered, the newest first.
///
/// # Errors
/// If the statement fails.
pub fn remembered(r: &mut Read<'_>, digest: TokenHash, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let Some(browser) = browser(r, digest, now)? else { return Ok(Vec::new()) };
    let rows: Vec<Row> = sessions::table
        .filter(sessions::browser.eq(browser.bytes().to_vec()))
        .filter(sessions::ended_at.is_not_null().and(sessions::remembered.eq(true)))
        .order(sessions::last_seen.desc())
        .limit(50)
        .select(Row::as_select())
        .load(r.conn)?;
    rows.into_iter().map(Session::try_from).collect()
}

/// Offers an account no more in that browser.
///
/// # Errors
/// If the statement fails.
pub fn stop_offering(w: &mut Write<'_>, browser: BrowserId, account: AccountId) -> Result<(), StoreError> {
    let target = sessions::table
        .filter(sessions::browser.eq(browser.bytes().to_vec()).and(sessions::account.eq(account.bytes().to_vec())));
    diesel::update(target).set(sessions::remembered.eq(false)).execute(w.conn)?;
    Ok(())
}

/// Remembers a browser by the digest of its new cookie.
///
/// # Errors
/// If the statement fails.
pub fn open_browser(
    w: &mut Write<'_>,
    id: BrowserId,
    digest: TokenHash,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(browsers::table)
        .values((
            browsers::id.eq(id.bytes().to_vec()),
            browsers::digest.eq(digest.bytes().to_vec()),
            browsers::created_at.eq(now.micros()),
            browsers::expires_at.eq(until.micros()),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// Gives a known browser a new cookie: the old value is dead from here on. False if it was dead already.
///
/// # Errors
/// If the statement fails.
pub fn renew_browser(w: &mut Write<'_>, old: TokenHash, new: TokenHash, until: Timestamp) -> Result<bool, StoreError> {
    let target = browsers::table.filter(browsers::digest.eq(old.bytes().to_vec()));
    let set = (browsers::digest.eq(new.bytes().to_vec()), browsers::expires_at.eq(until.micros()));
    Ok(diesel::update(target).set(set).execute(w.conn)? == 1)
}

/// Makes a session.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, session: &Session) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session.id.bytes().to_vec()),
            sessions::browser.eq(session.browser.bytes().to_vec()),
            sessions::tenant.eq(session.tenant.bytes().to_vec()),
            sessions::account.eq(session.account.bytes().to_vec()),
            sessions::auth_time.eq(session.auth_time.micros()),
            sessions::amr.eq(&session.amr),
            sessions::acr.eq(&session.acr),
            sessions::second.eq(session.second.name()),
            sessions::agent.eq(&session.seen_at.agent),
            sessions::address.eq(&session.seen_at.address),
            sessions::instance_epoch.eq(session.epochs.instance),
            sessions::tenant_epoch.eq(session.epochs.tenant),
            sessions::account_epoch.eq(session.epochs.account),
            sessions::answered.eq(session.answered.map(|id| id.bytes().to_vec())),
            sessions::started_at.eq(session.last_seen.micros()),
            sessions::last_seen.eq(session.last_seen.micros()),
            sessions::idle.eq(session.idle.micros()),
            sessions::idle_ends.eq(session.idle_ends.micros()),
            sessions::ends.eq(session.ends.micros()),
            sessions::remembered.eq(true),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// Notes that the same person proved again who he is, in the same session; its epochs and absolute end begin anew.
///
/// # Errors
/// If the statement fails.
pub fn prove_again(w: &mut Write<'_>, session: &Session) -> Result<bool, StoreError> {
    let target = sessions::table.filter(sessions::id.eq(session.id.bytes().to_vec()).and(sessions::ended_at.is_null()));
    let set = (
        sessions::auth_time.eq(session.auth_time.micros()),
        sessions::amr.eq(&session.amr),
        sessions::acr.eq(&session.acr),
        sessions::second.eq(session.second.name()),
        sessions::agent.eq(&session.seen_at.agent),
        sessions::address.eq(&session.seen_at.address),
        sessions::instance_epoch.eq(session.epochs.instance),
        sessions::tenant_epoch.eq(session.epochs.tenant),
        sessions::account_epoch.eq(session.epochs.account),
        sessions::answered.eq(session.answered.map(|id| id.bytes().to_vec())),
        sessions::last_seen.eq(session.last_seen.micros()),
        sessions::idle.eq(session.idle.micros()),
        sessions::idle_ends.eq(session.idle_ends.micros()),
        sessions::ends.eq(session.ends.micros()),
    );
    Ok(diesel::update(target).set(set).execute(w.conn)? == 1)
}

/// Notes that its person has shown a second factor in a session that goes on.
///
/// # Errors
/// If the statement fails.
pub fn show_second(w: &mut Write<'_>, id: SessionId, shown: &Authentication) -> Result<(), StoreError> {
    diesel::update(sessions::table.filter(sessions::id.eq(id.bytes().to_vec())))
        .set((sessions::amr.eq(shown.amr()), sessions::acr.eq(shown.acr()), sessions::second.eq(shown.second.name())))
        .execute(w.conn)?;
    Ok(())
}

/// Lets a session outlive a raised epoch of its account: the browser in which a password was changed stays signed in.
///
/// # Errors
/// If the statement fails.
pub fn adopt_epoch(w: &mut Write<'_>, id: SessionId, account_epoch: i64) -> Result<(), StoreError> {
    diesel::update(sessions::table.filter(sessions::id.eq(id.bytes().to_vec())))
        .set(sessions::account_epoch.eq(account_epoch))
        .execute(w.conn)?;
    Ok(())
}

/// Writes an interaction down, unless the session is over.
///
/// # Errors
/// If the statement fails.
pub fn touch(w: &mut Write<'_>, id: SessionId, now: Timestamp, idle_ends: Timestamp) -> Result<bool, StoreError> {
    let target = sessions::table
        .filter(sessions::id.eq(id.bytes().to_vec()).and(sessions::ended_at.is_null()))
        .filter(sessions::idle_ends.gt(now.micros()));
    let set = (sessions::last_seen.eq(now.micros()), sessions::idle_ends.eq(idle_ends.micros()));
    Ok(diesel::update(target).set(set).execute(w.conn)? == 1)
}

/// Ends a session; false if it was over already, so that exactly one caller tells the clients.
///
/// # Errors
/// If the statement fails.
pub fn end(w: &mut Write<'_>, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let target = sessions::table.filter(sessions::id.eq(id.bytes().to_vec()).and(sessions::ended_at.is_null()));
    Ok(diesel::update(target).set(sessions::ended_at.eq(now.micros())).execute(w.conn)? == 1)
}

/// The sessions of an account that were not ended.
///
/// # Errors
/// If the statement fails.
pub fn of_account(r: &mut Read<'_>, tenant: TenantId, account: AccountId) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::tenant.eq(tenant.bytes().to_vec()).and(sessions::account.eq(account.bytes().to_vec())))
        .filter(sessions::ended_at.is_null())
        .select(Row::as_select())
        .load(r.conn)?;
    rows.into_iter().map(Session::try_from).collect()
}

/// Sessions of a company that were not ended: so many of them.
///
/// # Errors
/// If the statement fails.
pub fn of_tenant(r: &mut Read<'_>, tenant: TenantId, limit: i64) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::tenant.eq(tenant.bytes().to_vec()).and(sessions::ended_at.is_null()))
        .limit(limit)
        .select(Row::as_select())
        .load(r.conn)?;
    rows.into_iter().map(Session::try_from).collect()
}

/// The session of that id, ended or not.
///
/// # Errors
/// If the statement fails.
pub fn by_id(r: &mut Read<'_>, id: SessionId) -> Result<Option<Session>, StoreError> {
    // Hot: a refresh looks at the session behind its grant.
    let row: Option<Row> = each_backend!(r, |c| sessions::table
        .filter(sessions::id.eq(id.bytes().to_vec()))
        .select(Row::as_select())
        .get_result(c)
        .optional())?;
    row.map(Session::try_from).transpose()
}

/// Did the newest session of that browser end because its time was over?
///
/// # Errors
/// If the statement fails.
pub fn newest_ran_out(r: &mut Read<'_>, digest: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
    let newest: Option<(i64, i64, Option<i64>)> = sessions::table
        .inner_join(browsers::table.on(browsers::id.eq(sessions::browser)))
        .filter(browsers::digest.eq(digest.bytes().to_vec()))
        .order(sessions::auth_time.desc())
        .select((sessions::idle_ends, sessions::ends, sessions::ended_at))
        .first(r.conn)
        .optional()?;
    Ok(newest.is_some_and(|(idle_ends, ends, ended_at)| ended_at.unwrap_or(now.micros()) >= idle_ends.min(ends)))
}

/// The sign-in of an account before that one, as far back as sessions are kept.
///
/// # Errors
/// If the statement fails.
pub fn sign_in_before(
    r: &mut Read<'_>,
    tenant: TenantId,
    account: AccountId,
    then: Timestamp,
) -> Result<Option<Session>, StoreError> {
    let row: Option<Row> = sessions::table
        .filter(sessions::tenant.eq(tenant.bytes().to_vec()).and(sessions::account.eq(account.bytes().to_vec())))
        .filter(sessions::auth_time.lt(then.micros()))
        .order(sessions::auth_time.desc())
        .select(Row::as_select())
        .first(r.conn)
        .optional()?;
    row.map(Session::try_from).transpose()
}

/// Holds a session until the end of the transaction: a sign-out that comes meanwhile has to wait, and then finds what
/// was made of it. What is read of it after this is how it is.
///
/// # Errors
/// If the statement fails.
pub fn lock(w: &mut Write<'_>, id: SessionId) -> Result<(), StoreError> {
    if let Conn::Postgres(c) = &mut *w.conn {
        // FOR UPDATE: SQLite has one writer anyway.
        let row = sessions::table.filter(sessions::id.eq(id.bytes().to_vec())).select(sessions::id);
        row.for_update().get_result::<Vec<u8>>(c).optional()?;
    }
    Ok(())
}

/// The session of that id, held as by [`lock`].
///
/// # Errors
/// If a statement fails.
pub fn hold(w: &mut Write<'_>, id: SessionId) -> Result<Option<Session>, StoreError> {
    lock(w, id)?;
    by_id(w, id)
}

/// Notes that a sign-in has answered its request; false if it was noted before: what a request demanded anew is met
/// once.
///
/// # Errors
/// If the statement fails.
pub fn use_answer(w: &mut Write<'_>, id: SessionId, request: RequestId) -> Result<bool, StoreError> {
    let target = sessions::table.filter(
        sessions::id.eq(id.bytes().to_vec()).and(guard!("answer", sessions::answered.eq(request.bytes().to_vec()))),
    );
    let set = sessions::answered.eq(None::<Vec<u8>>);
    Ok(around(|| diesel::update(target).set(set).execute(w.conn))? == 1)
}

/// Sessions whose time is over and that nobody has ended yet.
///
/// # Errors
/// If the statement fails.
pub fn run_out(r: &mut Read<'_>, now: Timestamp, limit: i64) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::ended_at.is_null())
        .filter(sessions::idle_ends.le(now.micros()))
        .order(sessions::idle_ends)
        .limit(limit)
        .select(Row::as_select())
        .load(r.conn)?;
    rows.into_iter().map(Session::try_from).collect()
}

/// Forgets sessions that were over before then, and browsers whose time is over.
///
/// # Errors
/// If a statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<Vec<u8>> = sessions::table
        .filter(sessions::ended_at.lt(before.micros()))
        .select(sessions::id)
        .limit(limit)
        .load(w.conn)?;
    diesel::delete(client_sessions::table.filter(client_sessions::session.eq_any(&old))).execute(w.conn)?;
    let gone = diesel::delete(sessions::table.filter(sessions::id.eq_any(&old))).execute(w.conn)?;
    let empty: Vec<Vec<u8>> = browsers::table
        .filter(browsers::expires_at.lt(before.micros()))
        .filter(browsers::id.ne_all(sessions::table.select(sessions::browser)))
        .select(browsers::id)
        .limit(limit)
        .load(w.conn)?;
    diesel::delete(browsers::table.filter(browsers::id.eq_any(empty))).execute(w.conn)?;
    Ok(gone)
}
