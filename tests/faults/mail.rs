//! The mail server refuses, delays, says nothing, or has no TLS; and the process dies between the act and its mail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use support::{Backend, MailServer, Mood, Process, Setup, Signal, backends};

use crate::load::alone;

fn setup(address: &str) -> Setup {
    let more = format!("[mail]\nurl = \"{address}\"\nfrom = \"no-reply@switchboard.example\"\n");
    Setup { more, ..Setup::default() }
}

async fn ask(server: &Process, name: &str) {
    let browser = server.browser();
    let csrf = browser.csrf().await;
    let page = browser.post("/login/email", &[("csrf", &csrf), ("identifier", name)]).await;
    assert!(page.status.is_redirection(), "{} {}", page.status, page.text());
}

/// What is noted of the newest mail, once it is that.
async fn becomes(backend: &Backend, state: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let query = format!("SELECT count(*) AS n FROM mails WHERE state = '{state}'");
    while backend.count(&query) == 0 {
        assert!(Instant::now() < deadline, "no mail is ever {state}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_delays_gets_it_again_and_one_that_refuses_does_not() {
    let _turn = alone().await;
    for backend in backends() {
        Process::prepare(&backend);
        let backend = Arc::new(backend);
        let mail = MailServer::start(Mood::Later).await;
        let server = Process::start(&backend, &setup(&format!("smtp+plain://127.0.0.1:{}", mail.port))).await;
        ask(&server, "201-acme").await;
        becomes(&backend, "deferred").await;
        mail.set(Mood::Takes);
        becomes(&backend, "sent").await;
        let taken = mail.taken();
        assert_eq!(taken.len(), 1);
        let head = taken[0].split("\n\n").next().unwrap();
        assert!(head.contains("To: ann@acme.example") && head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(taken[0].contains("text/plain") && taken[0].contains("text/html"));
        mail.set(Mood::Refuses);
        ask(&server, "201-bolt").await;
        becomes(&backend, "bounced").await;
        let told = "SELECT count(*) AS n FROM mails WHERE state = 'bounced' AND told LIKE '%No such mailbox%'";
        assert_eq!(backend.count(told), 1, "{}: an administrator can read why", backend.name);
        mail.set(Mood::Takes);
        ask(&server, "201-bolt").await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(mail.taken().len(), 1, "nobody writes there again before somebody has looked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_the_other_end_keeps_the_mail_for_later_and_the_answer_the_same() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let port = MailServer::start(Mood::Takes).await.port; // nobody is there any more
    let server = Process::start(&backend, &setup(&format!("smtp+plain://127.0.0.1:{port}"))).await;
    ask(&server, "201-acme").await;
    becomes(&backend, "deferred").await;
    ask(&server, "nobody-acme").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_nothing_is_sent_and_a_silent_server_keeps_nobody_waiting() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let mail = MailServer::start(Mood::Takes).await;
    // It speaks SMTP, and somebody on the way has taken STARTTLS out of what it offers.
    let server = Process::start(&backend, &setup(&format!("smtp://127.0.0.1:{}", mail.port))).await;
    ask(&server, "201-acme").await;
    becomes(&backend, "deferred").await;
    assert_eq!(mail.taken(), Vec::<String>::new());
    drop(server);
    mail.set(Mood::Silent);
    let server = Process::start(&backend, &setup(&format!("smtp+plain://127.0.0.1:{}", mail.port))).await;
    let began = Instant::now();
    ask(&server, "201-acme").await;
    server.browser().sign_in("201-acme", "agent password one").await;
    assert!(began.elapsed() < Duration::from_secs(5), "pages don't wait for mails: {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_survives_the_process_that_promised_it() {
    let _turn = alone().await;
    for backend in backends() {
        Process::prepare(&backend);
        let backend = Arc::new(backend);
        let mail = MailServer::start(Mood::Later).await;
        let address = format!("smtp+plain://127.0.0.1:{}", mail.port);
        let mut server = Process::start(&backend, &setup(&address)).await;
        ask(&server, "201-acme").await;
        server.signal(Signal::KILL);
        server.ended().await;
        mail.set(Mood::Takes);
        let _server = Process::start(&backend, &setup(&address)).await;
        let deadline = Instant::now() + Duration::from_secs(45);
        while mail.taken().is_empty() {
            assert!(Instant::now() < deadline, "{}: the mail is lost", backend.name);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_carries_many_mails() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let mail = MailServer::start(Mood::Takes).await;
    let server = Process::start(&backend, &Setup { more: mail.config(), ..Setup::default() }).await;
    for count in 1..=3 {
        ask(&server, "201-acme").await;
        let deadline = Instant::now() + Duration::from_secs(10);
        while mail.taken().len() < count {
            assert!(Instant::now() < deadline, "mail {count} does not leave");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(mail.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_over_is_not_sent_any_more() {
    let _turn = alone().await;
    let backend = Arc::new(Backend::sqlite());
    Process::prepare(&backend);
    let mail = MailServer::start(Mood::Later).await;
    let clock = backend.folder().join("clock");
    let environment = vec![("IDP_TESTING_CLOCK", clock.display().to_string())];
    let server = Process::start(&backend, &Setup { more: mail.config(), environment, ..Setup::default() }).await;
    ask(&server, "201-acme").await;
    becomes(&backend, "deferred").await;
    std::fs::write(&clock, (15 * 60 + 1).to_string()).unwrap();
    mail.set(Mood::Takes);
    becomes(&backend, "expired").await;
    assert_eq!(mail.taken(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_refused_is_seen_and_tried_again() {
    let _turn = alone().await;
    for backend in backends() {
        Process::prepare(&backend);
        let backend = Arc::new(backend);
        let mail = MailServer::start(Mood::Refuses).await;
        let server = Process::start(&backend, &Setup { more: mail.config(), ..Setup::default() }).await;
        ask(&server, "201-acme").await;
        becomes(&backend, "bounced").await;
        mail.set(Mood::Takes);
        let admin = server.browser();
        let desk = admin.sign_in("200-acme", "admin password one").await;
        let list = admin.get(&format!("/admin?as={desk}")).await;
        assert!(list.text().contains("Email refused"), "{}: {}", backend.name, list.text());
        let id = admin.accounts(&desk, None).await["201-acme"].clone();
        let again = admin.console(&format!("/admin/accounts/{id}/allow-mail"), &desk, &[]).await;
        let list = admin.get(&again.location()).await;
        assert!(list.text().contains("Emails go to 201-acme again") && !list.text().contains("Email refused"));
        ask(&server, "201-acme").await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while mail.taken().is_empty() {
            assert!(Instant::now() < deadline, "{}: nothing is sent", backend.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // A notice is tried all the same, and one that arrives shows that the mailbox is well.
        mail.set(Mood::Refuses);
        ask(&server, "201-acme").await;
        let refused = "SELECT count(*) AS n FROM accounts WHERE mail_refused_at IS NOT NULL";
        let deadline = Instant::now() + Duration::from_secs(20);
        while backend.count(refused) == 0 {
            assert!(Instant::now() < deadline, "{}: it is not refused again", backend.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        mail.set(Mood::Takes);
        admin.reset_password(&desk, &id, None).await;
        while backend.count(refused) > 0 {
            assert!(Instant::now() < deadline, "{}: the notice is held back", backend.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
