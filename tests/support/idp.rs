//! A provider in this process, on a port and a database of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use idp_core::authority::SystemAdmin;
use idp_server::boot::{self, Schema};
use idp_server::serve::Edge;
use idp_server::{config, serve, web};
use idp_service::apply::{Document, Mode, apply};
use idp_service::clock::Clock;
use idp_service::context::Ctx;
use idp_service::jobs::Jobs;
use idp_service::outside::post::{Captured, Post, Sending};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::{Backend, Browser, Client};

/// The companies, accounts and clients of most tests.
pub const DOCUMENT: &str = include_str!("document.toml");

/// A provider.
pub struct TestIdp {
    /// Its address, which is its issuer.
    pub url: String,
    /// Its insides, for what can't be seen from outside.
    pub cx: Arc<Ctx>,
    captured: Arc<Captured>,
    /// Its database.
    pub backend: Arc<Backend>,
    clock: PathBuf,
    moved: AtomicI64,
    jobs: Option<Jobs>,
    stop: watch::Sender<bool>,
}

impl TestIdp {
    /// One on SQLite.
    pub async fn start() -> Self {
        Self::on(Arc::new(Backend::sqlite())).await
    }

    /// One on a given database; a second one on the same database is a second node.
    pub async fn on(backend: Arc<Backend>) -> Self {
        Self::behind(backend, Edge::default()).await
    }

    /// One whose listener treats those who connect in a way of its own.
    pub async fn behind(backend: Arc<Backend>, edge: Edge) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let scheme = if edge.tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://localhost:{}", listener.local_addr().expect("an address").port());
        let folder = backend.folder();
        let (key, clock) = (folder.join("master.key"), folder.join("clock"));
        if !key.exists() {
            std::fs::write(&key, "7".repeat(64)).expect("a master key");
            set_private(&key);
        }
        let text = format!(
            "[server]\npublic_url = \"{url}\"\n[secrets]\nmaster_key_file = \"{}\"\n[database]\nurl = \"{}\"\n\
             [password]\nworkers = 2\nmemory_kib = 64\npasses = 1\n[outbound]\nallow = [\"127.0.0.0/8\", \"::1/128\"]\n",
            key.display(),
            backend.url
        );
        let config = config::parse(&text, std::iter::empty()).expect("a configuration");
        let captured = Arc::new(Captured::default());
        let (moving, post) = (Clock::moved(clock.clone()), Post::Box(Arc::clone(&captured)));
        let cx = Box::pin(boot::context_with(&config, Schema::Migrate, moving, post)).await.expect("a context");
        let document: Document = toml::from_str(DOCUMENT).expect("a document");
        apply(&cx, &SystemAdmin::operator(), &document, Mode::Apply).await.expect("the data");
        let router = web::router(boot::app(&config, Arc::clone(&cx)));
        let (stop, stopped) = watch::channel(false);
        spawn(serve::serve(listener, router, edge, stopped));
        let jobs = Some(Jobs::start(&cx));
        Self { url, cx, captured, backend, clock, moved: AtomicI64::new(0), jobs, stop }
    }

    /// Moves the clock forward. Every node on the same database reads the same clock.
    pub fn pass(&self, seconds: i64) {
        let moved = self.moved.fetch_add(seconds, Ordering::Relaxed) + seconds;
        std::fs::write(&self.clock, moved.to_string()).expect("the clock");
    }

    /// The mails it would have sent, the newest first. One that was in hand while a test moved the clock may be sent
    /// again, as after a crash: a mail program knows it by its id.
    pub fn mails(&self) -> Vec<Sending> {
        let mut seen = std::collections::HashSet::new();
        self.captured.all().into_iter().filter(|m| seen.insert(m.id.clone())).collect()
    }

    /// A new browser.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// The confidential client `portal`.
    pub fn portal(&self) -> Client {
        Client::new(&self.url, "portal", Some("portal-secret"))
    }

    /// The confidential client `second`.
    pub fn second(&self) -> Client {
        Client::new(&self.url, "second", Some("second-secret"))
    }

    /// The public client `app`.
    pub fn app(&self) -> Client {
        Client::new(&self.url, "app", None)
    }

    /// Applies another document.
    pub async fn apply(&self, text: &str) {
        let document: Document = toml::from_str(text).expect("a document");
        apply(&self.cx, &SystemAdmin::operator(), &document, Mode::Apply).await.expect("applied");
    }

    /// Applies a document that is refused: why.
    pub async fn document_is_refused(&self, text: &str) -> String {
        let document: Document = toml::from_str(text).expect("a document");
        apply(&self.cx, &SystemAdmin::operator(), &document, Mode::Apply).await.expect_err("refused").to_string()
    }

    /// Ends what has run out.
    pub async fn expire(&self) {
        idp_service::jobs::expire_now(&self.cx).await.expect("expired");
    }

    /// Stops its jobs: from now on it does what it is asked for and nothing else.
    pub async fn rest(&mut self) {
        if let Some(jobs) = self.jobs.take() {
            jobs.stop().await;
        }
    }

    /// Stops it as SIGTERM would.
    pub async fn stop(mut self) {
        self.stop.send(true).ok();
        self.rest().await;
    }
}

impl Drop for TestIdp {
    fn drop(&mut self) {
        self.stop.send(true).ok();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's server ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

fn set_private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("private");
}
