//! What an operator runs: checks that find what is wrong, backups that come back without what was revoked.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use support::{Backend, MailServer, Mood, Process, Setup, Signal, backends, rounds};

use crate::load::alone;

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
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    let told = says(&backend, "", &["doctor"], false, &["FAIL", "there is none", "idp migrate"]);
    let path = backend.url.strip_prefix("sqlite:").unwrap().to_owned();
    assert!(!std::path::Path::new(&path).exists(), "who only looks makes nothing");
    assert!(!told.contains("signing keys"), "what rests on the database isn't looked at: {told}");
    Process::prepare(&backend);
    // Nobody serves at the public address: that may be meant, so it is a warning.
    says(&backend, "", &["doctor"], true, &["ok    schema", "ok    writing", "ok    signing keys", "warn  discovery"]);
    let file = backend.folder().join("policies.toml");
    let declare = |methods: &str| {
        let policies = format!("\"2fa.policy\" = \"required\"\n\"2fa.methods\" = \"{methods}\"");
        let text = format!("[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n{policies}\n");
        std::fs::write(&file, text).unwrap();
        says(&backend, "", &["apply", file.to_str().unwrap()], true, &[]);
    };
    declare("email");
    says(&backend, "", &["doctor"], true, &["warn  policies", "acme: a second factor is required", "add totp"]);
    declare("email,totp");
    says(&backend, "", &["doctor"], true, &["ok    policies"]);
    let server = Process::start(&backend, &Setup::default()).await;
    let told = server.own_command(&["doctor", "--json"]);
    let all: Vec<serde_json::Value> = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {told}"));
    let state = |check: &str| all.iter().find(|f| f["check"] == check).map(|f| f["state"].clone());
    assert_eq!(state("discovery"), Some("ok".into()), "{told}");
    assert_eq!(state("public URL"), Some("warn".into()), "{told}");
    drop(server);
    let file = std::path::Path::new(&path);
    set_mode(file, 0o644);
    says(&backend, "", &["doctor"], false, &["FAIL  database", "everybody may read", "chmod 600"]);
    set_mode(file, 0o600);
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
    let _turn = alone().await;
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
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{name}: a backup is for its owner's eyes only");
        says(&backend, "", &["db", "verify", copy], true, &["copy"]);
        let occupied = if name == "SQLite" { "exists; move it away first" } else { "the database is not empty" };
        says(&backend, "", &["db", "restore", copy, "--yes"], false, &[occupied]);
        // After the backup the person signs out; the backup doesn't know.
        let session = browser.get("/account").await.field("as").unwrap();
        let csrf = browser.csrf().await;
        browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &session)]).await;
        drop(server);
        let empty = Arc::new(backend.emptied());
        says(&empty, "", &["db", "restore", copy], false, &["--yes"]);
        if let Some(path) = empty.url.strip_prefix("sqlite:") {
            let left = format!("{path}-wal");
            std::fs::write(&left, "left behind").unwrap();
            says(&empty, "", &["db", "restore", copy, "--yes"], false, &["-wal exists; move it away first"]);
            std::fs::remove_file(left).unwrap();
        }
        // With a wrong master key it stops halfway: nobody serves that, and with the right one it goes on.
        let key = empty.folder().join("master.key");
        std::fs::write(&key, "8".repeat(64)).unwrap();
        says(&empty, "", &["db", "restore", copy, "--yes"], false, &["right master key"]);
        std::fs::write(&key, "7".repeat(64)).unwrap();
        for command in ["serve", "migrate"] {
            says(&empty, "", &[command], false, &["was not finished", "idp db restore FILE --yes"]);
        }
        let told = &["going on with what has arrived", "Restored.", "is dead"];
        says(&empty, "", &["db", "restore", copy, "--yes"], true, told);
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
        says(&backend, "", &["db", "verify", damaged.to_str().unwrap()], false, &["damaged"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_key_is_replaced_while_people_go_on() {
    let _turn = alone().await;
    for backend in backends() {
        let name = backend.name;
        Process::prepare(&backend);
        let backend = Arc::new(backend);
        let mut server = Process::start(&backend, &Setup::default()).await;
        let public_url = Some(server.url.clone());
        let (browser, portal) = (server.browser(), server.portal());
        let tokens = portal.tokens(&browser, "201-acme", "agent password one").await;
        let waiting = portal.authorize(&server.browser(), &[]).await;
        assert!(waiting.param("r").is_some());
        // The two are exchanged: the new key writes, the old one is read.
        let both = another_key(backend.folder(), 8);
        server.signal(Signal::INT);
        server.ended().await;
        let setup = Setup { more: both.clone(), public_url: public_url.clone(), ..Setup::default() };
        let server = Process::start(&backend, &setup).await;
        let portal = server.portal();
        let renewed = portal.refresh(&tokens.text("refresh_token")).await;
        assert_eq!(renewed.status, StatusCode::OK, "{name}: a session goes on");
        assert_eq!(portal.userinfo(&renewed.text("access_token")).await.status, StatusCode::OK, "{name}");
        assert!(browser.get(&format!("{}/account", server.url)).await.status.is_success(), "{name}");
        says(&backend, &both, &["key", "reseal"], true, &["Sealed 3 rows anew.", "under the other key"]);
        says(&backend, &both, &["key", "reseal"], true, &["Sealed 0 rows anew."]);
        let left = |told: &str| {
            told.split(" passwords are under").next().unwrap().lines().last().unwrap().parse::<i64>().unwrap()
        };
        let before = left(&says(&backend, &both, &["key", "reseal"], true, &[]));
        portal.tokens(&server.browser(), "202-acme", "agent password two").await;
        assert_eq!(left(&says(&backend, &both, &["key", "reseal"], true, &[])), before - 1, "{name}");
        says(&backend, &both, &["audit", "verify"], true, &["as they were written"]);
        drop(server);
        // Without the old key everything works but the passwords under it.
        let server = Process::start(&backend, &Setup { public_url, ..Setup::default() }).await;
        server.portal().tokens(&server.browser(), "202-acme", "agent password two").await;
        let page = server.browser().try_sign_in(None, "201-acme", "agent password one").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        says(&backend, "", &["audit", "verify"], true, &["as they were written"]);
    }
}

/// Puts a new master key in the place of the old one, which stays beside it: how both are configured.
fn another_key(folder: &std::path::Path, n: usize) -> String {
    std::fs::rename(folder.join("master.key"), folder.join("old.key")).unwrap();
    std::fs::write(folder.join("master.key"), format!("{:064x}", n + 1)).unwrap();
    set_mode(&folder.join("master.key"), 0o600);
    format!("[secrets]\nother_master_key_file = \"{}\"\n", folder.join("old.key").display())
}

#[tokio::test(flavor = "multi_thread")]
async fn sealing_anew_that_is_killed_goes_on_where_it_was() {
    let _turn = alone().await;
    for backend in backends() {
        let (name, mut in_the_middle) = (backend.name, 0);
        Process::prepare(&backend);
        let backend = Arc::new(backend);
        let server = Process::start(&backend, &Setup::default()).await;
        let public_url = Some(server.url.clone());
        let tokens = server.portal().tokens(&server.browser(), "201-acme", "agent password one").await;
        drop(server);
        for n in 0..rounds(10, 60) {
            let both = another_key(backend.folder(), n);
            // Three rows, each of which takes a moment here.
            let mut sealing = Process::begin(&backend, &both, &["key", "reseal"], &[("IDP_TESTING_DELAY_MS", "40")]);
            tokio::time::sleep(Duration::from_millis(80 + 40 * (n as u64 % 10))).await;
            sealing.kill().ok();
            sealing.wait().unwrap();
            // Half under one key and half under the other: with both everything opens.
            says(&backend, &both, &["doctor"], true, &["ok    signing keys"]);
            let told = says(&backend, &both, &["key", "reseal"], true, &["rows anew."]);
            in_the_middle += u32::from(told.contains("Sealed 1 rows") || told.contains("Sealed 2 rows"));
            says(&backend, &both, &["key", "reseal"], true, &["Sealed 0 rows anew."]);
        }
        println!("{name}: {in_the_middle} killed in the middle");
        assert!(in_the_middle > 0, "{name}: none was killed in the middle");
        // With the newest key alone, what was signed in before goes on.
        let server = Process::start(&backend, &Setup { public_url, ..Setup::default() }).await;
        assert_eq!(server.portal().refresh(&tokens.text("refresh_token")).await.status, StatusCode::OK, "{name}");
        says(&backend, "", &["audit", "verify"], true, &["as they were written"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_database_alone_has_no_credential() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let mails = MailServer::start(Mood::Takes).await;
    let server = Process::start(&backend, &Setup { more: mails.config(), ..Setup::default() }).await;
    let (browser, portal) = (server.browser(), server.portal());
    let tokens = portal.tokens(&browser, "201-acme", "agent password one").await;
    let mailed = crate::secrets::of_mails_and_second_factors(&server, &mails).await;
    let code = portal.authorize(&browser, &[]).await.param("code").unwrap();
    let copy = backend.folder().join("dump");
    says(&backend, "", &["db", "backup", copy.to_str().unwrap()], true, &[]);
    let dump = std::fs::read(&copy).unwrap();
    let holds = |secret: &[u8]| dump.windows(secret.len()).any(|window| window == secret);
    assert!(holds(b"201") && holds(b"Ann Agent"), "the dump is one");
    let mut secrets = vec![code, tokens.text("access_token"), tokens.text("refresh_token"), "portal-secret".to_owned()];
    secrets.extend(browser.cookies());
    secrets.extend(mailed);
    secrets.extend(["agent password one".to_owned(), "PRIVATE KEY".to_owned(), "\"d\":".to_owned()]);
    for secret in secrets {
        assert!(!holds(secret.as_bytes()), "{secret} stands in the database");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_gives_a_code_to_who_has_lost_his_phone() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let mails = MailServer::start(Mood::Takes).await;
    let server = Process::start(&backend, &Setup { more: mails.config(), ..Setup::default() }).await;
    crate::secrets::of_mails_and_second_factors(&server, &mails).await;
    let command = ["account", "backup-code", "outsider", "--tenant", "acme", "--reason"];
    assert_eq!(server.own_command(&[&command[..], &[" "]].concat()), "", "without a reason there is none");
    let told = server.own_command(&[&command[..], &["lost phone, called back"]].concat());
    let code = told.lines().find(|l| l.len() == 9 && l.contains('-')).unwrap_or_else(|| panic!("{told}"));
    let browser = server.browser();
    let (name, password) = crate::secrets::OLGA;
    let led = browser.try_sign_in(None, name, password).await;
    let page = browser.get(&led.location()).await;
    let (csrf, journey) = (page.field("csrf").unwrap(), page.field("journey").unwrap());
    let fields = [("csrf", csrf.as_str()), ("journey", &journey), ("means", "backup"), ("code", code)];
    let entered = browser.post("/login/second", &fields).await;
    assert!(entered.location().starts_with("/account/security?"), "{} {}", entered.location(), entered.text());
    let why = "event = 'backup_code_issued' AND payload LIKE '%lost phone, called back%'";
    assert_eq!(backend.count(&format!("SELECT count(*) AS n FROM audit WHERE {why}")), 1);
}
