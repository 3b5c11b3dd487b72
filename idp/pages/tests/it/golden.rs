//! Every page in English, as it was last agreed on.

use std::collections::BTreeSet;
use std::fs;

use idp_core::language::Language;
use idp_pages::assets::assets;
use idp_pages::samples::{Sample, samples, shell};
use idp_pages::shell::Theme;

use crate::source;

#[test]
fn pages_are_as_agreed() {
    let folder = source::root().join("golden");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        rewrite(&folder);
    }
    for sample in samples() {
        let agreed = fs::read_to_string(folder.join(format!("{}.html", sample.name))).unwrap_or_default();
        assert!(
            agreed == drawn(&sample),
            "{} differs from golden/{0}.html; if that is meant, run with UPDATE_GOLDEN=1 and look at the difference",
            sample.name
        );
    }
    let known: BTreeSet<_> = samples().iter().map(|sample| format!("{}.html", sample.name)).collect();
    let kept: BTreeSet<_> =
        source::files("golden").iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
    assert_eq!(known, kept, "golden/ holds exactly one file for each sample");
}

fn rewrite(folder: &std::path::Path) {
    fs::remove_dir_all(folder).expect("the old pages can be removed");
    fs::create_dir_all(folder).expect("the folder can be made");
    for sample in samples() {
        fs::write(folder.join(format!("{}.html", sample.name)), drawn(&sample)).expect("a page can be written");
    }
}

/// The page without the digests in the names of its files: a new colour is not a new page.
fn drawn(sample: &Sample) -> String {
    let page = sample.render(&shell(Language::En, Theme::System));
    assets().iter().fold(page, |page, asset| {
        let mut parts = asset.path.split('.');
        let (stem, extension) = (parts.next().expect("a stem"), parts.next_back().expect("an extension"));
        page.replace(asset.path, &format!("{stem}.{extension}"))
    })
}
