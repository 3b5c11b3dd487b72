//! What became of mails. The mail itself waits in the outbox.

use diesel::prelude::*;
use idp_core::ids::{AccountId, OutboxId, TenantId};
use idp_core::mail::MailState;
use idp_core::time::Timestamp;

use crate::durable::conn::Conn;
use crate::durable::schema::{accounts, mails};
use crate::durable::{Read, StoreError, Write};

/// A mail as it is noted.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Its row, and that of its message in the outbox.
    pub id: OutboxId,
    /// Whose company.
    pub tenant: TenantId,
    /// To whom; nobody with an account, where it is only a test.
    pub account: Option<AccountId>,
    /// What it is.
    pub kind: String,
    /// A keyed digest of the mailbox.
    pub mailbox: [u8; 32],
    /// Did somebody cause it who had shown nothing yet?
    pub by_stranger: bool,
    /// What became of it.
    pub state: MailState,
    /// What the mail server said last.
    pub told: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// Notes a mail that is to be sent.
///
/// # Errors
/// If the statement fails.
pub fn note(w: &mut Write<'_>, noted: &Noted) -> Result<(), StoreError> {
    diesel::insert_into(mails::table)
        .values((
            mails::id.eq(noted.id.bytes().to_vec()),
            mails::tenant.eq(noted.tenant.bytes().to_vec()),
            mails::account.eq(noted.account.map(|a| a.bytes().to_vec())),
            mails::kind.eq(&noted.kind),
            mails::mailbox.eq(noted.mailbox.to_vec()),
            mails::by_stranger.eq(noted.by_stranger),
            mails::state.eq(noted.state.name()),
            mails::told.eq(&noted.told),
            mails::created_at.eq(noted.created_at.micros()),
            mails::updated_at.eq(noted.created_at.micros()),
        ))
        .execute(w.conn)?;
    Ok(())
}

/// Notes what became of a mail.
///
/// # Errors
/// If the statement fails.
pub fn became(
    w: &mut Write<'_>,
    id: OutboxId,
    state: MailState,
    (told, now): (&str, Timestamp),
) -> Result<(), StoreError> {
    diesel::update(mails::table.filter(mails::id.eq(id.bytes().to_vec())))
        .set((mails::state.eq(state.name()), mails::told.eq(told), mails::updated_at.eq(now.micros())))
        .execute(w.conn)?;
    Ok(())
}

/// How many mails of a kind strangers caused to that mailbox since then; nobody else finds that out before this one has
/// done what follows.
///
/// # Errors
/// If the statement fails.
pub fn by_strangers(
    w: &mut Write<'_>,
    mailbox: &[u8; 32],
    (kind, since): (&str, Timestamp),
) -> Result<i64, StoreError> {
    if let Conn::Postgres(c) = &mut *w.conn {
        // Of several at once each sees what the one before it has noted. SQLite has one writer anyway.
        let lock = mailbox.first_chunk().map_or(0, |head| i64::from_be_bytes(*head));
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<diesel::sql_types::BigInt, _>(lock).execute(c)?;
    }
    Ok(mails::table
        .filter(mails::mailbox.eq(mailbox.to_vec()).and(mails::created_at.gt(since.micros())))
        .filter(mails::by_stranger.eq(true).and(mails::kind.eq(kind)))
        .count()
        .get_result(w.conn)?)
}

/// The newest mails to an account.
///
/// # Errors
/// If the statement fails.
pub fn newest(r: &mut Read<'_>, tenant: TenantId, account: AccountId, limit: i64) -> Result<Vec<Noted>, StoreError> {
    type Row = (Vec<u8>, String, Vec<u8>, bool, String, String, i64);
    let rows: Vec<Row> = mails::table
        .filter(mails::tenant.eq(tenant.bytes().to_vec()).and(mails::account.eq(account.bytes().to_vec())))
        .order(mails::created_at.desc())
        .limit(limit)
        .select((
            mails::id,
            mails::kind,
            mails::mailbox,
            mails::by_stranger,
            mails::state,
            mails::told,
            mails::created_at,
        ))
        .load(r.conn)?;
    let wrong = |column| StoreError::row("mails", column);
    let read = |(id, kind, mailbox, by_stranger, state, told, at): Row| {
        Ok(Noted {
            id: OutboxId::from_slice(&id).ok_or_else(|| wrong("id"))?,
            tenant,
            account: Some(account),
            kind,
            mailbox: mailbox.try_into().map_err(|_cause| wrong("mailbox"))?,
            by_stranger,
            state: MailState::from_name(&state).ok_or_else(|| wrong("state"))?,
            told,
            created_at: Timestamp::from_micros(at),
        })
    };
    rows.into_iter().map(read).collect()
}

/// What became of the newest mail of a kind to each of these accounts.
///
/// # Errors
/// If the statement fails.
pub fn newest_of_kind(
    r: &mut Read<'_>,
    tenant: TenantId,
    accounts: &[AccountId],
    kind: &str,
) -> Result<Vec<(AccountId, MailState)>, StoreError> {
    let ids: Vec<Vec<u8>> = accounts.iter().map(|a| a.bytes().to_vec()).collect();
    let rows: Vec<(Option<Vec<u8>>, String)> = mails::table
        .filter(mails::tenant.eq(tenant.bytes().to_vec()).and(mails::account.eq_any(ids.into_iter().map(Some))))
        .filter(mails::kind.eq(kind))
        .order(mails::created_at.desc())
        .select((mails::account, mails::state))
        .load(r.conn)?;
    let mut found: Vec<(AccountId, MailState)> = Vec::new();
    for (id, state) in rows {
        let id = id.as_deref().and_then(AccountId::from_slice).ok_or_else(|| StoreError::row("mails", "account"))?;
        let state = MailState::from_name(&state).ok_or_else(|| StoreError::row("mails", "state"))?;
        if !found.iter().any(|(known, _)| *known == id) {
            found.push((id, state));
        }
    }
    Ok(found)
}

/// Was mail to this address of an account refused for good?
///
/// # Errors
/// If the statement fails.
pub fn is_refused(r: &mut Read<'_>, account: AccountId, address: &str) -> Result<bool, StoreError> {
    let at: Option<Option<i64>> = accounts::table
        .filter(accounts::id.eq(account.bytes().to_vec()).and(accounts::email.eq(address)))
        .select(accounts::mail_refused_at)
        .get_result(r.conn)
        .optional()?;
    Ok(at.flatten().is_some())
}

/// Which of these accounts have an address that was refused.
///
/// # Errors
/// If the statement fails.
pub fn refused(r: &mut Read<'_>, ids: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    let ids: Vec<Vec<u8>> = ids.iter().map(|id| id.bytes().to_vec()).collect();
    let rows: Vec<Vec<u8>> = accounts::table
        .filter(accounts::id.eq_any(ids).and(accounts::mail_refused_at.is_not_null()))
        .select(accounts::id)
        .load(r.conn)?;
    let read = |id: Vec<u8>| AccountId::from_slice(&id).ok_or_else(|| StoreError::row("accounts", "id"));
    rows.into_iter().map(read).collect()
}

/// Notes that mail to this address was refused for good, unless the account has another by now: a mail may have gone to
/// one of before, or to one that was mistyped.
///
/// # Errors
/// If the statement fails.
pub fn refuse(w: &mut Write<'_>, account: AccountId, (address, now): (&str, Timestamp)) -> Result<(), StoreError> {
    let is_his = accounts::id.eq(account.bytes().to_vec()).and(accounts::email.eq(address));
    diesel::update(accounts::table.filter(is_his)).set(accounts::mail_refused_at.eq(now.micros())).execute(w.conn)?;
    Ok(())
}

/// Notes that mail to this address may be tried again; was it refused?
///
/// # Errors
/// If the statement fails.
pub fn allow(w: &mut Write<'_>, account: AccountId, address: &str) -> Result<bool, StoreError> {
    let is_his = accounts::id.eq(account.bytes().to_vec()).and(accounts::email.eq(address));
    let allowed = diesel::update(accounts::table.filter(is_his.and(accounts::mail_refused_at.is_not_null())))
        .set(accounts::mail_refused_at.eq(None::<i64>))
        .execute(w.conn)?;
    Ok(allowed > 0)
}

/// Forgets mails from before then.
///
/// # Errors
/// If the statement fails.
pub fn forget(w: &mut Write<'_>, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<Vec<u8>> =
        mails::table.filter(mails::created_at.lt(before.micros())).select(mails::id).limit(limit).load(w.conn)?;
    Ok(diesel::delete(mails::table.filter(mails::id.eq_any(old))).execute(w.conn)?)
}
