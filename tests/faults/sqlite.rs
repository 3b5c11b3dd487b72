//! The SQLite file full, locked by somebody else, damaged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use reqwest::StatusCode;
use support::{Backend, Process, Setup, Signal};

use crate::load::{alone, visit};

fn file(backend: &Backend) -> &str {
    backend.url.strip_prefix("sqlite:").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_writes_and_nothing_else() {
    let _turn = alone().await;
    let backend = Backend::sqlite();
    Process::prepare(&backend);
    let pages = backend.count("SELECT page_count AS n FROM pragma_page_count");
    let environment = vec![("IDP_TESTING_PAGES", (pages + 8).to_string())];
    let backend = Arc::new(backend);
    let server = Process::start(&backend, &Setup { environment, ..Setup::default() }).await;
    let mut full = false;
    for _ in 0..400 {
        let visit = visit(&server.url, &server.portal(), 0).await;
        assert!(visit.is_answered(), "{visit:?}");
        full = visit.status == Some(StatusCode::SERVICE_UNAVAILABLE);
        if full {
            break;
        }
    }
    assert!(full, "the disk was never full");
    assert_eq!(server.browser().get("/login").await.status, StatusCode::OK, "reading goes on");
    assert_eq!(server.browser().get("/jwks.json").await.status, StatusCode::OK);
    drop(server);
    // With room again everything that was acknowledged is there, and people get in.
    let server = Process::start(&backend, &Setup::default()).await;
    server.browser().sign_in("201-acme", "agent password one").await;
    assert_eq!(backend.verdict(), "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_else_holds_is_answered_for() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let server = Process::start(&backend, &Setup::default()).await;
    let mut other = SqliteConnection::establish(file(&backend)).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    for _ in 0..3 {
        let began = Instant::now();
        let visit = visit(&server.url, &server.portal(), 0).await;
        assert_eq!((visit.status, visit.says_when), (Some(StatusCode::SERVICE_UNAVAILABLE), true));
        assert!(began.elapsed() < Duration::from_millis(3500), "{:?}", began.elapsed());
    }
    other.batch_execute("ROLLBACK").unwrap();
    let began = Instant::now();
    while !visit(&server.url, &server.portal(), 0).await.is_served() {
        assert!(began.elapsed() < Duration::from_secs(5), "it never recovers");
    }
}

#[test]
fn a_damaged_file_is_refused_and_left_as_it_is() {
    let whole = Backend::sqlite();
    Process::prepare(&whole);
    let bytes = std::fs::read(file(&whole)).unwrap();
    let mut torn = bytes.clone();
    for page in torn.chunks_mut(4096).skip(1).step_by(2) {
        page.fill(0x5a);
    }
    let cases: [(&str, Vec<u8>); 4] = [
        ("not a database", b"#!/bin/sh\necho hello, this is no database at all\n".repeat(200)),
        ("torn pages", torn),
        ("cut short", bytes[..bytes.len() / 3].to_vec()),
        ("empty", Vec::new()),
    ];
    for (name, damaged) in cases {
        std::fs::write(file(&whole), &damaged).unwrap();
        for suffix in ["-wal", "-shm"] {
            std::fs::remove_file(format!("{}{suffix}", file(&whole))).ok();
        }
        let (good, told) = Process::command(&whole, &["serve"]);
        assert!(!good, "{name}: it started: {told}");
        assert!(told.contains(file(&whole)) || told.contains("idp migrate"), "{name}: {told}");
        if name != "empty" {
            let (good, told) = Process::command(&whole, &["migrate"]);
            assert!(!good, "{name}: it migrated: {told}");
            assert_eq!(std::fs::read(file(&whole)).unwrap(), damaged, "{name}: the file was changed");
        }
    }
}

fn journal(backend: &Backend) -> String {
    format!("{}-wal", file(backend))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_or_journal_that_is_taken_away_is_noticed_and_nothing_is_lost() {
    let _turn = alone().await;
    for taken in ["the file", "the journal"] {
        let backend = Arc::new(Backend::sqlite());
        Process::prepare(&backend);
        let server = Process::start(&backend, &Setup::default()).await;
        let setup = Setup { public_url: Some(server.url.clone()), ..Setup::default() };
        let tokens = server.portal().tokens(&server.browser(), "201-acme", "agent password one").await;
        let newest = server.portal().refresh(&tokens.text("refresh_token")).await.text("refresh_token");
        let aside = format!("{}.aside", file(&backend));
        if taken == "the file" {
            std::fs::rename(file(&backend), &aside).unwrap();
        } else {
            std::fs::remove_file(journal(&backend)).unwrap();
        }
        for _ in 0..2 {
            let visit = visit(&server.url, &server.portal(), 0).await;
            assert_eq!((visit.status, visit.says_when), (Some(StatusCode::SERVICE_UNAVAILABLE), true), "{taken}");
        }
        assert_eq!(server.browser().get("/login").await.status, StatusCode::OK, "{taken}: reading goes on");
        assert!(
            server.log().contains("was moved, replaced or deleted while it was in use"),
            "{taken}: {}",
            server.log()
        );
        drop(server);
        std::fs::rename(&aside, file(&backend)).ok();
        let server = Process::start(&backend, &setup).await;
        assert_eq!(
            server.portal().refresh(&newest).await.status,
            StatusCode::OK,
            "{taken}: what was acknowledged is lost"
        );
        server.browser().sign_in("201-acme", "agent password one").await;
        assert_eq!(backend.verdict(), "ok", "{taken}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_deleted_after_a_crash_takes_its_own_and_no_more() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let before = backend.count("SELECT count(*) AS n FROM accounts");
    let mut server = Process::start(&backend, &Setup::default()).await;
    server.browser().sign_in("201-acme", "agent password one").await;
    server.signal(Signal::KILL);
    server.ended().await;
    std::fs::remove_file(journal(&backend)).unwrap();
    assert_eq!(backend.verdict(), "ok");
    let server = Process::start(&backend, &Setup::default()).await;
    assert_eq!(backend.count("SELECT count(*) AS n FROM accounts"), before, "it never starts empty");
    server.browser().sign_in("201-acme", "agent password one").await;
}
