//! A company's accounts: seen, made, locked, unlocked, given a new one-time password.

use std::fmt;
use std::str::FromStr;

use idp_core::account::{Account, AccountState, Email, LoginName};
use idp_core::audit::AuditEvent;
use idp_core::authority::{Permission, Role, TenantAdmin, TenantViewer};
use idp_core::credential::password::{PasswordError, StoredPassword, check_new, prepare};
use idp_core::ids::{AccountId, ClientKey, Subject, TenantId};
use idp_core::language::Language;
use idp_core::logout::Reason;
use idp_core::secret::Secret;
use idp_core::time::Timestamp;
use idp_store::{StoreError, Write};

use crate::context::Ctx;
use crate::error::ServiceError;
use crate::scribe::{Log, Scribe};
use crate::sessions;

/// Rows on a page of the console.
const PAGE: i64 = 50;

/// A page of accounts.
#[derive(Debug)]
pub struct Page {
    /// The accounts.
    pub accounts: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// An account in a list.
#[derive(Debug)]
pub struct Listed {
    /// The account.
    pub account: Account,
    /// Until when it has to wait after too many wrong passwords.
    pub waits_until: Option<Timestamp>,
}

/// The accounts of a company, by name, from after one on.
///
/// # Errors
/// If the database can't be read.
pub async fn list(cx: &Ctx, by: &TenantViewer, search: &str, after: &str) -> Result<Page, ServiceError> {
    let (tenant, now) = (by.tenant(), cx.clock.now());
    let (search, after) = (search.trim().to_lowercase(), after.to_owned());
    let read = cx.store.read(move |r| {
        let mut accounts = idp_store::accounts::page(r, tenant, &search, &after, PAGE + 1)?;
        let more = accounts.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
        accounts.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
        let next = accounts.last().filter(|_| more).map(|a| a.login.as_str().to_owned());
        let subjects: Vec<[u8; 16]> = accounts.iter().map(|a| *a.id.bytes()).collect();
        let waits = idp_store::throttles::waits(r, &subjects, now)?;
        let listed = accounts.into_iter().map(|account| {
            let waits_until = waits.iter().find(|(id, _)| id == account.id.bytes()).map(|(_, until)| *until);
            Listed { account, waits_until }
        });
        Ok(Page { accounts: listed.collect(), next })
    });
    Ok(read.await?)
}

/// What a new account is made from.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name to sign in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The mail address, if there is one.
    pub email: Option<String>,
    /// True if somebody vouches for the address.
    pub email_verified: bool,
    /// The language, if not the company's.
    pub language: Option<Language>,
    /// What it may do in the console.
    pub roles: Vec<Role>,
    /// The portals it has a part in.
    pub portals: Vec<ClientKey>,
}

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody of that id in this company.
    #[error("there is no such account in this company")]
    NotFound,
    /// It would reach above the one who asks.
    #[error("this account, or one of these roles, ranks above yours")]
    AboveYou,
    /// Nobody locks himself out.
    #[error("this is your own account; ask another administrator")]
    Yourself,
    /// The name is somebody's.
    #[error("this name is taken in this company; choose another")]
    Taken,
    /// The name can't be.
    #[error(
        "a sign-in name has 1 to 64 letters, digits, dots, hyphens or underscores and starts with a letter or digit"
    )]
    BadLogin,
    /// The person has no name.
    #[error("enter the name of the person, at most 100 characters, without line breaks or addresses")]
    BadName,
    /// The address can't be.
    #[error("a mail address looks like name@company.com")]
    BadEmail,
    /// The password can't be.
    #[error("{0}")]
    BadPassword(PasswordError),
    /// The password was set meanwhile.
    #[error("the password was set meanwhile; look again")]
    Stale,
    /// The portal is another company's.
    #[error("one of these portals is not this company's")]
    BadPortal,
}

/// A name that mails and pages may show: one line, no address that a mail program would turn into a link.
fn check_name(name: &str) -> Result<String, Refused> {
    let name = name.trim();
    let fits = !name.is_empty()
        && name.chars().count() <= 100
        && !name.chars().any(char::is_control)
        && !name.contains("://")
        && !name.contains('<')
        && !name.to_lowercase().contains("www.");
    if fits { Ok(name.to_owned()) } else { Err(Refused::BadName) }
}

/// Makes an account; its first password comes from [`reset_password`].
///
/// # Errors
/// If it can't be done now.
pub async fn create(cx: &Ctx, by: &TenantAdmin, new: NewAccount) -> Result<Result<AccountId, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::CreateAccount));
    let now = cx.clock.now();
    let account = match draft(cx, by, &new, now)? {
        Ok(account) => account,
        Err(refused) => return Ok(Err(refused)),
    };
    let scribe = Scribe::new(cx, now)?.by(by.by());
    let (tenant, portals, vendor) = (by.tenant(), new.portals, cx.vendor);
    let made = cx.store.write(move |w| {
        let owners = idp_store::clients::list(w)?;
        let reachable = |key: &ClientKey| owners.iter().any(|c| c.key == *key && c.can_be_given(tenant, vendor));
        if !portals.iter().all(reachable) {
            return Ok(Err(Refused::BadPortal));
        }
        if !idp_store::logins::is_free(w, tenant, &account.login)? {
            return Ok(Err(Refused::Taken));
        }
        idp_store::accounts::insert(w, &account)?;
        if !idp_store::logins::take(w, tenant, &account.login, account.id)? {
            // Somebody else took the name between the two statements: the row goes again.
            idp_store::accounts::take_back(w, account.id)?;
            return Ok(Err(Refused::Taken));
        }
        idp_store::entitlements::set(w, tenant, account.id, &portals)?;
        scribe.begin().add(w, tenant, AuditEvent::AccountCreated { account: account.id })?;
        Ok(Ok(account.id))
    });
    Ok(made.await?)
}

fn draft(
    cx: &Ctx,
    by: &TenantAdmin,
    new: &NewAccount,
    now: Timestamp,
) -> Result<Result<Account, Refused>, ServiceError> {
    let name = match check_name(&new.name) {
        Ok(name) => name,
        Err(refused) => return Ok(Err(refused)),
    };
    let Ok(login) = new.login.parse::<LoginName>() else { return Ok(Err(Refused::BadLogin)) };
    let email = new.email.as_deref().map(str::trim).filter(|e| !e.is_empty()).map(str::parse::<Email>).transpose();
    let Ok(email) = email else { return Ok(Err(Refused::BadEmail)) };
    if !by.may_grant(&new.roles) {
        return Ok(Err(Refused::AboveYou));
    }
    Ok(Ok(Account {
        id: AccountId::at(now, cx.random.bytes()?),
        tenant: by.tenant(),
        subject: Subject::from_bytes(cx.random.bytes()?),
        login,
        name,
        email_verified: email.is_some() && new.email_verified,
        email,
        language: new.language,
        state: AccountState::Invited,
        roles: new.roles.clone(),
        epoch: 1,
        updated_at: now,
    }))
}

/// Loads the account, checks that it may be touched, and does something to it, all in one act.
async fn touch<T, F>(cx: &Ctx, by: &TenantAdmin, id: AccountId, act: F) -> Result<Result<T, Refused>, ServiceError>
where
    T: Send + 'static,
    F: Fn(&mut Write<'_>, &Account, &mut Log<'_>) -> Result<T, StoreError> + Send + 'static,
{
    let scribe = Scribe::new(cx, cx.clock.now())?.by(by.by());
    let (tenant, rank, actor) = (by.tenant(), by.rank(), by.by().map(|actor| (by.home(), actor)));
    let done = cx.store.write(move |w| {
        if !still_acts(w, actor)? {
            return Ok(Err(Refused::AboveYou));
        }
        let Some(account) = idp_store::accounts::by_id(w, tenant, id)? else { return Ok(Err(Refused::NotFound)) };
        if account.roles.iter().any(|r| r.rank() > rank) {
            return Ok(Err(Refused::AboveYou));
        }
        act(w, &account, &mut scribe.begin()).map(Ok)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(done)
}

/// Whoever was locked meanwhile acts no more.
fn still_acts(w: &mut Write<'_>, actor: Option<(TenantId, AccountId)>) -> Result<bool, StoreError> {
    let Some((home, actor)) = actor else { return Ok(true) };
    Ok(idp_store::accounts::by_id(w, home, actor)?.is_some_and(|a| a.state.may_sign_in()))
}

/// Keeps somebody out: at once, everywhere, until somebody unlocks the account. The portals hear of it.
///
/// # Errors
/// If it can't be done now.
pub async fn lock(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<(), Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::LockAccount));
    let from = &[AccountState::Active, AccountState::Invited];
    keep_out(cx, by, id, (from, AccountState::Locked, AuditEvent::AccountLocked { account: id })).await
}

/// From these states into that one, and how it is told.
type Change = (&'static [AccountState], AccountState, AuditEvent);

async fn keep_out(
    cx: &Ctx,
    by: &TenantAdmin,
    id: AccountId,
    (from, to, event): Change,
) -> Result<Result<(), Refused>, ServiceError> {
    if by.by() == Some(id) {
        return Ok(Err(Refused::Yourself));
    }
    let now = cx.clock.now();
    touch(cx, by, id, move |w, account, log| {
        for state in from {
            if idp_store::accounts::change_state(w, id, *state, to)? {
                end_everything(w, account, (Reason::Admin, now), log)?;
                log.add(w, account.tenant, event.clone())?;
            }
        }
        Ok(())
    })
    .await
}

/// Switches an account off: as a lock, but only [`enable`] ends it.
///
/// # Errors
/// If it can't be done now.
pub async fn disable(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<(), Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::LockAccount));
    let from = &[AccountState::Active, AccountState::Invited, AccountState::Locked];
    let event = AuditEvent::AccountSwitched { account: id, on: false };
    keep_out(cx, by, id, (from, AccountState::Disabled, event)).await
}

/// Switches an account on again: it may sign in, also if it was locked before it was switched off.
///
/// # Errors
/// If it can't be done now.
pub async fn enable(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<(), Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::LockAccount));
    touch(cx, by, id, move |w, account, log| {
        if idp_store::accounts::change_state(w, id, AccountState::Disabled, AccountState::Active)? {
            log.add(w, account.tenant, AuditEvent::AccountSwitched { account: id, on: true })?;
        }
        Ok(())
    })
    .await
}

/// Sessions, and with the epoch everything else that was born before: codes, refresh tokens, access tokens.
fn end_everything(
    w: &mut Write<'_>,
    account: &Account,
    (reason, now): (Reason, Timestamp),
    log: &mut Log<'_>,
) -> Result<(), StoreError> {
    for session in idp_store::sessions::of_account(w, account.tenant, account.id)? {
        sessions::end(w, &session, reason, now, log)?;
    }
    idp_store::known_browsers::forget_all(w, account.id)?;
    idp_store::accounts::raise_epoch(w, account.id)
}

/// Lets somebody in again: ends a lock and a wait. What ended with the lock stays ended.
///
/// # Errors
/// If it can't be done now.
pub async fn unlock(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<(), Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::UnlockAccount));
    touch(cx, by, id, move |w, account, log| {
        idp_store::accounts::change_state(w, id, AccountState::Locked, AccountState::Active)?;
        idp_store::throttles::clear(w, *id.bytes())?;
        log.add(w, account.tenant, AuditEvent::AccountUnlocked { account: id })
    })
    .await
}

/// A one-time password: to be shown once and replaced at the first sign-in.
#[derive(Debug)]
pub struct OneTimePassword {
    /// The password.
    pub password: Secret<String>,
    /// Good until then.
    pub until: Timestamp,
}

/// Makes a one-time password. What the old one opened is over.
///
/// # Errors
/// If it can't be done now.
pub async fn reset_password(
    cx: &Ctx,
    by: &TenantAdmin,
    (id, instead_of): (AccountId, Option<PasswordStamp>),
) -> Result<Result<OneTimePassword, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::ResetPassword));
    let password = Secret::new(cx.random.password()?);
    let until = cx.clock.now() + cx.company(by.tenant()).await?.policy.temporary_password_life();
    let set = NewPassword { password: password.clone(), expires_at: Some(until), instead_of };
    let done = put_password(cx, by, id, set).await?;
    Ok(done.map(|()| OneTimePassword { password, until }))
}

/// Which password an account has, without saying which: when it was set. A form that asks for another is good for that one
/// only, so that sending it again doesn't kill the password that was just handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordStamp(Option<Timestamp>);

impl fmt::Display for PasswordStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.map_or(0, Timestamp::micros))
    }
}

impl FromStr for PasswordStamp {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let micros: i64 = text.parse()?;
        Ok(Self((micros != 0).then(|| Timestamp::from_micros(micros))))
    }
}

/// Which password an account has.
///
/// # Errors
/// If the database can't be read.
pub async fn password_stamp(cx: &Ctx, _by: &TenantAdmin, id: AccountId) -> Result<PasswordStamp, ServiceError> {
    Ok(PasswordStamp(cx.store.read(move |r| idp_store::passwords::changed_at(r, id)).await?))
}

/// A password that an operator hands over.
#[derive(Debug)]
pub struct NewPassword {
    /// The password.
    pub password: Secret<String>,
    /// With an end it is a one-time password; without, it stays.
    pub expires_at: Option<Timestamp>,
    /// The password it replaces; anything, if that isn't said.
    pub instead_of: Option<PasswordStamp>,
}

/// Sets a password for somebody. Everything that the old one opened is over.
///
/// # Errors
/// If it can't be done now.
pub async fn put_password(
    cx: &Ctx,
    by: &TenantAdmin,
    id: AccountId,
    new: NewPassword,
) -> Result<Result<(), Refused>, ServiceError> {
    if by.by() == Some(id) {
        return Ok(Err(Refused::Yourself)); // his own he changes in his settings, with the current one
    }
    let now = cx.clock.now();
    let company = cx.company(by.tenant()).await?;
    // One that stays has to be as long and as unknown as one that the person would choose; that it isn't his name, who sets
    // it sees himself. One for once was made by us or is replaced.
    let typed = new.password.expose();
    let checked = if new.expires_at.is_some() { prepare(typed) } else { check_new(typed, typed, &company.policy, &[]) };
    let prepared = match checked {
        Ok(prepared) => prepared,
        Err(why) => return Ok(Err(Refused::BadPassword(why))),
    };
    let phc = cx.hasher.hash(prepared, &cx.random).await?;
    let stored = StoredPassword { phc, temporary: new.expires_at.is_some(), expires_at: new.expires_at };
    let done = touch(cx, by, id, move |w, account, log| {
        let today = PasswordStamp(idp_store::passwords::changed_at(w, id)?);
        if new.instead_of.is_some_and(|stamp| stamp != today) {
            return Ok(Err(Refused::Stale));
        }
        idp_store::passwords::put(w, account.tenant, id, &stored, now)?;
        end_everything(w, account, (Reason::Password, now), log)?;
        idp_store::throttles::clear(w, *id.bytes())?;
        log.add(w, account.tenant, AuditEvent::PasswordReset { account: id })?;
        Ok(Ok(()))
    });
    Ok(done.await?.and_then(|done| done))
}

/// An account by the name it signs in with.
///
/// # Errors
/// If the database can't be read.
pub async fn by_login(cx: &Ctx, tenant: TenantId, login: &LoginName) -> Result<Option<Account>, ServiceError> {
    let login = login.clone();
    let read = cx.store.read(move |r| match idp_store::logins::holder(r, tenant, &login)? {
        Some(id) => idp_store::accounts::by_id(r, tenant, id),
        None => Ok(None),
    });
    Ok(read.await?)
}

/// An account by its id, in a company that may be looked at.
///
/// # Errors
/// If the database can't be read.
pub async fn by_id(cx: &Ctx, by: &TenantViewer, id: AccountId) -> Result<Option<Account>, ServiceError> {
    let tenant = by.tenant();
    Ok(cx.store.read(move |r| idp_store::accounts::by_id(r, tenant, id)).await?)
}
