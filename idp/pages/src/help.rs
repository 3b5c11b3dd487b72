//! What to do when one can't get in. The same for everybody.

use askama::Template;

use crate::shell::Shell;

/// Questions and answers.
#[derive(Clone, Debug, Template)]
#[template(path = "help.html", whitespace = "minimize")]
pub struct Help {
    /// The frame.
    pub shell: Shell,
    /// True where there is a mail server.
    pub by_email: bool,
}

impl Help {
    fn title(&self) -> String {
        self.shell.text(if self.shell.signed_in.is_some() { "help" } else { "help-title" })
    }

    /// The parts of the page: question and answer. What needs a mail is told only where there are mails.
    fn parts(&self) -> Vec<(String, String)> {
        let pair = |question: &str, answer: &str| (self.shell.text(question), self.shell.text(answer));
        let mut parts = Vec::new();
        if self.by_email {
            parts.push(pair("help-no-invitation", "help-no-invitation-answer"));
            parts.push(pair("help-link", "help-link-answer"));
            parts.push(pair("help-forgot", "help-forgot-answer"));
        }
        parts.push(pair("help-no-address", "help-no-address-answer"));
        parts.push(pair("help-wait", "help-wait-answer"));
        parts.push(pair("help-phone", "help-phone-answer"));
        parts.push(pair("help-locked", "help-locked-answer"));
        parts
    }
}
