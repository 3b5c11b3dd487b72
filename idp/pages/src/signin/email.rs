//! Signing in by mail: after asking, and after opening the link.

use askama::Template;

use crate::form::{Again, Fault, Field, Kind};
use crate::link;
use crate::shell::Shell;

/// A mail was sent, if there is an account: the code from it, or another mail. The same page for everybody.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/email_sent.html", whitespace = "minimize")]
pub struct EmailSent {
    /// The frame.
    pub shell: Shell,
    /// The portal that waits.
    pub to: Option<String>,
    /// The sealed request that waits.
    pub request: Option<String>,
    /// What the next form has to bring.
    pub journey: String,
    /// The name as it was typed.
    pub identifier: String,
    /// How long link and code work, in minutes.
    pub minutes: u64,
    /// Seconds until another mail may be asked for.
    pub resend_in: u64,
    /// Another mail was sent just now.
    pub again: bool,
    /// What went wrong.
    pub error: Option<EmailCodeError>,
}

/// What was wrong with a code from a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailCodeError {
    /// None was typed.
    Empty,
    /// It isn't right, or was tried too often; never which.
    Wrong,
    /// Another mail was asked for too soon.
    TooSoon,
}

impl EmailSent {
    fn fault(&self) -> Option<Fault> {
        let text = |key| self.shell.text(key);
        self.error.map(|error| match error {
            EmailCodeError::Empty => Fault::new(&["code"], text("email-code-error-empty")),
            EmailCodeError::Wrong => Fault::new(&["code"], text("email-code-error-wrong")),
            EmailCodeError::TooSoon => Fault::new(&[], text("email-error-too-soon")),
        })
    }

    fn again_button(&self) -> Again<'_> {
        Again { shell: &self.shell, label: self.shell.text("email-send-again"), seconds: self.resend_in }
    }

    fn text(&self) -> String {
        self.shell.number_and_text("email-sent-text", ("minutes", self.minutes), ("identifier", &self.identifier))
    }

    fn code_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Code, "code", self.shell.text("email-code"))
            .hint(self.shell.text("email-code-hint"))
            .autocomplete("one-time-code")
            .fault(fault)
            .focus_if(true)
            .last()
    }

    fn back_link(&self) -> String {
        link::local("/login", &[("r", self.request.as_deref()), ("name", Some(&self.identifier))])
    }
}

/// A link was opened.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/link_opened.html", whitespace = "minimize")]
pub struct LinkOpened {
    /// The frame.
    pub shell: Shell,
    /// The company.
    pub company: String,
    /// The account, as far as a mail program may show it.
    pub username: String,
    /// What it does here.
    pub here: LinkHere,
    /// What names the link: its form says which one it is about.
    pub link: String,
}

/// What a link does in the browser in which it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkHere {
    /// In the browser that asked it goes on by itself.
    GoesOn,
    /// A button signs in.
    Button,
    /// Nothing: the code is typed where it was asked for.
    NeedsCode,
}

impl LinkOpened {
    fn goes_on(&self) -> bool {
        self.here == LinkHere::GoesOn
    }

    fn needs_code(&self) -> bool {
        self.here == LinkHere::NeedsCode
    }
}

/// A link that is worth nothing.
#[derive(Clone, Debug, Template)]
#[template(path = "signin/link_over.html", whitespace = "minimize")]
pub struct LinkOver {
    /// The frame.
    pub shell: Shell,
    /// Why.
    pub why: LinkWhy,
    /// What is sent anew, if the link tells whose it was.
    pub anew: Option<Anew>,
    /// It was an invitation: who sent that one can send another.
    pub is_invited: bool,
}

/// Another mail of the same kind, for the same account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anew {
    /// The user name.
    pub username: String,
    /// A link for a new password, not one to sign in.
    pub is_reset: bool,
}

/// Why a link is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkWhy {
    /// It was used.
    Used,
    /// A newer one was sent.
    Newer,
    /// Its time is over.
    Expired,
    /// Another one was opened since in the same browser.
    Another,
}

impl LinkOver {
    fn is_another(&self) -> bool {
        self.why == LinkWhy::Another
    }

    /// Where another mail is asked for, in whose name, and the button's words.
    fn again(&self) -> Option<(&'static str, &str, String)> {
        let Anew { username, is_reset } = self.anew.as_ref()?;
        let (action, key) = if *is_reset { ("/forgot", "forgot-button") } else { ("/login/email", "link-over-anew") };
        Some((action, username, self.shell.text(key)))
    }

    fn title(&self) -> String {
        self.shell.text(if self.is_another() { "link-another-title" } else { "link-over-title" })
    }

    fn text(&self) -> String {
        self.shell.text(match self.why {
            LinkWhy::Used => "link-over-error-used",
            LinkWhy::Newer => "link-over-error-newer",
            LinkWhy::Expired => "link-over-error-expired",
            LinkWhy::Another => "link-over-error-another",
        })
    }
}
