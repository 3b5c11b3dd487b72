//! The command line. Each command builds what it needs, does one thing, and says what was done. No secret is ever an
//! argument: arguments stand in the list of processes.

mod account;
mod apply;
mod audit;
mod client;
mod config;
mod connector;
mod db;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod healthcheck;
mod key;
mod mail;
mod migrate;
mod out;
mod secret;
mod serve;
mod tenant;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use idp_service::context::Ctx;

use crate::boot::{self, Schema};
use crate::config::{Config, Log};

/// One sign-in for all your portals: an OpenID Connect provider.
#[derive(Debug, Parser)]
#[command(name = "idp", version, about, max_term_width = 100)]
pub struct Cli {
    /// The configuration.
    #[arg(long, global = true, env = "IDP_CONFIG", default_value = "config/idp.toml", value_name = "FILE")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve, until Ctrl-C or SIGTERM.
    Serve(serve::Args),
    /// Start everything with demonstration data: the provider and two portals in one process.
    #[cfg(feature = "demo")]
    Demo(demo::Args),
    /// Bring the schema of the database up to date.
    Migrate,
    /// Ask a running server whether it can work; for containers.
    Healthcheck(healthcheck::Args),
    /// The configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Copies of the database.
    #[command(subcommand)]
    Db(db::Command),
    /// Look for what is wrong with an installation, and say what to do.
    Doctor(doctor::Args),
    #[command(flatten)]
    Data(Data),
}

/// What works on the database, beside the server.
#[derive(Debug, Subcommand)]
enum Data {
    /// Companies.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Accounts of a company.
    #[command(subcommand)]
    Account(account::Command),
    /// Programs that people sign in to.
    #[command(subcommand)]
    Client(client::Command),
    /// Other providers by which people sign in: Google, Microsoft Entra, and any OpenID Connect provider.
    #[command(subcommand)]
    Connector(connector::Command),
    /// Signing keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Make companies, accounts, clients and policies as a file declares them.
    Apply(apply::Args),
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Mails.
    #[command(subcommand)]
    Mail(mail::Command),
}

/// The command line as its own help describes it; the reference is made from it.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return out::failed(&anyhow::Error::from(error)),
    };
    let outcome = runtime.block_on(run(cli));
    crate::telemetry::finish();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => out::failed(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let file = cli.config;
    match cli.command {
        Command::Serve(args) => serve::run(&load(&file)?, &args).await,
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::run(&args).await,
        Command::Migrate => migrate::run(&load(&file)?),
        Command::Healthcheck(args) => healthcheck::run(&file, &args),
        Command::Config(command) => config::run(&file, &command),
        Command::Db(command) => db::run(&load(&file)?, command).await,
        Command::Doctor(args) => doctor::run(&file, &args).await,
        Command::Data(data) => on(&*open(&file).await?, data).await,
    }
}

async fn on(cx: &Ctx, data: Data) -> anyhow::Result<()> {
    match data {
        Data::Tenant(command) => tenant::run(cx, command).await,
        Data::Account(command) => account::run(cx, command).await,
        Data::Client(command) => client::run(cx, command).await,
        Data::Connector(command) => connector::run(cx, command).await,
        Data::Key(command) => key::run(cx, command).await,
        Data::Apply(args) => apply::run(cx, &args).await,
        Data::Audit(command) => audit::run(cx, command).await,
        Data::Mail(command) => mail::run(cx, command).await,
    }
}

fn load(file: &std::path::Path) -> anyhow::Result<Config> {
    Ok(crate::config::load(file, std::env::vars())?)
}

/// For commands that do one thing: the same use cases as the server's, on the same database, beside it.
async fn open(file: &std::path::Path) -> anyhow::Result<Arc<Ctx>> {
    let mut config = load(file)?;
    config.log = Log { level: "warn".to_owned(), ..config.log };
    crate::telemetry::start(&config.log);
    config.password.workers = Some(1);
    boot::context(&config, Schema::Check).await
}
