//! What people do for themselves.

mod address;
pub mod connected;
mod mailed_code;
pub mod passkeys;
mod password;
mod second_factor;
mod security;
mod ways;

use idp_core::account::Account;
use idp_core::authority::{Confirmed, Holder};
use idp_core::credential::once::Purpose;
use idp_core::language::Language;
use idp_core::oidc::client::{Client, Entry};
use idp_core::policy::second_factor::Demand;
use idp_core::session::{Present, Session};
use idp_core::signin::second_factor::FEW_BACKUP_CODES;
use idp_core::standing::Standing;
use idp_core::time::Timestamp;
use idp_store::{StoreError, Write};

pub use address::{Moved, Undo, change_address, confirm_address, look_undo, undo};
pub use idp_store::identities::Connected;
pub use idp_store::trusted_browsers::Trusted;
pub use mailed_code::{CodeSent, code_sent_to};
pub use password::{Change, Changed, First, change_password, set_password};
pub use second_factor::{
    Enrolled, Off, app, app_again, confirm_app, confirm_email, email, new_codes, new_form, turn_off,
};
pub use security::{
    Activity, Device, Security, confirm, distrust, is_complete, security, sign_out_one, sign_out_others,
};

use crate::context::Ctx;
use crate::error::ServiceError;
use crate::sessions;

/// The account of somebody who acts for himself.
async fn account(cx: &Ctx, by: &Confirmed) -> Result<Option<Account>, ServiceError> {
    let (tenant, id) = (by.holder().tenant, by.holder().account);
    Ok(cx.store.read(move |r| idp_store::accounts::by_id(r, tenant, id)).await?)
}

/// The page of somebody's account.
#[derive(Debug)]
pub struct Home {
    /// The portals he has a part in.
    pub apps: Vec<Client>,
    /// The sign-in before this one, if there was one.
    pub last_sign_in: Option<Session>,
    /// What would protect the account better.
    pub advice: Option<Advice>,
}

/// What would protect an account better, one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Without an address there is no way back.
    AddEmail,
    /// A second factor, where the company has them.
    SecondFactor,
    /// Backup codes run out.
    NewCodes,
}

/// What the page of an account shows.
///
/// # Errors
/// If the database can't be read.
pub async fn home(cx: &Ctx, present: &Present) -> Result<Home, ServiceError> {
    let (account, tenant, auth_time) = (present.account.id, present.account.tenant, present.session.auth_time);
    let apps = apps(cx, present).await?;
    let before = cx.store.read(move |r| idp_store::sessions::sign_in_before(r, tenant, account, auth_time));
    let last_sign_in = before.await?;
    Ok(Home { apps, last_sign_in, advice: advice(cx, &present.account).await? })
}

async fn advice(cx: &Ctx, account: &Account) -> Result<Option<Advice>, ServiceError> {
    let company = cx.company(account.tenant).await?;
    let (rules, policy) = (crate::second_factor::rules(&company, account), &company.policy);
    let own = crate::second_factor::of(cx, account).await?;
    let id = account.id;
    let codes = cx.store.read(move |r| idp_store::one_time::unspent(r, id, Purpose::BackupCode)).await?;
    let is_used = rules.demand != Demand::Off;
    let by_mail = cx.post.is_on() && account.email_verified;
    Ok(if account.email.is_none() && cx.post.is_on() && policy.links_enabled() && policy.password_enabled() {
        Some(Advice::AddEmail)
    } else if is_used && policy.password_enabled() && !own.is_on() && (rules.app || rules.email && by_mail) {
        Some(Advice::SecondFactor)
    } else if is_used && own.is_on() && codes <= FEW_BACKUP_CODES {
        Some(Advice::NewCodes)
    } else {
        None
    })
}

/// The portals somebody has a part in and that have a front door.
///
/// # Errors
/// If the database can't be read.
pub async fn apps(cx: &Ctx, present: &Present) -> Result<Vec<Client>, ServiceError> {
    let (account, tenant, vendor) = (present.account.id, present.account.tenant, cx.vendor);
    let all = cx.store.read(move |r| {
        let entitled = idp_store::entitlements::of(r, account)?;
        let clients = idp_store::clients::list(r)?.into_iter().filter(move |c| {
            let invited = c.entry == Entry::Everybody || entitled.contains(&c.key);
            c.enabled && invited && c.home_uri.is_some() && (c.tenant == vendor || c.tenant == tenant)
        });
        Ok(clients.collect())
    });
    Ok(all.await?)
}

/// Does the account have a password?
///
/// # Errors
/// If the database can't be read.
pub async fn has_password(cx: &Ctx, holder: &Holder) -> Result<bool, ServiceError> {
    let account = holder.account;
    Ok(cx.store.read(move |r| idp_store::passwords::of(r, account)).await?.is_some())
}

/// How somebody stands who acts for himself, held until the end of the transaction; nothing if his session is over.
fn held(w: &mut Write<'_>, holder: &Holder, now: Timestamp) -> Result<Option<Held>, StoreError> {
    let Some(standing) = sessions::standing_held(w, holder.tenant, holder.account)? else { return Ok(None) };
    let Some(account) = idp_store::accounts::by_id(w, holder.tenant, holder.account)? else { return Ok(None) };
    let session = idp_store::sessions::hold(w, holder.session)?;
    let session = session.filter(|s| s.is_live(now) && standing.may_receive(&s.epochs).is_ok());
    Ok(session.map(|session| Held { account, standing, session }))
}

/// See [`held`].
struct Held {
    account: Account,
    standing: Standing,
    session: Session,
}

/// Remembers the language somebody chose for himself; none, for his company's.
///
/// # Errors
/// If the database can't be written.
pub async fn set_language(cx: &Ctx, holder: &Holder, language: Option<Language>) -> Result<(), ServiceError> {
    let (account, now) = (holder.account, cx.clock.now());
    Ok(cx.store.write(move |w| idp_store::accounts::set_language(w, account, language, now)).await?)
}
