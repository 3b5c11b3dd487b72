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

/// Nothing is written, whoever asks is told to come back, and the log says why.
async fn stands_still(server: &Process, why: &str) {
    for _ in 0..2 {
        let visit = visit(&server.url, &server.portal(), 0).await;
        assert_eq!((visit.status, visit.says_when), (Some(StatusCode::SERVICE_UNAVAILABLE), true), "{why}");
    }
    // A thread of its own writes the log.
    let began = Instant::now();
    while !server.log().contains("was moved, replaced or deleted while it was in use") {
        assert!(began.elapsed() < Duration::from_secs(5), "{why}: {}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_or_journal_that_is_taken_away_is_noticed_and_nothing_is_lost() {
    let _turn = alone().await;
    for taken in ["the file", "the journal", "the index", "the journal behind a link"] {
        let backend = Arc::new(Backend::sqlite());
        Process::prepare(&backend);
        if taken.ends_with("link") {
            let folder = backend.folder().join("elsewhere");
            std::fs::create_dir(&folder).unwrap();
            std::fs::rename(file(&backend), folder.join("idp.db")).unwrap();
            std::os::unix::fs::symlink(folder.join("idp.db"), file(&backend)).unwrap();
        }
        let server = Process::start(&backend, &Setup::default()).await;
        let setup = Setup { public_url: Some(server.url.clone()), ..Setup::default() };
        let tokens = server.portal().tokens(&server.browser(), "201-acme", "agent password one").await;
        let newest = server.portal().refresh(&tokens.text("refresh_token")).await.text("refresh_token");
        let aside = format!("{}.aside", file(&backend));
        let beside = |end: &str| format!("{}{end}", std::fs::canonicalize(file(&backend)).unwrap().display());
        match taken {
            "the file" => std::fs::rename(file(&backend), &aside).unwrap(),
            "the index" => std::fs::remove_file(beside("-shm")).unwrap(),
            _ => std::fs::remove_file(beside("-wal")).unwrap(),
        }
        stands_still(&server, taken).await;
        assert_eq!(server.browser().get("/login").await.status, StatusCode::OK, "{taken}: reading goes on");
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
async fn another_file_is_not_taken_up_after_a_write_that_failed() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let [older, aside] = ["older", "aside"].map(|name| format!("{}.{name}", file(&backend)));
    std::fs::copy(file(&backend), &older).unwrap();
    let server = Process::start(&backend, &Setup::default()).await;
    server.browser().sign_in("201-acme", "agent password one").await;
    let mut other = SqliteConnection::establish(file(&backend)).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let failed = visit(&server.url, &server.portal(), 0).await;
    assert_eq!(failed.status, Some(StatusCode::SERVICE_UNAVAILABLE));
    std::fs::rename(file(&backend), aside).unwrap();
    std::fs::rename(older, file(&backend)).unwrap();
    other.batch_execute("ROLLBACK").unwrap();
    stands_still(&server, "exchanged").await;
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
    std::fs::remove_file(format!("{}-wal", file(&backend))).unwrap();
    assert_eq!(backend.verdict(), "ok");
    let server = Process::start(&backend, &Setup::default()).await;
    assert_eq!(backend.count("SELECT count(*) AS n FROM accounts"), before, "it never starts empty");
    server.browser().sign_in("201-acme", "agent password one").await;
}
