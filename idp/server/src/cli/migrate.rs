//! `idp migrate`.

use super::out::say;
use crate::boot;
use crate::config::Config;

pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    let url = boot::database_url(config)?;
    let taken = boot::prepare(&url, boot::Schema::Migrate)?;
    if taken.is_empty() {
        say("The schema is up to date.");
    }
    for step in taken {
        say(format!("took step {step}"));
    }
    Ok(())
}
