//! Parts that forms share: a labelled field, and the fault that a page reports at its top and at the field.

use askama::Template;

use crate::shell::Shell;

/// What is wrong with a form, as far as a person can put it right.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The fields it is about. One: the words are repeated there. Several: they point to the words at the top.
    pub(crate) fields: &'static [&'static str],
    /// What happened and what to do.
    pub(crate) text: String,
    /// Another way out, as (address, words).
    pub(crate) link: Option<(String, String)>,
}

impl Fault {
    pub(crate) fn new(fields: &'static [&'static str], text: String) -> Self {
        Self { fields, text, link: None }
    }

    /// The words to repeat at `field`.
    pub(crate) fn at(fault: Option<&Self>, field: &str) -> Option<String> {
        fault.filter(|fault| fault.fields == [field]).map(|fault| fault.text.clone())
    }

    fn touches(fault: Option<&Self>, field: &str) -> bool {
        fault.is_some_and(|fault| fault.fields.contains(&field))
    }
}

/// What a field takes: decides keyboards, corrections and what a password manager fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Names and other words.
    Text,
    /// Something to be typed exactly: no correction, no capital letter, always left to right.
    Exact,
    /// An e-mail address.
    Email,
    /// Digits from somewhere else.
    Code,
    /// A secret, with a Show button where scripts run.
    Password,
}

/// One labelled field.
#[derive(Template)]
#[template(path = "parts/field.html", whitespace = "minimize")]
pub(crate) struct Field<'a> {
    shell: &'a Shell,
    fault: Option<&'a Fault>,
    kind: Kind,
    name: &'static str,
    label: String,
    hint: Option<String>,
    value: &'a str,
    autocomplete: &'static str,
    read_only: bool,
    focus: bool,
    last: bool,
}

/// The template escapes every value that it is given, so a page may insert it as it is.
impl askama::filters::HtmlSafe for Field<'_> {}

impl<'a> Field<'a> {
    pub(crate) fn new(shell: &'a Shell, kind: Kind, name: &'static str, label: String) -> Self {
        Self {
            shell,
            fault: None,
            kind,
            name,
            label,
            hint: None,
            value: "",
            autocomplete: "off",
            read_only: false,
            focus: false,
            last: false,
        }
    }

    pub(crate) fn fault(self, fault: Option<&'a Fault>) -> Self {
        Self { fault, ..self }
    }

    pub(crate) fn hint(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    pub(crate) fn value(self, value: &'a str) -> Self {
        Self { value, ..self }
    }

    pub(crate) fn autocomplete(self, autocomplete: &'static str) -> Self {
        Self { autocomplete, ..self }
    }

    pub(crate) fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// Takes the focus when the page opens; a fault at the top of the page takes it first.
    pub(crate) fn focus_if(self, wanted: bool) -> Self {
        Self { focus: wanted && self.fault.is_none(), ..self }
    }

    /// The last field: the enter key of a screen keyboard sends the form.
    pub(crate) fn last(self) -> Self {
        Self { last: true, ..self }
    }

    fn error(&self) -> Option<String> {
        Fault::at(self.fault, self.name)
    }

    fn is_wrong(&self) -> bool {
        Fault::touches(self.fault, self.name)
    }

    fn described_by(&self) -> Option<String> {
        let mut ids = Vec::new();
        if self.hint.is_some() {
            ids.push(format!("{}-hint", self.name));
        }
        if self.error().is_some() {
            ids.push(format!("{}-error", self.name));
        } else if self.is_wrong() {
            ids.push("problem".to_owned());
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Text | Kind::Exact | Kind::Code => "text",
            Kind::Email => "email",
            Kind::Password => "password",
        }
    }

    fn is_exact(&self) -> bool {
        self.kind != Kind::Text
    }

    fn is_code(&self) -> bool {
        self.kind == Kind::Code
    }

    fn is_password(&self) -> bool {
        self.kind == Kind::Password
    }
}

/// The button for another mail, which waits until one may be sent.
#[derive(Template)]
#[template(path = "parts/again.html", whitespace = "minimize")]
pub(crate) struct Again<'a> {
    pub(crate) shell: &'a Shell,
    pub(crate) label: String,
    pub(crate) seconds: u64,
}

/// The template escapes every value that it is given, so a page may insert it as it is.
impl askama::filters::HtmlSafe for Again<'_> {}
