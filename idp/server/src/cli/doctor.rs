//! `idp doctor`: looks at an installation as it stands, piece by piece, and says what to do.

use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use idp_core::oidc::client::Client;
use idp_core::time::Lifetime;
use idp_service::context::Ctx;
use idp_service::error::ServiceError;
use idp_store::{Store, Url};
use serde::Serialize;

use super::out::{say, strong};
use crate::boot::{self, Schema};
use crate::config::Config;
use idp_service::when::date_time;

/// Options.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// For programs: JSON.
    #[arg(long)]
    json: bool,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Fail,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// Everything that was found.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, check: &'static str, found: impl Into<String>) {
        self.0.push(Finding { check, state: State::Ok, found: found.into(), fix: None });
    }

    fn warn(&mut self, check: &'static str, found: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { check, state: State::Warn, found: found.into(), fix: Some(fix.into()) });
    }

    fn fail(&mut self, check: &'static str, found: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { check, state: State::Fail, found: found.into(), fix: Some(fix.into()) });
    }
}

pub(super) async fn run(file: &Path, args: &Args) -> anyhow::Result<()> {
    let mut findings = Findings::default();
    look(file, &mut findings).await;
    if args.json {
        say(serde_json::to_string_pretty(&findings.0)?);
    } else {
        findings.0.iter().for_each(tell);
    }
    let failed = findings.0.iter().filter(|f| f.state == State::Fail).count();
    if failed > 0 {
        bail!("{failed} of {} checks failed", findings.0.len());
    }
    Ok(())
}

fn tell(finding: &Finding) {
    let state = match finding.state {
        State::Ok => "ok  ".to_owned(),
        State::Warn => strong("warn"),
        State::Fail => strong("FAIL"),
    };
    say(format!("{state}  {:<15} {}", finding.check, finding.found));
    if let Some(fix) = &finding.fix {
        say(format!("      {:<15} {fix}", ""));
    }
}

/// One thing after the other; what rests on something that failed isn't looked at.
async fn look(file: &Path, findings: &mut Findings) {
    let config = match super::load(file) {
        Ok(config) => config,
        Err(error) => {
            return findings.fail(
                "configuration",
                format!("{error:#}"),
                "run `idp config check` until it says that it can be used",
            );
        }
    };
    findings.ok("configuration", format!("{} can be read", file.display()));
    match boot::check_files(&config) {
        Ok(()) => findings.ok("files", "master key, certificates and authorities can be used"),
        Err(error) => return findings.fail("files", format!("{error:#}"), "put the file there, or name another"),
    }
    edge(&config, findings);
    let Ok(url) = boot::database_url(&config) else { return };
    if !database(&url, findings) {
        return;
    }
    match boot::context(&config, Schema::Check).await {
        Ok(cx) => inside(&config, &cx, findings).await,
        Err(error) => findings.fail(
            "start",
            format!("{error:#}"),
            "mend what the message names; `idp serve` would stop at the same place",
        ),
    }
}

fn edge(config: &Config, findings: &mut Findings) {
    let server = &config.server;
    let own_tls = server.tls_certificate_file.is_some();
    if server.public_url.scheme() != "https" {
        findings.warn(
            "public URL",
            format!("{} is for this machine only", config.issuer()),
            "set server.public_url to the https address that people use",
        );
    } else if !own_tls && server.trusted_proxies.is_empty() {
        findings.warn(
            "proxy",
            "TLS ends elsewhere, but no proxy is trusted: all visitors share one address and one budget of attempts",
            "set server.trusted_proxies to where the proxy connects from",
        );
    } else {
        findings.ok("public URL", config.issuer());
    }
    if !server.management.ip().is_loopback() {
        findings.warn(
            "management",
            format!("{} may be reached from outside, and asks nobody who he is", server.management),
            "set server.management to an address inside",
        );
    }
}

/// False if nothing more can be learnt.
fn database(url: &Url, findings: &mut Findings) -> bool {
    if let Url::Sqlite(path) = url
        && !file(path, findings)
    {
        return false;
    }
    match Store::pending(url) {
        Ok(missing) if missing.is_empty() => findings.ok("schema", "up to date"),
        Ok(missing) => {
            findings.fail("schema", format!("{} step(s) are missing", missing.len()), "run `idp migrate`");
            return false;
        }
        Err(error) => {
            findings.fail(
                "database",
                error.to_string(),
                "check database.url, and that the database runs; a damaged file needs `idp db restore`",
            );
            return false;
        }
    }
    match Store::verify(url, None) {
        Ok(found) => findings.ok("database", found),
        Err(error) => findings.fail("database", error.to_string(), "restore a backup: `idp db restore FILE`"),
    }
    if let Url::Sqlite(path) = url {
        room(path, findings);
    }
    true
}

/// Is the file there, and nobody else's to read? Nothing is opened: that would make one.
fn file(path: &Path, findings: &mut Findings) -> bool {
    if !path.exists() {
        findings.fail("database", format!("there is none at {}", path.display()), "run `idp migrate` to make one");
        return false;
    }
    if let Err(error) = std::fs::File::open(path) {
        let fix = "give the file to the user that the server runs as, and run this as that user";
        findings.fail("database", format!("{} can't be opened: {error}", path.display()), fix);
        return false;
    }
    #[cfg(unix)]
    if let Ok(found) = std::fs::metadata(path)
        && std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o007 != 0
    {
        let fix = format!("run `chmod 600 {}`: it holds hashes and the audit log", path.display());
        findings.fail("database", format!("everybody may read {}", path.display()), fix);
    }
    true
}

/// Is there room on the disk?
fn room(path: &Path, findings: &mut Findings) {
    #[cfg(unix)]
    if let Ok(found) =
        rustix::fs::statvfs(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    {
        let free = found.f_bavail.saturating_mul(found.f_frsize) / (1024 * 1024);
        if free < 512 {
            findings.warn(
                "disk",
                format!("{free} MiB are free beside the database"),
                "make room: without any, nobody can sign in",
            );
        } else {
            findings.ok("disk", format!("{free} MiB are free beside the database"));
        }
    }
    #[cfg(not(unix))]
    let _unused = (path, findings);
}

async fn inside(config: &Config, cx: &Ctx, findings: &mut Findings) {
    match idp_service::health::write_test(cx).await {
        Ok(took) => findings.ok("writing", format!("a durable write took {} ms", took.as_millis())),
        Err(error) => findings.fail(
            "writing",
            error.to_string(),
            "look for a full disk, a read-only server, or somebody who holds the file",
        ),
    }
    keys(cx, findings);
    audit(cx, findings).await;
    match idp_service::admin::clients::list(cx).await {
        Ok(all) => clients(&all, findings),
        Err(error) => findings.fail("clients", error.to_string(), "check the database"),
    }
    match policies(cx, findings).await {
        Ok(()) => {}
        Err(error) => findings.fail("policies", error.to_string(), "check the database"),
    }
    reached(config, findings).await;
}

/// Does what the companies have set leave everybody a way in?
async fn policies(cx: &Ctx, findings: &mut Findings) -> Result<(), ServiceError> {
    let all = idp_service::admin::tenants::list(cx).await?;
    let mut is_fine = true;
    for tenant in &all {
        if let Some((problem, fix)) = cx.company(tenant.id).await?.policy.dead_end() {
            findings.warn("policies", format!("{}: {problem}", tenant.code), fix);
            is_fine = false;
        }
    }
    if is_fine {
        findings.ok("policies", format!("{} companies, each with a way in", all.len()));
    }
    Ok(())
}

/// Rows are sealed within seconds where a server runs.
async fn audit(cx: &Ctx, findings: &mut Findings) {
    match idp_service::audit::verify::open_since(cx).await {
        Ok(Some((tenant, since))) if (since + Lifetime::minutes(5)).reached(cx.clock.now()) => findings.warn(
            "audit log",
            format!("rows of {tenant} are not sealed since {}", date_time(since, "UTC")),
            "start the server; if it runs, look for audit_chain_stuck in its log and run `idp audit verify`",
        ),
        Ok(_) => findings.ok("audit log", "sealed"),
        Err(error) => findings.fail("audit log", error.to_string(), "check the database"),
    }
}

fn keys(cx: &Ctx, findings: &mut Findings) {
    let (now, set) = (cx.clock.now(), cx.keys.current());
    let oldest =
        set.keys().iter().filter(|k| k.state(now) == "signing").map(idp_crypto::keys::SigningKey::active_from).min();
    match oldest {
        None => findings.fail("signing keys", "none signs now", "run `idp key rotate`"),
        Some(since) if (since + Lifetime::days(365)).reached(now) => {
            findings.warn("signing keys", "one signs for more than a year", "run `idp key rotate`");
        }
        Some(_) => findings.ok("signing keys", "in use, younger than a year"),
    }
}

fn clients(all: &[Client], findings: &mut Findings) {
    if all.is_empty() {
        findings.warn("clients", "there is none", "register one: `idp client create`, or `idp apply FILE`");
    } else {
        let off = all.iter().filter(|c| !c.enabled).count();
        findings.ok("clients", format!("{} registered, {off} of them off", all.len()));
    }
}

/// Does the world find us where the configuration says?
async fn reached(config: &Config, findings: &mut Findings) {
    let address = format!("{}/.well-known/openid-configuration", config.issuer());
    // Our own address, from the configuration: it may lead inside, which is no reason to open that for portals.
    let Ok(http) = boot::http_anywhere(config) else { return };
    let asked = tokio::time::timeout(Duration::from_secs(6), http.get_json(&address)).await;
    let fix = "start the server, and check the name, the proxy and its certificate";
    match asked {
        Ok(Ok(document)) if document.get("issuer").and_then(|i| i.as_str()) == Some(&config.issuer()) => {
            findings.ok("discovery", "the public address leads here");
        }
        Ok(Ok(document)) => {
            let found = document.get("issuer").map_or_else(|| "nobody".to_owned(), ToString::to_string);
            findings.fail("discovery", format!("{found} answers at {address}"), "point the name at this server");
        }
        Ok(Err(error)) => findings.warn("discovery", format!("{address}: {error}"), fix),
        Err(_late) => findings.warn("discovery", format!("{address}: no answer in time"), fix),
    }
}
