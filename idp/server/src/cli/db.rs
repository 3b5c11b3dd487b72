//! `idp db`.

use std::path::{Path, PathBuf};

use anyhow::bail;
use idp_core::authority::SystemAdmin;
use idp_service::admin::restore;
use idp_store::Store;
use idp_store::backup::Begun;

use super::out::{note, say};
use crate::boot::{self, Schema};
use crate::config::Config;
use idp_service::when::date_time;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Copy the database into a file, while the server works.
    Backup {
        /// The file; it must not exist.
        file: PathBuf,
    },
    /// Put a backup where no database is. Nothing that was signed in before is signed in afterwards.
    Restore {
        /// The backup.
        file: PathBuf,
        /// You have read what may come back.
        #[arg(long)]
        yes: bool,
    },
    /// Check a backup, or the database itself.
    Verify {
        /// The backup.
        file: Option<PathBuf>,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let url = boot::database_url(config)?;
    match command {
        Command::Backup { file } => {
            Store::backup(&url, &file)?;
            say(Store::verify(&url, Some(&file))?);
            note("The master key is not in it. Keep a copy of that elsewhere.");
            Ok(())
        }
        Command::Verify { file } => {
            say(Store::verify(&url, file.as_deref())?);
            Ok(())
        }
        Command::Restore { file, yes } => bring_back(config, &file, yes).await,
    }
}

async fn bring_back(config: &Config, file: &Path, yes: bool) -> anyhow::Result<()> {
    if !yes {
        bail!(
            "what was locked, switched off or changed after the backup is as it was before: accounts, passwords, clients, \
             policies. Compare with the log of the time since, then run this again with --yes"
        );
    }
    let url = boot::database_url(config)?;
    boot::check_files(config)?; // a wrong key is noticed before anything is written
    if Store::restore_begun(&url)? == Some(Begun::Arrived) {
        note("A restore was begun here and not finished: going on with what has arrived.");
    } else {
        Store::restore(&url, file)?;
    }
    let cx = boot::context(config, Schema::Restored).await?;
    let restored = restore::begin_anew(&cx, &SystemAdmin::operator()).await?;
    let last = restored.last_event.map_or_else(|| "unknown".to_owned(), |at| date_time(at, "UTC"));
    say(format!("Restored. The last event in the backup was at {last}."));
    say("Every session and token of before is dead, and there are new signing keys.");
    Ok(())
}
