//! `idp serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use idp_service::jobs::Jobs;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::boot::{self, Schema};
use crate::config::Config;
use crate::serve::tls::Tls;
use crate::serve::{Edge, Limits};
use crate::web::{self, health};
use crate::{serve, telemetry};

/// Between "not ready" and taking no more connections.
const NOTICE: Duration = Duration::from_millis(1500);

/// How long jobs may take to end what they have in hand.
const JOBS: Duration = Duration::from_secs(2);

/// Options.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Bring the schema up to date first.
    #[arg(long)]
    migrate: bool,
}

pub(super) async fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    telemetry::start(&config.log);
    telemetry::count();
    telemetry::tell_panics();
    let schema = if args.migrate { Schema::Migrate } else { Schema::Check };
    let cx = boot::context(config, schema).await?;
    let public = bind(config.server.listen, "server.listen")?;
    let management = bind(config.server.management, "server.management")?;
    let app = boot::app(config, Arc::clone(&cx));
    let jobs = Jobs::start(&cx);
    let (stop, stopped) = watch::channel(false);
    let mut serving = JoinSet::new();
    let edge = edge(config)?;
    if let Some(tls) = edge.tls.clone() {
        serving.spawn(tls.keep_fresh(stopped.clone()));
    }
    serving.spawn(telemetry::tidy(telemetry::TIDY, stopped.clone()));
    serving.spawn(serve::serve(public, web::router(app.clone()), edge, stopped.clone()));
    serving.spawn(serve::serve(management, health::router(app.clone()), management_edge(), stopped));
    tracing::info!(event = "serving", issuer = config.issuer(), listen = %config.server.listen);
    let why = told_to_stop().await?;
    tracing::info!(event = "stopping");
    app.stop();
    let ending = async {
        if why == Told::Terminate {
            // Whoever sends us clients has to see first that we are not ready any more.
            tokio::time::sleep(NOTICE).await;
        }
        stop.send(true).ok(); // nobody listens any more: both have stopped
        while serving.join_next().await.is_some() {}
        tokio::time::timeout(JOBS, jobs.stop()).await
    };
    tokio::select! {
        ended = ending => if ended.is_err() {
            tracing::warn!(event = "jobs_cut_short", "what they had in hand is taken up again by the next process");
        },
        again = told_to_stop() => {
            again?;
            anyhow::bail!("stopped at once, as told twice");
        }
    }
    Ok(())
}

/// Connections for monitoring.
const MANAGEMENT: usize = 64;

/// Descriptors that are kept for files and calls of our own, for monitoring, and for the database: a thread that reads a
/// file has three of them.
fn own_descriptors(config: &Config) -> anyhow::Result<usize> {
    Ok(128 + MANAGEMENT + 3 * boot::store_settings(config)?.threads)
}

/// How the public listener treats those who connect.
fn edge(config: &Config) -> anyhow::Result<Edge> {
    let tls = match (&config.server.tls_certificate_file, &config.server.tls_key_file) {
        (Some(certificate), Some(key)) => {
            boot::refuse_readable(key)?;
            Some(Tls::new(certificate, key)?)
        }
        _ => None,
    };
    let limits = Limits::default().fitting(own_descriptors(config)?);
    Ok(Edge { limits, tls, trusted_proxies: config.server.trusted_proxies.clone() })
}

/// How the management listener does. Monitoring needs few connections and is quick: who holds more than that keeps
/// nobody else from asking for our health, and is gone soon.
fn management_edge() -> Edge {
    let limits = Limits {
        connections: MANAGEMENT,
        per_network: MANAGEMENT / 4,
        first_byte: Duration::from_secs(2),
        headers: Duration::from_secs(2),
        idle: Duration::from_secs(20),
        ..Limits::default()
    };
    Edge { limits, ..Edge::default() }
}

/// Takes an address, or says who has it and what to do.
pub(super) fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    serve::listen(address).with_context(|| format!("{address} is taken or not ours; choose another for {key}"))
}

/// What told us to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Somebody at a terminal.
    Interrupt,
    /// A supervisor.
    Terminate,
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn told_to_stop() -> anyhow::Result<Told> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => return Ok(Told::Terminate),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(Told::Interrupt)
}
