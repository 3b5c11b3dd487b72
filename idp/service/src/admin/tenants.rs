//! Companies: made, listed, given policies. For the vendor's operators.

use idp_core::audit::AuditEvent;
use idp_core::authority::SystemAdmin;
use idp_core::ids::{OutboxId, TenantId};
use idp_core::language::Language;
use idp_core::logout::Reason;
use idp_core::mail::shown_name;
use idp_core::policy::{self, PolicyError};
use idp_core::signin::identifier::company_key;
use idp_core::tenant::{Tenant, TenantCode, TenantState};
use idp_core::time::Timestamp;
use idp_store::changes::{self, Topic};
use idp_store::{StoreError, Write};

use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::sessions;

/// What a new company is made from.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Its code.
    pub code: TenantCode,
    /// Its name.
    pub name: String,
    /// The language its people start with.
    pub language: Language,
}

/// Why a company was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The code is another's.
    #[error("this code is taken; choose another")]
    Taken,
    /// It is the vendor.
    #[error("the vendor's own company stays on: nobody could switch it back")]
    Vendor,
    /// The name can't be.
    #[error("a company name has 1 to 100 characters on one line, and no address in it")]
    BadName,
}

/// Makes a company.
///
/// # Errors
/// If it can't be done now.
pub async fn create(cx: &Ctx, _by: &SystemAdmin, new: NewTenant) -> Result<Result<TenantId, Refused>, ServiceError> {
    let now = cx.clock.now();
    let Some(name) = shown_name(&new.name).map(str::to_owned) else { return Ok(Err(Refused::BadName)) };
    let id = TenantId::at(now, cx.random.bytes()?);
    let tenant = Tenant { id, code: new.code, name, language: new.language, state: TenantState::Active, epoch: 1 };
    let scribe = Scribe::new(cx, now)?;
    let made = cx.store.write(move |w| {
        if !idp_store::tenants::insert(w, &tenant, &company_key(&tenant.name), now)? {
            return Ok(Err(Refused::Taken));
        }
        scribe.begin().add(w, id, AuditEvent::TenantCreated { code: tenant.code.to_string() })?;
        Ok(Ok(id))
    });
    Ok(made.await?)
}

/// All companies, by code.
///
/// # Errors
/// If the database can't be read.
pub async fn list(cx: &Ctx) -> Result<Vec<Tenant>, ServiceError> {
    let mut all: Vec<Tenant> = Vec::new();
    loop {
        let after = all.last().map(|t| t.code.to_string()).unwrap_or_default();
        let page = cx.store.read(move |r| idp_store::tenants::list(r, &after, 200)).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// A company by its code.
///
/// # Errors
/// If the database can't be read.
pub async fn by_code(cx: &Ctx, code: &TenantCode) -> Result<Option<Tenant>, ServiceError> {
    let code = code.clone();
    Ok(cx.store.read(move |r| idp_store::tenants::by_code(r, &code)).await?)
}

/// Sets a policy of a company.
///
/// # Errors
/// If it can't be done now.
pub async fn set_policy(
    cx: &Ctx,
    _by: &SystemAdmin,
    tenant: TenantId,
    (key, value): (&str, &str),
) -> Result<Result<(), PolicyError>, ServiceError> {
    let spec = match policy::check(key, value) {
        Ok(spec) => spec,
        Err(refused) => return Ok(Err(refused)),
    };
    if spec.key == "ui.zone" && jiff::tz::TimeZone::get(value).is_err() {
        let wanted = "use a name of the time zone database, such as Europe/Berlin".to_owned();
        return Ok(Err(PolicyError::BadValue { key: spec.key, value: value.to_owned(), wanted }));
    }
    let now = cx.clock.now();
    let scribe = Scribe::new(cx, now)?;
    let change = OutboxId::at(now, cx.random.bytes()?);
    let value = value.to_owned();
    let set = cx.store.write(move |w| {
        idp_store::tenants::set_policy(w, tenant, spec.key, &value)?;
        scribe.begin().add(w, tenant, AuditEvent::PolicySet { key: spec.key.to_owned(), value: value.clone() })?;
        changed(w, change, now)
    });
    set.await?;
    cx.cache().companies.clear();
    Ok(Ok(()))
}

/// Renames a company, or gives it another language.
///
/// # Errors
/// If it can't be done now.
pub async fn update(cx: &Ctx, _by: &SystemAdmin, tenant: Tenant) -> Result<Result<(), Refused>, ServiceError> {
    let Some(name) = shown_name(&tenant.name).map(str::to_owned) else { return Ok(Err(Refused::BadName)) };
    let tenant = Tenant { name, ..tenant };
    let now = cx.clock.now();
    let change = OutboxId::at(now, cx.random.bytes()?);
    let set = cx.store.write(move |w| {
        idp_store::tenants::update(w, &tenant, &company_key(&tenant.name))?;
        changed(w, change, now)
    });
    set.await?;
    cx.cache().companies.clear();
    Ok(Ok(()))
}

/// Sessions that are ended in one act.
const PIECE: i64 = 100;

/// Switches a company on or off. Off holds at once and for everything that was born before; then the sessions are
/// ended, piece by piece, so that the portals hear of it.
///
/// # Errors
/// If it can't be done now.
pub async fn switch(
    cx: &Ctx,
    _by: &SystemAdmin,
    tenant: TenantId,
    to: TenantState,
) -> Result<Result<(), Refused>, ServiceError> {
    if tenant == cx.vendor {
        return Ok(Err(Refused::Vendor));
    }
    let now = cx.clock.now();
    let (scribe, change) = (Scribe::new(cx, now)?, OutboxId::at(now, cx.random.bytes()?));
    let set = cx.store.write(move |w| {
        if idp_store::tenants::switch(w, tenant, to)? {
            let on = to == TenantState::Active;
            scribe.begin().add(w, tenant, AuditEvent::TenantSwitched { on })?;
            changed(w, change, now)?;
        }
        Ok(())
    });
    set.await?;
    cx.cache().companies.clear();
    while to == TenantState::Suspended && end_some(cx, tenant).await? {}
    Ok(Ok(()))
}

/// Ends some sessions of a company; false if there were none.
async fn end_some(cx: &Ctx, tenant: TenantId) -> Result<bool, ServiceError> {
    let now = cx.clock.now();
    let scribe = Scribe::new(cx, now)?;
    let ended = cx.store.write(move |w| {
        let mut log = scribe.begin();
        let some = idp_store::sessions::of_tenant(w, tenant, PIECE)?;
        for session in &some {
            sessions::end(w, session, Reason::Admin, now, &mut log)?;
        }
        Ok(!some.is_empty())
    });
    let ended = ended.await?;
    cx.wake_outbox();
    Ok(ended)
}

fn changed(w: &mut Write<'_>, id: OutboxId, now: Timestamp) -> Result<(), StoreError> {
    changes::push(w, id, Topic::Tenants, now)
}
