//! The configuration: a file, over it the environment (`IDP__SECTION__KEY`). Unknown keys are refused: a misspelt one must
//! not silently mean its default.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;
use toml::{Table, Value};
use url::Url;

/// All of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the outside reaches us.
    pub server: Server,
    /// Where state is kept.
    #[serde(default)]
    pub database: Database,
    /// Where budgets are shared between nodes.
    #[serde(default)]
    pub redis: Redis,
    /// Keys that don't stand in the database.
    pub secrets: Secrets,
    /// What hashing may cost.
    #[serde(default)]
    pub password: Password,
    /// Where we may call.
    #[serde(default)]
    pub outbound: Outbound,
    /// Logs.
    #[serde(default)]
    pub log: Log,
}

/// How the outside reaches us.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address that browsers and clients use; also the issuer.
    pub public_url: Url,
    /// Where we listen.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Where health is told, for the operator's machines only.
    #[serde(default = "default_management")]
    pub management: SocketAddr,
    /// A certificate chain, PEM: then we speak TLS ourselves, and HTTP/2.
    #[serde(default)]
    pub tls_certificate_file: Option<PathBuf>,
    /// Its key, PEM.
    #[serde(default)]
    pub tls_key_file: Option<PathBuf>,
    /// Proxies whose word about a client's address counts.
    #[serde(default)]
    pub trusted_proxies: Vec<IpNet>,
    /// What the vendor calls the product.
    #[serde(default = "default_product")]
    pub product: String,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_management() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9090))
}

fn default_product() -> String {
    "Switchboard".to_owned()
}

/// Where state is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://..`; may hold a password, so it has no text form.
    pub url: Hidden,
    /// Threads that read SQLite, or connections to PostgreSQL.
    pub threads: Option<usize>,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: Hidden("sqlite:var/idp.db".to_owned()), threads: None }
    }
}

/// Where budgets are shared.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Redis {
    /// `redis://..`; without it each process counts for itself.
    pub url: Option<Hidden>,
}

/// Keys that don't stand in the database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// A file with the master key: 64 hexadecimal digits.
    pub master_key_file: PathBuf,
}

/// What hashing may cost.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Password {
    /// Threads; all cores but one if nothing is said.
    pub workers: Option<usize>,
    /// Memory of a hash, in KiB.
    pub memory_kib: Option<u32>,
    /// Passes over it.
    pub passes: Option<u32>,
}

/// Where we may call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Networks that are not public and may be called all the same.
    pub allow: Vec<IpNet>,
}

/// Logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `json` or `text`.
    pub format: Format,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,idp_service=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: Format::Json, level: "info".to_owned() }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For machines.
    Json,
    /// For eyes.
    Text,
}

/// A text that may hold a password.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(..)")
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{0} can't be read: {1}; name another file with --config")]
    Unreadable(PathBuf, std::io::Error),
    /// A file that a variable names can't be read.
    #[error("{0} names {1}, which can't be read: {2}")]
    NoSecret(String, PathBuf, std::io::Error),
    /// It says something that can't be.
    #[error("the configuration can't be used: {0}")]
    Wrong(String),
}

/// Reads a file and lays the environment over it.
///
/// # Errors
/// If the file can't be read, or something in it can't be.
pub fn load(file: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|e| ConfigError::Unreadable(file.to_owned(), e))?;
    parse(&text, environment)
}

/// Reads text and lays the environment over it.
///
/// # Errors
/// If something in it can't be.
pub fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let mut table: Table =
        text.parse().map_err(|e: toml::de::Error| ConfigError::Wrong(e.to_string().trim_end().to_owned()))?;
    for (name, value) in environment {
        if let Some(path) = name.strip_prefix("IDP__") {
            overlay(&mut table, (&name, &path.to_lowercase()), &value)?;
        }
    }
    let config: Config =
        table.try_into().map_err(|e: toml::de::Error| ConfigError::Wrong(e.to_string().trim_end().to_owned()))?;
    check(&config)?;
    Ok(config)
}

/// Keys whose value is the name of a file.
const FILE_KEYS: [&str; 3] = ["master_key_file", "tls_certificate_file", "tls_key_file"];

/// `IDP__DATABASE__URL_FILE` names a file with the value of `database.url`.
fn overlay(table: &mut Table, (name, path): (&str, &str), value: &str) -> Result<(), ConfigError> {
    let Some((section, key)) = path.split_once("__") else {
        return Err(ConfigError::Wrong(format!("{name} names no section and key; write IDP__SECTION__KEY")));
    };
    let from_file = key.strip_suffix("_file").filter(|_| !FILE_KEYS.contains(&key));
    let (key, text) = match from_file {
        Some(key) => {
            let text =
                std::fs::read_to_string(value).map_err(|e| ConfigError::NoSecret(name.to_owned(), value.into(), e))?;
            (key, text.trim_end().to_owned())
        }
        None => (key, value.to_owned()),
    };
    let slot = table.entry(section.to_owned()).or_insert_with(|| Value::Table(Table::new()));
    let Value::Table(section) = slot else { return Err(ConfigError::Wrong(format!("{section} is not a section"))) };
    let is_text = matches!(key, "product" | "url" | "level" | "format" | "public_url");
    section.insert(key.to_owned(), if is_text { Value::String(text) } else { read_value(text) });
    Ok(())
}

/// A number, switch or list as TOML writes it; anything else is text.
fn read_value(text: String) -> Value {
    let parsed = format!("v = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("v"));
    match parsed {
        Some(value @ (Value::Integer(_) | Value::Boolean(_) | Value::Array(_))) => value,
        Some(Value::String(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_)) | None => Value::String(text),
    }
}

fn check(config: &Config) -> Result<(), ConfigError> {
    if let Err(why) = tracing_subscriber::EnvFilter::try_new(&config.log.level) {
        return Err(ConfigError::Wrong(format!("log.level: {why}")));
    }
    if config.server.tls_certificate_file.is_some() != config.server.tls_key_file.is_some() {
        return Err(ConfigError::Wrong("server.tls_certificate_file and server.tls_key_file go together".to_owned()));
    }
    let url = &config.server.public_url;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let wrong = |why: &str| Err(ConfigError::Wrong(format!("server.public_url: {why}")));
    if url.scheme() != "https" && !(url.scheme() == "http" && local) {
        return wrong("use https; plain http is only for localhost");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return wrong("leave out path, query and user name; cookies belong to a whole host");
    }
    Ok(())
}

impl Config {
    /// The issuer: the public URL without its last slash.
    pub fn issuer(&self) -> String {
        self.server.public_url.as_str().trim_end_matches('/').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[server]\npublic_url = \"https://id.example\"\n[secrets]\nmaster_key_file = \"k\"\n";

    fn with(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        parse(LEAST, environment.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn two_keys_are_enough() {
        let config = with(&[]).unwrap();
        assert_eq!(config.issuer(), "https://id.example");
        assert_eq!(config.server.listen.port(), 8080);
    }

    #[test]
    fn the_environment_comes_over_the_file() {
        let config =
            with(&[("IDP__SERVER__LISTEN", "0.0.0.0:9"), ("IDP__DATABASE__THREADS", "7"), ("HOME", "/")]).unwrap();
        assert_eq!((config.server.listen.port(), config.database.threads), (9, Some(7)));
        let allow = with(&[("IDP__OUTBOUND__ALLOW", "[\"127.0.0.0/8\"]")]).unwrap().outbound.allow;
        assert_eq!(allow.len(), 1);
    }

    #[test]
    fn a_misspelt_key_is_refused_wherever_it_stands() {
        assert!(with(&[("IDP__SERVER__LISTENN", "x")]).unwrap_err().to_string().contains("listenn"));
        assert!(parse(&format!("{LEAST}[databse]\nurl = \"x\"\n"), std::iter::empty()).is_err());
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert!(with(&[("IDP__SERVER__PUBLIC_URL", "http://id.example")]).is_err());
        assert!(with(&[("IDP__SERVER__PUBLIC_URL", "http://localhost:8080")]).is_ok());
        assert!(with(&[("IDP__SERVER__PUBLIC_URL", "https://id.example/auth")]).is_err());
    }

    #[test]
    fn a_database_password_has_no_text_form() {
        let config = with(&[("IDP__DATABASE__URL", "postgres://u:hunter2@h/d")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
