//! What an operator runs: checks that find what is wrong, backups that come back without what was revoked.

use std::sync::Arc;

use reqwest::StatusCode;
use support::{Backend, Process, Setup, backends};

fn says(backend: &Backend, more: &str, arguments: &[&str], expected: bool, words: &[&str]) -> String {
    let (good, told) = Process::command_with(backend, more, arguments);
    assert_eq!(good, expected, "{arguments:?}: {told}");
    for word in words {
        assert!(told.contains(word), "{arguments:?} says nothing of {word:?}: {told}");
    }
    told
}

#[test]
fn a_configuration_is_checked_and_shown() {
    let backend = Backend::sqlite();
    Process::prepare(&backend);
    says(&backend, "", &["config", "check"], true, &["can be used"]);
    says(&backend, "[redis]\nurll = \"x\"\n", &["config", "check"], false, &["redis.urll", "did you mean redis.url?"]);
    says(&backend, "[outbound]\nextra_ca = [\"/nowhere.pem\"]\n", &["config", "check"], false, &["outbound.extra_ca"]);
    let shown = says(
        &backend,
        "[redis]\nurl = \"redis://:hunter2@127.0.0.1:1/\"\n",
        &["config", "show", "--origin"],
        true,
        &["server.public_url", "file", "password.passes", "default", "(not shown)"],
    );
    assert!(!shown.contains("hunter2"), "{shown}");
    let (_, schema) = Process::command(&backend, &["config", "schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["properties"]["server"]["required"], serde_json::json!(["public_url"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_each_thing_that_is_wrong() {
    let backend = Arc::new(Backend::sqlite());
    let told = says(&backend, "", &["doctor"], false, &["FAIL", "schema", "idp migrate"]);
    assert!(!told.contains("signing keys"), "what rests on the database isn't looked at: {told}");
    Process::prepare(&backend);
    // Nobody serves at the public address: that may be meant, so it is a warning.
    says(&backend, "", &["doctor"], true, &["ok    schema", "ok    writing", "ok    signing keys", "warn  discovery"]);
    let server = Process::start(&backend, &Setup::default()).await;
    let told = server.own_command(&["doctor", "--json"]);
    let all: Vec<serde_json::Value> = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {told}"));
    let state = |check: &str| all.iter().find(|f| f["check"] == check).map(|f| f["state"].clone());
    assert_eq!(state("discovery"), Some("ok".into()), "{told}");
    assert_eq!(state("public URL"), Some("warn".into()), "{told}");
    drop(server);
    let key = backend.folder().join("master.key");
    let good = std::fs::read(&key).unwrap();
    set_mode(&key, 0o644);
    says(&backend, "", &["doctor"], false, &["FAIL  files", "chmod 600"]);
    set_mode(&key, 0o600);
    std::fs::write(&key, "8".repeat(64)).unwrap();
    says(&backend, "", &["doctor"], false, &["FAIL  start", "is this the right master key?"]);
    std::fs::write(&key, "not a key").unwrap();
    says(&backend, "", &["doctor"], false, &["FAIL  files", "64 hexadecimal digits"]);
    std::fs::write(&key, good).unwrap();
    says(&backend, "[redis]\nurl = \"redis://127.0.0.1:1/\"\n", &["doctor"], false, &["FAIL  start", "redis.url"]);
    says(&backend, "[log]\nlevl = \"x\"\n", &["doctor"], false, &["FAIL  configuration", "did you mean log.level?"]);
    let file = backend.url.strip_prefix("sqlite:").unwrap();
    let mut bytes = std::fs::read(file).unwrap();
    bytes.chunks_mut(4096).skip(2).step_by(2).for_each(|page| page.fill(0x5a));
    std::fs::write(file, bytes).unwrap();
    says(&backend, "", &["doctor"], false, &["FAIL  database", "is damaged", "idp db restore"]);
}

fn set_mode(file: &std::path::Path, mode: u32) {
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_comes_back_and_what_was_revoked_since_does_not() {
    for backend in backends() {
        let name = backend.name;
        Process::prepare(&backend);
        let backend = Arc::new(backend);
        let server = Process::start(&backend, &Setup::default()).await;
        let setup = Setup { public_url: Some(server.url.clone()), ..Setup::default() };
        let browser = server.browser();
        let tokens = server.portal().tokens(&browser, "201-acme", "agent password one").await;
        let file = backend.folder().join("copy");
        let copy = file.to_str().unwrap();
        says(&backend, "", &["db", "backup", copy], true, &["copy"]);
        says(&backend, "", &["db", "backup", copy], false, &["exists; name another file"]);
        says(&backend, "", &["db", "verify", copy], true, &["copy"]);
        says(&backend, "", &["db", "restore", copy, "--yes"], false, &[]);
        // After the backup the person signs out; the backup doesn't know.
        let session = browser.get("/account").await.field("as").unwrap();
        let csrf = browser.csrf().await;
        browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &session)]).await;
        drop(server);
        let empty = Arc::new(backend.emptied());
        says(&empty, "", &["db", "restore", copy], false, &["--yes"]);
        says(&empty, "", &["db", "restore", copy, "--yes"], true, &["Restored.", "is dead"]);
        let server = Process::start(&empty, &setup).await;
        let portal = server.portal();
        assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant", "{name}");
        let userinfo = portal.userinfo(&tokens.text("access_token")).await.status;
        assert_eq!(userinfo, StatusCode::UNAUTHORIZED, "{name}");
        let page = browser.get(&format!("{}/account", server.url)).await;
        assert!(page.location().starts_with("/login"), "{name}: a session lives again");
        portal.tokens(&server.browser(), "201-acme", "agent password one").await;
        let damaged = backend.folder().join("damaged");
        let mut bytes = std::fs::read(&file).unwrap();
        let half = bytes.len() / 2;
        bytes.truncate(half);
        bytes.iter_mut().take(2000).for_each(|b| *b = 0);
        std::fs::write(&damaged, bytes).unwrap();
        says(&backend, "", &["db", "verify", damaged.to_str().unwrap()], false, &[]);
    }
}
