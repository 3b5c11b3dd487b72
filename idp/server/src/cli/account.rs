//! `idp account`.

use anyhow::{Context, bail};
use idp_core::account::{AccountState, LoginName};
use idp_core::authority::{Permission, Role, TenantAdmin};
use idp_core::ids::AccountId;
use idp_core::language::Language;
use idp_core::tenant::{Tenant, TenantCode};
use idp_service::admin::accounts::{First, Touched};
use idp_service::admin::{accounts, tenants};
use idp_service::context::Ctx;

use idp_service::when::date_time;

use super::out::{note, say, table};
use super::secret::PasswordSource;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make an account. With a mail address it is invited as its company wants; else it gets a one-time password, which
    /// is printed.
    Create(Box<New>),
    /// Keep somebody out, at once and everywhere, until the account is unlocked.
    Lock(Which),
    /// Let somebody in again: ends a lock and a wait.
    Unlock(Which),
    /// Switch an account off, at once and everywhere. No administrator of the company can undo it.
    Disable(Which),
    /// Switch an account on again that was switched off.
    Enable(Which),
    /// Give somebody a new one-time password, which is printed. Everything that the old one opened is over.
    ResetPassword(Which),
    /// Give somebody a backup code for the second factor, which is printed. It works once.
    BackupCode {
        #[command(flatten)]
        which: Which,
        /// Why; it is kept in the audit log.
        #[arg(long)]
        reason: String,
    },
    /// Send the invitation again; the links of before die.
    Invite(Which),
    /// Show the newest mails to somebody, and what became of them.
    Mails(Which),
    /// Show the accounts of a company.
    List {
        /// The company's code.
        #[arg(long)]
        tenant: TenantCode,
    },
}

/// An account.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The name it signs in with, without the company.
    login: LoginName,
    /// The company's code.
    #[arg(long)]
    tenant: TenantCode,
}

/// A new account.
#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// The name to sign in with: an extension or a user name.
    login: String,
    /// The company's code.
    #[arg(long)]
    tenant: TenantCode,
    /// The person's name.
    #[arg(long)]
    name: String,
    /// The mail address; you vouch for it.
    #[arg(long)]
    email: Option<String>,
    /// The language, if not the company's: en or de.
    #[arg(long)]
    language: Option<String>,
    /// What it may do in the console; may be given several times.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A client it has a part in; may be given several times.
    #[arg(long = "portal", value_name = "CLIENT_ID")]
    portals: Vec<String>,
    /// Print a one-time password instead of sending an invitation.
    #[arg(long)]
    no_mail: bool,
    #[command(flatten)]
    password: PasswordSource,
}

pub(super) async fn run(cx: &Ctx, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create(new) => create(cx, *new).await,
        Command::List { tenant } => list(cx, &tenant).await,
        Command::Lock(which) => lock(cx, &which).await,
        Command::Unlock(which) => unlock(cx, &which).await,
        Command::Disable(which) => disable(cx, &which).await,
        Command::Enable(which) => enable(cx, &which).await,
        Command::Invite(which) => invite(cx, &which).await,
        Command::Mails(which) => mails(cx, &which).await,
        Command::ResetPassword(which) => reset_password(cx, &which).await,
        Command::BackupCode { which, reason } => backup_code(cx, &which, &reason).await,
    }
}

async fn lock(cx: &Ctx, which: &Which) -> anyhow::Result<()> {
    let (by, id, name) = found(cx, which, Permission::LockAccount).await?;
    told(&name, "Locked", "; signed out everywhere", accounts::lock(cx, &by, id).await??)
}

async fn unlock(cx: &Ctx, which: &Which) -> anyhow::Result<()> {
    let (by, id, name) = found(cx, which, Permission::UnlockAccount).await?;
    told(&name, "Unlocked", "", accounts::unlock(cx, &by, id).await??)
}

async fn disable(cx: &Ctx, which: &Which) -> anyhow::Result<()> {
    let (by, id, name) = found(cx, which, Permission::LockAccount).await?;
    told(&name, "Switched off", "; signed out everywhere", accounts::disable(cx, &by, id).await??)
}

async fn enable(cx: &Ctx, which: &Which) -> anyhow::Result<()> {
    let (by, id, name) = found(cx, which, Permission::LockAccount).await?;
    told(&name, "Switched on", "", accounts::enable(cx, &by, id).await??)
}

async fn invite(cx: &Ctx, which: &Which) -> anyhow::Result<()> {
    let (by, id, name) = found(cx, which, Permission::InviteAccount).await?;
    accounts::invite(cx, &by, id).await??;
    say(format!("An invitation to {name} is on its way; see `idp account mails`."));
    Ok(())
}

async fn mails(cx: &Ctx, which: &Which) -> anyhow::Result<()> {
    let (by, id, _) = found(cx, which, Permission::ViewAccounts).await?;
    let row =
        |m: idp_store::mails::Noted| vec![date_time(m.created_at, "UTC"), m.kind, m.state.name().to_owned(), m.told];
    let rows: Vec<_> = accounts::mails(cx, &by, id).await?.into_iter().map(row).collect();
    table(&["WHEN", "MAIL", "STATE", "SERVER SAID"], &rows);
    Ok(())
}

async fn reset_password(cx: &Ctx, which: &Which) -> anyhow::Result<()> {
    let (by, id, name) = found(cx, which, Permission::ResetPassword).await?;
    let made = accounts::reset_password(cx, &by, (id, None)).await??;
    note(format!("{name} is signed out everywhere. The one-time password, shown once:"));
    say(made.password.expose());
    Ok(())
}

async fn backup_code(cx: &Ctx, which: &Which, reason: &str) -> anyhow::Result<()> {
    let (by, id, name) = found(cx, which, Permission::IssueBackupCode).await?;
    let made = accounts::backup_code(cx, &by, (id, reason)).await??;
    let hours = made.life.as_seconds() / 3600;
    note(format!(
        "A backup code for {name}, shown once. It works once, for {hours} hours, in place of the second factor:"
    ));
    say(made.code.expose());
    Ok(())
}

/// Says what was done, or why there was nothing to do.
fn told(name: &str, done: &str, more: &str, touched: Touched) -> anyhow::Result<()> {
    match touched {
        Touched::Done => {
            say(format!("{done}: {name}{more}."));
            Ok(())
        }
        Touched::Was(AccountState::Disabled) => {
            bail!("{name} is switched off, and stays so; `idp account enable` switches it on")
        }
        Touched::Was(AccountState::Locked) => bail!("{name} is locked; `idp account unlock` lets it in again"),
        Touched::Was(AccountState::Active | AccountState::Invited) => bail!("{name} is not switched off"),
    }
}

async fn found(cx: &Ctx, which: &Which, what: Permission) -> anyhow::Result<(TenantAdmin, AccountId, String)> {
    let tenant = company(cx, &which.tenant).await?;
    let name = which.login.full(&tenant.code);
    let account = accounts::by_login(cx, tenant.id, &which.login).await?;
    let account = account.with_context(|| format!("there is no account `{name}`; see `idp account list`"))?;
    Ok((TenantAdmin::operator(what, tenant.id, tenant.id == cx.vendor), account.id, name))
}

pub(super) async fn company(cx: &Ctx, code: &TenantCode) -> anyhow::Result<Tenant> {
    let found = tenants::by_code(cx, code).await?;
    found.with_context(|| format!("there is no company `{code}`; see `idp tenant list`"))
}

async fn create(cx: &Ctx, new: New) -> anyhow::Result<()> {
    let tenant = company(cx, &new.tenant).await?;
    let mut portals = Vec::new();
    for portal in &new.portals {
        let client = cx.client(portal).await?.with_context(|| format!("there is no client `{portal}`"))?;
        portals.push(client.key);
    }
    let role = |name: &String| Role::from_name(name).with_context(|| format!("there is no role `{name}`"));
    let language = match &new.language {
        Some(tag) => Some(Language::from_tag(tag).context("--language: use en or de")?),
        None => None,
    };
    let password = new.password.read()?;
    let account = accounts::NewAccount {
        login: new.login.clone(),
        name: new.name,
        email_verified: new.email.is_some(),
        email: new.email,
        language,
        roles: new.roles.iter().map(role).collect::<Result<_, _>>()?,
        portals,
    };
    let by = TenantAdmin::operator(Permission::CreateAccount, tenant.id, tenant.id == cx.vendor);
    let first = match password {
        Some(password) => First::Given(accounts::NewPassword { password, expires_at: None, instead_of: None }),
        None if new.no_mail => First::OneTime,
        None => First::Welcome,
    };
    let made = accounts::create(cx, &by, account, first).await??;
    let username = new.login.parse::<LoginName>()?.full(&tenant.code);
    match made.one_time {
        None if made.is_invited => say(format!("Made account {username} and sent an invitation.")),
        None => say(format!("Made account {username}.")),
        Some(made) => {
            note(format!(
                "Made account {username}. Its one-time password, shown once, to be replaced at the first sign-in:"
            ));
            say(made.password.expose());
        }
    }
    Ok(())
}

async fn list(cx: &Ctx, code: &TenantCode) -> anyhow::Result<()> {
    let tenant = company(cx, code).await?;
    let operator = idp_core::authority::Actor {
        account: AccountId::from_bytes([0; 16]),
        home: tenant.id,
        is_vendor: true,
        roles: [Role::SystemAdmin].into(),
    };
    let Some(viewer) = operator.view(tenant.id) else { bail!("this company can't be looked at") };
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = accounts::list(cx, &viewer, "", &after).await?;
        rows.extend(page.accounts.into_iter().map(|listed| {
            let a = listed.account;
            let roles = a.roles.iter().map(|r| r.name()).collect::<Vec<_>>().join(",");
            let email = a.email.as_ref().map(ToString::to_string).unwrap_or_default();
            vec![a.username(code), a.name, a.state.name().to_owned(), roles, email]
        }));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    table(&["USER NAME", "NAME", "STATE", "ROLES", "MAIL"], &rows);
    Ok(())
}
