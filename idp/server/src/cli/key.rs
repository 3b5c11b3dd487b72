//! `idp key`.

use anyhow::bail;
use idp_core::authority::SystemAdmin;
use idp_service::context::Ctx;
use idp_service::keys;

use super::out::{say, table};
use idp_service::when::date_time;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show the signing keys.
    List,
    /// Make new signing keys. They are published at once and sign a few minutes later.
    Rotate,
    /// Seal everything anew that is sealed under `secrets.other_master_key_file`, while the server works.
    Reseal,
}

pub(super) async fn run(cx: &Ctx, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List => {
            let now = cx.clock.now();
            let set = cx.keys.current();
            let rows: Vec<Vec<String>> = set
                .keys()
                .iter()
                .map(|k| vec![k.kid().to_owned(), k.algorithm().name().to_owned(), k.state(now).to_owned()])
                .collect();
            table(&["KID", "ALGORITHM", "STATE"], &rows);
        }
        Command::Reseal => {
            let done = keys::reseal(cx, &SystemAdmin::operator()).await?;
            say(format!("Sealed {} rows anew.", done.rows));
            if done.passwords_left > 0 {
                say(format!(
                    "{} passwords are under the other key until their owners sign in; keep it until then.",
                    done.passwords_left
                ));
            } else {
                say("Nothing is left under the other key; it can go.");
            }
        }
        Command::Rotate => {
            if let Some(from) = keys::next_from(cx) {
                bail!("new keys are there already and sign from {} on", date_time(from, "UTC"));
            }
            let from = keys::rotate(cx, &SystemAdmin::operator()).await?;
            say(format!("Made new keys. They sign from {} on.", date_time(from, "UTC")));
        }
    }
    Ok(())
}
