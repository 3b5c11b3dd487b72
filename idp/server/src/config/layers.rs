//! Layers: defaults, over them the file, over that the environment. Each value remembers where it came from.

use std::collections::BTreeMap;
use std::fmt;

use toml::{Table, Value};

use super::ConfigError;
use super::keys::{self, Kind};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration's file.
    File,
    /// A variable of the environment.
    Environment(String),
    /// A file that a variable names.
    SecretFile(String, String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File => f.write_str("file"),
            Self::Environment(name) => write!(f, "environment, {name}"),
            Self::SecretFile(name, file) => write!(f, "{file}, named by {name}"),
        }
    }
}

/// What was said, and where.
#[derive(Debug)]
pub struct Layers {
    pub(super) table: Table,
    origins: BTreeMap<String, Origin>,
}

fn unknown(section: &str, name: &str, place: &str) -> ConfigError {
    let meant = keys::nearest(section, name).map(|k| format!("; did you mean {k}?")).unwrap_or_default();
    ConfigError::Wrong(format!("there is no key {section}.{name} ({place}){meant}"))
}

/// Where a file is no TOML. The line itself isn't told: it may hold a password.
fn syntax(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    ConfigError::Wrong(format!("line {}: {}", before.lines().count().max(1), error.message()))
}

/// `IDP_SERVER__LISTEN` was meant for us and would be passed over.
fn refuse_near_miss(name: &str) -> Result<(), ConfigError> {
    let lower = name.to_lowercase();
    let path = lower.strip_prefix("idp_").and_then(|rest| rest.split_once("__"));
    match path.and_then(|(section, key)| keys::find(section, key.strip_suffix("_file").unwrap_or(key))) {
        Some(key) => {
            let right = format!("IDP__{}__{}", key.section, key.name).to_uppercase();
            Err(ConfigError::Wrong(format!("there is no variable {name}; did you mean {right}?")))
        }
        None => Ok(()),
    }
}

impl Layers {
    /// Reads the file's text and lays the environment over it.
    ///
    /// # Errors
    /// If something in it can't be.
    pub fn read(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let table: Table = text.parse().map_err(|e: toml::de::Error| syntax(text, &e))?;
        let mut layers = Self { table, origins: BTreeMap::new() };
        layers.check_file()?;
        for (name, value) in environment {
            match name.strip_prefix("IDP__") {
                Some(path) => layers.overlay((&name, &path.to_lowercase()), &value)?,
                None => refuse_near_miss(&name)?,
            }
        }
        layers.check_values()?;
        Ok(layers)
    }

    fn check_file(&mut self) -> Result<(), ConfigError> {
        for (section, values) in &self.table {
            let Value::Table(values) = values else {
                return Err(ConfigError::Wrong(format!(
                    "{section} stands outside of a section; write [section] above it"
                )));
            };
            for name in values.keys() {
                let key = keys::find(section, name).ok_or_else(|| unknown(section, name, "in the file"))?;
                self.origins.insert(key.path(), Origin::File);
            }
        }
        Ok(())
    }

    /// Each value looks as its key wants it.
    fn check_values(&self) -> Result<(), ConfigError> {
        for key in keys::KEYS {
            let said = self.table.get(key.section).and_then(|s| s.get(key.name));
            if let Some(wanted) = said.and_then(|value| key.wanted(value)) {
                let place = self.origins.get(&key.path()).unwrap_or(&Origin::Default);
                return Err(ConfigError::Wrong(format!("{} ({place}): use a {wanted}", key.path())));
            }
        }
        let missing =
            keys::KEYS.iter().find(|k| k.is_needed && self.table.get(k.section).and_then(|s| s.get(k.name)).is_none());
        match missing {
            Some(key) => Err(ConfigError::Wrong(format!("{} is needed: {}", key.path(), key.meaning))),
            None => Ok(()),
        }
    }

    /// `IDP__DATABASE__URL_FILE` names a file with the value of `database.url`.
    fn overlay(&mut self, (variable, path): (&str, &str), value: &str) -> Result<(), ConfigError> {
        let Some((section, name)) = path.split_once("__") else {
            return Err(ConfigError::Wrong(format!("{variable} names no section and key; write IDP__SECTION__KEY")));
        };
        let (key, text, origin) = match (keys::find(section, name), name.strip_suffix("_file")) {
            (Some(key), _) => (key, value.to_owned(), Origin::Environment(variable.to_owned())),
            (None, Some(plain)) => {
                let key = keys::find(section, plain).ok_or_else(|| unknown(section, name, variable))?;
                let text = std::fs::read_to_string(value)
                    .map_err(|e| ConfigError::NoSecret(variable.to_owned(), value.into(), e))?;
                (key, text.trim_end().to_owned(), Origin::SecretFile(variable.to_owned(), value.to_owned()))
            }
            (None, None) => return Err(unknown(section, name, variable)),
        };
        if let Some(Origin::Environment(other) | Origin::SecretFile(other, _)) = self.origins.get(&key.path()) {
            return Err(ConfigError::Wrong(format!("{other} and {variable} both set {}; keep one", key.path())));
        }
        let slot = self.table.entry(key.section).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(values) = slot else { return Err(unknown(section, name, variable)) };
        values.insert(key.name.to_owned(), read_value(key.kind, text));
        self.origins.insert(key.path(), origin);
        Ok(())
    }

    /// Every key with its value, as far as that may be shown, and where it came from.
    pub fn shown(&self) -> Vec<(String, String, Origin)> {
        let row = |key: &keys::Key| {
            let origin = self.origins.get(&key.path()).cloned().unwrap_or(Origin::Default);
            let said = self.table.get(key.section).and_then(|s| s.get(key.name));
            let value = match said {
                Some(_) if key.is_secret => "(not shown)".to_owned(),
                Some(value) => value.to_string(),
                None => key.default.unwrap_or("-").to_owned(),
            };
            (key.path(), value, origin)
        };
        keys::KEYS.iter().map(row).collect()
    }
}

/// Numbers and lists are written as in TOML; anything else is text.
fn read_value(kind: Kind, text: String) -> Value {
    match kind {
        Kind::Number(..) | Kind::Networks | Kind::Paths => {
            let parsed = format!("v = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("v"));
            parsed.unwrap_or(Value::String(text))
        }
        Kind::Text | Kind::Url | Kind::Address | Kind::Path | Kind::Word(_) => Value::String(text),
    }
}
