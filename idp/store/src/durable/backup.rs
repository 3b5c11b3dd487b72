//! Copies of a database, made while it works, and put back into an empty place.

use std::path::Path;
use std::process::{Command, Output};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use percent_encoding::percent_decode_str;

use crate::durable::conn::{self, Access};
use crate::durable::{StoreError, Url, Write};

fn failed(what: &str, cause: &impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("{what}: {}", cause.to_string().trim()))
}

/// The address without its password, and the password, which a program gets by its environment: arguments are for
/// everybody to see.
fn apart(url: &str) -> (String, Option<String>) {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut base, mut password) = (base.to_owned(), None);
    if let Some((scheme, rest)) = base.split_once("://")
        && let Some((user, place)) = rest.split_once('@')
        && let Some((name, secret)) = user.split_once(':')
    {
        (base, password) = (format!("{scheme}://{name}@{place}"), Some(secret.to_owned()));
    }
    let mut options: Vec<&str> = query.split('&').filter(|o| !o.is_empty()).collect();
    options.retain(|option| {
        let secret = option.strip_prefix("password=");
        password = secret.map(str::to_owned).or_else(|| password.take());
        secret.is_none()
    });
    if !options.is_empty() {
        base = format!("{base}?{}", options.join("&"));
    }
    (base, password.map(|p| percent_decode_str(&p).decode_utf8_lossy().into_owned()))
}

fn run(program: &str, arguments: &[&str], password: Option<&str>) -> Result<Output, StoreError> {
    let mut command = Command::new(program);
    command.args(arguments);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let done = command.output().map_err(|e| {
        failed(&format!("{program} can't be run; install PostgreSQL's client programs of the server's version"), &e)
    })?;
    if done.status.success() { Ok(done) } else { Err(failed(program, &String::from_utf8_lossy(&done.stderr))) }
}

/// Copies a database into a file that doesn't exist yet, as it is at one moment. People go on meanwhile.
///
/// # Errors
/// If it can't be read, or the file is there or can't be written.
pub(crate) fn backup(url: &Url, to: &Path) -> Result<(), StoreError> {
    private(to)?;
    let copied = copy(url, to);
    if copied.is_err() {
        std::fs::remove_file(to).ok(); // half a backup is none
    }
    copied
}

/// Makes the file, for its owner's eyes only, before anything is in it.
fn private(file: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::Unavailable(format!("{} exists; name another file", file.display())))
        }
        Err(e) => Err(failed(&format!("{} can't be written", file.display()), &e)),
    }
}

fn copy(url: &Url, to: &Path) -> Result<(), StoreError> {
    match url {
        Url::Sqlite(path) => {
            let mut conn = conn::sqlite(path, Access::Read)?;
            let quoted = to.display().to_string().replace('\'', "''");
            conn.batch_execute(&format!("PRAGMA query_only = OFF; VACUUM INTO '{quoted}'"))
                .map_err(|e| failed("the copy failed", &e))
        }
        Url::Postgres(url) => {
            let (url, password) = apart(url);
            let file = to.display().to_string();
            let arguments = ["--format=custom", "--no-owner", "--no-privileges", "--file", &file, "--dbname", &url];
            run("pg_dump", &arguments, password.as_deref()).map(drop)
        }
    }
}

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// Reads a SQLite file from end to end: pages, indexes, and rows that point to others.
fn verify_sqlite(path: &Path) -> Result<String, StoreError> {
    let damaged = |why: &dyn std::fmt::Display| failed(&format!("{} is damaged", path.display()), &why);
    if !path.exists() {
        return Err(failed(&path.display().to_string(), &"there is no such file"));
    }
    let mut conn = conn::sqlite(path, Access::Read).map_err(|e| damaged(&e))?;
    let verdict: Verdict =
        diesel::sql_query("PRAGMA integrity_check(1)").get_result(&mut conn).map_err(|e| damaged(&e))?;
    if verdict.integrity_check != "ok" {
        return Err(damaged(&verdict.integrity_check));
    }
    let loose: Count = diesel::sql_query("SELECT count(*) AS n FROM pragma_foreign_key_check()")
        .get_result(&mut conn)
        .map_err(|e| damaged(&e))?;
    if loose.n > 0 {
        return Err(damaged(&format!("{} rows point to rows that are not there", loose.n)));
    }
    let accounts: Count =
        diesel::sql_query("SELECT count(*) AS n FROM accounts").get_result(&mut conn).map_err(|e| damaged(&e))?;
    Ok(format!("{}: sound, {} accounts", path.display(), accounts.n))
}

/// Checks a backup, or a database where it stands, and says what was found.
///
/// # Errors
/// If it is damaged or can't be read.
pub(crate) fn verify(url: &Url, file: Option<&Path>) -> Result<String, StoreError> {
    match (url, file) {
        (Url::Sqlite(path), None) => verify_sqlite(path),
        (Url::Sqlite(_), Some(file)) => verify_sqlite(file),
        (Url::Postgres(_), Some(file)) => {
            let damaged = |e: StoreError| failed(&format!("{} is damaged, or no backup", file.display()), &e);
            let listed = run("pg_restore", &["--list", &file.display().to_string()], None).map_err(damaged)?;
            let text = String::from_utf8_lossy(&listed.stdout).into_owned();
            let tables = text.lines().filter(|l| l.contains(" TABLE DATA ")).count();
            if text.contains("TABLE DATA public accounts") {
                // The list stands at the beginning. That the data is all there shows when it is read.
                run("pg_restore", &["--file", "/dev/null", &file.display().to_string()], None).map_err(damaged)?;
                Ok(format!("{}: readable, data of {tables} tables", file.display()))
            } else {
                Err(failed(&file.display().to_string(), &"it holds no accounts: no backup of ours"))
            }
        }
        (Url::Postgres(url), None) => {
            let mut conn = conn::postgres(url)?;
            let accounts: Count = diesel::sql_query("SELECT count(*) AS n FROM accounts")
                .get_result(&mut conn)
                .map_err(|e| failed("the database can't be read", &e))?;
            Ok(format!("the database can be read, {} accounts; PostgreSQL checks its pages itself", accounts.n))
        }
    }
}

/// A restored database has this table until everything that must not come back with it is dead. Nobody serves it
/// before.
const MARK: &str = "unfinished_restore";

/// How far a restore came that was not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing has arrived yet.
    Empty,
    /// Everything has arrived.
    Arrived,
}

/// Was a restore begun here and not finished?
///
/// # Errors
/// If the database can't be read.
pub(crate) fn begun(url: &Url) -> Result<Option<Begun>, StoreError> {
    let unread = |e: &dyn std::fmt::Display| failed("the database can't be read", &e);
    let count = |table: &str, conn: &mut conn::Conn| {
        let query = match conn {
            conn::Conn::Sqlite(_) => format!("SELECT count(*) AS n FROM sqlite_master WHERE name = '{table}'"),
            conn::Conn::Postgres(_) => {
                format!("SELECT count(*) AS n FROM pg_catalog.pg_tables WHERE tablename = '{table}'")
            }
        };
        let found: Result<Count, _> = match conn {
            conn::Conn::Sqlite(c) => diesel::sql_query(query).get_result(c),
            conn::Conn::Postgres(c) => diesel::sql_query(query).get_result(c),
        };
        found.map(|c| c.n > 0).map_err(|e| unread(&e))
    };
    let mut conn = match url {
        Url::Sqlite(path) if std::fs::metadata(path).map_or(0, |f| f.len()) == 0 => return Ok(None),
        Url::Sqlite(path) => conn::Conn::Sqlite(conn::sqlite(path, Access::Read)?),
        Url::Postgres(url) => conn::Conn::Postgres(conn::postgres(url)?),
    };
    if !count(MARK, &mut conn)? {
        return Ok(None);
    }
    Ok(Some(if count("instance", &mut conn)? { Begun::Arrived } else { Begun::Empty }))
}

/// Takes the mark away, in the act that ends everything that was born before.
///
/// # Errors
/// If the statement fails.
pub fn finish_restore(w: &mut Write<'_>) -> Result<(), StoreError> {
    diesel::sql_query(format!("DROP TABLE IF EXISTS {MARK}")).execute(w.conn)?;
    Ok(())
}

/// Puts a backup into a place where nothing is. What arrives is marked as unfinished.
///
/// # Errors
/// If something is there, or the backup can't be read.
pub(crate) fn restore(url: &Url, from: &Path) -> Result<(), StoreError> {
    verify(url, Some(from))?;
    match url {
        Url::Sqlite(path) => restore_sqlite(path, from),
        Url::Postgres(url) => restore_postgres(url, from),
    }
}

fn restore_sqlite(path: &Path, from: &Path) -> Result<(), StoreError> {
    // A log that was left behind would be played into the database that arrives.
    for ending in ["", "-wal", "-shm"] {
        let there = format!("{}{ending}", path.display());
        if Path::new(&there).exists() {
            return Err(StoreError::Unavailable(format!("{there} exists; move it away first")));
        }
    }
    let no_copy = |e: &dyn std::fmt::Display| failed("the copy failed", &e);
    let arriving = path.with_extension("restoring");
    std::fs::remove_file(&arriving).ok(); // of a restore that was cut off
    private(&arriving)?;
    let mut copy = std::fs::OpenOptions::new().write(true).open(&arriving).map_err(|e| no_copy(&e))?;
    std::fs::File::open(from).and_then(|mut file| std::io::copy(&mut file, &mut copy)).map_err(|e| no_copy(&e))?;
    copy.sync_all().map_err(|e| no_copy(&e))?;
    let text = arriving.to_str().ok_or_else(|| StoreError::Unavailable("the path isn't UTF-8".into()))?;
    let mut conn = SqliteConnection::establish(text).map_err(|e| no_copy(&e))?;
    conn.batch_execute(&format!("CREATE TABLE IF NOT EXISTS {MARK} (id INTEGER)")).map_err(|e| no_copy(&e))?;
    drop(conn);
    owned_like_its_folder(&arriving).map_err(|e| no_copy(&e))?;
    std::fs::rename(&arriving, path).map_err(|e| no_copy(&e))
}

/// Made by root in a service's folder, a file is the service's: it couldn't open it otherwise.
///
/// # Errors
/// If the owner can't be changed.
pub fn owned_like_its_folder(file: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (wanted, is) = (std::fs::metadata(folder)?, std::fs::metadata(file)?);
        if is.uid() == 0 && wanted.uid() != 0 {
            chown(file, Some(wanted.uid()), Some(wanted.gid()))?;
        }
    }
    #[cfg(not(unix))]
    let _unused = file;
    Ok(())
}

fn restore_postgres(url: &str, from: &Path) -> Result<(), StoreError> {
    let mut conn = conn::reach(url).map_err(|e| failed("the database can't be reached", &e))?;
    let others =
        format!("SELECT count(*) AS n FROM pg_catalog.pg_tables WHERE schemaname = 'public' AND tablename <> '{MARK}'");
    let tables: Count =
        diesel::sql_query(others).get_result(&mut conn).map_err(|e| failed("the database can't be read", &e))?;
    if tables.n > 0 {
        return Err(StoreError::Unavailable("the database is not empty; make a new one".into()));
    }
    // Before anything arrives: there is no moment at which somebody could serve it.
    conn.batch_execute(&format!("CREATE TABLE IF NOT EXISTS {MARK} (id INTEGER)"))
        .map_err(|e| failed("the database can't be written", &e))?;
    drop(conn);
    let (url, password) = apart(url);
    let file = from.display().to_string();
    let arguments = ["--exit-on-error", "--single-transaction", "--no-owner", "--dbname", &url, &file];
    run("pg_restore", &arguments, password.as_deref()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        let (url, password) = apart("postgres://u:hunter2@h:5/d?sslmode=require");
        assert_eq!((url.as_str(), password.as_deref()), ("postgres://u@h:5/d?sslmode=require", Some("hunter2")));
        assert_eq!(
            apart("postgres://u:a%40b%3A@h/d").1.as_deref(),
            Some("a@b:"),
            "as it is, not as an address writes it"
        );
        assert_eq!(apart("postgres://u@h/d").1, None);
        let (url, password) = apart("postgres://u@h/d?sslmode=require&password=a%26b&application_name=x");
        assert_eq!(url, "postgres://u@h/d?sslmode=require&application_name=x");
        assert_eq!(password.as_deref(), Some("a&b"));
        assert_eq!(apart("postgres:///d?password=p"), ("postgres:///d".into(), Some("p".into())));
    }
}
