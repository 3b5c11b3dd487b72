//! The servers that are measured: a trivial route, and the provider, both on the provider's own accept loop.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use idp_core::authority::SystemAdmin;
use idp_server::boot::{self, Schema};
use idp_server::serve::Edge;
use idp_server::{config, serve, telemetry, web};
use idp_service::apply::{Mode, apply};
use idp_service::clock::Clock;
use idp_service::jobs::Jobs;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Accounts, so that many sessions are live.
const ACCOUNTS: usize = 64;

/// The smallest route there is.
pub(crate) async fn trivial() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://127.0.0.1:{}", listener.local_addr().expect("an address").port());
    let (_stop, stopped) = watch::channel(false);
    serve::serve(listener, Router::new().route("/", get(|| async { "ok" })), Edge::default(), stopped).await;
}

/// The name and password of an account.
pub(crate) fn person(n: usize) -> (String, String) {
    (format!("{}-bench", 1000 + n % ACCOUNTS), format!("bench password {}", n % ACCOUNTS))
}

fn document() -> String {
    let mut text = String::from(
        "[[clients]]\nclient_id = \"bench\"\nname = \"Bench\"\nsecret = \"bench-secret\"\nid_token_alg = \"ES256\"\n\
         redirect_uris = [\"https://bench.example/callback\"]\nscopes = \"openid profile email\"\nentitled_only = false\n\
         [[clients]]\nclient_id = \"slow\"\nname = \"Slow\"\nsecret = \"bench-secret\"\nid_token_alg = \"RS256\"\n\
         redirect_uris = [\"https://bench.example/callback\"]\nscopes = \"openid profile email\"\nentitled_only = false\n\
         [[tenants]]\ncode = \"bench\"\nname = \"Bench\"\n",
    );
    for n in 0..ACCOUNTS {
        let (name, password) = person(n);
        let login = name.trim_end_matches("-bench");
        write!(
            text,
            "[[tenants.accounts]]\nlogin = \"{login}\"\nname = \"N\"\npassword = \"{password}\"\ntemporary = false\n"
        )
        .expect("text");
    }
    text
}

/// The provider on a SQLite file, durable, as released but for the cost of a hash: the sign-ins before the measurement.
pub(crate) async fn provider(folder: &Path) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("an address").port());
    let key = folder.join("master.key");
    if !key.exists() {
        std::fs::write(&key, "7".repeat(64)).expect("a key");
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a key");
    }
    let text = format!(
        "[server]\npublic_url = \"{url}\"\n[secrets]\nmaster_key_file = \"{}\"\n[database]\nurl = \"sqlite:{}\"\n\
         [password]\nmemory_kib = 64\npasses = 1\n",
        key.display(),
        folder.join("idp.db").display()
    );
    let config = config::parse(&text, std::iter::empty()).expect("a configuration");
    let cx = boot::context_at(&config, Schema::Migrate, Clock::system()).await.expect("a context");
    let document = toml::from_str(&document()).expect("a document");
    let fresh = cx.client("bench").await.expect("a look").is_none();
    if fresh {
        apply(&cx, &SystemAdmin::operator(), &document, Mode::Apply).await.expect("the data");
    }
    let router = web::router(boot::app(&config, Arc::clone(&cx)));
    telemetry::count();
    let _jobs = Jobs::start(&cx);
    println!("{url}");
    let (_stop, stopped) = watch::channel(false);
    let mut beside = JoinSet::new();
    beside.spawn(telemetry::tidy(telemetry::TIDY, stopped.clone()));
    serve::serve(listener, router, Edge::default(), stopped).await;
}
