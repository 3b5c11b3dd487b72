//! Putting everything together: from the configuration to what use cases work with. The only place, with the command
//! line, that knows the crates below the use cases.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use idp_core::ids::TenantId;
use idp_core::language::Language;
use idp_core::secret::Secret;
use idp_core::signin::identifier::company_key;
use idp_core::tenant::{Tenant, TenantCode, TenantState};
use idp_crypto::passkey::Ceremonies;
use idp_crypto::password::{HashSettings, Hasher};
use idp_crypto::random::Random;
use idp_crypto::ring::KeyRing;
use idp_crypto::seal::{MasterKey, Sealer};
use idp_service::clock::Clock;
use idp_service::context::{Ctx, Parts, Settings};
use idp_service::outside::http::Http;
use idp_service::outside::post::{Post, Smtp};
use idp_store::backup::owned_like_its_folder;
use idp_store::ephemeral::Ephemeral;
use idp_store::{Store, Url};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::config::{Config, Hidden};
use crate::serve::tls::Tls;
use crate::web::{App, Public};

/// Whether the schema may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Take the steps that are missing.
    Migrate,
    /// Refuse if a step is missing.
    Check,
    /// Take the steps that are missing, in a database that was just restored and that nobody may serve yet.
    Restored,
}

/// Looks at the files that the configuration names, without starting anything.
///
/// # Errors
/// If one of them can't be used.
pub fn check_files(config: &Config) -> anyhow::Result<()> {
    database_url(config)?;
    master_keys(config)?;
    http(config)?;
    post(config)?;
    if let (Some(certificate), Some(key)) = (&config.server.tls_certificate_file, &config.server.tls_key_file) {
        refuse_readable(key)?;
        Tls::new(certificate, key)?;
    }
    Ok(())
}

/// The address of the database.
///
/// # Errors
/// If it isn't one.
pub fn database_url(config: &Config) -> anyhow::Result<Url> {
    let Hidden(text) = &config.database.url;
    text.parse().context("database.url")
}

/// How the store is opened.
///
/// # Errors
/// If the address of the database is none.
pub fn store_settings(config: &Config) -> anyhow::Result<idp_store::Settings> {
    let settings = idp_store::Settings::new(database_url(config)?);
    Ok(idp_store::Settings { threads: config.database.threads.unwrap_or(settings.threads), ..settings })
}

/// The system's clock; in a test build, moved by the seconds in the file that `IDP_TESTING_CLOCK` names.
pub fn clock() -> Clock {
    #[cfg(feature = "testing")]
    if let Some(file) = std::env::var_os("IDP_TESTING_CLOCK") {
        return Clock::moved(file.into());
    }
    Clock::system()
}

fn master_key(key: &str, file: &Path) -> anyhow::Result<MasterKey> {
    let text = std::fs::read_to_string(file).with_context(|| {
        format!("secrets.{key}: {} can't be read; make one with `openssl rand -hex 32`", file.display())
    })?;
    refuse_readable(file)?;
    MasterKey::from_hex(&text).with_context(|| format!("secrets.{key}: {}", file.display()))
}

/// The master key, and the other one if there is one.
fn master_keys(config: &Config) -> anyhow::Result<(MasterKey, Option<MasterKey>)> {
    let other = config.secrets.other_master_key_file.as_ref().map(|file| master_key("other_master_key_file", file));
    Ok((master_key("master_key_file", &config.secrets.master_key_file)?, other.transpose()?))
}

/// A key that everybody on the machine can read is none.
///
/// # Errors
/// If everybody can, or it isn't there.
#[cfg(unix)]
pub fn refuse_readable(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file)?.permissions().mode();
    if mode & 0o007 != 0 {
        bail!("everybody may read the key in {}; run `chmod 600` on it", file.display());
    }
    Ok(())
}

/// A key that everybody on the machine can read is none.
///
/// # Errors
/// None here.
#[cfg(not(unix))]
pub fn refuse_readable(_file: &Path) -> anyhow::Result<()> {
    Ok(())
}

/// Makes the folder and the file of a SQLite database, for its owner's eyes only: it holds hashes, addresses and the
/// audit log. A file without content is refused: it may have been a database.
///
/// # Errors
/// If they can't be made, or the file is empty.
pub fn make_room(url: &Url) -> anyhow::Result<()> {
    let Url::Sqlite(path) = url else { return Ok(()) };
    if let Ok(found) = std::fs::metadata(path) {
        if found.len() == 0 {
            bail!("{} is empty. If it was a database, restore a backup; if not, delete it", path.display());
        }
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("{} can't be written", path.display()))?;
    owned_like_its_folder(path).with_context(|| format!("{} can't be given to its folder's owner", path.display()))
}

/// Makes the schema ready, or says what is missing.
///
/// # Errors
/// If the database can't be used as it is.
pub fn prepare(url: &Url, schema: Schema) -> anyhow::Result<Vec<String>> {
    if schema != Schema::Restored && Store::restore_begun(url)?.is_some() {
        bail!(
            "a restore of this database was not finished; run `idp db restore FILE --yes` again, which goes on with it"
        );
    }
    match schema {
        Schema::Migrate | Schema::Restored => {
            make_room(url)?;
            let taken = Store::migrate(url)?;
            for step in &taken {
                tracing::info!(event = "migrated", step);
            }
            Ok(taken)
        }
        Schema::Check => {
            if let Url::Sqlite(path) = url
                && std::fs::metadata(path).map_or(0, |found| found.len()) == 0
            {
                bail!("there is no database at {}; run `idp migrate` to make one", path.display());
            }
            let missing = Store::pending(url)?;
            if !missing.is_empty() {
                bail!("the database lacks {} step(s) of its schema; run `idp migrate`", missing.len());
            }
            Ok(Vec::new())
        }
    }
}

/// The vendor's own company: made at the first start.
async fn vendor(store: &Store, product: &str, clock: &Clock) -> anyhow::Result<TenantId> {
    let now = clock.now();
    let code: TenantCode = TenantCode::VENDOR.parse()?;
    let tenant = Tenant {
        id: TenantId::at(now, Random::System.bytes()?),
        code: code.clone(),
        name: product.to_owned(),
        language: Language::En,
        state: TenantState::Active,
        epoch: 1,
    };
    let made = store.write(move |w| {
        idp_store::instance::ensure(w, now)?;
        idp_store::tenants::insert(w, &tenant, &company_key(&tenant.name), now)?;
        idp_store::tenants::by_code(w, &code)
    });
    made.await?.map(|t| t.id).context("the vendor's company could not be made")
}

fn hash_settings(config: &Config) -> HashSettings {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = config.password.workers.unwrap_or_else(|| cores.saturating_sub(1)).max(1);
    let mut settings = HashSettings::recommended(workers);
    settings.memory_kib = config.password.memory_kib.unwrap_or(settings.memory_kib);
    settings.passes = config.password.passes.unwrap_or(settings.passes);
    settings
}

fn http(config: &Config) -> anyhow::Result<Http> {
    http_to(config, config.outbound.allow.clone())
}

/// A client that calls any address: for our own, which the configuration names.
///
/// # Errors
/// If an authority's certificate can't be used.
pub fn http_anywhere(config: &Config) -> anyhow::Result<Http> {
    http_to(config, vec![IpNet::from(Ipv4Net::default()), IpNet::from(Ipv6Net::default())])
}

fn http_to(config: &Config, allow: Vec<IpNet>) -> anyhow::Result<Http> {
    Ok(Http::new(allow, &authorities(config)?)?)
}

/// How mails leave, as the configuration says.
///
/// # Errors
/// If the mail server can't be used as it is configured.
pub fn post(config: &Config) -> anyhow::Result<Post> {
    match (&config.mail.url, &config.mail.from) {
        (Some(Hidden(url)), Some(from)) => {
            let smtp =
                Smtp::new(&Secret::new(url.clone()), from, &authorities(config)?).context("mail.url, mail.from")?;
            Ok(Post::Smtp(smtp))
        }
        _ => Ok(Post::Off),
    }
}

/// Certificates of authorities beside the public ones.
fn authorities(config: &Config) -> anyhow::Result<Vec<Vec<u8>>> {
    let key = |file: &Path| format!("outbound.extra_ca: {}", file.display());
    let mut authorities = Vec::new();
    for file in &config.outbound.extra_ca {
        let pem = std::fs::read(file).with_context(|| key(file))?;
        Http::new(Vec::new(), std::slice::from_ref(&pem)).with_context(|| key(file))?;
        authorities.push(pem);
    }
    Ok(authorities)
}

/// Builds what use cases work with.
///
/// # Errors
/// If something that is needed can't be had.
pub async fn context(config: &Config, schema: Schema) -> anyhow::Result<Arc<Ctx>> {
    context_at(config, schema, clock()).await
}

/// The same, by another clock.
///
/// # Errors
/// If something that is needed can't be had.
pub async fn context_at(config: &Config, schema: Schema, clock: Clock) -> anyhow::Result<Arc<Ctx>> {
    context_with(config, schema, clock, post(config)?).await
}

/// The same, with mails that leave another way.
///
/// # Errors
/// If something that is needed can't be had.
pub async fn context_with(config: &Config, schema: Schema, clock: Clock, post: Post) -> anyhow::Result<Arc<Ctx>> {
    let settings = store_settings(config)?;
    let (master, other) = master_keys(config)?;
    prepare(&settings.url, schema)?;
    let store = Store::open(&settings)?;
    idp_service::jobs::follow_clock(&store, &clock).await?; // before anything is made that bears a time
    let vendor = vendor(&store, &config.server.product, &clock).await?;
    let sealer = Sealer::new(&master)?;
    let sealer = Arc::new(match &other {
        Some(other) => sealer.with_other(other)?,
        None => sealer,
    });
    let audit = Arc::new(idp_service::keys::audit(&store, &sealer).await?);
    idp_service::keys::ensure(&store, &sealer, clock.now()).await?;
    let keys = KeyRing::new(idp_service::keys::load(&store, &sealer, clock.now()).await?);
    let ephemeral = match &config.redis.url {
        Some(Hidden(url)) => Ephemeral::redis(url).await.context("redis.url")?,
        None => Ephemeral::memory(),
    };
    Ok(Arc::new(Ctx::new(Parts {
        ephemeral,
        keys,
        hasher: Hasher::start_with(hash_settings(config), &master, other.as_ref())
            .context("password.memory_kib, password.passes")?,
        sealer,
        audit,
        clock,
        http: http(config)?,
        post,
        passkeys: Ceremonies::at(&config.server.public_url, &config.server.product),
        settings: Settings { issuer: config.issuer(), product: config.server.product.clone() },
        vendor,
        store,
    })))
}

/// Builds what handlers share.
pub fn app(config: &Config, cx: Arc<Ctx>) -> App {
    let public = Public {
        secure: config.server.public_url.scheme() == "https",
        origin: config.server.public_url.origin().ascii_serialization(),
        trusted_proxies: config.server.trusted_proxies.clone(),
    };
    App::new(cx, public)
}
