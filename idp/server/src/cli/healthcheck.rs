//! `idp healthcheck`: asks the management listener of a running server.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};

use super::out::say;

/// Longer than this nobody waits.
const DEADLINE: Duration = Duration::from_secs(3);

/// Options.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The management listener, if it isn't the configured one.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<SocketAddr>,
}

pub(super) fn run(config: &Path, args: &Args) -> anyhow::Result<()> {
    let address = match args.address {
        Some(address) => address,
        None => super::load(config)?.server.management,
    };
    let mut stream =
        TcpStream::connect_timeout(&address, DEADLINE).with_context(|| format!("nobody listens on {address}"))?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer).context("no answer in time")?;
    if !answer.starts_with("HTTP/1.1 200") {
        bail!("not ready: {}", answer.lines().last().unwrap_or("no answer"));
    }
    say("ready");
    Ok(())
}
