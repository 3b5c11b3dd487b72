//! Setting a second factor up for oneself, and taking it away again. Who does has shown just now who he is.

use data_encoding::HEXLOWER;
use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::authority::Confirmed;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::mail::Happening;
use idp_core::policy::second_factor::{Demand, Rules};
use idp_core::secret::{Sealed, Secret, TokenHash, bearer};
use idp_core::session::{Authentication, Method, Second, Session};
use idp_core::signin::second_factor::{MailboxFor, Means};
use idp_core::standing::Standing;
use idp_core::time::{Lifetime, Timestamp};
use idp_store::{StoreError, Write};

use super::mailed_code::{CodeSent, Shown, send, shown};
use super::{Held, account, held};
use crate::audit::scribe::Scribe;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::second_factor::{AppOffer, Codes, FirstCode, clear, first_code, offer_again, offer_app, own, rules};
use crate::sessions;
use crate::visitor::Visitor;

/// A form that was sent is remembered so long: longer than its page can be sent again in earnest.
const FORM: Lifetime = Lifetime::days(1);

/// Draws what an app needs to know; nothing where the company doesn't want apps.
///
/// # Errors
/// If it can't be done now.
pub async fn app(cx: &Ctx, visitor: &Visitor, by: &Confirmed) -> Result<Option<AppOffer>, ServiceError> {
    let Some(account) = account(cx, by).await? else { return Ok(None) };
    let company = cx.company(account.tenant).await?;
    let rules = rules(&company, &account);
    if !rules.app || rules.demand == Demand::Off {
        return Ok(None);
    }
    offer_app(cx, visitor, (&account, &company)).map(Some)
}

/// The same seed again.
///
/// # Errors
/// If the database can't be read.
pub async fn app_again(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    ticket: &str,
) -> Result<Option<AppOffer>, ServiceError> {
    let Some(account) = account(cx, by).await? else { return Ok(None) };
    let company = cx.company(account.tenant).await?;
    Ok(offer_again(cx, visitor, (&account, &company), ticket))
}

/// What came of it.
#[derive(Debug)]
pub enum Enrolled {
    /// It is set up.
    Done {
        /// The backup codes, to be shown once.
        codes: Vec<Secret<String>>,
        /// There were some before, which are worth nothing now.
        replaced: bool,
    },
    /// The code isn't right.
    Wrong,
    /// The code, or the seed, is too old.
    Over,
}

/// An app shows that it has the seed.
///
/// # Errors
/// If it can't be done now.
pub async fn confirm_app(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (ticket, code): (&str, &Secret<String>),
) -> Result<Enrolled, ServiceError> {
    match first_code(cx, visitor, by.holder().account, (ticket, code.expose()))? {
        FirstCode::Right(seed, step) => {
            let form = TokenHash::of(ticket);
            enrol(cx, visitor, by, Thing::App { seed, step, form }).await
        }
        FirstCode::Wrong => Ok(Enrolled::Wrong),
        FirstCode::Over => Ok(Enrolled::Over),
    }
}

/// Sends the code that shows that mails arrive; or another, after the one that a ticket names.
///
/// # Errors
/// If it can't be done now.
pub async fn email(cx: &Ctx, visitor: &Visitor, by: &Confirmed, after: Option<&str>) -> Result<CodeSent, ServiceError> {
    let Some(account) = account(cx, by).await? else { return Ok(CodeSent::Unfit) };
    let rules = rules(&*cx.company(account.tenant).await?, &account);
    let may = rules.email && rules.demand != Demand::Off && !is_same_mailbox(cx, by, &rules).await?;
    match account.email.clone().filter(|_| may) {
        Some(address) => send(cx, visitor, by, (&account, &address), (MailboxFor::SecondFactor, after)).await,
        None => Ok(CodeSent::Unfit),
    }
}

/// Where two factors are required, who came by a link has shown the mailbox already: a code to it would be the same
/// once more.
async fn is_same_mailbox(cx: &Ctx, by: &Confirmed, rules: &Rules) -> Result<bool, ServiceError> {
    let id = by.holder().session;
    let session = cx.store.read(move |r| idp_store::sessions::by_id(r, id)).await?;
    let by_link = session.is_some_and(|s| s.first_method() == Method::Email);
    Ok(by_link && matches!(rules.demand, Demand::Required(_)))
}

/// The code has arrived.
///
/// # Errors
/// If it can't be done now.
pub async fn confirm_email(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    (ticket, code): (&str, &Secret<String>),
) -> Result<Enrolled, ServiceError> {
    match shown(cx, visitor, by, (MailboxFor::SecondFactor, ticket, code.expose())).await? {
        Shown::Right(address) => enrol(cx, visitor, by, Thing::Email(address.to_string())).await,
        Shown::Wrong => Ok(Enrolled::Wrong),
        Shown::Over => Ok(Enrolled::Over),
    }
}

/// What is set up, or made anew.
enum Thing {
    App {
        seed: Sealed,
        step: i64,
        form: TokenHash,
    },
    /// By this address.
    Email(String),
    Codes {
        form: TokenHash,
    },
}

impl Thing {
    fn what(&self) -> Happening {
        match self {
            Self::App { .. } => Happening::AppOn,
            Self::Email(_) => Happening::EmailCodesOn,
            Self::Codes { .. } => Happening::BackupCodesMade,
        }
    }

    /// What a code has just shown.
    fn means(&self) -> Option<Means> {
        match self {
            Self::App { .. } => Some(Means::App),
            Self::Email(_) => Some(Means::Email),
            Self::Codes { .. } => None,
        }
    }

    /// The form that makes it, where what it makes is shown once. A code from a mail works once by itself.
    fn form(&self) -> Option<TokenHash> {
        match self {
            Self::App { form, .. } | Self::Codes { form } => Some(*form),
            Self::Email(_) => None,
        }
    }

    fn set(&self, w: &mut Write<'_>, account: &Account) -> Result<Option<AuditEvent>, StoreError> {
        let (whose, id) = ((account.tenant, account.id), account.id);
        let on = |means: Means| AuditEvent::SecondFactorOn { account: id, means: means.name().to_owned() };
        Ok(match self {
            Self::App { seed, step, .. } => {
                idp_store::second_factors::set_app(w, whose, (seed, *step))?;
                Some(on(Means::App))
            }
            Self::Email(address) if account.email.as_ref().is_some_and(|e| e.as_str() == address) => {
                idp_store::accounts::verify_email(w, id, address)?;
                idp_store::second_factors::set_email(w, whose, true)?;
                Some(on(Means::Email))
            }
            Self::Email(_) => None, // the address is another by now
            Self::Codes { .. } => Some(AuditEvent::BackupCodesMade { account: id }),
        })
    }
}

/// Makes new backup codes; the ones of before are worth nothing.
///
/// # Errors
/// If it can't be done now.
pub async fn new_codes(cx: &Ctx, visitor: &Visitor, by: &Confirmed, form: &str) -> Result<Enrolled, ServiceError> {
    enrol(cx, visitor, by, Thing::Codes { form: TokenHash::of(form) }).await
}

/// Names a form that may be sent once.
///
/// # Errors
/// If there is no randomness.
pub fn new_form(cx: &Ctx) -> Result<String, ServiceError> {
    Ok(bearer("sbf", &cx.random.bytes()?).expose().clone())
}

/// Is a form sent for the first time?
fn is_first(
    w: &mut Write<'_>,
    form: TokenHash,
    (account, standing): (&Account, &Standing),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let form = TokenHash::of(&format!("{} {}", account.id, HEXLOWER.encode(form.bytes())));
    let row = OneTime {
        tenant: account.tenant,
        account: account.id,
        purpose: Purpose::Form,
        payload: String::new(),
        epochs: standing.epochs,
        expires_at: now + FORM,
    };
    idp_store::one_time::insert(w, form, &row, now)
}

/// What has to be told, and is drawn before the transaction.
struct Work {
    by: Confirmed,
    scribe: Scribe,
    notice: Option<Parcel>,
    mail_is_on: bool,
    rules: Rules,
    now: Timestamp,
}

async fn work(
    cx: &Ctx,
    visitor: &Visitor,
    by: &Confirmed,
    what: Happening,
) -> Result<Option<(Work, Account, std::sync::Arc<Company>)>, ServiceError> {
    let now = cx.clock.now();
    let Some(account) = account(cx, by).await? else { return Ok(None) };
    let company = cx.company(account.tenant).await?;
    let work = Work {
        by: by.clone(),
        scribe: Scribe::new(cx, now)?.by(Some(account.id)).from(visitor.address.to_string()),
        notice: notice(cx, &company, &account, (Some(visitor), now), what)?,
        mail_is_on: cx.post.is_on(),
        rules: rules(&company, &account),
        now,
    };
    Ok(Some((work, account, company)))
}

async fn enrol(cx: &Ctx, visitor: &Visitor, by: &Confirmed, thing: Thing) -> Result<Enrolled, ServiceError> {
    let Some((work, account, _)) = work(cx, visitor, by, thing.what()).await? else { return Ok(Enrolled::Over) };
    let codes = Codes::draw(cx, account.id)?;
    let plain = codes.plain.clone();
    let done = cx.store.write(move |w| {
        let Some(Held { account, standing, session }) = held(w, work.by.holder(), work.now)? else { return Ok(None) };
        let may = match &thing {
            Thing::App { .. } => work.rules.app && work.rules.demand != Demand::Off,
            Thing::Email(_) => work.rules.email && work.rules.demand != Demand::Off,
            Thing::Codes { .. } => is_on(w, &work, &account)?,
        };
        if !may {
            return Ok(None);
        }
        if let Some(form) = thing.form()
            && !is_first(w, form, (&account, &standing), work.now)?
        {
            return Ok(None);
        }
        let replaced = is_on(w, &work, &account)? && has_codes(w, &account, &standing, work.now)?;
        let Some(event) = thing.set(w, &account)? else { return Ok(None) };
        if let Some(means) = thing.means() {
            let shown = with(&session, means);
            if shown.is_multi() {
                idp_store::sessions::show_second(w, session.id, &shown)?;
            }
            sessions::end_postponed(w, (&account, session.id, work.now), &mut work.scribe.begin())?;
        }
        work.conclude(w, (&account, &standing), (event, Some(&codes)))?;
        Ok(Some(replaced))
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(done.map_or(Enrolled::Over, |replaced| Enrolled::Done { codes: plain, replaced }))
}

/// Has he backup codes that are good? After a restore they are not.
fn has_codes(w: &mut Write<'_>, account: &Account, standing: &Standing, now: Timestamp) -> Result<bool, StoreError> {
    let open = idp_store::one_time::open_of(w, account.id, Purpose::BackupCode, now)?;
    Ok(open.iter().any(|code| code.epochs.instance == standing.epochs.instance))
}

/// Who sets something up has shown it in this session.
fn with(session: &Session, means: Means) -> Authentication {
    let methods = vec![session.first_method(), means.method(false)];
    Authentication { at: session.auth_time, methods, second: Second::Shown, answered: session.answered }
}

fn is_on(w: &mut Write<'_>, work: &Work, account: &Account) -> Result<bool, StoreError> {
    let kept = idp_store::second_factors::of(w, account.id)?;
    Ok(own(&kept, account, work.mail_is_on).is_on())
}

impl Work {
    /// What every change has in common: other browsers are asked again, the log is written, the mailbox is told.
    fn conclude(
        &self,
        w: &mut Write<'_>,
        (account, standing): (&Account, &Standing),
        (event, codes): (AuditEvent, Option<&Codes>),
    ) -> Result<(), StoreError> {
        if let Some(codes) = codes {
            codes.commit(w, (account.tenant, account.id), (standing, self.now))?;
        }
        idp_store::trusted_browsers::drop_all(w, account.id)?;
        idp_store::journeys::end_all(w, account.id, self.now)?;
        if let Some(notice) = &self.notice {
            notice.post(w)?;
        }
        self.scribe.begin().add(w, account.tenant, event)
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// It is off.
    Done,
    /// The company requires one, and this is the last.
    Required,
    /// There was nothing to turn off, or the session is over.
    Nothing,
}

/// Takes one means away; with the last one go the backup codes and the trust in browsers.
///
/// # Errors
/// If it can't be done now.
pub async fn turn_off(cx: &Ctx, visitor: &Visitor, by: &Confirmed, means: Means) -> Result<Off, ServiceError> {
    let Some((work, ..)) = work(cx, visitor, by, Happening::SecondFactorOff).await? else { return Ok(Off::Nothing) };
    let done = cx.store.write(move |w| {
        let Some(Held { account, standing, .. }) = held(w, work.by.holder(), work.now)? else {
            return Ok(Off::Nothing);
        };
        let own = own(&idp_store::second_factors::of(w, account.id)?, &account, work.mail_is_on);
        let stays = match means {
            Means::App => own.email,
            Means::Email => own.app,
            Means::Backup | Means::Key => false,
        };
        if !own.is_on() {
            return Ok(Off::Nothing);
        }
        let has_key = own.key && work.rules.key.is_any();
        if !stays && !has_key && matches!(work.rules.demand, Demand::Required(_)) {
            return Ok(Off::Required);
        }
        match means {
            Means::App if stays => idp_store::second_factors::drop_app(w, account.id)?,
            Means::Email if stays => {
                idp_store::second_factors::set_email(w, (account.tenant, account.id), false)?;
            }
            Means::App | Means::Email | Means::Key | Means::Backup => clear(w, &account, work.now)?,
        }
        let event = AuditEvent::SecondFactorOff { account: account.id, means: means.name().to_owned() };
        work.conclude(w, (&account, &standing), (event, None))?;
        idp_store::one_time::supersede(w, account.id, Purpose::MailCode, work.now)?;
        Ok(Off::Done)
    });
    let done = done.await?;
    cx.wake_outbox();
    Ok(done)
}
