//! `idp apply`.

use std::path::PathBuf;

use anyhow::Context;
use idp_core::authority::SystemAdmin;
use idp_service::apply::{Document, Mode, apply};
use idp_service::context::Ctx;

use super::out::say;

/// Options.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file.
    file: PathBuf,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(cx: &Ctx, args: &Args) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("{} can't be read", args.file.display()))?;
    let document: Document = toml::from_str(&text).with_context(|| args.file.display().to_string())?;
    let mode = if args.dry_run { Mode::DryRun } else { Mode::Apply };
    let steps = apply(cx, &SystemAdmin::operator(), &document, mode).await?;
    for step in &steps {
        say(step);
    }
    match (steps.is_empty(), mode) {
        (true, _) => say("Everything is as declared."),
        (false, Mode::DryRun) => say("Nothing was changed."),
        (false, Mode::Apply) => {}
    }
    Ok(())
}
