//! Servers exchanged one after the other while people come and go, forth and back, as the schema grows. There is no
//! release before the first one: the newer one is this one over a schema that has got more columns and a table.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use support::{Backend, Browser, Client, Process, Setup, Signal, rounds, somebody};
use tokio::task::JoinSet;

use crate::load::alone;

/// What a newer release adds before it needs it: columns with a value for who doesn't know them, in tables that a
/// sign-in reads and writes, and a table.
const EXPAND: [&str; 11] = [
    "ALTER TABLE accounts ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "ALTER TABLE sessions ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "ALTER TABLE grants ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "ALTER TABLE codes ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "ALTER TABLE families ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "ALTER TABLE browsers ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "ALTER TABLE client_sessions ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "ALTER TABLE throttles ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "ALTER TABLE audit ADD COLUMN newer TEXT NOT NULL DEFAULT 'older'",
    "CREATE TABLE newer (account BYTEA PRIMARY KEY REFERENCES accounts (id))",
    "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')",
];

/// Sends each request to the next of the servers that are ready.
#[derive(Debug, Default)]
struct Balancer {
    urls: Mutex<Vec<String>>,
    next: AtomicUsize,
}

impl Balancer {
    fn next(&self) -> String {
        let urls = self.urls.lock().unwrap();
        urls[self.next.fetch_add(1, Ordering::Relaxed) % urls.len()].clone()
    }

    fn add(&self, server: &Process) {
        self.urls.lock().unwrap().push(server.url.clone());
    }

    /// Stops one, which is asked no more once it says that it isn't ready.
    async fn stop(&self, mut server: Process) {
        server.signal(Signal::TERM);
        while server.is_ready().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.urls.lock().unwrap().retain(|url| *url != server.url);
        assert_eq!(server.ended().await.0, Some(0));
    }
}

/// From the portal to its tokens and on, each step at whichever server comes next.
async fn walk(at: &Balancer, origin: &str, portal: &Client, who: usize) {
    let (name, password) = somebody(who);
    let browser = Browser::from(origin, std::net::Ipv4Addr::from(0x0ac0_0000 + u32::try_from(who).unwrap()));
    let path = |path: &str| format!("{}{path}", at.next());
    let page = browser.get(&path(&portal.authorize_path(&[]))).await;
    let page = browser.get(&path(&page.location())).await;
    let (r, csrf) = (page.field("r").unwrap(), page.field("csrf").unwrap());
    let fields = [("csrf", csrf.as_str()), ("r", &r), ("identifier", &name), ("password", &password)];
    let page = browser.post(&path("/login"), &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    let page = browser.get(&path(&page.location())).await;
    let code = page.param("code").unwrap_or_else(|| panic!("a code: {} {}", page.status, page.text()));
    let tokens = portal.at(&at.next()).exchange(&code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let newer = portal.at(&at.next()).refresh(&tokens.text("refresh_token")).await;
    assert_eq!(newer.status, StatusCode::OK, "{}", newer.body);
    let known = portal.at(&at.next()).userinfo(&newer.text("access_token")).await;
    assert_eq!(known.status, StatusCode::OK, "{}", known.body);
    let page = browser.get(&path("/account")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_are_exchanged_forth_and_back_and_no_request_fails() {
    const PEOPLE: usize = 12;
    let _turn = alone().await;
    let Some(backend) = Backend::postgres() else { return };
    Process::prepare(&backend);
    let backend = Arc::new(backend);
    let first = Process::start(&backend, &Setup::default()).await;
    let (origin, portal) = (first.url.clone(), first.portal());
    let setup = Setup { public_url: Some(origin.clone()), ..Setup::default() };
    let second = Process::start(&backend, &setup).await;
    let (at, stop) = (Arc::new(Balancer::default()), Arc::new(AtomicBool::new(false)));
    at.add(&first);
    at.add(&second);
    let mut people = JoinSet::new();
    for n in 0..PEOPLE {
        let (at, origin, portal, stop) = (Arc::clone(&at), origin.clone(), portal.clone(), Arc::clone(&stop));
        people.spawn(async move {
            let mut walks = 0;
            while !stop.load(Ordering::Relaxed) {
                walk(&at, &origin, &portal, n + walks * PEOPLE).await;
                walks += 1;
            }
            walks
        });
    }
    let a_while = Duration::from_secs(u64::try_from(rounds(1, 120)).unwrap());
    tokio::time::sleep(a_while).await;
    for statement in EXPAND {
        backend.execute(statement);
    }
    // Forth.
    tokio::time::sleep(a_while).await;
    let third = Process::start(&backend, &setup).await;
    at.add(&third);
    at.stop(first).await;
    tokio::time::sleep(a_while).await;
    // And back.
    let fourth = Process::start(&backend, &setup).await;
    at.add(&fourth);
    at.stop(third).await;
    at.stop(second).await;
    tokio::time::sleep(a_while).await;
    stop.store(true, Ordering::Relaxed);
    let walks: usize = people.join_all().await.into_iter().sum();
    println!("{walks} walks of eight requests each, over four servers, none failed");
    assert!(walks >= PEOPLE, "{walks}");
}
