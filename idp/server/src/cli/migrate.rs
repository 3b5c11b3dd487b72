//! `idp migrate`.

use idp_store::Store;

use super::out::say;
use crate::boot;
use crate::config::Config;

pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    let url = boot::database_url(config)?;
    boot::make_room(&url)?;
    let missing = Store::pending(&url)?;
    boot::prepare(&url, boot::Schema::Migrate)?;
    if missing.is_empty() {
        say("The schema is up to date.");
    }
    for step in missing {
        say(format!("took step {step}"));
    }
    Ok(())
}
