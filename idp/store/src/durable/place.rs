//! Is the file still where it was opened? Whoever moves, replaces or deletes it, or the journal beside it, while a server runs
//! would lose what is written from then on, at the next start and without a word (SQLite, "How To Corrupt An SQLite Database
//! File", sections 2.4 and 2.5).

use std::path::{Path, PathBuf};

use crate::durable::StoreError;

/// Which file an address leads to.
type Id = (u64, u64);

/// A database file and its journal, as they were opened.
pub(crate) struct Place {
    file: PathBuf,
    journal: PathBuf,
    opened: Option<(Id, Id)>,
}

impl Place {
    /// Remembers them at the first look that finds both.
    pub(crate) fn of(file: &Path) -> Self {
        let mut journal = file.as_os_str().to_owned();
        journal.push("-wal");
        Self { file: file.to_owned(), journal: journal.into(), opened: None }
    }

    /// Is either of them gone, or another?
    pub(crate) fn is_left(&mut self) -> bool {
        let now = id(&self.file).zip(id(&self.journal));
        let opened = self.opened;
        self.opened = opened.or(now);
        opened.is_some_and(|opened| now != Some(opened))
    }

    /// What to say of it.
    pub(crate) fn told(&self) -> StoreError {
        let (file, journal) = (self.file.display(), self.journal.display());
        StoreError::Unavailable(format!(
            "{file} or {journal} was moved, replaced or deleted while it was in use; nothing is written any more. \
             Stop the server, put the files in order, start it again"
        ))
    }
}

#[cfg(unix)]
fn id(file: &Path) -> Option<Id> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(file).ok().map(|found| (found.dev(), found.ino()))
}

/// Elsewhere a file in use can't be deleted.
#[cfg(not(unix))]
fn id(_file: &Path) -> Option<Id> {
    None
}
