//! The three walks of `docs/ARCHITECTURE.md` against the code as it is: the files are there, the functions are in them,
//! and each is called by the one above it, in that order.

use std::path::Path;

/// A row of a walk.
#[derive(Debug)]
struct Row {
    step: String,
    file: String,
    function: String,
}

fn rows(text: &str) -> Vec<Row> {
    let cell = |c: &str| c.trim().trim_matches('`').to_owned();
    let is_step = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.lines()
        .filter(|l| l.starts_with('|'))
        .map(|l| l.trim_matches('|').split('|').map(cell).collect::<Vec<_>>())
        .filter(|c| c.len() >= 4 && is_step(&c[0]))
        .map(|c| Row { step: c[0].clone(), file: c[1].clone(), function: c[2].clone() })
        .collect()
}

/// The body of a function: from its name to the next item at the same indent.
fn body<'a>(source: &'a str, function: &str) -> Option<&'a str> {
    let at = [format!("fn {function}("), format!("fn {function}<")].iter().find_map(|f| source.find(f))?;
    let line = source[..at].rfind('\n').map_or(0, |n| n + 1);
    let indent: String = source[line..at].chars().take_while(|c| *c == ' ').collect();
    let end = source[at..].find(&format!("\n{indent}}}")).map_or(source.len(), |n| at + n);
    Some(&source[at..end])
}

fn mention(text: &str, function: &str, from: usize) -> Option<usize> {
    let whole = |at: usize| {
        let before = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let after = text[at + function.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        before && after
    };
    text.match_indices(function).map(|(at, _)| at).find(|at| *at >= from && whole(*at))
}

#[test]
fn each_walk_goes_through_the_code_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let text = std::fs::read_to_string(root.join("docs/ARCHITECTURE.md")).expect("docs/ARCHITECTURE.md");
    let walks: Vec<&str> = text.split("\n## Walk ").skip(1).collect();
    assert_eq!(walks.len(), 3, "three walks, each under a heading `## Walk ..`");
    for walk in walks {
        let rows = rows(walk);
        assert!(rows.len() >= 6, "{rows:?}");
        for (n, row) in rows.iter().enumerate() {
            let source = std::fs::read_to_string(root.join(&row.file)).unwrap_or_else(|e| panic!("{row:?}: {e}"));
            assert!(body(&source, &row.function).is_some(), "{row:?} is not there");
            let Some((above, _)) = row.step.rsplit_once('.') else { continue };
            let parent =
                rows[..n].iter().rfind(|r| r.step == above).unwrap_or_else(|| panic!("{row:?} hangs in the air"));
            let source = std::fs::read_to_string(root.join(&parent.file)).expect("checked above");
            let calls = body(&source, &parent.function).expect("checked above");
            let elder = rows[..n]
                .iter()
                .rfind(|r| r.step.rsplit_once('.').map(|(a, _)| a) == Some(above) && r.step != row.step);
            let from = elder
                .and_then(|e| mention(calls, &e.function, parent.function.len() + 3))
                .unwrap_or(parent.function.len() + 3);
            assert!(
                mention(calls, &row.function, from).is_some(),
                "{row:?} is not called by {parent:?}, or not in this order"
            );
        }
    }
}
