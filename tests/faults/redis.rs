//! Redis frozen, gone, flushed: nobody notices.

use std::sync::Arc;
use std::time::Duration;

use support::{Backend, Flow, Process, Proxy, Setup, redis_url, rounds};

use crate::load::{Crowd, Visit, alone, percentile};

/// A server whose way to Redis can be blocked, and the address of Redis itself.
async fn behind() -> Option<(Proxy, Process, String)> {
    let redis = redis_url()?;
    let backend = Backend::sqlite();
    Process::prepare(&backend);
    let (proxy, url) = Proxy::before(&redis).await;
    let setup = Setup { more: format!("[redis]\nurl = \"{url}\"\n"), ..Setup::default() };
    Some((proxy, Process::start(&Arc::new(backend), &setup).await, redis))
}

/// A crowd for a while.
async fn watch(server: &Process, seconds: u64) -> Vec<Visit> {
    let crowd = Crowd::of(8, &server.url, &server.portal());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    crowd.stop().await
}

fn p99(visits: &[Visit]) -> Duration {
    percentile(visits.iter().map(|v| v.slowest).collect(), 99)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_or_lost_redis_signs_nobody_out_and_keeps_nobody_from_signing_in() {
    let _turn = alone().await;
    let Some((proxy, server, redis)) = behind().await else { return };
    let (browser, portal) = (server.browser(), server.portal());
    let session = browser.sign_in("201-acme", "agent password one").await;
    let tokens = portal.tokens(&server.browser(), "202-acme", "agent password two").await;
    let person = server.browser();
    let waiting = portal.authorize(&person, &[]).await.param("r").unwrap();
    let quiet = p99(&watch(&server, 2).await);
    for flow in [Flow::Frozen, Flow::Cut] {
        proxy.set(flow);
        let visits = watch(&server, u64::try_from(rounds(4, 30)).unwrap()).await;
        let good = visits.iter().filter(|v| v.is_served()).count();
        println!("{flow:?}: {good} of {}, p99 {:?}, quiet {quiet:?}", visits.len(), p99(&visits));
        assert!(good * 1000 >= visits.len() * 999, "{flow:?}: {good} of {}", visits.len());
        assert_eq!(browser.get(&format!("/account?as={session}")).await.status.as_u16(), 200, "{flow:?}");
        proxy.set(Flow::Open);
    }
    let mut connection = redis::Client::open(redis).unwrap().get_connection().unwrap();
    redis::cmd("FLUSHALL").exec(&mut connection).unwrap();
    assert_eq!(browser.get(&format!("/account?as={session}")).await.status.as_u16(), 200);
    assert!(portal.refresh(&tokens.text("refresh_token")).await.status.is_success());
    // Who stood before the sign-in page all that time still comes to the portal.
    let signed_in = person.try_sign_in(Some(&waiting), "201-acme", "agent password one").await;
    let back = person.get(&signed_in.location()).await;
    assert!(back.location().starts_with(portal.redirect_uri()) && back.param("code").is_some(), "{}", back.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_would_drop_counters_is_refused_at_the_start() {
    let _turn = alone().await;
    let Some(redis) = redis_url() else { return };
    let mut connection = redis::Client::open(redis.as_str()).unwrap().get_connection().unwrap();
    let policy = |name: &str, connection: &mut redis::Connection| {
        redis::cmd("CONFIG").arg("SET").arg("maxmemory-policy").arg(name).exec(connection).unwrap();
    };
    let backend = Backend::sqlite();
    Process::prepare(&backend);
    policy("allkeys-lru", &mut connection);
    let more = format!("[redis]\nurl = \"{redis}\"\n");
    let (started, told) = Process::command_with(&backend, &more, &["serve"]);
    policy("noeviction", &mut connection);
    assert!(!started && told.contains("maxmemory-policy is allkeys-lru") && told.contains("noeviction"), "{told}");
}

/// A Redis of this test's own, ended with this value.
struct Own(std::process::Child);

impl Own {
    fn start(folder: &std::path::Path, port: u16, more: &[&str]) -> Self {
        let mut child = std::process::Command::new("redis-server")
            .args(more)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir", folder.to_str().unwrap(), "--save", ""])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).unwrap();
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        // A port that takes connections is not enough: Redis opens it before it knows whether it can start.
        while client.get_connection().and_then(|mut open| redis::cmd("PING").exec(&mut open)).is_err() {
            assert_eq!(child.try_wait().unwrap(), None, "Redis did not start with {more:?}");
            assert!(std::time::Instant::now() < deadline, "Redis does not answer");
        }
        Self(child)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Somebody signs in, and that is counted there.
async fn counts(url: &str, there: u16) {
    let backend = Backend::sqlite();
    Process::prepare(&backend);
    let setup = Setup { more: format!("[redis]\nurl = \"{url}\"\n"), ..Setup::default() };
    let server = Process::start(&Arc::new(backend), &setup).await;
    server.browser().sign_in("201-acme", "agent password one").await;
    let client = redis::Client::open(format!("redis://127.0.0.1:{there}/")).unwrap();
    let keys: Vec<String> =
        redis::cmd("KEYS").arg("idp:budget:*").query(&mut client.get_connection().unwrap()).unwrap();
    assert_eq!(keys.len(), 1, "{url}: {keys:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_and_a_cluster_are_ways_to_redis() {
    let _turn = alone().await;
    if redis_url().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (master, sentinel, node) = (support::free_port(), support::free_port(), support::free_port());
    let _master = Own::start(folder.path(), master, &[]);
    let file = folder.path().join("sentinel.conf");
    std::fs::write(&file, format!("sentinel monitor mymaster 127.0.0.1 {master} 1\n")).unwrap();
    let _sentinel = Own::start(folder.path(), sentinel, &[file.to_str().unwrap(), "--sentinel"]);
    counts(&format!("redis+sentinel://127.0.0.1:{sentinel}/mymaster"), master).await;
    // Of its own choice, the port for other nodes is ten thousand higher, and may be somebody else's.
    let bus = support::free_port().to_string();
    let cluster = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", &bus];
    let _node = Own::start(folder.path(), node, &cluster);
    let client = redis::Client::open(format!("redis://127.0.0.1:{node}/")).unwrap();
    let mut connection = client.get_connection().unwrap();
    redis::cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16383).exec(&mut connection).unwrap();
    let info = || redis::cmd("CLUSTER").arg("INFO").query::<String>(&mut client.get_connection().unwrap()).unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(15);
    while !info().contains("cluster_state:ok") {
        assert!(std::time::Instant::now() < deadline, "the cluster is never ready");
    }
    let url = format!("redis+cluster://127.0.0.1:{node}");
    counts(&url, node).await;
    redis::cmd("CONFIG").arg("SET").arg("maxmemory-policy").arg("allkeys-lru").exec(&mut connection).unwrap();
    let backend = Backend::sqlite();
    Process::prepare(&backend);
    let (started, told) = Process::command_with(&backend, &format!("[redis]\nurl = \"{url}\"\n"), &["serve"]);
    assert!(!started && told.contains("maxmemory-policy is allkeys-lru"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_full_or_gone_for_good_keeps_nobody_from_signing_in() {
    let _turn = alone().await;
    if redis_url().is_none() {
        return;
    }
    let (folder, port) = (tempfile::tempdir().unwrap(), support::free_port());
    let own = Own::start(folder.path(), port, &["--maxmemory-policy", "noeviction"]);
    let backend = Backend::sqlite();
    Process::prepare(&backend);
    let setup = Setup { more: format!("[redis]\nurl = \"redis://127.0.0.1:{port}/\"\n"), ..Setup::default() };
    let server = Process::start(&Arc::new(backend), &setup).await;
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).unwrap();
    redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg("1").exec(&mut client.get_connection().unwrap()).unwrap();
    let full = watch(&server, 2).await;
    assert!(full.iter().all(Visit::is_served), "{full:?}");
    drop(own); // with SIGKILL
    let gone = watch(&server, 2).await;
    assert!(gone.iter().all(Visit::is_served), "{gone:?}");
    let _again = Own::start(folder.path(), port, &["--maxmemory-policy", "noeviction"]);
    let back = watch(&server, 2).await;
    assert!(back.iter().all(Visit::is_served), "{back:?}");
}
