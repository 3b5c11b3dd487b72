//! Every key: its name, its type, its default, what it means. From here come the reference, the schema, what `config
//! show` lists, and what a misspelt key might have meant.

use std::fmt::Write;

use serde_json::{Map, Value, json};

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A URL.
    Url,
    /// An address and a port.
    Address,
    /// The name of a file.
    Path,
    /// A whole number, from and to.
    Number(i64, i64),
    /// Networks, such as `10.0.0.0/8`.
    Networks,
    /// Names of files.
    Paths,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The section it stands in.
    pub section: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// What holds if nothing is said, in words where it depends.
    pub default: Option<&'static str>,
    /// True if it has to be said.
    pub is_needed: bool,
    /// True if it may hold a password: it is never shown.
    pub is_secret: bool,
    /// What it means.
    pub meaning: &'static str,
}

const fn key(section: &'static str, name: &'static str, kind: Kind, meaning: &'static str) -> Key {
    Key { section, name, kind, default: None, is_needed: false, is_secret: false, meaning }
}

impl Key {
    const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    const fn needed(self) -> Self {
        Self { is_needed: true, ..self }
    }

    const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// What a value has to look like, if this one doesn't. The value itself isn't told: it may be a secret that was put
    /// under the wrong name.
    pub fn wanted(&self, value: &toml::Value) -> Option<String> {
        let is_list = |v: &toml::Value| v.as_array().is_some_and(|all| all.iter().all(toml::Value::is_str));
        let fits = match self.kind {
            Kind::Text | Kind::Path => value.is_str(),
            Kind::Url => value.as_str().is_some_and(|v| v.parse::<url::Url>().is_ok()),
            Kind::Address => value.as_str().is_some_and(|v| v.parse::<std::net::SocketAddr>().is_ok()),
            Kind::Number(least, most) => {
                let least = if cfg!(feature = "testing") { 1 } else { least }; // tests hash more cheaply
                value.as_integer().is_some_and(|n| (least..=most).contains(&n))
            }
            Kind::Networks => is_list(value) && value.as_array().is_some_and(|all| all.iter().all(is_network)),
            Kind::Paths => is_list(value),
            Kind::Word(words) => value.as_str().is_some_and(|v| words.contains(&v)),
        };
        (!fits).then(|| self.kind_text())
    }

    /// `section.name`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    fn kind_text(&self) -> String {
        match self.kind {
            Kind::Text => "text".to_owned(),
            Kind::Url => "URL".to_owned(),
            Kind::Address => "address and port".to_owned(),
            Kind::Path => "path".to_owned(),
            Kind::Number(least, most) => format!("whole number, {least} to {most}"),
            Kind::Networks => "list of networks, such as [\"10.0.0.0/8\"], none of them /0".to_owned(),
            Kind::Paths => "list of paths".to_owned(),
            Kind::Word(words) => words.join(" or "),
        }
    }

    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Text | Kind::Address | Kind::Path => json!({ "type": "string" }),
            Kind::Url => json!({ "type": "string", "format": "uri" }),
            Kind::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Kind::Networks | Kind::Paths => json!({ "type": "array", "items": { "type": "string" } }),
            Kind::Word(words) => json!({ "enum": words }),
        };
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".to_owned(), self.meaning.into());
        }
        schema
    }
}

/// All of them, in the order of the reference.
pub const KEYS: &[Key] = &[
    key("server", "public_url", Kind::Url, "The address that browsers and clients use, and the issuer in every token.")
        .needed(),
    key("server", "listen", Kind::Address, "Where pages and endpoints are served.").default("127.0.0.1:8080"),
    key(
        "server",
        "tls_certificate_file",
        Kind::Path,
        "A certificate chain, PEM: TLS and HTTP/2 are spoken here, not by a proxy.",
    ),
    key("server", "tls_key_file", Kind::Path, "Its private key, PEM."),
    key("server", "management", Kind::Address, "Where health and metrics are told, for the operator's machines only.")
        .default("127.0.0.1:9090"),
    key("server", "trusted_proxies", Kind::Networks, "Proxies whose X-Forwarded-For is believed.").default("none"),
    key("server", "product", Kind::Text, "The name that people read where no company is known.").default("Switchboard"),
    key("database", "url", Kind::Text, "sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE.")
        .default("sqlite:var/idp.db")
        .secret(),
    key("database", "threads", Kind::Number(1, 256), "Threads that read SQLite, or connections to PostgreSQL.")
        .default("3, or 10 for PostgreSQL"),
    key("redis", "url", Kind::Text, "Where several servers share the budgets of attempts by address.").secret(),
    key("secrets", "master_key_file", Kind::Path, "A file with 64 hexadecimal digits that only the server may read.")
        .needed(),
    key(
        "secrets",
        "other_master_key_file",
        Kind::Path,
        "The master key before, or the one to come: what is under it is read, and nothing is written under it.",
    ),
    key("password", "workers", Kind::Number(1, 256), "Threads that compute password hashes.")
        .default("all cores but one"),
    key("password", "memory_kib", Kind::Number(7168, 65536), "Memory of one hash, in KiB.").default("19456"),
    key(
        "password",
        "passes",
        Kind::Number(1, 8),
        "Passes over that memory; with 19456 KiB two at least, with less more.",
    )
    .default("2"),
    key("outbound", "allow", Kind::Networks, "Private networks that may be called all the same.").default("none"),
    key(
        "outbound",
        "extra_ca",
        Kind::Paths,
        "Certificates of authorities, PEM, that portals and the mail server may have beside public ones.",
    )
    .default("none"),
    key(
        "mail",
        "url",
        Kind::Text,
        "The mail server: smtp://USER:PASSWORD@HOST (STARTTLS, enforced) or smtps://USER:PASSWORD@HOST (TLS). Without one no mail is sent.",
    )
    .secret(),
    key("mail", "from", Kind::Text, "The sender's address; the name before it is the company's."),
    key("log", "format", Kind::Word(&["json", "text"]), "How a line looks.").default("json"),
    key("log", "level", Kind::Text, "error, warn, info, debug, trace, or a filter such as info,idp_service=debug.")
        .default("info"),
];

/// A network; not the whole world, which would be no choice.
fn is_network(value: &toml::Value) -> bool {
    value.as_str().and_then(|v| v.parse::<ipnet::IpNet>().ok()).is_some_and(|net| net.prefix_len() > 0)
}

/// The key of that section and name.
pub fn find(section: &str, name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.section == section && k.name == name)
}

/// A key that somebody may have meant.
pub fn nearest(section: &str, name: &str) -> Option<String> {
    let typed = format!("{section}.{name}");
    let all = KEYS.iter().map(|k| (strsim::jaro_winkler(&typed, &k.path()), k.path()));
    all.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.85).map(|(_, path)| path)
}

/// The JSON Schema of the file (draft 2020-12).
pub fn schema() -> Value {
    let mut sections = Map::new();
    for key in KEYS {
        let section = sections.entry(key.section).or_insert_with(|| {
            let needed: Vec<&str> =
                KEYS.iter().filter(|k| k.section == key.section && k.is_needed).map(|k| k.name).collect();
            json!({ "type": "object", "additionalProperties": false, "properties": {}, "required": needed })
        });
        if let Some(properties) = section.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(key.name.to_owned(), key.schema());
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Switchboard",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
        "required": ["server", "secrets"],
    })
}

/// The reference, in Markdown.
pub fn reference() -> String {
    let mut text = String::from("| key | type | default | meaning |\n|---|---|---|---|\n");
    for key in KEYS {
        let default = if key.is_needed { "**needed**" } else { key.default.unwrap_or("none") };
        writeln!(text, "| `{}` | {} | {default} | {} |", key.path(), key.kind_text(), key.meaning).ok();
    }
    text
}
