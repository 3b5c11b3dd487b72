//! Changing one's own password. The session it happens in goes on; the others end if the person, or the company, says so.

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::authority::Holder;
use idp_core::credential::password::{PasswordError, StoredPassword, check_new, prepare};
use idp_core::logout::Reason;
use idp_core::secret::Secret;
use idp_core::throttle::{Lane, Reservation};
use idp_core::time::Timestamp;
use idp_store::throttles::Key;
use idp_store::{StoreError, Write};

use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::scribe::Scribe;
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
#[derive(Debug, PartialEq, Eq)]
pub enum Changed {
    /// Done.
    Done,
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
    if !cx.hasher.verify(current.clone(), Some(stored.phc.clone())).await?.holds {
        return Ok(Changed::WrongCurrent);
    }
    let same = current == new;
    if same {
        cx.store.write(move |w| idp_store::throttles::release(w, key, limits, 0, now)).await?;
        return Ok(Changed::Same);
    }
    let work = Replacement {
        holder: holder.clone(),
        new: StoredPassword { phc: cx.hasher.hash(new, &cx.random).await?, temporary: false, expires_at: None },
        old: stored.phc,
        ends_others: change.end_others || company.policy.ends_others_on_change(),
        scribe: Scribe::new(cx, now)?.by(Some(id)).from(visitor.address.to_string()),
        now,
    };
    let done = cx.store.write(move |w| {
        idp_store::throttles::release(w, key, limits, 0, now)?;
        work.commit(w)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(if done { Changed::Done } else { Changed::WrongCurrent })
}

fn check(change: &Change, account: &Account, company: &Company) -> Result<Secret<String>, PasswordError> {
    let own =
        [account.name.as_str(), company.tenant.name.as_str(), company.tenant.code.as_str(), account.login.as_str()];
    check_new(change.new.expose(), change.confirm.expose(), &company.policy, &own)
}

struct Replacement {
    holder: Holder,
    new: StoredPassword,
    old: Secret<String>,
    ends_others: bool,
    scribe: Scribe,
    now: Timestamp,
}

impl Replacement {
    /// False if the password was changed meanwhile: two tabs can't both replace the same one.
    fn commit(&self, w: &mut Write<'_>) -> Result<bool, StoreError> {
        let account = self.holder.account;
        if idp_store::passwords::of(w, account)?.is_none_or(|today| today.phc != self.old) {
            return Ok(false);
        }
        idp_store::passwords::put(w, self.holder.tenant, account, &self.new, self.now)?;
        let mut log = self.scribe.begin();
        let mut others_ended = 0;
        if self.ends_others {
            for session in idp_store::sessions::of_account(w, self.holder.tenant, account)? {
                if session.id != self.holder.session {
                    sessions::end(w, &session, Reason::Password, self.now, &mut log)?;
                    others_ended += 1;
                }
            }
            self.cut_off_the_rest(w)?;
        }
        log.add(w, self.holder.tenant, AuditEvent::PasswordChanged { account, others_ended })?;
        Ok(true)
    }

    /// What outlives sessions ends with the epoch: refresh tokens for offline use, sign-ins under way. This session and
    /// what it gave its clients go on.
    fn cut_off_the_rest(&self, w: &mut Write<'_>) -> Result<(), StoreError> {
        idp_store::accounts::raise_epoch(w, self.holder.account)?;
        idp_store::known_browsers::forget_all(w, self.holder.account)?;
        let today = idp_store::accounts::by_id(w, self.holder.tenant, self.holder.account)?;
        if let Some(account) = today {
            idp_store::sessions::adopt_epoch(w, self.holder.session, account.epoch)?;
            idp_store::grants::adopt_epoch(w, self.holder.session, account.epoch)?;
        }
        Ok(())
    }
}
