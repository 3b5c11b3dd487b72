//! Everybody at once, right after a restart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use support::{Client, Process, Setup, backends, rounds, somebody};
use tokio::task::JoinSet;

use crate::load::{alone, percentile};

/// In this time all of them come.
const RUSH: Duration = Duration::from_secs(5);

/// So long after that everybody has what he came for.
const SETTLED: Duration = Duration::from_secs(15);

/// Refresh tokens of so many sign-ins.
async fn lines(server: &Process, count: usize) -> Vec<String> {
    const AT_ONCE: usize = 16;
    let mut all = JoinSet::new();
    for first in 0..AT_ONCE {
        let (portal, browsers) =
            (server.portal(), (first..count).step_by(AT_ONCE).map(|n| (n, server.browser())).collect::<Vec<_>>());
        all.spawn(async move {
            let mut tokens = Vec::new();
            for (n, browser) in browsers {
                let (name, password) = somebody(n);
                tokens.push(portal.tokens(&browser, &name, &password).await.text("refresh_token"));
            }
            tokens
        });
    }
    all.join_all().await.into_iter().flatten().collect()
}

/// One client that wants the keys, new tokens and to know who somebody is; told to come back, it does.
async fn come((http, keys): (reqwest::Client, String), portal: Client, token: String) -> Vec<Duration> {
    let began = Instant::now();
    assert_eq!(http.get(keys).send().await.unwrap().status(), StatusCode::OK);
    let mut took = vec![began.elapsed()];
    let access = loop {
        let began = Instant::now();
        let tokens = portal.refresh(&token).await;
        took.push(began.elapsed());
        match tokens.status {
            StatusCode::OK => break tokens.text("access_token"),
            StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(Duration::from_secs(1)).await,
            other => panic!("{other} {}", tokens.body),
        }
    };
    loop {
        let began = Instant::now();
        let known = portal.userinfo(&access).await;
        took.push(began.elapsed());
        match known.status {
            StatusCode::OK => return took,
            StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(Duration::from_secs(1)).await,
            other => panic!("{other} {}", known.body),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_come_at_once_after_a_restart_have_what_they_came_for() {
    let _turn = alone().await;
    for backend in backends() {
        let (name, people) = (backend.name, rounds(400, 5_000));
        Process::prepare(&backend);
        let backend = Arc::new(backend);
        let mut server = Process::start(&backend, &Setup::default()).await;
        let tokens = lines(&server, people).await;
        let setup = Setup { public_url: Some(server.url.clone()), ..Setup::default() };
        server.signal(support::Signal::KILL);
        server.ended().await;
        let server = Process::start(&backend, &setup).await;
        let (http, portal) =
            (reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap(), server.portal().as_many());
        let (began, mut all) = (Instant::now(), JoinSet::new());
        for (n, token) in tokens.into_iter().enumerate() {
            let after = RUSH * u32::try_from(n).unwrap() / u32::try_from(people).unwrap();
            let (keys, portal) = ((http.clone(), format!("{}/jwks.json", server.url)), portal.clone());
            all.spawn(async move {
                tokio::time::sleep(after).await;
                come(keys, portal, token).await
            });
        }
        let took: Vec<Duration> = all.join_all().await.into_iter().flatten().collect();
        let settled = began.elapsed().saturating_sub(RUSH);
        let (count, p99) = (took.len(), percentile(took, 99));
        println!(
            "{name}: {people} in {RUSH:?}, {count} requests, p99 {p99:?}, settled {settled:?} after the last came"
        );
        assert!(settled < SETTLED, "{name}: {settled:?}");
        assert!(p99 < Duration::from_secs(3), "{name}: {p99:?}");
    }
}
