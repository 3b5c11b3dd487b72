//! Changing one's own password. The session it happens in goes on; the others end if the person, or the company, says
//! so.

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::authority::{Confirmed, Holder};
use idp_core::credential::once::Purpose;
use idp_core::credential::password::{PasswordError, StoredPassword, check_new, prepare};
use idp_core::logout::Reason;
use idp_core::mail::Happening;
use idp_core::secret::Secret;
use idp_core::throttle::{Lane, Reservation};
use idp_core::time::Timestamp;
use idp_crypto::password::Asker;
use idp_store::throttles::Key;
use idp_store::{StoreError, Write};

use super::{Held, held};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::sessions;
use crate::visitor::Visitor;

/// What the form brings.
#[derive(Debug)]
pub struct Change {
    /// The password of now.
    pub current: Secret<String>,
    /// The new one.
    pub new: Secret<String>,
    /// The same again.
    pub confirm: Secret<String>,
    /// Should the other sessions end?
    pub end_others: bool,
}

/// What came of it.
#[derive(Debug)]
pub enum Changed {
    /// Done; the browser stays signed in under a new cookie.
    Done(Secret<String>),
    /// The new one won't do.
    Refused(PasswordError),
    /// The new one is the old one.
    Same,
    /// The current one is wrong.
    WrongCurrent,
    /// Too many wrong ones; not before then.
    Wait(Timestamp),
}

/// Changes a password. Guessing here counts like guessing at the door.
///
/// # Errors
/// If it can't be done now.
pub async fn change_password(
    cx: &Ctx,
    visitor: &Visitor,
    holder: &Holder,
    change: Change,
) -> Result<Changed, ServiceError> {
    let now = cx.clock.now();
    let company = cx.company(holder.tenant).await?;
    let (tenant, id) = (holder.tenant, holder.account);
    let read =
        cx.store.read(move |r| Ok(idp_store::accounts::by_id(r, tenant, id)?.zip(idp_store::passwords::of(r, id)?)));
    let Some((account, stored)) = read.await? else { return Ok(Changed::WrongCurrent) };
    let new = match check(&change, &account, &company) {
        Ok(new) => new,
        Err(why) => return Ok(Changed::Refused(why)),
    };
    let limits = company.policy.first_factor();
    let key = Key { subject: *id.bytes(), lane: Lane::Known };
    if let Reservation::Wait(until) =
        cx.store.write(move |w| idp_store::throttles::reserve(w, key, limits, 0, now)).await?
    {
        return Ok(Changed::Wait(until));
    }
    let Ok(current) = prepare(change.current.expose()) else { return Ok(Changed::WrongCurrent) };
    let scribe = Scribe::new(cx, now)?.by(Some(id)).from(visitor.address.to_string());
    match cx.hasher.verify(Asker::Known, current.clone(), Some(stored.phc.clone())).await {
        Ok(verdict) if verdict.holds => {}
        Ok(_) => return wrong(cx, holder, scribe, (key, now)).await,
        Err(error) => {
            // Counted, but never looked at.
            cx.store.write(move |w| idp_store::throttles::cancel(w, key, limits, 0, now)).await?;
            return Err(error.into());
        }
    }
    let same = current == new;
    if same {
        cx.store.write(move |w| idp_store::throttles::release(w, key, limits, 0, now)).await?;
        return Ok(Changed::Same);
    }
    let Some((renewal, cookie)) = sessions::Renewal::draw(cx, visitor, now)? else { return Ok(Changed::WrongCurrent) };
    let work = Replacement {
        holder: holder.clone(),
        new: StoredPassword { phc: cx.hasher.hash(new, &cx.random).await?, temporary: false, expires_at: None },
        old: Some(stored.phc),
        renewal,
        ends_others: change.end_others || company.policy.ends_others_on_change(),
        notice: notice(cx, &company, &account, (Some(visitor), now), Happening::PasswordChanged)?,
        scribe,
        now,
    };
    let done = cx.store.write(move |w| {
        idp_store::throttles::release(w, key, limits, 0, now)?;
        work.commit(w)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(if done { Changed::Done(cookie) } else { Changed::WrongCurrent })
}

/// A first password.
#[derive(Debug)]
pub struct First {
    /// The password.
    pub new: Secret<String>,
    /// The same again.
    pub confirm: Secret<String>,
    /// Should the other sessions end?
    pub end_others: bool,
}

/// Sets a password for somebody who has none, and has shown just now by other means who he is.
///
/// # Errors
/// If it can't be done now.
pub async fn set_password(cx: &Ctx, visitor: &Visitor, by: &Confirmed, first: First) -> Result<Changed, ServiceError> {
    let (now, holder) = (cx.clock.now(), by.holder());
    let company = cx.company(holder.tenant).await?;
    let (tenant, id) = (holder.tenant, holder.account);
    let read = cx.store.read(move |r| idp_store::accounts::by_id(r, tenant, id));
    let Some(account) = read.await? else { return Ok(Changed::WrongCurrent) };
    let own = account.own_words(&company.tenant);
    let new = match check_new(first.new.expose(), first.confirm.expose(), &company.policy, &own) {
        Ok(new) => new,
        Err(why) => return Ok(Changed::Refused(why)),
    };
    let Some((renewal, cookie)) = sessions::Renewal::draw(cx, visitor, now)? else { return Ok(Changed::WrongCurrent) };
    let work = Replacement {
        holder: holder.clone(),
        new: StoredPassword { phc: cx.hasher.hash(new, &cx.random).await?, temporary: false, expires_at: None },
        old: None,
        renewal,
        ends_others: first.end_others || company.policy.ends_others_on_change(),
        notice: notice(cx, &company, &account, (Some(visitor), now), Happening::PasswordChanged)?,
        scribe: Scribe::new(cx, now)?.by(Some(id)).from(visitor.address.to_string()),
        now,
    };
    let done = cx.store.write(move |w| work.commit(w)).await?;
    cx.wake_outbox();
    Ok(if done { Changed::Done(cookie) } else { Changed::WrongCurrent })
}

/// A wrong current password is a failed sign-in like one at the door.
async fn wrong(
    cx: &Ctx,
    holder: &Holder,
    scribe: Scribe,
    (key, now): (Key, Timestamp),
) -> Result<Changed, ServiceError> {
    let (tenant, account) = (holder.tenant, Some(holder.account));
    let kept = cx.store.write(move |w| {
        let mut log = scribe.begin();
        log.add(w, tenant, AuditEvent::SignInFailed { account, reason: "wrong_current".to_owned() })?;
        let until = idp_store::throttles::wait(w, key, now)?;
        if let Some(until) = until {
            log.add(w, tenant, AuditEvent::WaitBegan { account, until })?;
        }
        Ok(until)
    });
    Ok(kept.await?.map_or(Changed::WrongCurrent, Changed::Wait))
}

fn check(change: &Change, account: &Account, company: &Company) -> Result<Secret<String>, PasswordError> {
    check_new(change.new.expose(), change.confirm.expose(), &company.policy, &account.own_words(&company.tenant))
}

struct Replacement {
    holder: Holder,
    new: StoredPassword,
    /// The one it replaces; none, if it is the first.
    old: Option<Secret<String>>,
    renewal: sessions::Renewal,
    ends_others: bool,
    notice: Option<Parcel>,
    scribe: Scribe,
    now: Timestamp,
}

impl Replacement {
    /// False if the password was changed meanwhile, or the session ended: rows held here and now decide.
    fn commit(&self, w: &mut Write<'_>) -> Result<bool, StoreError> {
        let account = self.holder.account;
        let Some(Held { standing, .. }) = held(w, &self.holder, self.now)? else { return Ok(false) };
        let is_set = match &self.old {
            Some(old) => idp_store::passwords::replace(w, account, old, (&self.new, self.now))?,
            None if idp_store::passwords::of(w, account)?.is_some() => false,
            None => {
                idp_store::passwords::put(w, self.holder.tenant, account, &self.new, self.now)?;
                true
            }
        };
        if !is_set || !self.renewal.commit(w)? {
            return Ok(false);
        }
        let mut log = self.scribe.begin();
        let mut others_ended = 0;
        if self.ends_others {
            for session in idp_store::sessions::of_account(w, self.holder.tenant, account)? {
                if session.id != self.holder.session {
                    sessions::end(w, &session, Reason::Password, self.now, &mut log)?;
                    others_ended += 1;
                }
            }
            self.cut_off_the_rest(w, standing.epochs.account)?;
        }
        // Links that were under way are worth nothing any more: who asked for one may be who the change is against.
        for purpose in [Purpose::SignInLink, Purpose::Reset] {
            idp_store::one_time::supersede(w, account, purpose, self.now)?;
        }
        idp_store::journeys::end_all(w, account, self.now)?;
        if let Some(notice) = &self.notice {
            notice.post(w)?;
        }
        log.add(w, self.holder.tenant, AuditEvent::PasswordChanged { account, others_ended })?;
        Ok(true)
    }

    /// What outlives sessions ends with the epoch: refresh tokens for offline use, sign-ins under way. This session and
    /// what it gave its clients go on.
    fn cut_off_the_rest(&self, w: &mut Write<'_>, epoch: i64) -> Result<(), StoreError> {
        let (account, session) = (self.holder.account, self.holder.session);
        idp_store::accounts::raise_epoch(w, account)?;
        idp_store::known_browsers::forget_all(w, account)?;
        idp_store::sessions::adopt_epoch(w, session, epoch + 1)?;
        idp_store::grants::adopt_epoch(w, session, (epoch, epoch + 1))
    }
}
