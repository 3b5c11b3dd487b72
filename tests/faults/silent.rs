//! The process ends between a commit and its answer. Whoever asks again gets what he wanted or is told what is there,
//! and nothing is there twice.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::StatusCode;
use support::passkey::{Passkey, ask, new_page, options};
use support::{Backend, Browser, Page, Process, Setup, backends};

use crate::load::alone;

const ADMIN: (&str, &str) = ("200-acme", "admin password one");
const ANN: (&str, &str) = ("201-acme", "agent password one");

/// A server that ends after its next commit, if it is told to; another takes its place then.
struct Mortal {
    server: Process,
    setup: Setup,
    end: PathBuf,
    clock: PathBuf,
}

impl Mortal {
    async fn start(backend: Backend) -> Self {
        Process::prepare(&backend);
        let end = backend.folder().join("end");
        let clock = backend.folder().join("clock");
        let name = |file: &PathBuf| file.to_str().unwrap().to_owned();
        let environment = vec![("IDP_TESTING_ABORT", name(&end)), ("IDP_TESTING_CLOCK", name(&clock))];
        let setup = Setup { environment, ..Setup::default() };
        let server = Process::start(&Arc::new(backend), &setup).await;
        let setup = Setup { public_url: Some(server.url.clone()), ..setup };
        Self { server, setup, end, clock }
    }

    fn count(&self, what: &str) -> i64 {
        self.server.backend.count(&format!("SELECT count(*) AS n FROM {what}"))
    }

    /// The same browser at the server of today.
    fn again(&self, browser: &Browser) -> Browser {
        browser.at_node(&self.server.url)
    }

    /// Has something done whose answer gets lost, with its rows written.
    async fn lose(&mut self, rows: &str, act: impl AsyncFn(&Process) -> Option<StatusCode>) {
        let before = self.count(rows);
        // A commit of the server's own may have been the first.
        for _ in 0..10 {
            std::fs::write(&self.end, "").unwrap();
            let answer = act(&self.server).await;
            assert!(answer.is_none_or(|s| s == StatusCode::SERVICE_UNAVAILABLE), "{rows}: {answer:?}");
            assert_eq!(self.server.ended().await.0, None, "{rows}");
            self.server = Process::start(&self.server.backend, &self.setup).await;
            if self.count(rows) > before {
                return;
            }
        }
        panic!("{rows}: nothing was written");
    }
}

/// A form of a page, as it was filled in.
struct Filled<'a> {
    browser: &'a Browser,
    page: Page,
    action: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

impl Filled<'_> {
    /// Sends it to the server of today: the answer, if there is one.
    async fn send(&self, server: &Process) -> Option<Page> {
        let to = format!("{}{}", server.url, self.action);
        self.browser.try_fill_at(&self.page, (self.action, &to), &self.fields).await.ok()
    }

    /// Sends it with its answer lost, and then again: what is answered then.
    async fn twice(&self, mortal: &mut Mortal, rows: &str) -> Page {
        mortal.lose(rows, async |server| self.send(server).await.map(|page| page.status)).await;
        let told = self.send(&mortal.server).await.unwrap();
        assert_eq!(mortal.count(rows), 1);
        told
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_answer_got_lost_is_there_once() {
    let _turn = alone().await;
    for backend in backends() {
        let mut mortal = Mortal::start(backend).await;
        let admin = mortal.server.browser();
        let session = admin.sign_in(ADMIN.0, ADMIN.1).await;
        let page = admin.get(&format!("/admin/accounts/new?as={session}")).await;
        let fields = vec![("username", "777"), ("name", "Lost And Found")];
        let new = Filled { browser: &admin, page, action: "/admin/accounts", fields };
        let told = new.twice(&mut mortal, "logins WHERE key = '777'").await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", told.text());
        assert!(told.text().contains("Another account has this username"), "{}", told.text());
        // Nobody saw its password: a new one is a click away.
        let admin = mortal.again(&admin);
        let id = admin.accounts(&session, None).await["777-acme"].clone();
        let made = admin.reset_password(&session, &id, None).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_whose_answer_got_lost_is_there_once_and_works() {
    let _turn = alone().await;
    for backend in backends() {
        let mut mortal = Mortal::start(backend).await;
        let ann = mortal.server.browser();
        let session = ann.sign_in(ANN.0, ANN.1).await;
        let page = new_page(&ann, &session).await;
        let (passkey, answer) = Passkey::make(&options(&page), mortal.setup.public_url.as_ref().unwrap());
        let answer = answer.to_string();
        let fields = vec![("credential", answer.as_str())];
        let new = Filled { browser: &ann, page, action: "/account/security/passkey/confirm", fields };
        let told = new.twice(&mut mortal, "passkeys").await;
        assert!(!told.status.is_server_error(), "{}", told.text());
        let browser = mortal.server.browser();
        let (options, state) = ask(&browser).await;
        let (csrf, answer) = (browser.csrf().await, passkey.sign(&options).to_string());
        let fields = [("csrf", csrf.as_str()), ("state", &state), ("credential", &answer)];
        let led = browser.post("/login/passkey", &fields).await;
        assert!(led.param("as").is_some(), "{} {}", led.location(), led.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_whose_answer_got_lost_are_asked_for_again() {
    let _turn = alone().await;
    for backend in backends() {
        let mut mortal = Mortal::start(backend).await;
        let browser = mortal.server.browser();
        let token = mortal.server.portal().tokens(&browser, ANN.0, ANN.1).await.text("refresh_token");
        // A refresh: after two seconds, in which it could have been another tab, the old token is good once more.
        let moved = "families WHERE generation > 0";
        mortal.lose(moved, async |server| server.portal().try_refresh(&token).await.map(|tokens| tokens.status)).await;
        std::fs::write(&mortal.clock, "3").unwrap();
        let next = mortal.server.portal().refresh(&token).await;
        assert_eq!(next.status, StatusCode::OK, "{}", next.body);
        let last = mortal.server.portal().refresh(&next.text("refresh_token")).await;
        assert_eq!(last.status, StatusCode::OK, "{}", last.body);
        // An authorization: the code nobody saw is worth nothing to anybody, and the next one is made as if nothing had
        // been.
        let path = mortal.server.portal().authorize_path(&[]);
        let ask = async |server: &Process| {
            browser.try_get(&format!("{}{path}", server.url)).await.ok().map(|page| page.status)
        };
        mortal.lose("codes", ask).await;
        let page = mortal.again(&browser).get(&path).await;
        let code = page.param("code").unwrap_or_else(|| panic!("{} {}", page.location(), page.text()));
        // An exchange: the code is spent, and who comes with it again is told to begin anew; the session is still
        // there.
        mortal
            .lose("families", async |server| server.portal().try_exchange(&code).await.map(|tokens| tokens.status))
            .await;
        assert_eq!(mortal.server.portal().exchange(&code).await.error(), "invalid_grant");
        let page = mortal.again(&browser).get(&path).await;
        let code = page.param("code").unwrap();
        assert_eq!(mortal.server.portal().exchange(&code).await.status, StatusCode::OK);
    }
}

#[test]
fn a_document_that_was_written_and_not_reported_is_applied_again() {
    for backend in backends() {
        Process::prepare(&backend);
        let (end, document) = (backend.folder().join("end"), backend.folder().join("more.toml"));
        let late =
            "[[tenants]]\ncode = \"late\"\nname = \"Late Ltd\"\n[[tenants.accounts]]\nlogin = \"1\"\nname = \"One\"\n";
        std::fs::write(&document, late).unwrap();
        let arguments = ["apply", document.to_str().unwrap()];
        let there = "SELECT count(*) AS n FROM accounts a JOIN tenants t ON t.id = a.tenant WHERE t.code = 'late'";
        let environment = [("IDP_TESTING_ABORT", end.to_str().unwrap())];
        let mut deaths = 0;
        loop {
            std::fs::write(&end, vec![b'.'; deaths]).unwrap();
            let ended = Process::begin(&backend, "", &arguments, &environment).wait().unwrap();
            if ended.success() {
                break; // it has no more commits than those
            }
            assert_eq!(ended.signal(), Some(6), "it was not ended, it failed: {ended}");
            deaths += 1;
        }
        assert!((1..50).contains(&deaths), "{deaths} deaths");
        let (done, told) = Process::command(&backend, &arguments);
        assert!(done, "{told}");
        assert_eq!(backend.count(there), 1);
    }
}
