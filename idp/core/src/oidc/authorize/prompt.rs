//! The parameter `prompt` (OpenID Connect Core section 3.1.2.1).

/// What the client wants the person to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompts {
    /// No page at all.
    pub none: bool,
    /// Prove again who you are.
    pub login: bool,
    /// Choose who you want to be.
    pub select_account: bool,
}

impl Prompts {
    /// Reads the list; `none` stands alone, and a word nobody defined is an error.
    pub(super) fn read(text: Option<&str>) -> Option<Self> {
        let mut prompts = Self::default();
        let mut consent = false; // our own clients need no agreement, so it is met by itself
        for word in text.unwrap_or("").split(' ').filter(|w| !w.is_empty()) {
            match word {
                "none" => prompts.none = true,
                "login" => prompts.login = true,
                "select_account" => prompts.select_account = true,
                "consent" => consent = true,
                _ => return None,
            }
        }
        let alone = !(prompts.login || prompts.select_account || consent);
        (!prompts.none || alone).then_some(prompts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone_and_unknown_words_are_refused() {
        assert!(Prompts::read(Some("none")).unwrap().none);
        assert!(Prompts::read(Some("none login")).is_none());
        assert!(Prompts::read(Some("dance")).is_none());
        assert_eq!(Prompts::read(None), Some(Prompts::default()));
        assert!(Prompts::read(Some("login select_account")).unwrap().select_account);
    }
}
