//! `idp mail`.

use anyhow::bail;
use idp_core::account::Email;
use idp_core::authority::SystemAdmin;
use idp_service::context::Ctx;

use super::out::say;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Send a mail to see whether the mail server takes it, and say what it answers.
    Test {
        /// To whom.
        address: Email,
    },
}

pub(super) async fn run(cx: &Ctx, command: Command) -> anyhow::Result<()> {
    let Command::Test { address } = command;
    match idp_service::mail::test(cx, &SystemAdmin::operator(), address.as_str()).await? {
        Ok(told) => {
            say(format!("The mail server took it: {told}"));
            Ok(())
        }
        Err(error) => bail!("{error}"),
    }
}
