//! Secrets come from a prompt, from standard input or from a file.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use idp_core::secret::Secret;

/// Where a password comes from.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_field_names, reason = "the options are called so")]
pub(super) struct PasswordSource {
    /// Read the password from a file.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Read the password from standard input.
    #[arg(long, conflicts_with = "password_file")]
    password_stdin: bool,
    /// Ask for the password on the terminal.
    #[arg(long, conflicts_with_all = ["password_file", "password_stdin"])]
    password_prompt: bool,
}

/// Where a client secret comes from.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_field_names, reason = "the options are called so")]
pub(super) struct SecretSource {
    /// Read the client secret from a file.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Read the client secret from standard input.
    #[arg(long, conflicts_with = "secret_file")]
    secret_stdin: bool,
    /// Ask for the client secret on the terminal.
    #[arg(long, conflicts_with_all = ["secret_file", "secret_stdin"])]
    secret_prompt: bool,
}

/// One of three ways, or none.
enum Way<'a> {
    File(&'a Path),
    Stdin,
    Prompt,
}

fn way(file: Option<&PathBuf>, (stdin, prompt): (bool, bool)) -> Option<Way<'_>> {
    match (file, stdin, prompt) {
        (Some(file), _, _) => Some(Way::File(file)),
        (None, true, _) => Some(Way::Stdin),
        (None, false, true) => Some(Way::Prompt),
        (None, false, false) => None,
    }
}

impl PasswordSource {
    /// The password, if one of the ways was chosen.
    pub(super) fn read(&self) -> anyhow::Result<Option<Secret<String>>> {
        let way = way(self.password_file.as_ref(), (self.password_stdin, self.password_prompt));
        way.map(|way| read(&way, "password")).transpose()
    }
}

impl SecretSource {
    /// The secret, if one of the ways was chosen.
    pub(super) fn read(&self) -> anyhow::Result<Option<Secret<String>>> {
        let way = way(self.secret_file.as_ref(), (self.secret_stdin, self.secret_prompt));
        way.map(|way| read(&way, "client secret")).transpose()
    }
}

fn read(way: &Way<'_>, what: &str) -> anyhow::Result<Secret<String>> {
    let text = match way {
        Way::File(file) => {
            std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?
        }
        Way::Stdin => {
            let mut text = String::new();
            std::io::stdin().take(64 * 1024).read_to_string(&mut text).context("standard input can't be read")?;
            text
        }
        Way::Prompt if std::io::stdin().is_terminal() => rpassword::prompt_password(format!("The {what}: "))?,
        Way::Prompt => bail!("there is no terminal to ask for the {what} on; give it by file or standard input"),
    };
    let text = text.trim_end_matches(['\r', '\n']).to_owned();
    if text.is_empty() {
        bail!("the {what} is empty");
    }
    Ok(Secret::new(text))
}
