//! `idp tenant`.

use anyhow::Context;
use idp_core::authority::SystemAdmin;
use idp_core::language::Language;
use idp_core::tenant::{TenantCode, TenantState};
use idp_service::admin::tenants;
use idp_service::context::Ctx;

use super::out::{say, table};

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a company.
    Create {
        /// The part after the hyphen in `201-wickedsprockets`.
        code: TenantCode,
        /// What people call it.
        #[arg(long)]
        name: String,
        /// The language its people start with: en or de.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// Switch a company off: its people are signed out everywhere, at once, and nobody of it comes in.
    Disable {
        /// Its code.
        code: TenantCode,
    },
    /// Switch a company on again.
    Enable {
        /// Its code.
        code: TenantCode,
    },
    /// Show the companies.
    List,
}

pub(super) async fn run(cx: &Ctx, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create { code, name, language } => {
            let language = Language::from_tag(&language).context("--language: use en or de")?;
            let new = tenants::NewTenant { code: code.clone(), name, language };
            tenants::create(cx, &SystemAdmin::operator(), new).await??;
            say(format!("Made company {code}. Its people sign in at {}/t/{code}", cx.settings.issuer));
        }
        Command::Disable { code } => {
            switch(cx, &code, TenantState::Suspended).await?;
            say(format!("Switched company {code} off; its people are signed out everywhere."));
        }
        Command::Enable { code } => {
            switch(cx, &code, TenantState::Active).await?;
            say(format!("Switched company {code} on."));
        }
        Command::List => {
            let rows: Vec<Vec<String>> = tenants::list(cx)
                .await?
                .into_iter()
                .map(|t| vec![t.code.to_string(), t.name, t.language.tag().to_owned(), t.state.name().to_owned()])
                .collect();
            table(&["CODE", "NAME", "LANGUAGE", "STATE"], &rows);
        }
    }
    Ok(())
}

async fn switch(cx: &Ctx, code: &TenantCode, to: TenantState) -> anyhow::Result<()> {
    let tenant = super::account::company(cx, code).await?;
    tenants::switch(cx, &SystemAdmin::operator(), tenant.id, to).await??;
    Ok(())
}
