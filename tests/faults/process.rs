//! The process stopped, politely and not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use support::{Process, Setup, Signal, backends, rounds, somebody};
use tokio::task::JoinSet;

use crate::lines::Lines;
use crate::load::{Crowd, alone};

#[tokio::test(flavor = "multi_thread")]
async fn a_polite_stop_drops_no_request() {
    let _turn = alone().await;
    for backend in backends() {
        let name = backend.name;
        Process::prepare(&backend);
        let mut server = Process::start(&Arc::new(backend), &Setup::default()).await;
        let crowd = Crowd::of(64, &server.url, &server.portal());
        tokio::time::sleep(Duration::from_secs(1)).await;
        let told = Instant::now();
        server.signal(Signal::TERM);
        while server.is_ready().await {
            assert!(told.elapsed() < Duration::from_secs(1), "{name}: it still says that it is ready");
        }
        // Who asks now is still served: the balancer in front needs a moment to look elsewhere.
        assert!(told.elapsed() < Duration::from_secs(1), "{name}");
        let page = server.browser().get("/login").await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        let (code, took) = server.ended().await;
        assert_eq!(code, Some(0), "{name}");
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
        let visits = crowd.stop().await;
        let dropped: Vec<_> = visits.iter().filter(|v| v.status.is_none() && !v.is_refused).collect();
        assert!(dropped.is_empty(), "{name}: of {} visits {dropped:?}\n{}", visits.len(), server.log());
        assert!(visits.iter().all(|v| v.status.is_none() || v.is_answered()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_twice_it_stops_at_once() {
    let _turn = alone().await;
    let backend = support::Backend::sqlite();
    Process::prepare(&backend);
    let mut server = Process::start(&Arc::new(backend), &Setup::default()).await;
    server.signal(Signal::TERM);
    while server.is_ready().await {}
    server.signal(Signal::TERM);
    let (code, took) = server.ended().await;
    assert!(code != Some(0) && took < Duration::from_secs(1), "{code:?} {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let _turn = alone().await;
    for backend in backends() {
        let name = backend.name;
        Process::prepare(&backend);
        let backend = Arc::new(backend);
        let mut server = Process::start(&backend, &Setup::default()).await;
        // The issuer stays the same whatever port the next one has.
        let setup = Setup { public_url: Some(server.url.clone()), ..Setup::default() };
        let (mut lines, mut steps) = (Lines::begin(&server, 6).await, 0);
        for round in 0..rounds(6, 200) {
            let code = server.portal().code(&server.browser(), &somebody(7).0, &somebody(7).1).await;
            lines.follow(&server);
            let (portal, spent) = (server.portal(), code.clone());
            let exchange = spawn(async move { portal.try_exchange(&spent).await });
            // Not a round number: the kill comes at any point of a commit.
            tokio::time::sleep(Duration::from_micros(40_000 + 7_919 * (round as u64 % 13))).await;
            server.signal(Signal::KILL);
            server.ended().await;
            lines.settle().await;
            server = Process::start(&backend, &setup).await;
            let first = exchange.join_all().await.remove(0).is_some_and(|answer| answer.status == StatusCode::OK);
            let again = server.portal().exchange(&code).await;
            // Whoever had no answer may ask again; whoever had one may not.
            let is_right = (again.status == StatusCode::OK && !first) || again.error() == "invalid_grant";
            assert!(is_right, "{name} round {round}: {first} {}", again.body);
            steps += lines.go_on(&server).await.unwrap_or_else(|lost| panic!("{name} round {round}: {lost}"));
        }
        assert!(steps > 0, "{name}: nothing was acknowledged");
        println!("{name}: {steps} acknowledged refreshes, none lost");
        assert_eq!(backend.verdict(), "ok", "{name}");
        let doubled =
            "SELECT count(*) AS n FROM (SELECT grant_id FROM families GROUP BY grant_id HAVING count(*) > 1) f";
        assert_eq!(backend.count(doubled), 0, "{name}: a code gave two lines");
    }
}

fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinSet<T> {
    let mut set = JoinSet::new();
    set.spawn(task);
    set
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defect_costs_one_request() {
    let _turn = alone().await;
    let backend = support::Backend::sqlite();
    Process::prepare(&backend);
    let environment = vec![("IDP_TESTING_PANIC", "/help,/token".to_owned())];
    let server = Process::start(&Arc::new(backend), &Setup { environment, ..Setup::default() }).await;
    let browser = server.browser();
    for _ in 0..3 {
        let page = browser.get("/help").await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(page.text().contains("Reference") && !page.body.contains("as told"), "{}", page.text());
        assert!(page.headers.contains_key("content-security-policy"));
        let answer = server.portal().refresh("x").await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "server_error"));
        assert_eq!(browser.get("/login").await.status, StatusCode::OK);
    }
    browser.sign_in("201-acme", "agent password one").await;
    let counted = reqwest::get(format!("{}/metrics", server.management)).await.unwrap().text().await.unwrap();
    assert!(counted.contains("idp_panics_total 6"), "{counted}");
    let lines = server.log();
    assert_eq!(lines.matches("\"event\":\"panic\"").count(), 6, "{lines}");
    assert!(lines.lines().all(|line| line.starts_with('{')) && !lines.contains("as told"), "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn few_descriptors_are_enough() {
    let _turn = alone().await;
    let backend = support::Backend::sqlite();
    Process::prepare(&backend);
    let setup = Setup { descriptors: Some(256), ..Setup::default() };
    let server = Process::start(&Arc::new(backend), &setup).await;
    let port = url::Url::parse(&server.url).unwrap().port().unwrap();
    let mut held = Vec::new();
    for _ in 0..400 {
        held.extend(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok());
    }
    let before = server.cpu();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let spent = server.cpu().saturating_sub(before);
    assert!(spent < Duration::from_millis(300), "{spent:?} in a second of nothing: it spins");
    assert!(server.is_ready().await, "who asks for its health is heard");
    drop(held);
    let began = Instant::now();
    while server.browser().try_get("/login").await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(8), "nobody gets in any more");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.browser().sign_in("201-acme", "agent password one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_killed_goes_on_where_it_was() {
    let _turn = alone().await;
    for backend in backends() {
        let backend = Arc::new(backend);
        let mut ended = 0;
        for round in 0..rounds(12, 100) {
            let mut migrating = Process::begin(&backend, "", &["migrate"], &[]);
            tokio::time::sleep(Duration::from_millis(20 * (round as u64 % 12))).await;
            migrating.kill().ok();
            ended += u32::from(migrating.wait().unwrap().success());
            // Killed before it had written anything: it says so instead of beginning in what may have been a database.
            if let Some(file) = backend.url.strip_prefix("sqlite:")
                && std::fs::metadata(file).is_ok_and(|found| found.len() == 0)
            {
                let (begun, told) = Process::command(&backend, &["migrate"]);
                assert!(!begun && told.contains("is empty") && told.contains("delete it"), "{told}");
                std::fs::remove_file(file).unwrap();
            }
        }
        println!("{}: {ended} came to their end before they were killed", backend.name);
        Process::prepare(&backend);
        let server = Process::start(&backend, &Setup::default()).await;
        server.browser().sign_in("201-acme", "agent password one").await;
        assert_eq!(backend.verdict(), "ok");
    }
}

#[test]
fn a_key_that_everybody_may_read_is_not_served_with() {
    let backend = support::Backend::sqlite();
    Process::prepare(&backend);
    let made = support::SelfSigned::make();
    std::fs::set_permissions(&made.key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let files = (made.certificate.display(), made.key.display());
    let more = format!("[server]\ntls_certificate_file = \"{}\"\ntls_key_file = \"{}\"\n", files.0, files.1);
    let (started, told) = Process::command_with(&backend, &more, &["serve"]);
    assert!(!started && told.contains("key.pem") && told.contains("chmod 600"), "{told}");
}
