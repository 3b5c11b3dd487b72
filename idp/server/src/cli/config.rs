//! `idp config`.

use std::path::Path;

use super::out::{say, table};
use crate::config::{self, Config, keys};

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check the configuration without starting anything.
    Check,
    /// Show every key with its value; secrets are not shown.
    Show {
        /// Say where each value came from, too.
        #[arg(long)]
        origin: bool,
    },
    /// Print the JSON Schema of the file.
    Schema,
    /// Print the reference of all keys, in Markdown.
    Reference,
    /// Print the list of policies, in Markdown.
    Policies,
}

pub(super) fn run(file: &Path, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Check => check(file),
        Command::Show { origin } => show(file, *origin),
        Command::Schema => {
            say(serde_json::to_string_pretty(&keys::schema())?);
            Ok(())
        }
        Command::Policies => {
            say(idp_core::policy::reference().trim_end());
            Ok(())
        }
        Command::Reference => {
            say(keys::reference().trim_end());
            Ok(())
        }
    }
}

fn check(file: &Path) -> anyhow::Result<()> {
    let config: Config = config::load(file, std::env::vars())?;
    crate::boot::check_files(&config)?;
    say(format!("{} can be used.", file.display()));
    Ok(())
}

fn show(file: &Path, with_origin: bool) -> anyhow::Result<()> {
    let layers = config::layers(file, std::env::vars())?;
    let shown = layers.shown().into_iter();
    if with_origin {
        let rows: Vec<_> = shown.map(|(key, value, origin)| vec![key, value, origin.to_string()]).collect();
        table(&["KEY", "VALUE", "FROM"], &rows);
    } else {
        table(&["KEY", "VALUE"], &shown.map(|(key, value, _)| vec![key, value]).collect::<Vec<_>>());
    }
    Ok(())
}
