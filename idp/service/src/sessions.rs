//! Sessions: made after a proof, kept alive by activity, ended for good. Ending one tells every client that shared in
//! it.

use std::sync::Arc;

use idp_core::account::AccountState;
use idp_core::audit::AuditEvent;
use idp_core::authority::Actor;
use idp_core::ids::{AccountId, BrowserId, OutboxId, RequestId, SessionId, TenantId};
use idp_core::logout::{Notice, Reason, message_id};
use idp_core::mail::Happening;
use idp_core::oidc::scope::Scope;
use idp_core::secret::{Secret, TokenHash, bearer};
use idp_core::session::{Authentication, MOST_ACCOUNTS, Present, Second, SeenAt, Session};
use idp_core::standing::{Epochs, Standing};
use idp_core::time::{Lifetime, Timestamp};
use idp_store::outbox::Message;
use idp_store::{Read, StoreError, Write};
use serde::{Deserialize, Serialize};

use crate::audit::scribe::{Log, Scribe};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::visitor::Visitor;

/// A browser's session cookie lives as long as the longest session in it can.
const BROWSER_LIFE: Lifetime = Lifetime::days(30);

/// An account knows a browser for so long after a sign-in from it.
const KNOWN_LIFE: Lifetime = Lifetime::days(90);

/// A logout notice is tried for so long.
const NOTICE_LIFE: Lifetime = Lifetime::hours(1);

/// The kind of a logout notice in the outbox.
pub(crate) const NOTICE: &str = "backchannel_logout";

/// New cookies for a browser that signed in.
#[derive(Clone, Debug)]
pub struct Cookies {
    /// The session cookie: a new value at each sign-in.
    pub session: Secret<String>,
    /// The device cookie, if the browser had none.
    pub device: Option<Secret<String>>,
}

/// A session about to be made, with everything drawn.
pub(crate) struct Plan {
    id: SessionId,
    browser: BrowserId,
    old: Option<TokenHash>,
    new: TokenHash,
    device: TokenHash,
    account: AccountId,
    tenant: TenantId,
    account_epoch: i64,
    now: Timestamp,
    authentication: Authentication,
    company: Arc<Company>,
    seen_at: SeenAt,
    /// Tells the mailbox of a browser that the account didn't know.
    notice: Option<Parcel>,
    scribe: Scribe,
}

/// Draws what a session needs.
pub(crate) fn plan(
    cx: &Ctx,
    visitor: &Visitor,
    who: (&idp_core::account::Account, Arc<Company>),
    (authentication, device_is_ours): (Authentication, bool),
) -> Result<(Plan, Cookies), ServiceError> {
    let (account, company) = who;
    // What was shown may be older: the session begins now.
    let now = cx.clock.now();
    let session = bearer("sbs", &cx.random.bytes()?);
    // A device cookie that nobody knows may have been planted: whoever planted it must not be known from now on.
    let own_device = visitor.device.filter(|_| device_is_ours);
    let device = bearer("sbd", &cx.random.bytes()?);
    let notice = notice(cx, &company, account, (Some(visitor), now), Happening::NewBrowser)?;
    let plan = Plan {
        id: SessionId::at(now, cx.random.bytes()?),
        browser: BrowserId::at(now, cx.random.bytes()?),
        old: visitor.browser,
        new: TokenHash::of(session.expose()),
        device: own_device.unwrap_or_else(|| TokenHash::of(device.expose())),
        account: account.id,
        tenant: account.tenant,
        account_epoch: account.epoch,
        now,
        authentication,
        company,
        seen_at: SeenAt { agent: visitor.agent.clone(), address: visitor.address.to_string() },
        notice,
        scribe: Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string()),
    };
    let device = if own_device.is_some() { None } else { Some(device) };
    Ok((plan, Cookies { session, device }))
}

/// How the account stands, from rows read here and now.
pub(crate) fn standing(r: &mut Read<'_>, tenant: TenantId, account: AccountId) -> Result<Option<Standing>, StoreError> {
    // All three are asked whatever the first says: time must not tell who exists.
    let company = idp_store::tenants::by_id(r, tenant)?;
    let account = idp_store::accounts::by_id(r, tenant, account)?;
    let instance = idp_store::instance::epoch(r)?;
    Ok(company.zip(account).map(|(company, account)| {
        let epochs = Epochs { instance, tenant: company.epoch, account: account.epoch, client: 0 };
        Standing { epochs, tenant: company.state, account: account.state, client_enabled: true }
    }))
}

/// The same, with the account held until the end of the transaction: nobody can lock or reset it in between.
pub(crate) fn standing_held(
    w: &mut Write<'_>,
    tenant: TenantId,
    account: AccountId,
) -> Result<Option<Standing>, StoreError> {
    if idp_store::accounts::hold(w, tenant, account)?.is_none() {
        return Ok(None);
    }
    standing(w, tenant, account)
}

impl Plan {
    /// Makes the session. Nothing if the account was locked, reset or switched off since it was looked at.
    pub(crate) fn commit(&self, w: &mut Write<'_>) -> Result<Option<SessionId>, StoreError> {
        let now = self.now;
        let Some(standing) = standing_held(w, self.tenant, self.account)? else { return Ok(None) };
        if standing.may_begin().is_err() || standing.epochs.account != self.account_epoch {
            return Ok(None);
        }
        let mut log = self.scribe.begin();
        let here = match self.old {
            Some(old) => idp_store::sessions::in_browser(w, old, now)?,
            None => Vec::new(),
        };
        let browser = self.browser(w, now)?;
        let before = here.iter().find(|p| p.account.id == self.account && p.counts(now)).map(|p| &p.session);
        let earlier = before.map(|session| session.id);
        let session = self.session(browser, earlier, standing);
        // What was shown here later stays: a provider tells of an earlier time.
        let session = match before.filter(|b| b.auth_time > session.auth_time && session.second != Second::Shown) {
            Some(b) => {
                Session { auth_time: b.auth_time, amr: b.amr.clone(), acr: b.acr.clone(), second: b.second, ..session }
            }
            None => session,
        };
        if earlier.is_none() || !idp_store::sessions::prove_again(w, &session)? {
            self.make_room(w, &here, &mut log)?;
            idp_store::sessions::insert(w, &session)?;
        }
        if standing.account == AccountState::Invited {
            idp_store::accounts::change_state(w, self.account, AccountState::Invited, AccountState::Active)?;
        }
        self.tell_of_a_new_browser(w)?;
        idp_store::known_browsers::remember(w, self.tenant, self.account, self.device, now + KNOWN_LIFE)?;
        let event = AuditEvent::SignedIn { account: self.account, session: session.id, amr: session.amr.clone() };
        log.add(w, self.tenant, event)?;
        Ok(Some(session.id))
    }

    /// The digest of the device cookie that the browser will have.
    pub(crate) fn device(&self) -> TokenHash {
        self.device
    }

    /// A browser that the account doesn't know, while it knows others, may be somebody else's.
    fn tell_of_a_new_browser(&self, w: &mut Write<'_>) -> Result<(), StoreError> {
        let Some(notice) = &self.notice else { return Ok(()) };
        if idp_store::known_browsers::is_strange(w, self.account, self.device, self.now)? {
            notice.post(w)?;
        }
        Ok(())
    }

    /// The browser, under a new cookie: a value that somebody planted or saw before is worth nothing now.
    fn browser(&self, w: &mut Write<'_>, now: Timestamp) -> Result<BrowserId, StoreError> {
        if let Some(old) = self.old
            && let Some(known) = idp_store::sessions::browser(w, old, now)?
            && idp_store::sessions::renew_browser(w, old, self.new, now + BROWSER_LIFE)?
        {
            return Ok(known);
        }
        idp_store::sessions::open_browser(w, self.browser, self.new, now, now + BROWSER_LIFE)?;
        Ok(self.browser)
    }

    fn session(&self, browser: BrowserId, earlier: Option<SessionId>, standing: Standing) -> Session {
        let (now, policy) = (self.now, &self.company.policy);
        let ends = now + policy.session_absolute();
        Session {
            id: earlier.unwrap_or(self.id),
            browser,
            tenant: self.tenant,
            account: self.account,
            auth_time: self.authentication.at,
            amr: self.authentication.amr(),
            acr: self.authentication.acr().to_owned(),
            second: self.authentication.second,
            seen_at: self.seen_at.clone(),
            epochs: standing.epochs,
            last_seen: now,
            idle: policy.session_idle(),
            idle_ends: (now + policy.session_idle()).earlier(ends),
            ends,
            answered: self.authentication.answered,
            ended_at: None,
        }
    }

    /// At most ten accounts a browser: the one that was unused for longest goes. Sessions of the same account that no
    /// longer count go too.
    fn make_room(&self, w: &mut Write<'_>, here: &[Present], log: &mut Log<'_>) -> Result<(), StoreError> {
        let now = self.now;
        let surplus = here.iter().skip(MOST_ACCOUNTS - 1);
        let own = here.iter().filter(|p| p.account.id == self.account);
        for p in surplus.chain(own) {
            end(w, &p.session, Reason::Expired, now, log)?;
        }
        Ok(())
    }
}

/// A new session cookie for a browser that stays signed in: a copy of the old one is dead from here on.
pub(crate) struct Renewal {
    old: TokenHash,
    new: TokenHash,
    until: Timestamp,
}

impl Renewal {
    /// Draws the new value.
    pub(crate) fn draw(
        cx: &Ctx,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Option<(Self, Secret<String>)>, ServiceError> {
        let Some(old) = visitor.browser else { return Ok(None) };
        let cookie = bearer("sbs", &cx.random.bytes()?);
        let new = TokenHash::of(cookie.expose());
        Ok(Some((Self { old, new, until: now + BROWSER_LIFE }, cookie)))
    }

    /// False if the old value is dead already.
    pub(crate) fn commit(&self, w: &mut Write<'_>) -> Result<bool, StoreError> {
        idp_store::sessions::renew_browser(w, self.old, self.new, self.until)
    }
}

/// Sessions, and with the epoch everything else that was born before: codes, refresh tokens, access tokens.
pub(crate) fn end_everything(
    w: &mut Write<'_>,
    account: &idp_core::account::Account,
    (reason, now): (Reason, Timestamp),
    log: &mut Log<'_>,
) -> Result<(), StoreError> {
    for session in idp_store::sessions::of_account(w, account.tenant, account.id)? {
        end(w, &session, reason, now, log)?;
    }
    idp_store::known_browsers::forget_all(w, account.id)?;
    idp_store::trusted_browsers::drop_all(w, account.id)?;
    idp_store::accounts::raise_epoch(w, account.id)
}

/// Sessions of an account that let a second factor wait, but for one: now there is one to be shown.
pub(crate) fn end_postponed(
    w: &mut Write<'_>,
    (account, but, now): (&idp_core::account::Account, SessionId, Timestamp),
    log: &mut Log<'_>,
) -> Result<(), StoreError> {
    for session in idp_store::sessions::of_account(w, account.tenant, account.id)? {
        if session.id != but && session.second == Second::Postponed {
            end(w, &session, Reason::Password, now, log)?;
        }
    }
    Ok(())
}

/// What the worker needs to tell a client.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NoticePayload {
    pub(crate) v: u8,
    pub(crate) client_id: String,
    pub(crate) uri: String,
    pub(crate) subject: String,
    pub(crate) sid: String,
}

/// Ends a session: its row, its grants, one message to every client that shared in it, an audit row. Nothing is done
/// for one that is over already, so each client is told once. Answers who shared.
pub(crate) fn end(
    w: &mut Write<'_>,
    session: &Session,
    reason: Reason,
    now: Timestamp,
    log: &mut Log<'_>,
) -> Result<Vec<Notice>, StoreError> {
    if !idp_store::sessions::end(w, session.id, now)? {
        return Ok(Vec::new());
    }
    idp_store::grants::revoke_with_session(w, session.id, Scope::OfflineAccess.name(), now)?;
    let shares = idp_store::shares::of(w, session.id)?;
    for notice in &shares {
        if let Some(message) = message(notice, session.tenant, now)? {
            idp_store::outbox::push(w, &message)?;
        }
    }
    let event =
        AuditEvent::SignedOut { account: session.account, session: session.id, reason: reason.name().to_owned() };
    log.add(w, session.tenant, event)?;
    Ok(shares)
}

fn message(notice: &Notice, tenant: TenantId, now: Timestamp) -> Result<Option<Message>, StoreError> {
    let Some(uri) = notice.uri.clone() else { return Ok(None) };
    let payload = NoticePayload {
        v: 1,
        client_id: notice.client_id.clone(),
        uri,
        subject: notice.subject.clone(),
        sid: notice.sid.to_string(),
    };
    let payload = serde_json::to_string(&payload).map_err(|e| StoreError::Broken(e.to_string()))?;
    let id: OutboxId = message_id(notice.sid);
    let expires_at = now + NOTICE_LIFE;
    Ok(Some(Message { id, tenant, kind: NOTICE.to_owned(), payload, next_at: now, expires_at, attempts: 0 }))
}

/// The accounts that are signed in in this browser, the most recently used first.
///
/// # Errors
/// If the database can't be read.
pub async fn present(cx: &Ctx, visitor: &Visitor) -> Result<Vec<Present>, ServiceError> {
    let (Some(browser), now) = (visitor.browser, cx.clock.now()) else { return Ok(Vec::new()) };
    let all = cx.store.read(move |r| idp_store::sessions::in_browser(r, browser, now)).await?;
    Ok(all.into_iter().filter(|p| p.counts(now)).collect())
}

/// Did somebody's time run out in this browser? Then the sign-in page says so.
///
/// # Errors
/// If the database can't be read.
pub async fn ran_out(cx: &Ctx, visitor: &Visitor) -> Result<bool, ServiceError> {
    let (Some(browser), now) = (visitor.browser, cx.clock.now()) else { return Ok(false) };
    Ok(cx.store.read(move |r| idp_store::sessions::newest_ran_out(r, browser, now)).await?)
}

/// Notes that the person did something.
///
/// # Errors
/// If the database can't be written.
pub async fn seen(cx: &Ctx, present: &Present) -> Result<(), ServiceError> {
    let now = cx.clock.now();
    if let Some(idle_ends) = present.session.touched(now) {
        let id = present.session.id;
        cx.store.write(move |w| idp_store::sessions::touch(w, id, now, idle_ends)).await?;
    }
    Ok(())
}

/// Signs one account out in this browser. Answers whom that was told to.
///
/// # Errors
/// If the database can't be written.
pub async fn sign_out(
    cx: &Ctx,
    visitor: &Visitor,
    session: Session,
    reason: Reason,
) -> Result<Vec<Notice>, ServiceError> {
    let now = cx.clock.now();
    let scribe = Scribe::new(cx, now)?.by(Some(session.account)).from(visitor.address.to_string());
    let told = cx.store.write(move |w| end(w, &session, reason, now, &mut scribe.begin())).await?;
    cx.wake_outbox();
    Ok(told)
}

/// The person as authority sees him.
pub fn actor(cx: &Ctx, present: &Present) -> Actor {
    Actor {
        account: present.account.id,
        home: present.account.tenant,
        is_vendor: present.account.tenant == cx.vendor,
        roles: present.account.roles.iter().copied().collect(),
    }
}

/// The id of the request a sign-in answers; a sign-in without one answers none.
pub(crate) type Answered = Option<RequestId>;
