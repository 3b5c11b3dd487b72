//! What protects an account, who is signed in to it, and what happened to it: as its person sees it.

use idp_core::account::Account;
use idp_core::audit::{AuditEvent, AuditRecord};
use idp_core::authority::{Confirmed, Holder};
use idp_core::credential::once::Purpose;
use idp_core::credential::passkey::Passkey;
use idp_core::ids::{SessionId, TrustId};
use idp_core::logout::Reason;
use idp_core::policy::second_factor::{Demand, Rules};
use idp_core::session::{Method, Present, Session};
use idp_core::signin::second_factor::{self as rule, Own};
use idp_store::identities::Connected;
use idp_store::trusted_browsers::Trusted;

use super::held;
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::second_factor::{own, rules};
use crate::sessions;
use crate::visitor::Visitor;

/// Events that are shown.
const ACTIVITY: i64 = 50;

/// A sign-in that goes on.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its session.
    pub session: Session,
    /// It is this one.
    pub is_here: bool,
    /// The portals that were opened with it.
    pub apps: Vec<String>,
}

/// Something that happened.
pub type Activity = AuditRecord;

/// All of it.
#[derive(Debug)]
pub struct Security {
    /// Is there a password?
    pub has_password: bool,
    /// What the company wants.
    pub rules: Rules,
    /// What there is.
    pub own: Own,
    /// Codes in mails would show something else than this session's sign-in did.
    pub may_add_email: bool,
    /// Backup codes that are left.
    pub codes_left: usize,
    /// Passkeys, and whether there may be any.
    pub passkeys: Option<Vec<Passkey>>,
    /// Browsers that are not asked.
    pub trusted: Vec<Trusted>,
    /// Who is signed in.
    pub devices: Vec<Device>,
    /// Accounts at other providers, each with what people call the provider, if people may come in by it.
    pub connected: Vec<(Connected, String, bool)>,
    /// What happened, the newest first.
    pub activity: Vec<Activity>,
}

/// What the page shows.
///
/// # Errors
/// If the database can't be read.
pub async fn security(cx: &Ctx, present: &Present) -> Result<Security, ServiceError> {
    let (account, here, now) = (present.account.clone(), present.session.id, cx.clock.now());
    let company = cx.company(account.tenant).await?;
    let (rules, has_passkeys) = (rules(&company, &account), company.policy.passkeys_enabled() && cx.passkeys.is_some());
    let (mail_is_on, standing) = (cx.post.is_on(), present.standing);
    let is_required = matches!(rules.demand, Demand::Required(_));
    let may_add_email = !is_required || present.session.first_method() != Method::Email;
    let read = cx.store.read(move |r| {
        let kept = idp_store::second_factors::of(r, account.id)?;
        let sessions = idp_store::sessions::of_account(r, account.tenant, account.id)?;
        let trusted = idp_store::trusted_browsers::list(r, account.id, now)?;
        let live = |s: &Session| s.is_live(now) && standing.may_receive(&s.epochs).is_ok();
        let live: Vec<Session> = sessions.into_iter().filter(live).collect();
        let apps = idp_store::shares::names(r, &live.iter().map(|s| s.id).collect::<Vec<_>>())?;
        let device = |session: Session| Device {
            is_here: session.id == here,
            apps: apps.iter().filter(|(id, _)| *id == session.id).map(|(_, name)| name.clone()).collect(),
            session,
        };
        let mut devices: Vec<Device> = live.into_iter().map(device).collect();
        devices.sort_by_key(|d| (!d.is_here, std::cmp::Reverse(d.session.last_seen)));
        Ok(Security {
            has_password: idp_store::passwords::of(r, account.id)?.is_some(),
            rules,
            own: own(&kept, &account, mail_is_on),
            may_add_email,
            passkeys: if has_passkeys { Some(idp_store::passkeys::of(r, account.id)?) } else { None },
            connected: idp_store::identities::of(r, account.id)?,
            codes_left: idp_store::one_time::unspent(r, account.id, Purpose::BackupCode)?,
            trusted: trusted.into_iter().filter(|t| t.epochs == standing.epochs && rules.trust.is_some()).collect(),
            devices,
            activity: idp_store::audit::about(r, account.id, ACTIVITY)?,
        })
    });
    Ok(read.await?)
}

/// The proof that somebody has shown just now all that he has to show; nothing if he is to be asked again.
///
/// # Errors
/// If the database can't be read.
pub async fn confirm(cx: &Ctx, present: &Present) -> Result<Option<Confirmed>, ServiceError> {
    let account: &Account = &present.account;
    let rules = rules(&*cx.company(account.tenant).await?, account);
    let own = crate::second_factor::of(cx, account).await?;
    Ok(rule::confirm(present, (&rules, &own), cx.clock.now()))
}

/// Has somebody shown in this session all that he has to show? Who knows his password besides may change it.
///
/// # Errors
/// If the database can't be read.
pub async fn is_complete(cx: &Ctx, present: &Present) -> Result<bool, ServiceError> {
    let rules = rules(&*cx.company(present.account.tenant).await?, &present.account);
    let own = crate::second_factor::of(cx, &present.account).await?;
    Ok(rule::is_complete(present, (&rules, &own), cx.clock.now()))
}

/// Trusts a browser no more.
///
/// # Errors
/// If it can't be done now.
pub async fn distrust(cx: &Ctx, visitor: &Visitor, by: &Holder, id: TrustId) -> Result<(), ServiceError> {
    let (now, by) = (cx.clock.now(), by.clone());
    let scribe = Scribe::new(cx, now)?.by(Some(by.account)).from(visitor.address.to_string());
    let done = cx.store.write(move |w| {
        if held(w, &by, now)?.is_some() && idp_store::trusted_browsers::drop_one(w, by.account, id)? {
            scribe.begin().add(w, by.tenant, AuditEvent::BrowserDistrusted { account: by.account })?;
        }
        Ok(())
    });
    Ok(done.await?)
}

/// Signs one of the person's sessions out, wherever it is.
///
/// # Errors
/// If it can't be done now.
pub async fn sign_out_one(cx: &Ctx, visitor: &Visitor, by: &Holder, id: SessionId) -> Result<(), ServiceError> {
    end(cx, visitor, by, move |session, _| session == id).await
}

/// Signs all of them out but this one.
///
/// # Errors
/// If it can't be done now.
pub async fn sign_out_others(cx: &Ctx, visitor: &Visitor, by: &Holder) -> Result<(), ServiceError> {
    end(cx, visitor, by, |session, here| session != here).await
}

async fn end(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Holder,
    which: impl Fn(SessionId, SessionId) -> bool + Send + 'static,
) -> Result<(), ServiceError> {
    let (now, by) = (cx.clock.now(), by.clone());
    let scribe = Scribe::new(cx, now)?.by(Some(by.account)).from(visitor.address.to_string());
    let done = cx.store.write(move |w| {
        if held(w, &by, now)?.is_none() {
            return Ok(());
        }
        let mut log = scribe.begin();
        for session in idp_store::sessions::of_account(w, by.tenant, by.account)? {
            if which(session.id, by.session) {
                sessions::end(w, &session, Reason::Person, now, &mut log)?;
            }
        }
        Ok(())
    });
    done.await?;
    cx.wake_outbox();
    Ok(())
}
