//! Writes every sample, in every language and theme, and the files they load into a folder to look at in a browser.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use idp_core::language::Language;
use idp_pages::assets::assets;
use idp_pages::i18n::Pseudo;
use idp_pages::samples::{samples, shell};
use idp_pages::shell::{Shell, Theme};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).filter(|a| !a.to_string_lossy().starts_with('-'));
    let folder = folder.ok_or("name the folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets() {
        fs::write(folder.join(asset.path.trim_start_matches('/')), asset.bytes)?;
    }
    for theme in Theme::ALL {
        for language in Language::ALL {
            write(&folder.join(format!("{}-{}", language.tag(), theme.name())), &shell(language, theme))?;
        }
    }
    for (name, pseudo) in [("en-XA", Pseudo::EnXa), ("ar-XB", Pseudo::ArXb)] {
        write(&folder.join(name), &Shell { pseudo: Some(pseudo), ..shell(Language::En, Theme::System) })?;
    }
    Ok(())
}

fn write(folder: &Path, shell: &Shell) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for sample in samples() {
        fs::write(folder.join(format!("{}.html", sample.name)), sample.render(shell))?;
    }
    Ok(())
}
