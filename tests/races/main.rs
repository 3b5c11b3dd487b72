//! Of many who use one thing at once, one wins: on SQLite against one server, on PostgreSQL against two, also while the
//! deciding statement is slow. And the other way round: with its guard switched off, each race is lost, so that a guard
//! that is missing can't go unnoticed.

mod kinds;
mod second;

use std::sync::Arc;
use std::time::Instant;

use kinds::{ANN, Kind, Nodes, portal_at};
use reqwest::StatusCode;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use support::{Backend, MailServer, Mood, Process, Setup, rounds};

/// Servers on one database, with their test switches.
async fn nodes(backend: Backend, environment: &[(&'static str, String)]) -> Nodes {
    let backend = Arc::new(backend);
    tokio::task::block_in_place(|| Process::prepare(&backend)); // other kinds go on meanwhile
    let mail = MailServer::start(Mood::Takes).await;
    let more = format!("{}[database]\nthreads = 5\n", mail.config()); // many kinds share one PostgreSQL
    let setup = Setup { more, environment: environment.to_vec(), ..Setup::default() };
    let first = Process::start(&backend, &setup).await;
    let mut all = vec![first];
    if backend.name == "PostgreSQL" {
        let public_url = Some(all[0].url.clone());
        all.push(Process::start(&backend, &Setup { public_url, ..setup }).await);
    }
    Nodes::new(all, mail)
}

/// The kinds that `IDP_TEST_KINDS` names, or all: the long form of one takes minutes.
fn chosen() -> Vec<Kind> {
    let Ok(names) = std::env::var("IDP_TEST_KINDS") else { return Kind::ALL.to_vec() };
    let find = |name| Kind::ALL.into_iter().find(|kind| format!("{kind:?}") == name);
    names.split(',').map(|name| find(name).unwrap_or_else(|| panic!("no kind of race is called `{name}`"))).collect()
}

/// Runs every race so many times: each kind with servers of its own, so many kinds side by side.
async fn run(backend: impl Fn() -> Option<Backend>, delay_ms: u64, times: usize, abreast: usize) {
    let (places, mut kinds) = (Arc::new(Semaphore::new(abreast)), JoinSet::new());
    for kind in chosen() {
        let Some(backend) = backend() else { return };
        let places = Arc::clone(&places);
        kinds.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let (name, begun) = (backend.name, Instant::now());
            let nodes = nodes(backend, &[("IDP_TESTING_DELAY_MS", delay_ms.to_string())]).await;
            let times = times.min(kind.most());
            for round in 0..times {
                let outcome = kind.run(&nodes).await;
                assert!(outcome.is_right(), "{name}, {delay_ms} ms, {kind:?}, round {round}: {outcome:?}");
            }
            println!("{name}, {delay_ms} ms, {kind:?}: {times} rounds, {:.0?}", begun.elapsed());
        });
    }
    kinds.join_all().await; // and panics as the first of them that does
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wins() {
    run(|| Some(Backend::sqlite()), 0, 20, 2).await;
    run(Backend::postgres, 0, rounds(25, 500), 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wins_though_the_statement_is_slow() {
    run(Backend::postgres, 5, rounds(25, 500), 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wins_though_the_statement_is_very_slow() {
    run(Backend::postgres, 50, rounds(25, 500), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_guard_each_race_is_lost() {
    for kind in Kind::ALL {
        let Some(backend) = Backend::postgres() else { return };
        let off = [("IDP_TESTING_OFF", kind.guard().to_owned()), ("IDP_TESTING_DELAY_MS", "5".to_owned())];
        let nodes = nodes(backend, &off).await;
        let mut noticed = false;
        for _ in 0..10 {
            noticed = noticed || kind.run(&nodes).await.is_lost();
        }
        assert!(noticed, "{kind:?}: nobody notices that its guard is off");
    }
}

/// Ways to write one account's name.
const SPELLINGS: [&str; 8] = [
    "201-acme",
    "201@ACME",
    "ann@acme.example",
    " 201-Acme ",
    "ANN@Acme.Example",
    "201-ACME",
    "\u{ff12}\u{ff10}\u{ff11}-acme",
    "201@acme",
];

/// A wrong password, or a right one, from an address of one's own.
async fn guess(url: &str, origin: &str, (n, name, password): (u32, &str, &str)) -> StatusCode {
    let browser = support::Browser::from(url, std::net::Ipv4Addr::from(0x0a00_0000 + n)).as_if_at(origin);
    browser.try_sign_in(None, name, password).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_guesses_five_are_looked_at_and_nothing_makes_that_forgotten() {
    let (Some(backend), Some(redis)) = (Backend::postgres(), support::redis_url()) else { return };
    let backend = Arc::new(backend);
    Process::prepare(&backend);
    let more = format!("[redis]\nurl = \"{redis}\"\n");
    let first = Process::start(&backend, &Setup { more: more.clone(), ..Setup::default() }).await;
    let origin = first.url.clone();
    let setup = Setup { more, public_url: Some(origin.clone()), ..Setup::default() };
    let nodes = [first, Process::start(&backend, &setup).await];
    let mut crowd = JoinSet::new();
    for n in 0..200_usize {
        let (url, origin) = (nodes[n % 2].url.clone(), origin.clone());
        let who = (u32::try_from(n).unwrap(), SPELLINGS[n / 2 % SPELLINGS.len()], "a wrong password");
        crowd.spawn(async move { guess(&url, &origin, who).await });
    }
    for status in crowd.join_all().await {
        assert!([422, 429, 503].contains(&status.as_u16()), "{status}");
    }
    let looked_at = "SELECT count(*) AS n FROM audit WHERE event = 'sign_in_failed'";
    assert_eq!(backend.count(looked_at), 5);
    drop(nodes);
    let mut connection = redis::Client::open(redis).unwrap().get_connection().unwrap();
    redis::cmd("FLUSHALL").exec(&mut connection).unwrap();
    for n in 300..302 {
        let node = Process::start(&backend, &setup).await;
        let right = guess(&node.url, &origin, (n, ANN.0, ANN.1)).await;
        assert_eq!(right, StatusCode::TOO_MANY_REQUESTS, "after a restart and without Redis");
    }
    assert_eq!(backend.count(looked_at), 5);
}

/// PostgreSQL with two servers, where each conditional statement takes a moment.
async fn slow_nodes() -> Option<Nodes> {
    Some(nodes(Backend::postgres()?, &[("IDP_TESTING_DELAY_MS", "20".to_owned())]).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_use_at_one_node_ends_what_the_first_got_at_the_other() {
    let Some(nodes) = slow_nodes().await else { return };
    let (here, there) = (portal_at(&nodes, 0), portal_at(&nodes, 1));
    let code = here.code(&nodes.at(0).browser(), ANN.0, ANN.1).await;
    let tokens = here.exchange(&code).await;
    assert_eq!(there.userinfo(&tokens.text("access_token")).await.status, StatusCode::OK);
    assert_eq!(there.exchange(&code).await.error(), "invalid_grant");
    for client in [&here, &there] {
        assert_eq!(client.userinfo(&tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(client.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_can_not_be_outrun() {
    let Some(nodes) = slow_nodes().await else { return };
    let admin = nodes.at(0).browser();
    let session = kinds::signed_in(&admin, kinds::ADMIN).await;
    let id = admin.accounts(&session, None).await["201-acme"].clone();
    let mut given = 0;
    for round in 0..rounds(5, 100) {
        let there = portal_at(&nodes, 1);
        let code = there.code(&nodes.at(0).browser(), ANN.0, ANN.1).await;
        let mut exchange = JoinSet::new();
        let client = there.clone();
        exchange.spawn(async move { client.exchange(&code).await });
        // Now before the exchange, now in its middle, now after it.
        tokio::time::sleep(std::time::Duration::from_millis(u64::try_from(round % 5).unwrap() * 12)).await;
        let locked = admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
        assert!(!locked.status.is_server_error() && !locked.status.is_client_error(), "{}", locked.text());
        let tokens = exchange.join_next().await.unwrap().unwrap();
        if tokens.status == StatusCode::OK {
            given += 1;
            assert_eq!(there.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant", "round {round}");
            let userinfo = there.userinfo(&tokens.text("access_token")).await;
            assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED, "round {round}");
        } else {
            assert_eq!(tokens.error(), "invalid_grant", "round {round}");
        }
        admin.console(&format!("/admin/accounts/{id}/unlock"), &session, &[]).await;
    }
    assert!(given > 0, "no lock ever came after an exchange");
}
