//! `idp audit`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use idp_core::authority::SystemAdmin;
use idp_service::audit::verify::{self, KnownHeads};
use idp_service::context::Ctx;

use super::out::say;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check that every row is as it was written and none is missing; name the first that isn't.
    Verify {
        /// A log of the server, JSON: it tells every minute where the chains end, so that one that was cut short is
        /// noticed.
        #[arg(long, value_name = "FILE")]
        log: Option<PathBuf>,
    },
}

pub(super) async fn run(cx: &Ctx, command: Command) -> anyhow::Result<()> {
    let Command::Verify { log } = command;
    let known = match &log {
        Some(file) => heads(file)?,
        None => KnownHeads::new(),
    };
    let verdict = verify::verify(cx, &SystemAdmin::operator(), &known).await?;
    if let Some(fault) = verdict.fault {
        bail!("{fault}; {} rows before it are sound", verdict.sound);
    }
    say(format!("{} rows are as they were written; {} are not sealed yet.", verdict.sound, verdict.open));
    Ok(())
}

/// Every `audit_head` in a log.
fn heads(file: &Path) -> anyhow::Result<KnownHeads> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut known = KnownHeads::new();
    for line in lines.filter(|line| line.get("event").is_some_and(|e| e == "audit_head")) {
        let text = |name: &str| line.get(name).and_then(serde_json::Value::as_str);
        let seq = line.get("seq").and_then(serde_json::Value::as_i64);
        if let (Some(tenant), Some(seq), Some(mac)) = (text("tenant"), seq, text("mac")) {
            known.entry(tenant.to_owned()).or_default().insert(seq, mac.to_owned());
        }
    }
    if known.is_empty() {
        bail!(
            "{} tells of no chain; it has to be a log of the server in JSON, of more than its first minute",
            file.display()
        );
    }
    Ok(known)
}
