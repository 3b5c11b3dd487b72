//! `idp demo`: the provider and both portals in one process, with data to try them on.

mod mailbox;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use axum::Router;
use idp_core::authority::SystemAdmin;
use idp_crypto::random::Random;
use idp_crypto::seal::MasterKey;
use idp_service::apply::{Document, Mode, apply};
use idp_service::context::Ctx;
use idp_service::jobs::Jobs;
use idp_service::outside::post::{Captured, Post};
use switchboard_voice::{PortalConfig, Secret};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use super::out::{say, strong};
use super::serve::told_to_stop;
use crate::boot::{self, Schema};
use crate::config::{self, Config};
use crate::serve::Edge;
use crate::{serve, telemetry, web};

/// What the demonstration starts with.
const DATA: &str = include_str!("../../../../config/demo.toml");

/// The files a demonstration leaves in its folder.
const FILES: [&str; 4] = ["idp.db", "idp.db-wal", "idp.db-shm", "master.key"];

/// Options.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the data is kept.
    #[arg(long, default_value = "var/demo", value_name = "FOLDER")]
    folder: PathBuf,
    /// The provider's port.
    #[arg(long, default_value_t = 8080, value_name = "PORT")]
    port: u16,
    /// The voice portal's port.
    #[arg(long, default_value_t = 8081, value_name = "PORT")]
    voice_port: u16,
    /// The CRM portal's port.
    #[arg(long, default_value_t = 8082, value_name = "PORT")]
    crm_port: u16,
    /// Send mails by the mail server of `IDP__MAIL__URL`, instead of showing them.
    #[arg(long)]
    send_mail: bool,
    /// Forget everything and start over.
    #[arg(long)]
    reset: bool,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<()> {
    let ports = [(args.port, "--port"), (args.voice_port, "--voice-port"), (args.crm_port, "--crm-port")];
    let mut doors = Vec::new();
    for (port, option) in ports {
        doors.push(door(port, option)?);
    }
    folder(args)?;
    let config = config(args)?;
    telemetry::start(&config.log);
    telemetry::tell_panics();
    let (post, mailbox) = mails(args, &config)?;
    let cx = boot::context_with(&config, Schema::Migrate, boot::clock(), post).await?;
    let document = document(args)?;
    apply(&cx, &SystemAdmin::operator(), &document, Mode::Apply).await?;
    let app = boot::app(&config, Arc::clone(&cx));
    let provider = web::router(app.clone()).merge(mailbox);
    let clock = Shared(Arc::clone(&cx));
    let routers = [provider, portal(args, &document, ("voice", &clock))?, portal(args, &document, ("crm", &clock))?];
    let jobs = Jobs::start(&cx);
    let (stop, stopped) = watch::channel(false);
    let mut serving = JoinSet::new();
    for (listeners, router) in doors.into_iter().zip(routers) {
        for listener in listeners {
            serving.spawn(serve::serve(listener, router.clone(), Edge::default(), stopped.clone()));
        }
    }
    summary(args, &document);
    told_to_stop().await?;
    app.stop();
    stop.send(true).ok(); // nobody listens any more: all have stopped
    while serving.join_next().await.is_some() {}
    jobs.stop().await;
    Ok(())
}

/// How mails leave, and the page that shows them if they don't.
fn mails(args: &Args, config: &Config) -> anyhow::Result<(Post, Router)> {
    if args.send_mail {
        if config.mail.url.is_none() || config.mail.from.is_none() {
            bail!("--send-mail needs a mail server: set IDP__MAIL__URL and IDP__MAIL__FROM");
        }
        return Ok((boot::post(config)?, Router::new()));
    }
    let captured = Arc::new(Captured::default());
    Ok((Post::Box(Arc::clone(&captured)), mailbox::router(captured)))
}

/// `localhost` is one address or two, depending on the machine.
fn door(port: u16, option: &str) -> anyhow::Result<Vec<TcpListener>> {
    let v4 = serve::listen(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    let v4 = v4.with_context(|| format!("port {port} is taken; choose another with {option}"))?;
    let v6 = serve::listen(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port));
    Ok(std::iter::once(v4).chain(v6.ok()).collect())
}

fn folder(args: &Args) -> anyhow::Result<()> {
    let folder = &args.folder;
    let unwritable = || format!("{} can't be written; choose another folder with --folder", folder.display());
    std::fs::create_dir_all(folder).with_context(unwritable)?;
    if args.reset {
        for name in FILES {
            match std::fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(unwritable);
                }
                Ok(()) | Err(_) => {}
            }
        }
    }
    let key = folder.join("master.key");
    if !key.exists() {
        if folder.join("idp.db").exists() {
            bail!("{} is gone and the data can't be read without it; start over with --reset", key.display());
        }
        let made = MasterKey::generate(&Random::System)?;
        write_private(&key, made.to_hex().expose()).with_context(unwritable)?;
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())
}

/// A configuration like any other, for this machine only.
fn config(args: &Args) -> anyhow::Result<Config> {
    let text = toml::toml! {
        [secrets]
        [database]
        [outbound]
        allow = ["127.0.0.0/8", "::1/128"]
        [log]
        format = "text"
        level = "warn"
    };
    let mut table = text;
    let mut put = |section: &str, key: &str, value: String| {
        let slot = table.entry(section).or_insert_with(|| toml::Table::new().into());
        if let toml::Value::Table(section) = slot {
            section.insert(key.to_owned(), value.into());
        }
    };
    put("server", "public_url", format!("http://localhost:{}", args.port));
    put("server", "listen", format!("127.0.0.1:{}", args.port));
    put("secrets", "master_key_file", args.folder.join("master.key").display().to_string());
    put("database", "url", format!("sqlite:{}", args.folder.join("idp.db").display()));
    let meant = |name: &str| {
        name.starts_with("IDP__LOG__")
            || args.send_mail && (name.starts_with("IDP__MAIL__") || name == "IDP__OUTBOUND__EXTRA_CA")
    };
    Ok(config::parse(&table.to_string(), std::env::vars().filter(|(name, _)| meant(name)))?)
}

/// The data, with the portals where they are this time.
fn document(args: &Args) -> anyhow::Result<Document> {
    let text = DATA
        .replace("localhost:8081", &format!("localhost:{}", args.voice_port))
        .replace("localhost:8082", &format!("localhost:{}", args.crm_port));
    toml::from_str(&text).context("config/demo.toml")
}

/// The portals live by the provider's clock: what it gives out is of now for them, too.
#[derive(Clone)]
struct Shared(Arc<Ctx>);

impl switchboard_voice::Clock for Shared {
    fn now(&self) -> SystemTime {
        let micros = u64::try_from(self.0.clock.now().micros()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
    }
}

fn portal(args: &Args, document: &Document, (client_id, clock): (&str, &Shared)) -> anyhow::Result<Router> {
    let entry = document.clients.iter().find(|c| c.client_id == client_id);
    let secret = entry.context("config/demo.toml lacks a portal")?.secret().map_err(anyhow::Error::msg)?;
    let at = |port: u16| Url::parse(&format!("http://localhost:{port}/"));
    let is_voice = client_id == "voice";
    let (own, other) = if is_voice { (args.voice_port, args.crm_port) } else { (args.crm_port, args.voice_port) };
    let config = PortalConfig {
        issuer: at(args.port)?,
        public_url: at(own)?,
        client_id: client_id.to_owned(),
        client_secret: secret.map(|s| Secret::new(s.expose().clone())),
        other_portal: Some(at(other)?),
    };
    let clock = clock.clone();
    Ok(if is_voice { switchboard_voice::router_by(config, clock)? } else { switchboard_crm::router_by(config, clock)? })
}

/// What there is to try, and with which password.
fn summary(args: &Args, document: &Document) {
    say("");
    say(strong("Switchboard is running. Open a portal and sign in; the other one opens by itself."));
    say("");
    say(format!("  Voice Portal   http://localhost:{}", args.voice_port));
    say(format!("  CRM Portal     http://localhost:{}", args.crm_port));
    say(format!("  Identity       http://localhost:{}   (administrators land in the console)", args.port));
    if !args.send_mail {
        say(format!("  Mails          http://localhost:{}/dev/mail   (nothing is sent)", args.port));
    }
    for tenant in &document.tenants {
        say("");
        say(strong(&format!("{}   http://localhost:{}/t/{}", tenant.name, args.port, tenant.code)));
        for account in &tenant.accounts {
            let what = match (account.roles.first().map(String::as_str), account.portals.as_slice()) {
                (Some("tenant_admin"), _) => "administrator",
                (Some(_), _) => "agent",
                (None, [only]) if only == "crm" => "CRM contact",
                (None, _) => "member",
            };
            let username = username(&account.login, &tenant.code);
            let email = account.email.as_deref().unwrap_or("no e-mail");
            let password = account.shown_password().unwrap_or("-");
            say(format!("  {username:<24} {what:<14} {email:<32} {}", strong(password)));
        }
    }
    say("");
    say(format!("Data is kept in {}; --reset starts over. Stop with Ctrl-C.", args.folder.display()));
    say("");
}

fn username(login: &str, tenant: &str) -> String {
    match (login.parse::<idp_core::account::LoginName>(), tenant.parse()) {
        (Ok(login), Ok(tenant)) => login.full(&tenant),
        _ => login.to_owned(),
    }
}
