//! `idp tenant`.

use anyhow::Context;
use idp_core::authority::SystemAdmin;
use idp_core::language::Language;
use idp_core::tenant::TenantCode;
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
