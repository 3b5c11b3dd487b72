//! Who is meant by what somebody typed: `201-wickedsprockets`, a mail address, company and account, or a bare extension
//! where the company is known. One reading for every door.

use crate::account::{Email, LoginName, is_deceptive, prepare};
use crate::tenant::TenantCode;

/// The longest text anybody types as his name, in bytes.
const LONGEST: usize = 320;

/// Whom a text points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// A name inside a company.
    InCompany(TenantCode, LoginName),
    /// A mail address, in the known company first.
    Mail(Email),
    /// A name without a company: the company has to be asked for, whoever it is.
    Bare(LoginName),
    /// A text that can be nobody's. It gets the same work and the same answer as a wrong password.
    Nobody,
}

/// Reads what was typed into the one field of the sign-in page.
///
/// A company that stands in the text is the person's own word, so it comes before the company the page was opened for.
pub fn read(typed: &str, known: Option<&TenantCode>) -> Identifier {
    if typed.len() > LONGEST || typed.trim().chars().any(is_deceptive) {
        return Identifier::Nobody;
    }
    let text = prepare(typed);
    if let Some((name, company)) = text.split_once('@') {
        return at_sign(&text, name, company);
    }
    if let Some((extension, company)) = text.split_once('-')
        && !extension.is_empty()
        && extension.bytes().all(|b| b.is_ascii_digit())
        && let (Ok(login), Ok(code)) = (extension.parse(), company.parse())
    {
        return Identifier::InCompany(code, login);
    }
    match (text.parse(), known) {
        (Ok(login), Some(code)) => Identifier::InCompany(code.clone(), login),
        (Ok(login), None) => Identifier::Bare(login),
        (Err(_), _) => Identifier::Nobody,
    }
}

/// `maria@wickedsprockets` is a name in a company, since a company's code has no dot; `maria@company.example` is mail.
fn at_sign(text: &str, name: &str, company: &str) -> Identifier {
    if let (Ok(login), Ok(code)) = (name.parse(), company.parse()) {
        return Identifier::InCompany(code, login);
    }
    text.parse().map_or(Identifier::Nobody, Identifier::Mail)
}

/// What was typed into the two fields of the company step: a company and an account, which may be a mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Company {
    /// Its code.
    Code(TenantCode),
    /// Its name, prepared; several companies may share one, then it means none.
    Name(String),
}

/// Reads the company field: a code if it looks like one, else a name.
pub fn read_company(typed: &str) -> Company {
    let text = prepare(typed);
    text.parse().map_or(Company::Name(text), Company::Code)
}

/// The form in which company names are compared.
pub fn company_key(name: &str) -> String {
    prepare(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> TenantCode {
        text.parse().unwrap()
    }

    fn in_company(company: &str, login: &str) -> Identifier {
        Identifier::InCompany(code(company), login.parse().unwrap())
    }

    #[test]
    fn the_first_hyphen_ends_the_extension() {
        assert_eq!(read("201-wickedsprockets", None), in_company("wickedsprockets", "201"));
        assert_eq!(read("201-wicked-sprockets", None), in_company("wicked-sprockets", "201"));
    }

    #[test]
    fn a_bare_extension_asks_for_the_company_unless_it_is_known() {
        assert_eq!(read("201", None), Identifier::Bare("201".parse().unwrap()));
        assert_eq!(read("201", Some(&code("acme"))), in_company("acme", "201"));
    }

    #[test]
    fn the_company_in_the_text_comes_before_the_known_one() {
        assert_eq!(read("201-acme", Some(&code("wickedsprockets"))), in_company("acme", "201"));
    }

    #[test]
    fn an_at_sign_means_mail_if_a_dot_follows_and_a_company_if_not() {
        assert_eq!(read("Maria@Acme.Example", None), Identifier::Mail("maria@acme.example".parse().unwrap()));
        assert_eq!(read("maria@acme", None), in_company("acme", "maria"));
        assert_eq!(read("201@acme", None), in_company("acme", "201"));
    }

    #[test]
    fn every_spelling_is_one_person() {
        for spelling in
            ["201-WickedSprockets", "  201-wickedsprockets ", "２０１-wickedsprockets", "201－wickedsprockets"]
        {
            assert_eq!(read(spelling, None), in_company("wickedsprockets", "201"), "{spelling}");
        }
    }

    #[test]
    fn what_can_be_nobody_is_nobody() {
        for text in ["", "   ", "a b", "a@b@c.example", "201\u{202e}-acme", "\0", &"x".repeat(400), "a\r\nb"] {
            assert_eq!(read(text, None), Identifier::Nobody, "{text:?}");
        }
    }

    #[test]
    fn a_company_is_known_by_code_or_name() {
        assert_eq!(read_company(" WickedSprockets "), Company::Code(code("wickedsprockets")));
        assert_eq!(read_company("Wicked Sprockets"), Company::Name("wicked sprockets".into()));
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics_and_is_stable(text in ".{0,60}") {
            let first = read(&text, None);
            proptest::prop_assert_eq!(read(&text, None), first);
        }
    }
}
