//! Are the files still where they were opened? Whoever moves, replaces or deletes the database, or what SQLite keeps
//! beside it, while a server runs would lose what is written from then on, at the next start and without a word
//! (SQLite, "How To Corrupt An SQLite Database File", sections 1.3 and 2.4). A copy written over the file in its place
//! can't be told from our own writes.

use std::path::{Path, PathBuf};

use crate::durable::StoreError;

/// Which file an address leads to.
type Id = (u64, u64);

/// A database file, its journal and the index of that, as they were opened.
pub(crate) struct Place {
    file: PathBuf,
    beside: [PathBuf; 2],
    file_opened: Option<Id>,
    beside_opened: Option<[Option<Id>; 2]>,
}

impl Place {
    /// Remembers the file, which is open. SQLite keeps the others beside the file that a link leads to.
    pub(crate) fn of(path: &Path) -> Self {
        let file = std::fs::canonicalize(path).unwrap_or_else(|_cause| path.to_owned());
        let beside = ["-wal", "-shm"].map(|end| {
            let mut name = file.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        });
        Self { file_opened: id(&file), beside_opened: None, file, beside }
    }

    /// Is the file itself still there?
    pub(crate) fn has_file(&self) -> bool {
        id(&self.file) == self.file_opened
    }

    /// Is one of them gone, or another? Those beside the file are remembered at the first look after they were opened.
    pub(crate) fn has_moved(&mut self) -> bool {
        let now = [id(&self.beside[0]), id(&self.beside[1])];
        let opened = self.beside_opened;
        self.beside_opened = opened.or(Some(now));
        let differs = |(opened, now): (Option<Id>, Option<Id>)| opened.is_some() && opened != now;
        !self.has_file() || opened.is_some_and(|opened| opened.into_iter().zip(now).any(differs))
    }

    /// The last connection that closes takes those beside the file away, and the next makes them anew.
    pub(crate) fn reopened(&mut self) {
        self.beside_opened = None;
    }

    /// What to say of it.
    pub(crate) fn error(&self) -> StoreError {
        StoreError::Unavailable(format!(
            "{0}, or {0}-wal or {0}-shm, was moved, replaced or deleted while it was in use; nothing is written any more. \
             Stop the server, put the files in order, start it again",
            self.file.display()
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
