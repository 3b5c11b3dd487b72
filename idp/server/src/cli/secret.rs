//! Secrets come from a prompt, from standard input or from a file.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use anyhow::{Context, bail};
use idp_core::secret::Secret;

/// Where a secret comes from.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// Read it from a file.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Read it from standard input.
    #[arg(long, conflicts_with = "file")]
    stdin: bool,
    /// Ask for it on the terminal.
    #[arg(long, conflicts_with_all = ["file", "stdin"])]
    prompt: bool,
}

impl Source {
    /// The secret, if one of the ways was chosen.
    pub(super) fn read(&self, what: &str) -> anyhow::Result<Option<Secret<String>>> {
        let text = if let Some(file) = &self.file {
            std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?
        } else if self.stdin {
            let mut text = String::new();
            std::io::stdin().take(64 * 1024).read_to_string(&mut text).context("standard input can't be read")?;
            text
        } else if self.prompt {
            if !std::io::stdin().is_terminal() {
                bail!("there is no terminal to ask on; use --stdin or --file");
            }
            rpassword::prompt_password(format!("{what}: "))?
        } else {
            return Ok(None);
        };
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        if text.is_empty() {
            bail!("the {} is empty", what.to_lowercase());
        }
        Ok(Some(Secret::new(text)))
    }
}
