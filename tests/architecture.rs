//! The floors hold: who may import whom, no circle between rooms, no SQL and no HTTP outside their rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// What each crate may know of the others, and what it must not know of the world.
const WALLS: [(&str, &[&str], &[&str]); 10] = [
    ("idp/core", &[], &["tokio", "axum", "diesel", "redis", "reqwest", "openssl", "tracing", "getrandom", "hyper"]),
    ("idp/crypto", &["idp-core"], &["axum", "diesel", "redis", "reqwest", "hyper"]),
    ("idp/store", &["idp-core"], &["axum", "reqwest", "openssl", "josekit", "hyper"]),
    ("idp/pages", &["idp-core"], &["axum", "diesel", "redis", "reqwest", "tokio", "openssl", "hyper"]),
    (
        "idp/service",
        &["idp-core", "idp-crypto", "idp-pages", "idp-store"],
        &["axum", "diesel", "redis", "hyper", "josekit", "openssl"],
    ),
    (
        "idp/server",
        &["idp-core", "idp-crypto", "idp-store", "idp-pages", "idp-service", "switchboard-crm", "switchboard-voice"],
        &["diesel", "redis", "reqwest", "josekit", "openssl"],
    ),
    // Portals know the provider by its protocol only.
    ("clients/rp", &[], &["diesel", "redis", "josekit"]),
    ("clients/portal", &["switchboard-rp"], &["diesel", "redis", "josekit", "openidconnect"]),
    ("clients/voice", &["switchboard-portal", "switchboard-rp"], &["diesel", "redis", "josekit", "openidconnect"]),
    ("clients/crm", &["switchboard-portal", "switchboard-rp"], &["diesel", "redis", "josekit", "openidconnect"]),
];

fn dependencies(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = text.parse().expect("TOML");
    let of = |table: &toml::Table| table.get("dependencies").and_then(|d| d.as_table()).cloned().unwrap_or_default();
    let mut all: Vec<String> = of(&manifest).keys().cloned().collect();
    // [target.'cfg(..)'.dependencies] is a table like any other.
    for target in manifest.get("target").and_then(|t| t.as_table()).into_iter().flatten() {
        all.extend(target.1.as_table().map(of).unwrap_or_default().keys().cloned());
    }
    all
}

fn breaches(crate_name: &str, found: &[String], allowed: &[&str], forbidden: &[&str]) -> Vec<String> {
    let own = |d: &&String| d.starts_with("idp-") || d.starts_with("switchboard-");
    let edges = found.iter().filter(own).filter(|d| !allowed.contains(&d.as_str()));
    let world = found.iter().filter(|d| forbidden.contains(&d.as_str()));
    edges.chain(world).map(|d| format!("{crate_name} must not know {d}")).collect()
}

#[test]
fn no_crate_knows_one_above_it() {
    let mut all = Vec::new();
    for (folder, allowed, forbidden) in WALLS {
        all.extend(breaches(folder, &dependencies(&root().join(folder)), allowed, forbidden));
    }
    assert_eq!(all, Vec::<String>::new());
}

#[test]
fn a_breach_is_seen() {
    let found = vec!["idp-store".to_owned(), "tokio".to_owned(), "serde".to_owned()];
    assert_eq!(breaches("idp/core", &found, WALLS[0].1, WALLS[0].2).len(), 2);
}

/// Every source file of a crate, without what tests alone compile.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.join("src")];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").map(|e| e.expect("an entry").path()) {
            if entry.is_dir() {
                waiting.push(entry);
            } else if entry.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&entry).expect("text");
                let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
                let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
                found.push((entry, code.join("\n")));
            }
        }
    }
    found
}

/// The room of a file: the first folder or file below `src`.
fn room(folder: &Path, file: &Path) -> String {
    let below = file.strip_prefix(folder.join("src")).expect("a source");
    let first = below.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn mentions(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let after = |t: &str| t.chars().take_while(|c| is_name(*c)).collect::<String>();
    let paths = text.split("crate::").skip(1).map(after);
    let groups = text.split("crate::{").skip(1).flat_map(|t| {
        let (mut depth, mut names, mut at_start) = (0, Vec::new(), true);
        for (n, c) in t.char_indices() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => at_start = true,
                c if depth == 0 && at_start && is_name(c) => {
                    names.push(after(&t[n..]));
                    at_start = false;
                }
                _ => {}
            }
        }
        names
    });
    paths.chain(groups).filter(|n| !n.is_empty()).collect()
}

fn circle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        at: &str,
        path: &mut Vec<String>,
        edges: &BTreeMap<String, BTreeSet<String>>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        if path.iter().any(|p| p == at) {
            path.push(at.to_owned());
            return true;
        }
        if done.contains(at) {
            return false;
        }
        path.push(at.to_owned());
        for next in edges.get(at).into_iter().flatten() {
            if walk(next, path, edges, done) {
                return true;
            }
        }
        path.pop();
        done.insert(at.to_owned());
        false
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|room| {
        let mut path = Vec::new();
        walk(room, &mut path, edges, &mut done).then_some(path)
    })
}

#[test]
fn rooms_of_a_crate_stand_in_no_circle() {
    // The libraries of the portals are put together in one file each, whose types their other rooms know.
    let is_library = |folder: &str| matches!(folder, "clients/rp" | "clients/portal");
    for (folder, ..) in WALLS.into_iter().filter(|(folder, ..)| !is_library(folder)) {
        let folder = root().join(folder);
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let all = sources(&folder);
        let rooms: BTreeSet<String> = all.iter().map(|(file, _)| room(&folder, file)).collect();
        for (file, text) in &all {
            let own = room(&folder, file);
            if own == "lib" || own == "main" {
                continue;
            }
            let others = mentions(text).into_iter().filter(|m| *m != own && rooms.contains(m));
            edges.entry(own.clone()).or_default().extend(others);
        }
        assert_eq!(circle(&edges), None, "{}", folder.display());
    }
}

#[test]
fn nested_groups_are_read() {
    let text = "use crate::{a::{b, c}, d::e, f};\nuse crate::g::h;";
    let found: Vec<String> = mentions(text).into_iter().collect();
    assert_eq!(found, ["a", "d", "f", "g"]);
}

#[test]
fn a_circle_is_seen() {
    let edge = |a: &str, b: &str| (a.to_owned(), BTreeSet::from([b.to_owned()]));
    assert!(circle(&BTreeMap::from([edge("a", "b"), edge("b", "c"), edge("c", "a")])).is_some());
    assert!(circle(&BTreeMap::from([edge("a", "b"), edge("b", "c")])).is_none());
}

/// Lines that only one room may hold.
const ONLY_HERE: [(&str, &str, &[&str]); 8] = [
    ("diesel::", "idp/store/src/durable idp/store/src/durable.rs", &["idp"]),
    ("axum::", "idp/server/src", &["idp"]),
    ("reqwest::", "idp/service/src/outside", &["idp"]),
    ("lettre::", "idp/service/src/outside", &["idp"]),
    ("idp_pages::", "idp/service/src/mail", &["idp/service"]),
    ("idp_store::", "idp/service/src idp/server/src/boot.rs idp/server/src/cli", &["idp"]),
    ("idp_crypto::", "idp/service/src idp/server/src/boot.rs idp/server/src/cli", &["idp"]),
    (".manage(Permission", "idp/server/src/web/admin", &["idp/server"]),
];

#[test]
fn some_things_are_said_in_one_room_only() {
    let mut all = Vec::new();
    for (text, rooms, roots) in ONLY_HERE {
        let rooms: Vec<PathBuf> = rooms.split(' ').map(|r| root().join(r)).collect();
        for (folder, ..) in WALLS.iter().filter(|(f, ..)| roots.iter().any(|r| f.starts_with(r))) {
            for (file, code) in sources(&root().join(folder)) {
                if code.contains(text) && !rooms.iter().any(|r| file.starts_with(r)) {
                    all.push(format!("{text} in {}", file.display()));
                }
            }
        }
    }
    assert_eq!(all, Vec::<String>::new());
}
