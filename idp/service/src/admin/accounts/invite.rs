//! Inviting people: a mail with a link that needs no password, or with a password for once, as the company wants it.

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::authority::{Permission, TenantAdmin};
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::AccountId;
use idp_core::mail::Letter;
use idp_core::policy::Welcome;
use idp_core::secret::{Secret, TokenHash, bearer};
use idp_core::time::{Lifetime, Timestamp};
use idp_store::{StoreError, Write};

use super::password::{one_time, put_password};
use super::{NewPassword, Refused, by_id_for, touch};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::link::welcome_payload;
use crate::mail::{Parcel, To, pack};
use crate::sessions;

/// An invitation, ready to be posted with whatever it is about.
#[derive(Debug)]
pub(super) struct Invitation {
    to: String,
    parcel: Parcel,
    link: Option<(TokenHash, String)>,
    until: Timestamp,
}

/// Writes an invitation; none if there is no address or no mail server. With a password the mail carries that; without,
/// a link.
pub(super) fn write(
    cx: &Ctx,
    company: &Company,
    account: &Account,
    (password, now): (Option<&Secret<String>>, Timestamp),
) -> Result<Option<Invitation>, ServiceError> {
    let Some(address) = account.email.as_ref().filter(|_| cx.post.is_on()) else { return Ok(None) };
    let life = match password {
        Some(_) => company.policy.temporary_password_life(),
        None => company.policy.welcome_life(),
    };
    let (until, token) = (now + life, bearer("sbw", &cx.random.bytes()?));
    // Where links are worth nothing in a browser that didn't ask, this one would be worth nothing anywhere.
    let link = match password {
        Some(_) => None,
        None if company.policy.wants_typed_code() => None,
        None => Some((TokenHash::of(token.expose()), welcome_payload(address.as_str())?)),
    };
    let letter = Letter::Welcome {
        name: account.name.clone(),
        username: account.username(&company.tenant.code),
        email: address.to_string(),
        company: company.tenant.name.clone(),
        code: company.tenant.code.to_string(),
        token: link.as_ref().map(|_| token.expose().clone()),
        password: password.map(|p| p.expose().clone()),
        until,
    };
    let to = To { address: address.as_str(), company, account: Some(account) };
    let parcel = pack(cx, to, letter, (now, life.min(Lifetime::days(3)), false))?;
    Ok(Some(Invitation { to: address.to_string(), parcel, link, until }))
}

impl Invitation {
    /// Posts it; what was sent before is worth nothing from now on.
    pub(super) fn post(&self, w: &mut Write<'_>, account: &Account, now: Timestamp) -> Result<(), StoreError> {
        idp_store::mails::allow(w, account.id, &self.to)?;
        self.parcel.post(w)?;
        idp_store::one_time::supersede(w, account.id, Purpose::Welcome, now)?;
        let Some((digest, payload)) = &self.link else { return Ok(()) };
        let Some(standing) = sessions::standing(w, account.tenant, account.id)? else { return Ok(()) };
        let row = OneTime {
            tenant: account.tenant,
            account: account.id,
            purpose: Purpose::Welcome,
            payload: payload.clone(),
            epochs: standing.epochs,
            expires_at: self.until,
        };
        idp_store::one_time::insert(w, *digest, &row, now).map(drop)
    }
}

/// Lets mails go again to an address that the mail server refused: what was wrong with it is mended.
///
/// # Errors
/// If it can't be done now.
pub async fn allow_mail(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<(), Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::InviteAccount));
    touch(cx, by, id, |w, account, log| {
        let Some(address) = &account.email else { return Ok(()) };
        if idp_store::mails::allow(w, account.id, address.as_str())? {
            log.add(w, account.tenant, AuditEvent::MailAllowed { account: account.id })?;
        }
        Ok(())
    })
    .await
}

/// Did the mail server refuse the address of this account?
///
/// # Errors
/// If the database can't be read.
pub async fn is_mail_refused(cx: &Ctx, account: &Account) -> Result<bool, ServiceError> {
    let (id, address) = (account.id, account.email.as_ref().map(ToString::to_string).unwrap_or_default());
    Ok(cx.store.read(move |r| idp_store::mails::is_refused(r, id, &address)).await?)
}

/// Invites somebody again: the links of before die. As often as an administrator likes.
///
/// # Errors
/// If it can't be done now.
pub async fn invite(cx: &Ctx, by: &TenantAdmin, id: AccountId) -> Result<Result<(), Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::InviteAccount));
    let now = cx.clock.now();
    let company = cx.company(by.tenant()).await?;
    let Some(account) = by_id_for(cx, by, id).await? else { return Ok(Err(Refused::NotFound)) };
    if company.policy.welcome() == Welcome::TemporaryPassword {
        let (set, shown) = one_time(cx, &company)?;
        let Some(invitation) = write(cx, &company, &account, (Some(&shown.password), now))? else {
            return Ok(Err(Refused::NoMail));
        };
        let set = NewPassword { instead_of: None, ..set };
        return put_password(cx, by, id, (set, Some(invitation))).await;
    }
    let Some(invitation) = write(cx, &company, &account, (None, now))? else { return Ok(Err(Refused::NoMail)) };
    touch(cx, by, id, move |w, account, log| {
        invitation.post(w, account, now)?;
        log.add(w, account.tenant, AuditEvent::Invited { account: account.id })
    })
    .await
}
