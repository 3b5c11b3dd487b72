//! The process stopped, politely and not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use support::{Client, Process, Setup, Signal, backends, rounds, somebody};
use tokio::task::JoinSet;

use crate::load::{Crowd, alone};

#[tokio::test(flavor = "multi_thread")]
async fn a_polite_stop_drops_no_request() {
    let _turn = alone().await;
    for backend in backends() {
        let name = backend.name;
        Process::prepare(&backend);
        let mut server = Process::start(&Arc::new(backend), &Setup::default()).await;
        let crowd = Crowd::of(16, &server.url, &server.portal());
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
        let dropped = visits.iter().filter(|v| v.status.is_none() && !v.is_refused).count();
        assert_eq!(dropped, 0, "{name}: of {} visits", visits.len());
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

/// A line of refresh tokens that is followed until the server dies: the last token that came.
async fn follow(portal: Client, mut token: String) -> (String, u32) {
    let mut steps = 0;
    while let Some(tokens) = portal.try_refresh(&token).await {
        if tokens.status != StatusCode::OK {
            break;
        }
        token = tokens.text("refresh_token");
        steps += 1;
    }
    (token, steps)
}

/// The next token. If the answer to the last request got lost, it takes two seconds until the old token is good again.
async fn again(portal: &Client, token: &str) -> Option<String> {
    let began = Instant::now();
    loop {
        let tokens = portal.refresh(token).await;
        if tokens.status == StatusCode::OK {
            return Some(tokens.text("refresh_token"));
        }
        if began.elapsed() > Duration::from_secs(5) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
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
        let mut lines = Vec::new();
        for n in 0..6 {
            let (name, password) = somebody(n);
            lines.push(server.portal().tokens(&server.browser(), &name, &password).await.text("refresh_token"));
        }
        let mut steps = 0;
        for round in 0..rounds(6, 200) {
            let mut following = JoinSet::new();
            for token in lines.drain(..) {
                following.spawn(follow(server.portal(), token));
            }
            // Not a round number: the kill comes at any point of a commit.
            tokio::time::sleep(Duration::from_micros(40_000 + 7_919 * (round as u64 % 13))).await;
            server.signal(Signal::KILL);
            server.ended().await;
            let last = following.join_all().await;
            server = Process::start(&backend, &setup).await;
            for (token, further) in last {
                steps += further;
                let next = again(&server.portal(), &token).await;
                lines.push(next.unwrap_or_else(|| panic!("{name} round {round}: an acknowledged token is gone")));
            }
        }
        assert!(steps > 0, "{name}: nothing was acknowledged");
        println!("{name}: {steps} acknowledged refreshes, none lost");
        assert_eq!(backend.verdict(), "ok", "{name}");
    }
}
