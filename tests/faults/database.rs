//! PostgreSQL frozen, gone, slow, or with far fewer connections than people.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};
use support::{Backend, CROWD, Flow, Process, Proxy, Setup};
use tokio::task::JoinSet;

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

/// What the server of the database does to everybody, and how that ends.
#[derive(Clone, Copy, Debug)]
enum Outage {
    /// Every connection is closed and no new one is let in: what a restart looks like.
    Restart,
    /// Every connection is closed, and others have taken all places.
    NoPlaces,
}

impl Outage {
    fn begin(self, admin: &mut PgConnection, database: &str) {
        let closed = match self {
            Self::Restart => format!("ALTER DATABASE {database} ALLOW_CONNECTIONS false"),
            Self::NoPlaces => format!("ALTER ROLE {database} CONNECTION LIMIT 0"),
        };
        admin.batch_execute(&closed).unwrap();
        // Only now, as two statements sent together are one transaction: whoever connects before it commits gets in.
        let mut quiet = 0;
        while quiet < 5 {
            let ended = diesel::sql_query(format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
            ))
            .execute(admin)
            .unwrap();
            quiet = if ended == 0 { quiet + 1 } else { 0 };
            admin.batch_execute("SELECT pg_sleep(0.02)").unwrap(); // who was let in before shows up meanwhile
        }
    }

    fn end(self, admin: &mut PgConnection, database: &str) {
        let open = match self {
            Self::Restart => format!("ALTER DATABASE {database} ALLOW_CONNECTIONS true"),
            Self::NoPlaces => format!("ALTER ROLE {database} CONNECTION LIMIT -1"),
        };
        admin.batch_execute(&open).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_and_a_server_without_places_are_answered_for_and_recovered_from() {
    let _turn = alone().await;
    let Some(backend) = Backend::postgres() else { return };
    Process::prepare(&backend);
    let mut url = url::Url::parse(&backend.url).unwrap();
    let database = url.path().trim_start_matches('/').to_owned();
    let mut admin = PgConnection::establish(std::env::var("IDP_TEST_POSTGRES").unwrap().as_str()).unwrap();
    // A role that limits hold for, as they don't for the superuser; it has the tables that the superuser made.
    PgConnection::establish(&backend.url)
        .unwrap()
        .batch_execute(&format!(
            "CREATE ROLE {database} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {database}; \
             GRANT ALL ON SCHEMA public TO {database}"
        ))
        .unwrap();
    url.set_username(&database).unwrap();
    let server = Process::start(&Arc::new(backend.at(url.into())), &Setup::default()).await;
    for outage in [Outage::Restart, Outage::NoPlaces] {
        let crowd = Crowd::of(20, &server.url, &server.portal());
        tokio::time::sleep(Duration::from_millis(500)).await;
        outage.begin(&mut admin, &database);
        let began = Instant::now();
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert!(!server.is_ready().await, "{outage:?}: it says that it is ready");
        outage.end(&mut admin, &database);
        let took = recovers(&server).await;
        let visits = crowd.stop().await;
        let during: Vec<_> = visits.iter().filter(|v| v.at > began).collect();
        for visit in &during {
            assert!(visit.is_answered() && visit.slowest < ANSWERED, "{outage:?}: {visit:?}");
        }
        assert!(took < Duration::from_secs(5), "{outage:?}: {took:?} until somebody got in");
        let slowest = during.iter().map(|v| v.slowest).max().unwrap();
        println!("{outage:?}: {} visits, slowest answer {slowest:?}, in again after {took:?}", during.len());
    }
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
        // Two hundred on two cores take their time; what counts is that nobody stands still.
        assert!(visit.slowest < ANSWERED * 2, "{visit:?}");
    }
    let good = visits.iter().filter(|v| v.is_served()).count();
    let times: Vec<_> = visits.iter().map(|v| v.slowest).collect();
    println!("{good} of 200 in at the first try; slowest request p99 {:?}", percentile(times, 99));
    assert!(good > 0);
    assert!(recovers(&server).await < Duration::from_secs(5));
}
