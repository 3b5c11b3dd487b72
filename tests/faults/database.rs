//! PostgreSQL frozen, gone, slow, or with far fewer connections than people.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection, RunQueryDsl};
use support::{Backend, CROWD, Flow, Postgres, Process, Proxy, Restart, Setup, rounds};
use tokio::task::JoinSet;

use crate::lines::Lines;
use crate::load::{Crowd, alone, percentile, visit};

/// Three seconds, and what a busy machine adds to them.
const ANSWERED: Duration = Duration::from_millis(3500);

/// A server whose way to the database can be blocked.
async fn behind(connections: usize) -> Option<(Proxy, Process)> {
    let backend = Backend::postgres()?;
    Process::prepare(&backend);
    let (proxy, url) = Proxy::before(&backend.url).await;
    let backend = Arc::new(backend.at(url));
    let more = format!("[database]\nthreads = {connections}\n");
    Some((proxy, Process::start(&backend, &Setup { more, ..Setup::default() }).await))
}

/// How long until somebody gets in again.
async fn recovers(server: &Process) -> Duration {
    let began = Instant::now();
    while !visit(&server.url, &server.portal(), 199).await.is_served() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never recovers");
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_database_is_answered_for_and_recovered_from() {
    let _turn = alone().await;
    let Some((proxy, server)) = behind(4).await else { return };
    for flow in [Flow::Frozen, Flow::Cut] {
        let crowd = Crowd::of(20, &server.url, &server.portal());
        tokio::time::sleep(Duration::from_millis(500)).await;
        proxy.set(flow);
        let began = Instant::now();
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!server.is_ready().await, "{flow:?}: it says that it is ready");
        proxy.set(Flow::Open);
        let took = recovers(&server).await;
        let visits = crowd.stop().await;
        let during: Vec<_> = visits.iter().filter(|v| v.at > began).collect();
        for visit in &during {
            assert!(visit.is_answered(), "{flow:?}: {visit:?}");
            assert!(visit.slowest < ANSWERED, "{flow:?}: {visit:?}");
        }
        assert!(took < Duration::from_secs(5), "{flow:?}: {took:?} until somebody got in");
        let slowest = during.iter().map(|v| v.slowest).max().unwrap();
        println!("{flow:?}: {} visits, slowest answer {slowest:?}, in again after {took:?}", during.len());
    }
    assert!(proxy.taken() < 200, "{} connections were opened", proxy.taken());
}

/// What happens to the server of the database.
#[derive(Clone, Copy, Debug)]
enum Outage {
    Restart(Restart),
    /// Every process of it stands still.
    Frozen,
    /// Every connection is closed, and others take all places.
    NoPlaces,
}

impl Outage {
    const ALL: [Self; 5] = [
        Self::Restart(Restart::Fast),
        Self::Restart(Restart::Immediate),
        Self::Restart(Restart::Killed),
        Self::Frozen,
        Self::NoPlaces,
    ];

    /// From beginning to end.
    async fn happen(self, postgres: Arc<Postgres>, server: &Process) {
        match self {
            Self::Restart(how) => {
                tokio::task::spawn_blocking(move || postgres.restart(how)).await.unwrap();
            }
            Self::Frozen => {
                postgres.freeze();
                tokio::time::sleep(Duration::from_secs(u64::try_from(rounds(4, 30)).unwrap())).await;
                assert!(!server.is_ready().await, "it says that it is ready");
                postgres.thaw();
            }
            Self::NoPlaces => {
                let taken = tokio::task::spawn_blocking(move || postgres.take_all_places()).await.unwrap();
                tokio::time::sleep(Duration::from_secs(2)).await;
                assert!(!server.is_ready().await, "it says that it is ready");
                drop(taken);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_dies_freezes_or_is_full_is_answered_for_and_recovered_from() {
    let _turn = alone().await;
    if Backend::postgres().is_none() {
        return;
    }
    let postgres = Arc::new(Postgres::start(20));
    let backend = Backend::sqlite().at(postgres.url());
    Process::prepare(&backend);
    let more = "[database]\nthreads = 6\n".to_owned();
    let server = Process::start(&Arc::new(backend), &Setup { more, ..Setup::default() }).await;
    for outage in Outage::ALL.into_iter().cycle().take(5 * rounds(1, 4)) {
        let before = server.size();
        let mut lines = Lines::begin(&server, 6).await;
        let crowd = Crowd::of(20, &server.url, &server.portal());
        lines.follow(&server);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let began = Instant::now();
        outage.happen(Arc::clone(&postgres), &server).await;
        let took = recovers(&server).await;
        let (visits, during) = (crowd.stop().await, server.size());
        let hit: Vec<_> = visits.iter().filter(|v| v.at > began).collect();
        for visit in &hit {
            assert!(visit.is_answered() && visit.slowest < ANSWERED, "{outage:?}: {visit:?}");
        }
        assert!(took < Duration::from_secs(5), "{outage:?}: {took:?} until somebody got in");
        assert!(during.threads <= before.threads + 4, "{outage:?}: {before:?} {during:?}");
        assert!(during.resident <= before.resident + 32 * 1024, "{outage:?}: {before:?} {during:?}");
        let steps = lines.go_on(&server).await.unwrap_or_else(|lost| panic!("{outage:?}: {lost}"));
        assert!(steps > 0, "{outage:?}: nothing was acknowledged");
        let slowest = hit.iter().map(|v| v.slowest).max().unwrap();
        println!(
            "{outage:?}: {} visits, slowest answer {slowest:?}, in again after {took:?}; {steps} acknowledged refreshes, none lost; {during:?}",
            hit.len()
        );
    }
}

/// A disk that takes nothing more, or a standby that nobody told to lead.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_reads_is_answered_for_and_heals() {
    let _turn = alone().await;
    if Backend::postgres().is_none() {
        return;
    }
    let postgres = Postgres::start(20);
    let backend = Backend::sqlite().at(postgres.url());
    Process::prepare(&backend);
    let more = "[database]\nthreads = 4\n".to_owned();
    let server = Process::start(&Arc::new(backend), &Setup { more, ..Setup::default() }).await;
    let tokens = server.portal().tokens(&server.browser(), "201-acme", "agent password one").await;
    let mut admin = PgConnection::establish(&postgres.url()).unwrap();
    let mut only_reads = |on: bool| {
        diesel::sql_query(format!("ALTER SYSTEM SET default_transaction_read_only = {on}"))
            .execute(&mut admin)
            .unwrap();
        diesel::sql_query("SELECT pg_reload_conf()").execute(&mut admin).unwrap();
        diesel::sql_query("SET default_transaction_read_only = off").execute(&mut admin).unwrap();
    };
    only_reads(true);
    let began = Instant::now();
    while visit(&server.url, &server.portal(), 0).await.is_served() {
        assert!(began.elapsed() < Duration::from_secs(5), "it never noticed");
    }
    for n in 0..10 {
        let visit = visit(&server.url, &server.portal(), n).await;
        assert!(!visit.is_served() && visit.is_answered() && visit.slowest < ANSWERED, "{visit:?}");
    }
    let userinfo = server.portal().userinfo(&tokens.text("access_token")).await;
    assert_eq!(userinfo.status, reqwest::StatusCode::OK, "reading goes on");
    let refused = server.portal().refresh(&tokens.text("refresh_token")).await;
    assert_eq!(refused.status, reqwest::StatusCode::SERVICE_UNAVAILABLE, "{}", refused.body);
    only_reads(false);
    assert!(recovers(&server).await < Duration::from_secs(5));
    let renewed = server.portal().refresh(&tokens.text("refresh_token")).await;
    assert_eq!(renewed.status, reqwest::StatusCode::OK, "the refused one was not spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_database_makes_slow_answers_and_no_stall() {
    let _turn = alone().await;
    let Some((proxy, server)) = behind(10).await else { return };
    proxy.set(Flow::Slow(Duration::from_millis(5)));
    let crowd = Crowd::of(10, &server.url, &server.portal());
    tokio::time::sleep(Duration::from_secs(3)).await;
    let visits = crowd.stop().await;
    let good = visits.iter().filter(|v| v.is_served()).count();
    assert!(good * 10 >= visits.len() * 9, "{good} of {} were good", visits.len());
    assert!(visits.iter().all(|v| v.is_answered() && v.slowest < ANSWERED));
    // So slow that a sign-in, which asks several times, would take longer than anybody should wait.
    proxy.set(Flow::Slow(Duration::from_millis(45)));
    for _ in 0..5 {
        let one = visit(&server.url, &server.portal(), 0).await;
        println!("90 ms a statement: {:?} after {:?}", one.status, one.slowest);
        assert!(!one.is_served() && one.is_answered() && one.slowest < ANSWERED, "{one:?}");
    }
    proxy.set(Flow::Open);
    // Five right passwords that took too long were no guesses.
    let began = Instant::now();
    while !visit(&server.url, &server.portal(), 0).await.is_served() {
        assert!(began.elapsed() < Duration::from_secs(10), "the right password is kept out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_people_and_four_connections() {
    let _turn = alone().await;
    let Some((_proxy, server)) = behind(4).await else { return };
    let mut all = JoinSet::new();
    for n in 0..CROWD {
        let (url, portal) = (server.url.clone(), server.portal());
        all.spawn(async move { visit(&url, &portal, n).await });
    }
    let visits = all.join_all().await;
    for visit in &visits {
        assert!(visit.is_answered(), "{visit:?}");
        // Two hundred on two cores, without optimisation, take their time; what counts is that nobody stands still.
        let within = if cfg!(debug_assertions) { ANSWERED * 2 } else { ANSWERED };
        assert!(visit.slowest < within, "{visit:?}");
    }
    let good = visits.iter().filter(|v| v.is_served()).count();
    let times: Vec<_> = visits.iter().map(|v| v.slowest).collect();
    println!("{good} of 200 in at the first try; slowest request p99 {:?}", percentile(times, 99));
    assert!(good > 0);
    assert!(recovers(&server).await < Duration::from_secs(5));
}
