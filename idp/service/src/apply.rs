//! Declared state: a document says which companies, policies, clients and accounts there are, and this makes it so.
//! What is as declared already is left alone, so that applying twice changes nothing. Nothing is ever deleted.

mod document;

use std::fmt;

use idp_core::account::LoginName;
use idp_core::authority::{Permission, SystemAdmin, TenantAdmin};
use idp_core::ids::ClientKey;
use idp_core::mail::shown_name;
use idp_core::tenant::Tenant;

pub use document::{AccountEntry, ClientEntry, ConnectorEntry, Document, TenantEntry};

use crate::admin::accounts::First;
use crate::admin::{accounts, clients, connectors, tenants};
use crate::context::Ctx;
use crate::error::ServiceError;

/// Whether it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It happens.
    Apply,
    /// It is only told.
    DryRun,
}

/// Something that is, or would be, done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `create` or `change`.
    pub verb: &'static str,
    /// What.
    pub what: String,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.what)
    }
}

/// Why a document was not applied, or not to its end. What stands before the faulty entry was done.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// An entry can't be.
    #[error("{entry}: {why}")]
    Entry {
        /// Which.
        entry: String,
        /// What would be right.
        why: String,
    },
    /// It can't be done now.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

fn wrong(entry: &str, why: impl fmt::Display) -> ApplyError {
    ApplyError::Entry { entry: entry.to_owned(), why: why.to_string() }
}

struct Run<'a> {
    cx: &'a Ctx,
    by: &'a SystemAdmin,
    mode: Mode,
    steps: Vec<Step>,
}

/// Makes things as a document declares them, and says what was done.
///
/// # Errors
/// If an entry can't be, or it can't be done now.
pub async fn apply(cx: &Ctx, by: &SystemAdmin, document: &Document, mode: Mode) -> Result<Vec<Step>, ApplyError> {
    let mut run = Run { cx, by, mode, steps: Vec::new() };
    run.policies("the vendor", cx.vendor, &document.policies).await?;
    for entry in &document.clients {
        run.client(entry).await?;
    }
    for entry in &document.tenants {
        run.tenant(entry).await?;
    }
    Ok(run.steps)
}

impl Run<'_> {
    /// Notes a step; true if it is to be taken.
    fn step(&mut self, verb: &'static str, what: String) -> bool {
        self.steps.push(Step { verb, what });
        self.mode == Mode::Apply
    }

    async fn tenant(&mut self, entry: &TenantEntry) -> Result<(), ApplyError> {
        let name = format!("company {}", entry.code);
        let code = entry.code.parse().map_err(|e| wrong(&name, e))?;
        let language = entry.language().map_err(|e| wrong(&name, e))?;
        let tenant = match tenants::by_code(self.cx, &code).await? {
            Some(today) => {
                let named = shown_name(&entry.name).ok_or_else(|| wrong(&name, tenants::Refused::BadName))?;
                let wanted = Tenant { name: named.to_owned(), language, ..today.clone() };
                if wanted != today && self.step("change", name.clone()) {
                    tenants::update(self.cx, self.by, wanted.clone()).await?.map_err(|e| wrong(&name, e))?;
                }
                Some(wanted)
            }
            None if self.step("create", name.clone()) => {
                let new = tenants::NewTenant { code: code.clone(), name: entry.name.clone(), language };
                tenants::create(self.cx, self.by, new).await?.map_err(|e| wrong(&name, e))?;
                tenants::by_code(self.cx, &code).await?
            }
            None => None,
        };
        let Some(tenant) = tenant else {
            // A dry run of a company that isn't there yet: everything in it would be new.
            for connector in &entry.connectors {
                self.step("create", format!("connector {} of {code}", connector.name));
            }
            for account in &entry.accounts {
                self.step("create", format!("account {} in {code}", account.login));
            }
            return Ok(());
        };
        self.policies(&name, tenant.id, &entry.policies).await?;
        for connector in &entry.connectors {
            self.connector(&tenant, connector).await?;
        }
        for account in &entry.accounts {
            self.account(&tenant, account).await?;
        }
        Ok(())
    }

    async fn policies(
        &mut self,
        whose: &str,
        tenant: idp_core::ids::TenantId,
        wanted: &std::collections::BTreeMap<String, String>,
    ) -> Result<(), ApplyError> {
        let today =
            self.cx.store.read(move |r| idp_store::tenants::policies(r, tenant)).await.map_err(ServiceError::from)?;
        for (key, value) in wanted {
            idp_core::policy::check(key, value).map_err(|e| wrong(whose, e))?;
            let set = today.iter().any(|(k, v)| k == key && v == value);
            if !set && self.step("change", format!("policy {key} = {value} of {whose}")) {
                let outcome = tenants::set_policy(self.cx, self.by, tenant, (key, value)).await?;
                outcome.map_err(|e| wrong(whose, e))?;
            }
        }
        Ok(())
    }

    async fn connector(&mut self, tenant: &Tenant, entry: &ConnectorEntry) -> Result<(), ApplyError> {
        let name = format!("connector {} of {}", entry.name, tenant.code);
        let wanted = entry.connector(tenant.id).map_err(|e| wrong(&name, e))?;
        wanted.check().map_err(|e| wrong(&name, e))?;
        let secret = entry.secret().map_err(|e| wrong(&name, e))?;
        let verb = match connectors::by_name(self.cx, &entry.name).await? {
            Some(today) if connectors::same(self.cx, &today, &wanted, secret.as_ref()).await? => return Ok(()),
            Some(_) => "change",
            None => "create",
        };
        if self.step(verb, name.clone()) {
            let outcome = connectors::put(self.cx, self.by, wanted, secret.as_ref()).await?;
            outcome.map_err(|e| wrong(&name, e))?;
        }
        Ok(())
    }

    async fn client(&mut self, entry: &ClientEntry) -> Result<(), ApplyError> {
        let name = format!("client {}", entry.client_id);
        let registration = entry.registration(self.cx.vendor).map_err(|e| wrong(&name, e))?;
        let secret = entry.secret().map_err(|e| wrong(&name, e))?;
        match self.cx.client(&entry.client_id).await? {
            Some(today) => {
                let wanted = clients::same(&today, &registration, secret.as_ref()).map_err(|e| wrong(&name, e))?;
                if !wanted && self.step("change", name.clone()) {
                    let outcome = clients::update(self.cx, self.by, (&today, registration), secret.as_ref()).await?;
                    outcome.map_err(|e| wrong(&name, e))?;
                }
            }
            None => {
                if self.step("create", name.clone()) {
                    let outcome = clients::create(self.cx, self.by, registration, secret.as_ref()).await?;
                    outcome.map_err(|e| wrong(&name, e))?;
                }
            }
        }
        Ok(())
    }

    /// An account that exists keeps its password, its roles and its portals: people and administrators may have changed
    /// them since.
    async fn account(&mut self, tenant: &Tenant, entry: &AccountEntry) -> Result<(), ApplyError> {
        let name = format!("account {} in {}", entry.login, tenant.code);
        let login: LoginName = entry.login.parse().map_err(|e| wrong(&name, e))?;
        let portals = self.portals(&name, entry).await?;
        let new = entry.new_account(portals).map_err(|e| wrong(&name, e))?;
        let password = entry.password().map_err(|e| wrong(&name, e))?;
        if accounts::by_login(self.cx, tenant.id, &login).await?.is_some() || !self.step("create", name.clone()) {
            return Ok(());
        }
        let by = TenantAdmin::operator(Permission::CreateAccount, tenant.id, tenant.id == self.cx.vendor);
        let life = self.cx.company(tenant.id).await?.policy.temporary_password_life();
        let expires_at = entry.temporary.then(|| self.cx.clock.now() + life);
        let given = password.map(|password| accounts::NewPassword { password, expires_at, instead_of: None });
        let first = given.map_or(First::Nothing, First::Given);
        accounts::create(self.cx, &by, new, first).await?.map_err(|e| wrong(&name, e))?;
        Ok(())
    }

    async fn portals(&self, name: &str, entry: &AccountEntry) -> Result<Vec<ClientKey>, ApplyError> {
        let mut keys = Vec::new();
        for portal in &entry.portals {
            match self.cx.client(portal).await? {
                Some(client) => keys.push(client.key),
                None if self.mode == Mode::DryRun => {}
                None => return Err(wrong(name, format!("there is no client `{portal}`; declare it first"))),
            }
        }
        Ok(keys)
    }
}
