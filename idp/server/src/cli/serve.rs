//! `idp serve`.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use idp_service::jobs::Jobs;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::boot::{self, Schema};
use crate::config::Config;
use crate::web::{self, health};
use crate::{serve, telemetry};

/// Options.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Bring the schema up to date first.
    #[arg(long)]
    migrate: bool,
}

pub(super) async fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    telemetry::start(&config.log);
    let schema = if args.migrate { Schema::Migrate } else { Schema::Check };
    let cx = boot::context(config, schema).await?;
    let public = bind(config.server.listen, "server.listen").await?;
    let management = bind(config.server.management, "server.management").await?;
    let app = boot::app(config, Arc::clone(&cx));
    let jobs = Jobs::start(&cx);
    let (stop, stopped) = watch::channel(false);
    let mut serving = JoinSet::new();
    serving.spawn(serve::serve(public, web::router(app.clone()), stopped.clone()));
    serving.spawn(serve::serve(management, health::router(app), stopped));
    tracing::info!(event = "serving", issuer = config.issuer(), listen = %config.server.listen);
    told_to_stop().await?;
    tracing::info!(event = "stopping");
    stop.send(true).ok(); // nobody listens any more: both have stopped
    while serving.join_next().await.is_some() {}
    jobs.stop().await;
    Ok(())
}

/// Takes an address, or says who has it and what to do.
pub(super) async fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| format!("{address} is taken or not ours; choose another for {key}"))
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn told_to_stop() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}
