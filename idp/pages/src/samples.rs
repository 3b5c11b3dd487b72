//! Every page in every state that looks different: what the golden files, the browser tests and the gallery show. The
//! people, companies and portals are invented.

mod account;
mod admin;
mod error;
mod help;
mod signin;

use idp_core::language::Language;

use crate::shell::{Brand, Shell, SignedIn, Theme};

/// What is done to every text from outside before a page gets it.
pub type Ink = fn(&str) -> String;

/// A page in one state.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Its name, fit for a file.
    pub name: &'static str,
    /// The address where people meet it.
    here: &'static str,
    signed_in: bool,
    draw: fn(Shell, Ink) -> String,
}

impl Sample {
    const fn new(name: &'static str, here: &'static str, draw: fn(Shell, Ink) -> String) -> Self {
        Self { name, here, signed_in: false, draw }
    }

    const fn signed_in(self) -> Self {
        Self { signed_in: true, ..self }
    }

    /// The page in the language and theme of `shell`; who is signed in, and where, the sample decides.
    pub fn render(&self, shell: &Shell) -> String {
        self.render_with(shell, str::to_owned)
    }

    /// The page with every text that could come from outside put through `ink`, the shell's as well.
    pub fn render_with(&self, shell: &Shell, ink: Ink) -> String {
        let signed_in = self.signed_in.then(|| SignedIn {
            session: ink("ses_4q8k"),
            name: ink("Anna Berg"),
            username: ink("201-wickedsprockets"),
            admin: true,
        });
        let brand = Brand {
            name: ink(&shell.brand.name),
            terms: shell.brand.terms.as_deref().map(ink),
            privacy: shell.brand.privacy.as_deref().map(ink),
        };
        // The path stays as it is: it decides which link of the header is the current one.
        let here = format!("{}?{}", self.here, ink("x=1"));
        (self.draw)(Shell { brand, here, signed_in, csrf: ink(&shell.csrf), ..shell.clone() }, ink)
    }
}

/// A frame to render samples in.
pub fn shell(language: Language, theme: Theme) -> Shell {
    Shell {
        language,
        theme,
        brand: Brand {
            name: "Wicked Sprockets".to_owned(),
            terms: Some("https://www.switchboard.example/terms".to_owned()),
            privacy: Some("https://www.switchboard.example/privacy".to_owned()),
        },
        csrf: "csrf-9f2c".to_owned(),
        here: "/login".to_owned(),
        signed_in: None,
        pseudo: None,
    }
}

/// All of them.
pub fn samples() -> Vec<Sample> {
    [signin::SAMPLES, account::SAMPLES, admin::SAMPLES, error::SAMPLES, help::SAMPLES].concat()
}
