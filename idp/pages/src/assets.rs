//! The files that pages load: two stylesheets, ten small scripts, one icon. Each address carries a digest of the
//! bytes, so browsers may keep a file for ever and still get a new one at once. Serving them is the server's work.

use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// One file.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Where it is served, for example `/assets/app.3f2a91c0.css`.
    pub path: &'static str,
    /// The media type with its character set.
    pub content_type: &'static str,
    /// What is served.
    pub bytes: &'static [u8],
}

struct Source {
    stem: &'static str,
    extension: &'static str,
    content_type: &'static str,
    text: &'static str,
    /// Leaves out what only people read.
    lean: fn(&str) -> String,
}

const SCRIPT: Source =
    Source { stem: "", extension: "js", content_type: "text/javascript; charset=utf-8", text: "", lean: lean_script };

static SOURCES: [Source; 13] = [
    Source {
        stem: "app",
        extension: "css",
        content_type: "text/css; charset=utf-8",
        text: include_str!("../assets/app.css"),
        lean: lean_style,
    },
    Source {
        stem: "inside",
        extension: "css",
        content_type: "text/css; charset=utf-8",
        text: include_str!("../assets/inside.css"),
        lean: lean_style,
    },
    Source { stem: "theme", text: include_str!("../assets/theme.js"), ..SCRIPT },
    Source { stem: "menu", text: include_str!("../assets/menu.js"), ..SCRIPT },
    Source { stem: "show", text: include_str!("../assets/show.js"), ..SCRIPT },
    Source { stem: "countdown", text: include_str!("../assets/countdown.js"), ..SCRIPT },
    // One file for the sign-in page: each request counts there.
    Source {
        stem: "sign-in",
        text: concat!(include_str!("../assets/show.js"), "\n", include_str!("../assets/passkey.js")),
        ..SCRIPT
    },
    Source { stem: "passkeys", text: include_str!("../assets/passkeys.js"), ..SCRIPT },
    Source { stem: "again", text: include_str!("../assets/again.js"), ..SCRIPT },
    Source { stem: "go", text: include_str!("../assets/go.js"), ..SCRIPT },
    Source { stem: "copy", text: include_str!("../assets/copy.js"), ..SCRIPT },
    Source { stem: "keep", text: include_str!("../assets/keep.js"), ..SCRIPT },
    Source {
        stem: "favicon",
        extension: "svg",
        content_type: "image/svg+xml",
        text: include_str!("../assets/favicon.svg"),
        lean: |text| text.trim().to_owned(),
    },
];

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| SOURCES.iter().map(named).collect());

/// All of them.
pub fn assets() -> &'static [Asset] {
    &ASSETS
}

/// The address of a file by its plain name, for templates.
pub(crate) fn path(stem: &str) -> &'static str {
    SOURCES.iter().zip(assets()).find(|(source, _)| source.stem == stem).map_or("", |(_, asset)| asset.path)
}

fn named(source: &Source) -> Asset {
    // Leaked on purpose: a few files and their names, once, for as long as the program runs.
    let bytes = (source.lean)(source.text).leak().as_bytes();
    let digest = HEXLOWER.encode(Sha256::digest(bytes).get(..4).unwrap_or_default());
    let path = format!("/assets/{}.{digest}.{}", source.stem, source.extension).leak();
    Asset { path, content_type: source.content_type, bytes }
}

/// A script without its whole-line comments and its indentation. Ours has no text that runs over several lines.
fn lean_script(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A stylesheet without its comments and the spaces that mean nothing.
fn lean_style(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let one_line = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    // A colon with a space after it stands in a declaration; in a selector that space would have a meaning, so ours
    // has none there.
    [(" { ", "{"), ("; }", "}"), (" }", "}"), ("} ", "}"), ("; ", ";"), (": ", ":"), (", ", ",")]
        .iter()
        .fold(one_line, |style, (long, short)| style.replace(long, short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_carries_eight_digits_of_its_digest() {
        for asset in assets() {
            let whole = HEXLOWER.encode(&Sha256::digest(asset.bytes));
            let named = asset.path.split('.').nth(1).unwrap_or_default();
            assert!(named.len() == 8 && whole.starts_with(named), "{}", asset.path);
        }
        assert_eq!(path("app"), assets()[0].path);
    }
    #[test]
    fn a_lean_file_says_the_same() {
        let style = "/* Why. */\na b:hover, c {\n  color: red;\n  inset: calc(1px + 2px) 0;\n}\n@media (min-width: 1px) {\n  a { b: c; }\n}\n";
        assert_eq!(lean_style(style), "a b:hover,c{color:red;inset:calc(1px + 2px) 0}@media (min-width:1px){a{b:c}}");
        assert_eq!(lean_script("// Why.\nif (a) {\n  // How.\n  b(\"//c\");\n}\n"), "if (a) {\nb(\"//c\");\n}");
    }
}
