//! Signing in: who is meant, uniform answers, waits.

use std::sync::Arc;

use reqwest::StatusCode;
use support::{Page, TestIdp, backends};
use tokio::task::JoinSet;

const ANN: (&str, &str) = ("201-acme", "agent password one");

/// A page without what differs from request to request.
fn masked(page: &Page, secrets: &[&str]) -> String {
    let mut body = page.body.clone();
    for field in ["csrf"] {
        if let Some(value) = page.field(field) {
            body = body.replace(&value, "*");
        }
    }
    for secret in secrets {
        body = body.replace(secret, "*");
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_naming_oneself_works() {
    let idp = TestIdp::start().await;
    for name in ["201-acme", " 201-ACME ", "201@acme", "ann@acme.example", "ANN@Acme.Example", "２０１-acme"] {
        let page = idp.browser().try_sign_in(None, name, ANN.1).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_extension_is_asked_for_its_company_whoever_it_is() {
    let idp = TestIdp::start().await;
    for name in ["201", "999"] {
        let page = idp.browser().try_sign_in(None, name, "whatever").await;
        assert_eq!(page.param("account").as_deref(), Some(name));
        assert!(page.location().starts_with("/login/company"), "{}", page.location());
    }
    for (company, account, ok) in [
        ("acme", "201", true),
        ("Acme", "201", true),
        ("acme", "ann@acme.example", true),
        ("acme", "201-acme", true),
        ("bolt", "201", false),
        ("nowhere", "201", false),
    ] {
        let browser = idp.browser();
        let csrf = browser.csrf().await;
        let fields = [("csrf", csrf.as_str()), ("company", company), ("account", account), ("password", ANN.1)];
        let page = browser.post("/login/company", &fields).await;
        assert_eq!(page.status == StatusCode::SEE_OTHER, ok, "{company} {account}: {}", page.text());
        if !ok {
            assert!(
                page.text().contains("We could not find a company and account that match. Check both."),
                "{}",
                page.text()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_company_is_known_the_extension_is_enough() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    assert_eq!(browser.get("/t/acme").await.location(), "/login?tenant=acme");
    let page = browser.get("/login?tenant=acme").await;
    assert_eq!(page.field("tenant").as_deref(), Some("acme"));
    let csrf = page.field("csrf").unwrap();
    let page = browser
        .post("/login", &[("csrf", &csrf), ("tenant", "acme"), ("identifier", "201"), ("password", ANN.1)])
        .await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_exists_or_is_locked() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await["202-acme"].clone();
    admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
    let browser = idp.browser();
    let mut seen = Vec::new();
    for (name, password) in [
        ("201-acme", "wrong password"),
        ("999-acme", "wrong password"),
        ("999-nowhere", "wrong password"),
        ("nobody@acme.example", "wrong password"),
        ("202-acme", "agent password two"),
        ("a b c", "wrong password"),
    ] {
        let page = browser.try_sign_in(None, name, password).await;
        let headers: Vec<String> = page
            .headers
            .iter()
            .filter(|(n, _)| *n != "date" && *n != "content-length")
            .map(|(n, v)| format!("{n}: {v:?}"))
            .collect();
        seen.push((page.status, headers, masked(&page, &[name])));
    }
    assert_eq!(seen[0].0, StatusCode::UNPROCESSABLE_ENTITY);
    for other in &seen[1..] {
        assert_eq!(*other, seen[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_costs_one_hash() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    for name in ["201-acme", "999-acme", "999-nowhere", "nobody@x.example", "a b c"] {
        let before = idp.cx.hasher.computed();
        browser.try_sign_in(None, name, "wrong password").await;
        assert_eq!(idp.cx.hasher.computed() - before, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_wrong_passwords_everybody_waits_a_quarter_of_an_hour() {
    let idp = TestIdp::start().await;
    for (name, password) in [ANN, ("777-acme", "whatever it is")] {
        let browser = idp.browser();
        for n in 1..=4 {
            let page = browser.try_sign_in(None, name, "wrong password").await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {n}");
        }
        let fifth = browser.try_sign_in(None, name, "wrong password").await;
        assert_eq!(fifth.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        assert!(fifth.text().contains("Too many attempts"), "{}", fifth.text());
        let right = browser.try_sign_in(None, name, password).await;
        assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        let wait: i64 = right.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((890..=900).contains(&wait), "{wait}");
    }
    idp.pass(899);
    let early = idp.browser().try_sign_in(None, ANN.0, ANN.1).await;
    assert!(
        matches!(early.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SEE_OTHER),
        "the test itself may take a second"
    );
    idp.pass(1);
    idp.browser().sign_in(ANN.0, ANN.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_counts_for_the_same_account() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    for name in ["201-acme", "201@ACME", "ann@acme.example", " 201-Acme", "ANN@acme.example"] {
        browser.try_sign_in(None, name, "wrong password").await;
    }
    assert_eq!(idp.browser().try_sign_in(None, ANN.0, ANN.1).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_can_not_keep_the_owner_out_of_his_own_browser() {
    let idp = TestIdp::start().await;
    let own = idp.browser();
    own.sign_in(ANN.0, ANN.1).await;
    let stranger = idp.browser();
    for _ in 0..8 {
        stranger.try_sign_in(None, ANN.0, "wrong password").await;
    }
    assert_eq!(stranger.try_sign_in(None, ANN.0, ANN.1).await.status, StatusCode::TOO_MANY_REQUESTS);
    own.sign_in(ANN.0, ANN.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_password_for_a_list_of_names_is_stopped_by_its_network() {
    let idp = TestIdp::start().await;
    let own = idp.browser();
    own.sign_in(ANN.0, ANN.1).await;
    let stranger = idp.browser();
    for n in 0..100 {
        let page = stranger.try_sign_in(None, &format!("{n}-acme"), "Summer2026!").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{n}: each name once");
    }
    let before = idp.cx.hasher.computed();
    for name in ["101-acme", ANN.0, "nobody@acme.example"] {
        let page = stranger.try_sign_in(None, name, ANN.1).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{name}: {}", page.text());
    }
    assert_eq!(idp.cx.hasher.computed(), before, "nothing is looked at");
    own.sign_in(ANN.0, ANN.1).await; // whose browser is known goes on, in the same network
    idp.pass(15 * 60 + 1);
    stranger.sign_in(ANN.0, ANN.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_account_does_not_give_a_guesser_more_guesses() {
    let idp = TestIdp::start().await;
    let guesser = idp.browser();
    for n in 0..100 {
        if n % 10 == 0 {
            guesser.sign_in("202-acme", "agent password two").await;
        }
        let stranger = idp.browser();
        stranger.try_sign_in(None, &format!("{n}-acme"), "Summer2026!").await;
    }
    let page = idp.browser().try_sign_in(None, "999-acme", "Summer2026!").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_wrong_passwords_at_once_over_all_nodes_five_are_looked_at() {
    for backend in backends() {
        let two = backend.name == "PostgreSQL";
        let backend = Arc::new(backend);
        let a = TestIdp::on(Arc::clone(&backend)).await;
        let b = if two { Some(TestIdp::on(Arc::clone(&backend)).await) } else { None };
        let count = || a.cx.hasher.computed() + b.as_ref().map_or(0, |b| b.cx.hasher.computed());
        let before = count();
        let mut all = JoinSet::new();
        for n in 0..40 {
            let browser = b.as_ref().filter(|_| n % 2 == 1).map_or_else(|| a.browser(), TestIdp::browser);
            let name = if n % 3 == 0 { "ann@acme.example" } else { "201-acme" };
            all.spawn(async move { browser.try_sign_in(None, name, "wrong password").await.status });
        }
        all.join_all().await;
        assert_eq!(count() - before, 5, "{}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nobody_has_do_not_make_the_table_grow() {
    use diesel::RunQueryDsl;
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    for n in 0..30 {
        browser.try_sign_in(None, &format!("{n}0000-acme"), "wrong password").await;
    }
    let keys: i64 = {
        use diesel::Connection;
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let path = idp.backend.url.strip_prefix("sqlite:").unwrap();
        let mut conn = diesel::SqliteConnection::establish(path).unwrap();
        let sql = "SELECT COUNT(*) AS n FROM throttles WHERE hex(key) LIKE 'FFFFFFFFFFFFFFFFFFFFFFFFFFFF____'";
        diesel::sql_query(sql).get_result::<Count>(&mut conn).unwrap().n
    };
    assert!((1..=30).contains(&keys), "each lies in one of 65,536 buckets: {keys}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_gives_a_new_cookie_and_the_old_one_is_dead() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN.0, ANN.1).await;
    let planted = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = planted
        .get(format!("{}/account?as={session}", idp.url))
        .header("cookie", "idp_session=planted")
        .send()
        .await
        .unwrap();
    assert!(page.headers()["location"].to_str().unwrap().starts_with("/login"));
    let first = browser.try_sign_in(None, ANN.0, ANN.1).await;
    let value = |page: &Page| {
        page.headers
            .get_all("set-cookie")
            .iter()
            .map(|v| v.to_str().unwrap().to_owned())
            .find(|v| v.starts_with("idp_session="))
            .unwrap()
    };
    let old = value(&first).split(';').next().unwrap().to_owned();
    browser.sign_in(ANN.0, ANN.1).await;
    let page = planted.get(format!("{}/account", idp.url)).header("cookie", old).send().await.unwrap();
    assert!(page.headers()["location"].to_str().unwrap().starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn long_and_odd_input_is_refused_before_it_costs_anything() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let before = idp.cx.hasher.computed();
    let page = browser.try_sign_in(None, ANN.0, &"x".repeat(1025)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = browser.try_sign_in(None, ANN.0, &"x".repeat(40_000)).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(idp.cx.hasher.computed(), before);
    for name in
        ["\u{0}", "201\u{202e}-acme", "<script>alert(1)</script>", "201-acme\r\nSet-Cookie: x=y", &"9".repeat(400)]
    {
        let page = browser.try_sign_in(None, name, "wrong password").await;
        // What can be nobody's name falls into one bucket, which has to wait after five.
        let waits = page.status == StatusCode::TOO_MANY_REQUESTS;
        assert!(waits || page.status == StatusCode::UNPROCESSABLE_ENTITY, "{name:?} {}", page.status);
        assert!(!page.body.contains("<script>alert"), "{name:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_of_nobody_counts_for_the_same_nobody() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    for name in ["888-acme", "888@acme", " 888-ACME", "888-acme"] {
        browser.try_sign_in(None, name, "wrong password").await;
    }
    for (company, status) in [("Acme", StatusCode::TOO_MANY_REQUESTS), ("acme", StatusCode::TOO_MANY_REQUESTS)] {
        let fields =
            [("csrf", csrf.as_str()), ("company", company), ("account", "888"), ("password", "wrong password")];
        assert_eq!(browser.post("/login/company", &fields).await.status, status, "{company}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_counted_without_a_company_tells_nothing_about_one() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let fields = [("username", "281"), ("name", "Eve"), ("email", "eve@acme.example")];
    admin.console("/admin/accounts", &desk, &fields).await;
    let mut answers = Vec::new();
    for address in ["eve@acme.example", "nobody@acme.example"] {
        let browser = idp.browser();
        for _ in 0..5 {
            browser.try_sign_in(None, address, "wrong password").await;
        }
        let csrf = browser.csrf().await;
        let fields = [("csrf", csrf.as_str()), ("company", "acme"), ("identifier", address), ("password", "wrong one")];
        answers.push(browser.post("/login/company", &fields).await.status);
    }
    assert_eq!(answers, [StatusCode::UNPROCESSABLE_ENTITY; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_page_does_not_tell_whose_company_it_is() {
    let idp = TestIdp::start().await;
    idp.apply("[[tenants]]\ncode = \"bolt\"\nname = \"Bolt GmbH\"\nlanguage = \"de\"\n[tenants.policies]\n\"ui.zone\" = \"Europe/Berlin\"\n").await;
    for name in ["bert@bolt.example", "nobody@bolt.example"] {
        let browser = idp.browser();
        let mut page = browser.try_sign_in(None, name, "wrong password").await;
        for _ in 0..4 {
            page = browser.try_sign_in(None, name, "wrong password").await;
        }
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        assert!(page.text().contains("UTC") && page.body.contains("lang=\"en\""), "{name}: {}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_company_wants_it_the_name_comes_first_and_tells_nothing() {
    let idp = TestIdp::start().await;
    idp.apply("[policies]\n\"login.layout\" = \"identifier_first\"\n").await;
    let browser = idp.browser();
    let page = browser.get("/login").await;
    assert!(page.field("identifier").is_some() && page.field("password").is_none(), "{}", page.text());
    let csrf = page.field("csrf").unwrap();
    let mut seen = Vec::new();
    for name in ["201-acme", "999-acme", "nobody@x.example"] {
        let page = browser.post("/login", &[("csrf", &csrf), ("step", "name"), ("identifier", name)]).await;
        assert_eq!(page.field("identifier").as_deref(), Some(name), "{} {}", page.status, page.body);
        assert!(page.body.contains("name=\"password\"") && page.body.contains("readonly"), "{}", page.text());
        seen.push((page.status, masked(&page, &[name])));
    }
    assert!(seen.iter().all(|s| *s == seen[0]));
    let bare = browser.post("/login", &[("csrf", &csrf), ("step", "name"), ("identifier", "201")]).await;
    assert!(bare.location().starts_with("/login/company"), "{}", bare.location());
    browser.sign_in(ANN.0, ANN.1).await;
}
