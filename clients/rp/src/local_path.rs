//! The one kind of address that a sign-in may return to: a path of this application. Not here: who asks for it.

use std::fmt;

/// Longer ones would make the cookies of several open tabs outgrow what servers accept.
const LONGEST: usize = 512;

/// A path (with its query) of this application, safe in a `Location` header.
///
/// A browser takes `//host`, `/\host` and tabs in between for another site; none of them passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// The start page.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Takes the text if it is a path of this application.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.split_once('?').map_or(text, |(path, _)| path);
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let local = text.starts_with('/') && !path.contains("//");
        (plain && local && text.len() <= LONGEST).then(|| Self(text.to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the path is one of the library's own, where a return would lead in circles.
    pub(crate) fn is_ours(&self) -> bool {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        ["/sign-in", "/callback", "/sign-out", "/signed-out", "/backchannel-logout"].contains(&path)
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_application_pass() {
        for path in ["/", "/calls", "/calls?page=2", "/calls?from=https://id.example//x", "/a/b#c"] {
            assert_eq!(LocalPath::parse(path).map(|path| path.to_string()).as_deref(), Some(path));
        }
    }

    #[test]
    fn everything_that_could_leave_the_application_is_refused() {
        let long = format!("/{}", "a".repeat(LONGEST));
        let cases = [
            "",
            "calls",
            "https://evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " /calls",
            "/ca lls",
            "/.//evil.example",
            "/a//b",
            "/\u{0}",
            "/ä",
            "javascript:alert(1)",
            long.as_str(),
        ];
        for path in cases {
            assert_eq!(LocalPath::parse(path), None, "{path:?}");
        }
    }

    #[test]
    fn the_paths_of_the_library_are_known() {
        assert!(LocalPath::parse("/sign-in?prompt=login").unwrap().is_ours());
        assert!(LocalPath::parse("/callback").unwrap().is_ours());
        assert!(!LocalPath::parse("/sign-ins").unwrap().is_ours());
    }
}
