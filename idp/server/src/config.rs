//! The configuration: a file, over it the environment (`IDP__SECTION__KEY`). Unknown keys are refused: a misspelt one
//! must not silently mean its default.

pub mod keys;
mod layers;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

pub use layers::{Layers, Origin};

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
    /// How mails leave.
    #[serde(default)]
    pub mail: Mail,
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
    /// A file with another one, under which we read but don't write.
    #[serde(default)]
    pub other_master_key_file: Option<PathBuf>,
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
    /// Certificates of authorities, PEM, that are trusted beside the public ones.
    pub extra_ca: Vec<PathBuf>,
}

/// How mails leave.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The mail server; may hold a password, so it has no text form.
    pub url: Option<Hidden>,
    /// The sender.
    pub from: Option<String>,
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
    layers(file, environment)?.try_into()
}

/// The same, with where each value came from.
///
/// # Errors
/// If the file can't be read, or there is a key that we don't know.
pub fn layers(file: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Layers, ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|e| ConfigError::Unreadable(file.to_owned(), e))?;
    Layers::read(&text, environment)
}

/// Reads text and lays the environment over it.
///
/// # Errors
/// If something in it can't be.
pub fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    Layers::read(text, environment)?.try_into()
}

impl TryFrom<Layers> for Config {
    type Error = ConfigError;

    fn try_from(layers: Layers) -> Result<Self, ConfigError> {
        let wrong = |e: toml::de::Error| ConfigError::Wrong(e.message().to_owned());
        let config: Self = layers.table.try_into().map_err(wrong)?;
        check(&config)?;
        Ok(config)
    }
}

fn check(config: &Config) -> Result<(), ConfigError> {
    check_level(&config.log.level)?;
    if config.server.listen == config.server.management {
        return Err(ConfigError::Wrong("server.listen and server.management have to be two addresses".to_owned()));
    }
    check_hash(config.password)?;
    if config.mail.url.is_some() != config.mail.from.is_some() {
        return Err(ConfigError::Wrong("mail.url and mail.from go together".to_owned()));
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

/// A filter of directives. A word alone that is no level would be taken for the name of a module, and everything else
/// would be silent.
fn check_level(level: &str) -> Result<(), ConfigError> {
    const WORDS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
    let is_known = |part: &str| WORDS.contains(&part.trim()) || part.contains('=');
    let parsed = tracing_subscriber::EnvFilter::try_new(level);
    if level.split(',').all(is_known) && parsed.is_ok() {
        return Ok(());
    }
    Err(ConfigError::Wrong(format!(
        "log.level: use one of {}, or a filter such as info,idp_service=debug",
        WORDS.join(", ")
    )))
}

/// What a hash has to cost at least: 19 MiB and two passes, or as much with less memory (OWASP, Password Storage Cheat
/// Sheet).
fn check_hash(password: Password) -> Result<(), ConfigError> {
    let memory = u64::from(password.memory_kib.unwrap_or(19_456));
    let cost = memory * u64::from(password.passes.unwrap_or(2));
    if cfg!(feature = "testing") || cost >= 35_840 {
        return Ok(());
    }
    Err(ConfigError::Wrong(
        "password.memory_kib, password.passes: use 19456 and 2, 12288 and 3, 9216 and 4, 7168 and 5, or more"
            .to_owned(),
    ))
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
        let told = |text: &str| parse(&format!("{LEAST}{text}"), std::iter::empty()).unwrap_err().to_string();
        let variable = with(&[("IDP__SERVER__LISTENN", "x")]).unwrap_err().to_string();
        assert!(
            variable.contains("IDP__SERVER__LISTENN") && variable.contains("did you mean server.listen?"),
            "{variable}"
        );
        let section = told("[databse]\nurl = \"x\"\n");
        assert!(section.contains("did you mean database.url?"), "{section}");
        assert!(told("[log]\nlevl = \"info\"\n").contains("did you mean log.level?"));
        assert!(!told("[weather]\nrain = true\n").contains("did you mean"));
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

    #[test]
    fn what_looks_wrong_is_refused_without_being_told() {
        let secret = "hunter2";
        for (text, key) in [
            ("[database]\nthreads = 0\n".to_owned(), "database.threads"),
            (format!("[database]\nthreads = \"{secret}\"\n"), "database.threads"),
            (format!("[database]\nurl = \"postgres://idp:{secret}\\pw@db/idp\"\n"), "line 6"),
            ("[outbound]\nallow = [\"0.0.0.0/0\"]\n".to_owned(), "outbound.allow"),
            ("[log]\nlevel = \"inof\"\n".to_owned(), "log.level"),
            ("[password]\npasses = 9\n".to_owned(), "password.passes"),
        ] {
            let told = parse(&format!("{LEAST}{text}"), std::iter::empty()).unwrap_err().to_string();
            assert!(told.contains(key) && !told.contains(secret), "{text}: {told}");
        }
        for variables in [
            &[("IDP_SERVER__TRUSTED_PROXIES", "[\"10.0.0.0/8\"]")][..],
            &[("IDP__SERVER__TRUSTED_PROXIES", "[\"::/0\"]")],
            &[("IDP__LOG__LEVEL", "info"), ("IDP__LOG__LEVEL_FILE", "/dev/null")],
            &[("IDP__SERVER__LISTEN", "127.0.0.1:9090")],
        ] {
            assert!(with(variables).is_err(), "{variables:?}");
        }
        assert!(
            with(&[("IDP_SERVICE_HOST", "10.0.0.1"), ("IDP_CONFIG", "x")]).is_ok(),
            "a cluster sets such variables"
        );
        let told = parse("[server]\npublic_url = \"https://id.example\"\n", std::iter::empty()).unwrap_err();
        assert!(told.to_string().contains("secrets.master_key_file is needed"), "{told}");
    }

    #[test]
    fn every_key_is_read_and_nothing_else() {
        let read = |section: &str, name: &str, value: &str| {
            let text = format!("[{section}]\n{name} = {value}\n");
            let table: toml::Table = text.parse().unwrap();
            let mut least: toml::Table = LEAST.parse().unwrap();
            let values = least.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            let said = table[section].as_table().unwrap().clone();
            values.as_table_mut().unwrap().extend(said);
            least.try_into::<Config>().map(drop)
        };
        for key in keys::KEYS {
            let value = match key.kind {
                keys::Kind::Number(least, _) => &least.to_string(),
                keys::Kind::Networks => "[\"10.0.0.0/8\"]",
                keys::Kind::Paths => "[\"a.pem\"]",
                keys::Kind::Address => "\"127.0.0.1:1\"",
                keys::Kind::Url => "\"https://id.example\"",
                keys::Kind::Word(words) => &format!("{:?}", words[0]),
                keys::Kind::Text | keys::Kind::Path => "\"x\"",
            };
            read(key.section, key.name, value).unwrap_or_else(|e| panic!("{}: {e}", key.path()));
        }
        assert!(read("server", "other", "1").is_err());
        assert!(keys::KEYS.iter().filter(|k| k.is_needed).count() <= 12);
    }

    #[test]
    fn the_commented_file_explains_every_key() {
        let text = include_str!("../../../config/idp.toml");
        for key in keys::KEYS {
            assert!(
                text.lines().any(|l| l.trim_start_matches("# ").starts_with(&format!("{} = ", key.name))),
                "{}",
                key.path()
            );
        }
    }

    #[test]
    fn what_is_shown_tells_where_it_came_from_and_no_secret() {
        let folder = std::env::temp_dir().join(format!("idp-config-{}", std::process::id()));
        std::fs::write(&folder, "postgres://u:hunter2@h/d\n").unwrap();
        let file = folder.to_str().unwrap().to_owned();
        let environment = [("IDP__DATABASE__URL_FILE", file.as_str()), ("IDP__LOG__LEVEL", "warn")];
        let environment = environment.map(|(n, v)| (n.to_owned(), v.to_owned()));
        let layers = Layers::read(LEAST, environment.into_iter()).unwrap();
        let shown = layers.shown();
        let of =
            |path: &str| shown.iter().find(|(p, ..)| p == path).map(|(_, v, o)| (v.as_str(), o.to_string())).unwrap();
        assert_eq!(of("server.public_url"), ("\"https://id.example\"", "file".to_owned()));
        assert_eq!(of("server.listen"), ("127.0.0.1:8080", "default".to_owned()));
        assert_eq!(of("log.level"), ("\"warn\"", "environment, IDP__LOG__LEVEL".to_owned()));
        assert_eq!(of("database.url"), ("(not shown)", format!("{file}, named by IDP__DATABASE__URL_FILE")));
        assert!(!format!("{shown:?}").contains("hunter2"));
        std::fs::remove_file(folder).unwrap();
    }
}
