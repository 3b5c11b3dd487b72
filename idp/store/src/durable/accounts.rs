//! Accounts. The names they sign in with are in `logins`, their passwords in `passwords`.

use diesel::prelude::*;
use idp_core::account::{Account, AccountState, Email, LoginName};
use idp_core::authority::Role;
use idp_core::ids::{AccountId, Subject, TenantId};
use idp_core::language::Language;
use idp_core::time::Timestamp;

use crate::durable::conn::Conn;
use crate::durable::schema::accounts;
use crate::durable::testing::is_off;
use crate::durable::{Read, StoreError, Write};

diesel::define_sql_function! {
    /// In lower case.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub(crate) struct Row {
    id: Vec<u8>,
    tenant: Vec<u8>,
    subject: Vec<u8>,
    login: String,
    name: String,
    email: Option<String>,
    email_verified: bool,
    language: Option<String>,
    state: String,
    roles: String,
    epoch: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::row("accounts", column);
        Ok(Self {
            id: AccountId::from_slice(&row.id).ok_or_else(|| wrong("id"))?,
            tenant: TenantId::from_slice(&row.tenant).ok_or_else(|| wrong("tenant"))?,
            subject: Subject::from_slice(&row.subject).ok_or_else(|| wrong("subject"))?,
            login: row.login.parse::<LoginName>().map_err(|_cause| wrong("login"))?,
            name: row.name,
            email: row.email.map(|e| e.parse::<Email>()).transpose().map_err(|_cause| wrong("email"))?,
            email_verified: row.email_verified,
            language: row.language.as_deref().and_then(Language::from_tag),
            state: AccountState::from_name(&row.state).ok_or_else(|| wrong("state"))?,
            // A role that only a newer release knows allows nothing here.
            roles: row.roles.split(',').filter_map(Role::from_name).collect(),
            epoch: row.epoch,
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

fn role_names(roles: &[Role]) -> String {
    roles.iter().map(|r| r.name()).collect::<Vec<_>>().join(",")
}

/// The account of that id, in that company.
///
/// # Errors
/// If the statement fails.
pub fn by_id(r: &mut Read<'_>, tenant: TenantId, id: AccountId) -> Result<Option<Account>, StoreError> {
    let row = accounts::table
        .filter(accounts::id.eq(id.bytes().to_vec()).and(accounts::tenant.eq(tenant.bytes().to_vec())))
        .select(Row::as_select())
        .get_result(r.conn)
        .optional()?;
    row.map(Account::try_from).transpose()
}

/// The account of that id, held until the end of the transaction: a lock or a reset that comes meanwhile has to wait,
/// and then finds what was made.
///
/// # Errors
/// If the statement fails.
pub fn hold(w: &mut Write<'_>, tenant: TenantId, id: AccountId) -> Result<Option<Account>, StoreError> {
    if let Conn::Postgres(c) = &mut *w.conn
        && !is_off("account_hold")
    {
        // FOR UPDATE: SQLite has one writer anyway.
        let row = accounts::table.filter(accounts::id.eq(id.bytes().to_vec())).select(accounts::id);
        row.for_update().get_result::<Vec<u8>>(c).optional()?;
    }
    by_id(w, tenant, id)
}

/// The account that a mail address belongs to, if it is the only one: in a company that is known, where its
/// administrator vouches for addresses; or anywhere, where only an address counts that the person has shown to be his.
///
/// # Errors
/// If the statement fails.
pub fn by_email(r: &mut Read<'_>, within: Option<TenantId>, email: &Email) -> Result<Option<Account>, StoreError> {
    let mut all = of_mailbox(r, within, (email, 2))?;
    Ok(all.pop().filter(|_| all.is_empty()))
}

/// All accounts that a mail address belongs to, the oldest first.
///
/// # Errors
/// If the statement fails.
pub fn of_mailbox(
    r: &mut Read<'_>,
    within: Option<TenantId>,
    (email, most): (&Email, i64),
) -> Result<Vec<Account>, StoreError> {
    let query = accounts::table.filter(accounts::email.eq(email.as_str())).select(Row::as_select());
    let mut query = query.order(accounts::id).limit(most).into_boxed();
    query = match within {
        Some(tenant) => query.filter(accounts::tenant.eq(tenant.bytes().to_vec())),
        None => query.filter(accounts::email_verified.eq(true)),
    };
    let rows: Vec<Row> = query.load(r.conn)?;
    rows.into_iter().map(Account::try_from).collect()
}

/// A company's accounts in the order of their names, from after one on; all that begin with a text, or are called so.
///
/// # Errors
/// If the statement fails.
pub fn page(
    r: &mut Read<'_>,
    tenant: TenantId,
    search: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    let mut query = accounts::table
        .filter(accounts::tenant.eq(tenant.bytes().to_vec()).and(accounts::login.gt(after)))
        .order(accounts::login)
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if !search.is_empty() {
        let pattern = format!("%{}%", search.replace(['\\', '%', '_'], ""));
        query = query.filter(
            accounts::login
                .like(pattern.clone())
                .or(lower(accounts::name).like(pattern.clone()))
                .or(accounts::email.like(pattern)),
        );
    }
    let rows: Vec<Row> = query.load(r.conn)?;
    rows.into_iter().map(Account::try_from).collect()
}

/// Makes an account. The caller has taken its name in `logins` in the same act.
///
/// # Errors
/// If the statement fails.
pub fn insert(w: &mut Write<'_>, account: &Account) -> Result<(), StoreError> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(account.id.bytes().to_vec()),
            accounts::tenant.eq(account.tenant.bytes().to_vec()),
            accounts::subject.eq(account.subject.bytes().to_vec()),
            accounts::login.eq(account.login.as_str()),
            accounts::name.eq(&account.name),
            accounts::email.eq(account.email.as_ref().map(Email::as_str)),
            accounts::email_verified.eq(account.email_verified),
            accounts::language.eq(account.language.map(Language::tag)),
            accounts::state.eq(account.state.name()),
            accounts::roles.eq(role_names(&account.roles)),
            accounts::epoch.eq(account.epoch),
            accounts::created_at.eq(account.updated_at.micros()),
            accounts::updated_at.eq(account.updated_at.micros()),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// Takes back an account that was made in this very transaction.
///
/// # Errors
/// If the statement fails.
pub fn take_back(w: &mut Write<'_>, id: AccountId) -> Result<(), StoreError> {
    diesel::delete(accounts::table.filter(accounts::id.eq(id.bytes().to_vec()))).execute(w.conn)?;
    Ok(())
}

/// Changes what people may edit: name, mail, language, roles.
///
/// # Errors
/// If the statement fails.
pub fn update(w: &mut Write<'_>, account: &Account, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(accounts::table.filter(accounts::id.eq(account.id.bytes().to_vec())))
        .set((
            accounts::name.eq(&account.name),
            accounts::email.eq(account.email.as_ref().map(Email::as_str)),
            accounts::email_verified.eq(account.email_verified),
            accounts::language.eq(account.language.map(Language::tag)),
            accounts::roles.eq(role_names(&account.roles)),
            accounts::updated_at.eq(now.micros()),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// Moves an account from one state to another; false if it was not in the first.
///
/// # Errors
/// If the statement fails.
pub fn change_state(
    w: &mut Write<'_>,
    id: AccountId,
    from: AccountState,
    to: AccountState,
) -> Result<bool, StoreError> {
    let target = accounts::table.filter(accounts::id.eq(id.bytes().to_vec()).and(accounts::state.eq(from.name())));
    Ok(diesel::update(target).set(accounts::state.eq(to.name())).execute(w.conn)? == 1)
}

/// Ends everything that was born before: sessions, grants, codes, links.
///
/// # Errors
/// If the statement fails.
pub fn raise_epoch(w: &mut Write<'_>, id: AccountId) -> Result<(), StoreError> {
    diesel::update(accounts::table.filter(accounts::id.eq(id.bytes().to_vec())))
        .set(accounts::epoch.eq(accounts::epoch + 1))
        .execute(w.conn)?;
    Ok(())
}

/// Remembers the language a person chose, or that it is the company's.
///
/// # Errors
/// If the statement fails.
pub fn set_language(
    w: &mut Write<'_>,
    id: AccountId,
    language: Option<Language>,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(accounts::table.filter(accounts::id.eq(id.bytes().to_vec())))
        .set((accounts::language.eq(language.map(Language::tag)), accounts::updated_at.eq(now.micros())))
        .execute(w.conn)?;
    Ok(())
}

/// Notes that the mailbox has been shown to be the person's, if the address is still that one.
///
/// # Errors
/// If the statement fails.
pub fn verify_email(w: &mut Write<'_>, id: AccountId, address: &str) -> Result<(), StoreError> {
    let target = accounts::table.filter(accounts::id.eq(id.bytes().to_vec()).and(accounts::email.eq(address)));
    diesel::update(target).set(accounts::email_verified.eq(true)).execute(w.conn)?;
    Ok(())
}

/// Gives an account another mail address, which its person has shown to be his.
///
/// # Errors
/// If the statement fails.
pub fn set_email(w: &mut Write<'_>, id: AccountId, address: &Email, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(accounts::table.filter(accounts::id.eq(id.bytes().to_vec())))
        .set((
            accounts::email.eq(address.as_str()),
            accounts::email_verified.eq(true),
            accounts::mail_refused_at.eq(None::<i64>),
            accounts::updated_at.eq(now.micros()),
        ))
        .execute(w.conn)?;
    Ok(())
}
