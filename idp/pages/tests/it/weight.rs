//! What a page costs before somebody can use it.

use idp_core::language::Language;
use idp_pages::assets::assets;
use idp_pages::samples::{samples, shell};
use idp_pages::shell::Theme;

use crate::html::tags;

/// The sizes of the files that `page` loads and whose address ends in `ending`.
fn loaded(page: &str, ending: &str) -> usize {
    assets().iter().filter(|a| a.path.ends_with(ending) && page.contains(a.path)).map(|a| a.bytes.len()).sum()
}

/// Before compression. The sealed request of a portal comes on top, some times over; how long it is, the portal
/// decides.
#[test]
fn sign_in_weighs_at_most_20_kb_with_8_kb_of_scripts_in_5_requests() {
    for language in Language::ALL {
        for sample in samples().iter().filter(|sample| sample.name.starts_with("sign-in")) {
            let page = sample.render(&shell(language, Theme::System));
            let (scripts, style) = (loaded(&page, ".js"), loaded(&page, ".css"));
            let total = page.len() + scripts + style + loaded(&page, ".svg");
            assert!(scripts <= 8 * 1024, "{}: {scripts} bytes of scripts", sample.name);
            assert!(total <= 20 * 1024, "{}: {total} bytes, {} of them HTML, {style} CSS", sample.name, page.len());
            let requests = 1 + assets().iter().filter(|asset| page.contains(asset.path)).count();
            assert!(requests <= 5, "{}: {requests} requests", sample.name);
        }
    }
}

#[test]
fn every_page_loads_known_files_of_our_own_and_nothing_else() {
    for sample in samples() {
        let page = sample.render(&shell(Language::En, Theme::System));
        for tag in tags(&page) {
            let address = match tag.name.as_str() {
                "script" | "img" => tag.get("src"),
                "link" => tag.get("href"),
                _ => continue,
            };
            let known = assets().iter().any(|asset| Some(asset.path) == address);
            assert!(known, "{} loads {address:?}", sample.name);
        }
    }
}
