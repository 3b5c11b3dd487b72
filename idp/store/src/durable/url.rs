//! Which database: an address as an operator writes it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// `sqlite:PATH` or `postgres://..`.
#[derive(Clone, PartialEq, Eq)]
pub enum Url {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A server. The text may hold a password.
    Postgres(String),
}

/// A text that is no address of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write sqlite:PATH or postgres://USER@HOST/DATABASE")]
pub struct UrlError;

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() || path.starts_with(':') {
                Err(UrlError)
            } else {
                Ok(Self::Sqlite(path.into()))
            };
        }
        let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_postgres { Ok(Self::Postgres(text.to_owned())) } else { Err(UrlError) }
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://.."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_a_server_and_nothing_else() {
        assert_eq!("sqlite:/var/a.db".parse(), Ok(Url::Sqlite("/var/a.db".into())));
        assert_eq!("sqlite:///var/a.db".parse(), Ok(Url::Sqlite("/var/a.db".into())));
        assert!(matches!("postgres://u:p@h/d".parse(), Ok(Url::Postgres(_))));
        for bad in ["", "sqlite:", "sqlite::memory:", "mysql://h/d", "/var/a.db"] {
            assert!(bad.parse::<Url>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        assert!(!format!("{:?}", "postgres://u:hunter2@h/d".parse::<Url>().unwrap()).contains("hunter2"));
    }
}
