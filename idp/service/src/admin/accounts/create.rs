//! Making an account, with its first password in the same act.

use idp_core::account::{Account, AccountState, Email, LoginName};
use idp_core::audit::AuditEvent;
use idp_core::authority::{Permission, Role, TenantAdmin};
use idp_core::credential::password::StoredPassword;
use idp_core::ids::{AccountId, ClientKey, Subject};
use idp_core::language::Language;
use idp_core::mail::shown_name;
use idp_core::policy::Welcome;
use idp_core::time::Timestamp;
use idp_store::identities::Connected;
use idp_store::{StoreError, Write};

use super::Refused;
use super::invite::{Invitation, write};
use super::password::{NewPassword, OneTimePassword, one_time, stored};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;

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

/// The first password.
#[derive(Debug)]
pub enum First {
    /// None.
    Nothing,
    /// One that somebody chose.
    Given(NewPassword),
    /// One that we make, for once, to be shown.
    OneTime,
    /// No password: by a person at another provider, which people call so.
    Connected(String, Connected),
    /// As the company invites people: by mail, where there is an address; else one to be shown.
    Welcome,
}

/// An account that was made.
#[derive(Debug)]
pub struct Created {
    /// Its row.
    pub id: AccountId,
    /// Its password, if it has to be handed over: to be shown once.
    pub one_time: Option<OneTimePassword>,
    /// Was an invitation sent?
    pub is_invited: bool,
}

/// Makes an account and sets its first password, or does neither.
///
/// # Errors
/// If it can't be done now.
pub async fn create(
    cx: &Ctx,
    by: &TenantAdmin,
    new: NewAccount,
    first: First,
) -> Result<Result<Created, Refused>, ServiceError> {
    debug_assert!(by.is_for(Permission::CreateAccount));
    let now = cx.clock.now();
    let account = match draft(cx, by, &new, now)? {
        Ok(account) => account,
        Err(refused) => return Ok(Err(refused)),
    };
    let company = cx.company(by.tenant()).await?;
    let by_mail = account.email.is_some() && cx.post.is_on();
    let mut connected = None;
    let (given, one_time, invitation) = match (first, company.policy.welcome()) {
        (First::Nothing, _) => (None, None, None),
        (First::Connected(name, person), _) => {
            connected = Some((name, person));
            (None, None, None)
        }
        (First::Given(password), _) => (Some(password), None, None),
        (First::Welcome, Welcome::Link) if by_mail => (None, None, write(cx, &company, &account, (None, now))?),
        (First::Welcome, Welcome::TemporaryPassword) if by_mail => {
            let (password, shown) = one_time(cx, &company)?;
            (Some(password), None, write(cx, &company, &account, (Some(&shown.password), now))?)
        }
        (First::OneTime | First::Welcome, _) => {
            let (password, shown) = one_time(cx, &company)?;
            (Some(password), Some(shown), None)
        }
    };
    let is_invited = invitation.is_some();
    let password = match &given {
        Some(given) => match stored(cx, &company, given).await? {
            Ok(stored) => Some(stored),
            Err(refused) => return Ok(Err(refused)),
        },
        None => None,
    };
    let scribe = Scribe::new(cx, now)?.by(by.by());
    let (vendor, id) = (cx.vendor, account.id);
    let draft = Draft { account, portals: new.portals, password, invitation, connected };
    let made = cx.store.write(move |w| {
        if let Err(refused) = draft.commit(w, vendor, now)? {
            return Ok(Err(refused));
        }
        let account = &draft.account;
        let mut log = scribe.begin();
        log.add(w, account.tenant, AuditEvent::AccountCreated { account: account.id })?;
        if let Some((name, _)) = &draft.connected {
            let event = AuditEvent::IdentityConnected { account: account.id, name: name.clone() };
            log.add(w, account.tenant, event)?;
        }
        if draft.invitation.is_some() {
            log.add(w, account.tenant, AuditEvent::Invited { account: account.id })?;
        }
        Ok(Ok(()))
    });
    let made = made.await?;
    cx.wake_outbox();
    Ok(made.map(|()| Created { id, one_time, is_invited }))
}

/// An account about to be made.
struct Draft {
    account: Account,
    portals: Vec<ClientKey>,
    password: Option<StoredPassword>,
    invitation: Option<Invitation>,
    connected: Option<(String, Connected)>,
}

impl Draft {
    fn commit(
        &self,
        w: &mut Write<'_>,
        vendor: idp_core::ids::TenantId,
        now: Timestamp,
    ) -> Result<Result<(), Refused>, StoreError> {
        let account = &self.account;
        let (tenant, id) = (account.tenant, account.id);
        let owners = idp_store::clients::list(w)?;
        let reachable = |key: &ClientKey| owners.iter().any(|c| c.key == *key && c.can_be_given(tenant, vendor));
        if !self.portals.iter().all(reachable) {
            return Ok(Err(Refused::BadPortal));
        }
        if let Some((_, person)) = &self.connected
            && idp_store::identities::account_of(w, tenant, (&person.issuer, &person.subject))?.is_some()
        {
            return Ok(Err(Refused::Taken));
        }
        if !idp_store::logins::is_free(w, tenant, &account.login)? {
            return Ok(Err(Refused::Taken));
        }
        idp_store::accounts::insert(w, account)?;
        if !idp_store::logins::take(w, tenant, &account.login, id)? {
            // Somebody else took the name between the two statements: the row goes again.
            idp_store::accounts::take_back(w, id)?;
            return Ok(Err(Refused::Taken));
        }
        if let Some((_, person)) = &self.connected
            && !idp_store::identities::insert(w, (tenant, id), person)?
        {
            // Of two at once one connects; the other's account never was.
            idp_store::logins::give_back(w, id)?;
            idp_store::accounts::take_back(w, id)?;
            return Ok(Err(Refused::Taken));
        }
        idp_store::entitlements::set(w, tenant, id, &self.portals)?;
        if let Some(password) = &self.password {
            idp_store::passwords::put(w, tenant, id, password, now)?;
        }
        if let Some(invitation) = &self.invitation {
            invitation.post(w, account, now)?;
        }
        Ok(Ok(()))
    }
}

fn draft(
    cx: &Ctx,
    by: &TenantAdmin,
    new: &NewAccount,
    now: Timestamp,
) -> Result<Result<Account, Refused>, ServiceError> {
    let Some(name) = shown_name(&new.name).map(str::to_owned) else { return Ok(Err(Refused::BadName)) };
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
