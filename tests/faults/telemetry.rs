//! What leaves the process beside its answers: logs without secrets, metrics, and neither in anybody's way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use support::{Backend, MailServer, Mood, Process, Setup, Signal, VERIFIER};

use crate::load::{Crowd, alone, visit};

/// Everything that a person and a client keep secret, used once or more.
async fn every_flow(server: &Process) -> Vec<String> {
    let (browser, portal) = (server.browser(), server.portal());
    let (name, password) = ("201-acme", "agent password one");
    browser.try_sign_in(None, name, "canary-wrong-password").await;
    let code = portal.code(&browser, name, password).await;
    let tokens = portal.exchange(&code).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    portal.userinfo(&access).await;
    let renewed = portal.refresh(&refresh).await;
    portal.exchange(&code).await;
    portal.token(&[("grant_type", "refresh_token"), ("refresh_token", "sbr_canary-refresh-token")]).await;
    let cookies = browser.cookies();
    let session = browser.sign_in(name, password).await;
    let csrf = browser.csrf().await;
    let new = "canary-brand-new-password";
    let fields = [("csrf", csrf.as_str()), ("as", &session), ("current", password), ("new", new), ("confirm", new)];
    browser.post("/account/settings/password", &fields).await;
    let admin = server.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await["202-acme"].clone();
    let shown = admin.reset_password(&desk, &id, None).await;
    let once = shown.body.split("id=\"secret\"").nth(1).and_then(|t| t.split_once('>')).map(|t| t.1);
    let once = once.and_then(|t| t.split('<').next()).unwrap().to_owned();
    browser.try_sign_in(None, "202-acme", &once).await;
    browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &session)]).await;
    let mut secrets: Vec<String> =
        [password, "canary-wrong-password", new, "portal-secret", "sbr_canary-refresh-token", VERIFIER, &csrf]
            .map(str::to_owned)
            .to_vec();
    secrets.extend([code, access, refresh, once, tokens.text("id_token")]);
    secrets.extend([renewed.text("access_token"), renewed.text("refresh_token"), "7".repeat(64)]);
    secrets.extend(cookies);
    secrets
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_at_trace_level_has_one_event_a_line_and_no_secret() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let environment = vec![("IDP__LOG__LEVEL", "trace".to_owned())];
    let mails = MailServer::start(Mood::Takes).await;
    let more = mails.config();
    let mut server = Process::start(&backend, &Setup { environment, more, ..Setup::default() }).await;
    let mut secrets = crate::secrets::of_mails_and_second_factors(&server, &mails).await;
    secrets.extend(every_flow(&server).await);
    secrets.extend(crate::secrets::of_passkeys_and_providers(&server).await);
    let metrics = reqwest::get(format!("{}/metrics", server.management)).await.unwrap().text().await.unwrap();
    server.signal(Signal::INT);
    server.ended().await;
    let log = server.log();
    assert!(secrets.iter().all(|s| s.len() >= 8) && secrets.len() > 30, "{secrets:?}");
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
        assert!(!metrics.contains(&secret), "{secret}");
    }
    let mut own = 0;
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        if line["target"].as_str().is_some_and(|t| t.starts_with("idp")) {
            assert!(line["event"].is_string(), "without an event: {line}");
            own += 1;
        }
    }
    assert!(own > 20, "{own} lines of our own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_takes_stops_nothing() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let environment = vec![("IDP__LOG__LEVEL", "trace".to_owned())];
    let setup = Setup { environment, has_blocked_log: true, ..Setup::default() };
    let server = Process::start(&backend, &setup).await;
    let began = Instant::now();
    let mut dropped = false;
    while !dropped {
        let crowd = Crowd::of(8, &server.url, &server.portal());
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(crowd.stop().await.iter().all(crate::load::Visit::is_answered));
        let told = reqwest::get(format!("{}/metrics", server.management)).await.unwrap().text().await.unwrap();
        dropped = told.lines().any(|l| l.starts_with("idp_log_lines_dropped_total ") && !l.ends_with(" 0"));
        assert!(began.elapsed() < Duration::from_mins(2), "no line was dropped");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let server = Process::start(&backend, &Setup::default()).await;
    visit(&server.url, &server.portal(), 0).await;
    server.browser().try_sign_in(None, "201-acme", "a wrong password").await;
    server.portal().tokens(&server.browser(), "201-acme", "agent password one").await;
    let answer = reqwest::get(format!("{}/metrics", server.management)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let told = answer.text().await.unwrap();
    for line in [
        "idp_signin_total{method=\"password\",outcome=\"in\"} 2",
        "idp_signin_total{method=\"password\",outcome=\"wrong\"} 1",
        "idp_tokens_total{grant=\"authorization_code\",outcome=\"tokens\"} 1",
        "idp_http_requests_total{route=\"/token\",method=\"POST\",status=\"2xx\"} 1",
        "idp_outbox_waiting 0",
        "idp_log_lines_dropped_total 0",
    ] {
        assert!(told.lines().any(|l| l == line), "{line} is missing in\n{told}");
    }
    for name in
        ["idp_http_request_duration_seconds_bucket", "idp_db_writes_total", "idp_key_age_seconds", "idp_build_info"]
    {
        assert!(told.contains(name), "{name} is missing");
    }
    let public = server.browser().get("/metrics").await.status;
    assert_eq!(public, StatusCode::NOT_FOUND, "not on the public listener");
}
