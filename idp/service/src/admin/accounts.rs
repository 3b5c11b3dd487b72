//! A company's accounts: who may be looked at and touched. Making them, letting them in and out, and their passwords
//! have rooms of their own.

mod backup_code;
mod create;
mod invite;
mod password;
mod state;

use idp_core::account::{Account, LoginName};
use idp_core::authority::{TenantAdmin, TenantViewer};
use idp_core::credential::password::PasswordError;
use idp_core::ids::{AccountId, TenantId};
use idp_core::mail::MailState;
use idp_core::time::Timestamp;
use idp_store::{StoreError, Write};

pub use backup_code::{Issued, backup_code};
pub use create::{Created, First, NewAccount, create};
pub use invite::{allow_mail, invite, is_mail_refused};
pub use password::{NewPassword, OneTimePassword, PasswordStamp, password_stamp, reset_password};
pub use state::{Touched, disable, enable, lock, unlock};

use crate::audit::scribe::{Log, Scribe};
use crate::context::Ctx;
use crate::error::ServiceError;

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
    /// What became of the newest invitation.
    pub invitation: Option<MailState>,
    /// Did the mail server refuse its address?
    pub mail_refused: bool,
    /// Has it a second factor?
    pub has_second: bool,
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
        let ids: Vec<AccountId> = accounts.iter().map(|a| a.id).collect();
        let invitations = idp_store::mails::newest_of_kind(r, tenant, &ids, "welcome")?;
        let protected = idp_store::second_factors::protected(r, &ids)?;
        let refused = idp_store::mails::refused(r, &ids)?;
        let listed = accounts.into_iter().map(|account| {
            let waits_until = waits.iter().find(|(id, _)| id == account.id.bytes()).map(|(_, until)| *until);
            let invitation = invitations.iter().find(|(id, _)| *id == account.id).map(|(_, state)| *state);
            let (has_second, mail_refused) = (protected.contains(&account.id), refused.contains(&account.id));
            Listed { account, waits_until, invitation, mail_refused, has_second }
        });
        Ok(Page { accounts: listed.collect(), next })
    });
    Ok(read.await?)
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
    /// No mail can be sent: no address, or no mail server.
    #[error("no mail can be sent: the account has no address, or no mail server is configured")]
    NoMail,
    /// There is nothing that a code could stand for.
    #[error("this account has no second factor; a code would open nothing")]
    NoSecondFactor,
    /// Why it is done has to be said.
    #[error("say why, in up to 200 characters")]
    BadReason,
    /// The portal is another company's.
    #[error("one of these portals is not this company's")]
    BadPortal,
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

/// An account by its id, in a company that may be managed.
pub(super) async fn by_id_for(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Option<Account>, ServiceError> {
    let tenant = by.tenant();
    Ok(cx.store.read(move |r| idp_store::accounts::by_id(r, tenant, id)).await?)
}

/// The newest mails to an account.
///
/// # Errors
/// If the database can't be read.
pub async fn mails(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Vec<idp_store::mails::Noted>, ServiceError> {
    let tenant = by.tenant();
    Ok(cx.store.read(move |r| idp_store::mails::newest(r, tenant, id, 20)).await?)
}
