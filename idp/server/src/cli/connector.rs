//! `idp connector`.

use anyhow::{Context, bail};
use idp_core::authority::SystemAdmin;
use idp_core::federation::{Connector, Kind};
use idp_core::ids::ConnectorId;
use idp_core::tenant::TenantCode;
use idp_service::admin::{connectors, tenants};
use idp_service::connectors::callback;
use idp_service::context::Ctx;

use super::out::{say, table};
use super::secret::SecretSource;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Let a company's people sign in by another provider, or change how: what isn't given stays as it is. The secret
    /// that the provider gave out comes from a file, standard input or a prompt.
    Put(Box<Put>),
    /// Let nobody in by a provider any more. Who came in before stays in.
    Disable {
        /// Its name in addresses.
        name: String,
    },
    /// Let people in by it again.
    Enable {
        /// Its name in addresses.
        name: String,
    },
    /// Show the connectors, and the address that each provider has to know.
    List,
}

/// A connector.
#[derive(Debug, clap::Args)]
pub(super) struct Put {
    /// Its name in addresses, such as google-acme; no other connector has it.
    name: String,
    /// The company, by its code.
    #[arg(long)]
    tenant: TenantCode,
    /// Whose rules the provider follows: google, entra or oidc.
    #[arg(long)]
    kind: String,
    /// What people call it; Google and Office 365 have a name already.
    #[arg(long)]
    label: Option<String>,
    /// Where it is; Google and Entra have an address already.
    #[arg(long)]
    issuer: Option<String>,
    /// What it knows this installation by.
    #[arg(long)]
    client_id: String,
    /// A domain that it lets in; may be given several times. A new one without any lets in all.
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// It lets in all domains from now on.
    #[arg(long, conflicts_with = "domains")]
    all_domains: bool,
    /// An Entra directory that it lets in, by its id; may be given several times.
    #[arg(long = "directory", value_name = "GUID")]
    directories: Vec<String>,
    #[command(flatten)]
    secret: SecretSource,
}

pub(super) async fn run(cx: &Ctx, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Put(put) => self::put(cx, *put).await,
        Command::Disable { name } => switch(cx, &name, false).await,
        Command::Enable { name } => switch(cx, &name, true).await,
        Command::List => list(cx).await,
    }
}

async fn switch(cx: &Ctx, name: &str, on: bool) -> anyhow::Result<()> {
    connectors::switch(cx, &SystemAdmin::operator(), name, on).await??;
    say(format!("Switched connector {name} {}.", if on { "on" } else { "off" }));
    Ok(())
}

async fn put(cx: &Ctx, put: Put) -> anyhow::Result<()> {
    let Some(kind) = Kind::from_name(&put.kind) else { bail!("--kind: use google, entra or oidc") };
    let tenant = tenants::by_code(cx, &put.tenant).await?;
    let tenant = tenant.with_context(|| format!("there is no company `{}`; see `idp tenant list`", put.tenant))?;
    let today = connectors::by_name(cx, &put.name).await?;
    let small = |all: Vec<String>| -> Vec<String> { all.into_iter().map(|one| one.to_lowercase()).collect() };
    let or = |given: Vec<String>, kept: Option<Vec<String>>| match (given.is_empty(), kept) {
        (true, Some(kept)) => kept,
        (_, _) => small(given),
    };
    let kept = today.clone();
    let label =
        put.label.or_else(|| kept.as_ref().map(|k| k.label.clone())).or_else(|| kind.label().map(str::to_owned));
    let issuer = put.issuer.or_else(|| kept.as_ref().map(|k| k.issuer.clone()));
    let issuer = issuer.or_else(|| kind.issuer().map(str::to_owned));
    let connector = Connector {
        id: ConnectorId::from_bytes([0; 16]), // it has one once it is kept
        tenant: tenant.id,
        name: put.name.clone(),
        kind,
        label: label.context("--label: say what people call the provider")?,
        issuer: issuer.context("--issuer: say where the provider is")?,
        client_id: put.client_id,
        domains: or(put.domains, kept.as_ref().map(|k| k.domains.clone()).filter(|_| !put.all_domains)),
        directories: or(put.directories, kept.map(|k| k.directories)),
        enabled: today.is_none_or(|today| today.enabled),
    };
    let secret = put.secret.read()?;
    connectors::put(cx, &SystemAdmin::operator(), connector, secret.as_ref()).await??;
    say(format!("Kept connector {}. Register this address at the provider: {}", put.name, callback(cx, &put.name)));
    Ok(())
}

async fn list(cx: &Ctx) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for connector in connectors::list(cx, None).await? {
        let company = cx.company(connector.tenant).await?.tenant.code.to_string();
        let single = connector.single_directory().filter(|_| connector.directories.is_empty()).map(str::to_owned);
        let only = [connector.domains, connector.directories, single.into_iter().collect()].concat().join(" ");
        rows.push(vec![
            connector.name.clone(),
            company,
            connector.kind.name().to_owned(),
            if connector.enabled { "on" } else { "off" }.to_owned(),
            connector.issuer,
            if only.is_empty() { "all".to_owned() } else { only },
            callback(cx, &connector.name),
        ]);
    }
    table(&["NAME", "COMPANY", "KIND", "STATE", "ISSUER", "LETS IN", "CALLBACK"], &rows);
    Ok(())
}
