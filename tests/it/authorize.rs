//! The authorization endpoint.

use reqwest::StatusCode;
use support::{TestIdp, claims};

const ANN: (&str, &str) = ("201-acme", "agent password one");
const BEN: (&str, &str) = ("202-acme", "agent password two");

#[tokio::test(flavor = "multi_thread")]
async fn a_request_leads_to_sign_in_and_back_with_code_state_and_issuer() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let page = portal.authorize(&browser, &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let r = page.param("r").unwrap();
    let page = browser.try_sign_in(Some(&r), ANN.0, ANN.1).await;
    let page = browser.get(&page.location()).await;
    assert!(page.location().starts_with("https://portal.example/callback?"), "{}", page.location());
    assert_eq!(page.param("state").as_deref(), Some("the-state"));
    assert_eq!(page.param("iss").as_deref(), Some(idp.url.as_str()));
    assert!(page.param("code").unwrap().len() >= 43);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_answered_safely_is_a_page_and_never_a_redirect() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    for more in [
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "https://portal.example/callback/"),
        ("redirect_uri", "https://portal.example@evil.example/callback"),
        ("redirect_uri", "https://portal.example.evil.example/callback"),
        ("redirect_uri", "https://portalxexample/callback"),
        ("redirect_uri", "https://portal.example/callback2"),
        ("redirect_uri", "https://portal.example/x/../callback"),
        ("redirect_uri", "https://portal.example/..;/callback"),
        ("redirect_uri", "https://portal.example/%2e%2e/callback"),
        ("redirect_uri", "https://portal.example//callback"),
        ("redirect_uri", "https://portal.example/callback?a=b"),
        ("redirect_uri", "https://portal.example/callback#x"),
        ("redirect_uri", "https://portal.example/callback\r\nSet-Cookie: a=b"),
        ("redirect_uri", "https://portal.example\\callback"),
        ("redirect_uri", "http://portal.example/callback"),
        ("redirect_uri", "HTTPS://portal.example/callback"),
        ("redirect_uri", ""),
        ("client_id", "nobody"),
        ("client_id", ""),
    ] {
        let page = portal.authorize(&browser, &[more]).await;
        assert_eq!((page.status, page.location()), (StatusCode::BAD_REQUEST, String::new()), "{more:?}");
        assert!(page.text().contains("not set up correctly"), "{}", page.text());
    }
    for twice in ["redirect_uri=https%3A%2F%2Fportal.example%2Fcallback", "client_id=portal"] {
        let page = browser.get(&format!("{}&{twice}", portal.authorize_path(&[]))).await;
        assert_eq!((page.status, page.location()), (StatusCode::BAD_REQUEST, String::new()), "{twice}");
    }
    let path = portal.authorize_path(&[]);
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(path.split_once('?').unwrap().1.as_bytes()).into_owned().collect();
    let fields: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let page = browser.post("/authorize?client_id=second", &fields).await;
    assert_eq!((page.status, page.location()), (StatusCode::BAD_REQUEST, String::new()), "query and body");
    // Addresses of programs on a desk are compared to the letter, too.
    for lookalike in ["http://127.0.0.1.evil.example/callback", "http://127.1/callback", "http://localhost/callback"] {
        let page = idp.app().authorize(&browser, &[("redirect_uri", lookalike)]).await;
        assert_eq!((page.status, page.location()), (StatusCode::BAD_REQUEST, String::new()), "{lookalike}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_into_a_request_comes_back_as_text_or_not_at_all() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    for name in ["state", "nonce", "login_hint", "ui_locales"] {
        for odd in ["a\r\nset-cookie: b=c", "a\nb", "a\tb", "a\0b"] {
            let page = portal.authorize(&browser, &[(name, odd)]).await;
            assert_eq!(page.param("error").as_deref(), Some("invalid_request"), "{name} {odd:?} {}", page.status);
            assert!(page.param("code").is_none() && !page.headers.contains_key("b"), "{name} {odd:?}");
        }
        let script = "\"><script>alert(1)</script>";
        let page = portal.authorize(&browser, &[(name, script)]).await;
        let shown = browser.get(&page.location()).await;
        assert!(!shown.body.contains("<script>alert"), "{name}: {}", shown.body);
    }
    let long = "s".repeat(60_000);
    let page = portal.authorize(&browser, &[("state", &long)]).await;
    assert!([400, 414, 431].contains(&page.status.as_u16()), "{}", page.status);
    let many = format!("openid {}", "a ".repeat(900));
    assert!(portal.authorize(&browser, &[("scope", &many)]).await.param("r").is_some(), "unknown scopes are dropped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_the_scopes_it_is_registered_for() {
    let idp = TestIdp::start().await;
    let (browser, second) = (idp.browser(), idp.second());
    let more = [("scope", "openid profile email tenant offline_access")];
    let tokens = second.exchange(&second.code_with(&browser, ANN, &more).await).await;
    assert_eq!(tokens.text("scope"), "openid profile");
    let told = second.userinfo(&tokens.text("access_token")).await;
    assert!(told.body.get("email").is_none() && told.body.get("tenant").is_none(), "{}", told.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_questions_do_not_keep_a_session_beyond_its_day() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    portal.tokens(&browser, ANN.0, ANN.1).await;
    for hour in 1..8 {
        idp.pass(3 * 3600);
        let page = portal.authorize(&browser, &[("prompt", "none")]).await;
        assert!(page.param("code").is_some(), "after {} hours: {}", 3 * hour, page.location());
    }
    idp.pass(3 * 3600);
    let page = portal.authorize(&browser, &[("prompt", "none")]).await;
    assert_eq!(page.param("error").as_deref(), Some("login_required"), "after a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_go_back_with_state_and_issuer() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    for (more, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "profile"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "none"), "login_required"),
        (("request", "ey"), "request_not_supported"),
        (("request_uri", "https://127.0.0.1/"), "request_uri_not_supported"),
    ] {
        let page = portal.authorize(&browser, &[more]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{more:?}");
        assert_eq!(page.param("error").as_deref(), Some(error), "{more:?}");
        assert_eq!(page.param("state").as_deref(), Some("the-state"));
        assert_eq!(page.param("iss").as_deref(), Some(idp.url.as_str()));
        assert_eq!(page.param("code"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_session_answers_silently_and_its_time_of_sign_in_stays() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let first = portal.tokens(&browser, ANN.0, ANN.1).await;
    idp.pass(90);
    let code = portal.authorize(&browser, &[("prompt", "none")]).await.param("code").unwrap();
    let second = portal.exchange(&code).await;
    let (a, b) = (claims(&first.text("id_token")), claims(&second.text("id_token")));
    assert_eq!((&a["sub"], &a["auth_time"], &a["sid"]), (&b["sub"], &b["auth_time"], &b["sid"]));
    assert!(b["iat"].as_i64() > a["iat"].as_i64());
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_login_asks_again_and_only_for_the_request_that_was_answered() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let first = claims(&portal.tokens(&browser, ANN.0, ANN.1).await.text("id_token"));
    idp.pass(5);
    let asked = portal.authorize(&browser, &[("prompt", "login")]).await;
    let r = asked.param("r").expect("a sign-in is asked for");
    // Coming back without having signed in meets nothing.
    let unmet = browser.get(&format!("/authorize/resume?r={r}")).await;
    assert!(unmet.location().starts_with("/login"), "{}", unmet.location());
    // Nor does a sign-in that answered another request.
    let other = portal.authorize(&browser, &[("prompt", "login")]).await.param("r").unwrap();
    browser.try_sign_in(Some(&other), ANN.0, ANN.1).await;
    assert!(browser.get(&format!("/authorize/resume?r={r}")).await.location().starts_with("/login"));
    let code = browser.get(&format!("/authorize/resume?r={other}")).await.param("code").unwrap();
    let again = claims(&portal.exchange(&code).await.text("id_token"));
    assert!(again["auth_time"].as_i64() > first["auth_time"].as_i64());
    // What was demanded anew is met once: the same way back leads to a sign-in from now on.
    assert!(browser.get(&format!("/authorize/resume?r={other}")).await.location().starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn max_age_asks_again_when_the_sign_in_is_too_old() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    portal.tokens(&browser, ANN.0, ANN.1).await;
    idp.pass(120);
    assert!(portal.authorize(&browser, &[("max_age", "10000")]).await.param("code").is_some());
    assert!(portal.authorize(&browser, &[("max_age", "60")]).await.param("r").is_some());
    let quiet = portal.authorize(&browser, &[("max_age", "60"), ("prompt", "none")]).await;
    assert_eq!(quiet.param("error").as_deref(), Some("login_required"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_are_chosen_from_and_hints_choose() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    browser.sign_in(ANN.0, ANN.1).await;
    let ben = browser.sign_in(BEN.0, BEN.1).await;
    let page = portal.authorize(&browser, &[]).await;
    assert!(page.location().starts_with("/login/choose"), "{}", page.location());
    let quiet = portal.authorize(&browser, &[("prompt", "none")]).await;
    assert_eq!(quiet.param("error").as_deref(), Some("account_selection_required"));
    let chosen = format!("/authorize/resume?r={}&as={ben}", page.param("r").unwrap());
    let code = browser.get(&chosen).await.param("code").unwrap();
    let tokens = portal.exchange(&code).await;
    let info = portal.userinfo(&tokens.text("access_token")).await;
    assert_eq!(info.body["preferred_username"], "202-acme");
    // The last used here is the answer from now on, unless a hint says otherwise.
    let hinted = portal.authorize(&browser, &[("login_hint", "201-ACME")]).await.param("code").unwrap();
    let ann = portal.exchange(&hinted).await;
    assert_ne!(claims(&ann.text("id_token"))["sub"], claims(&tokens.text("id_token"))["sub"]);
    let by_token = [("id_token_hint", &*tokens.text("id_token")), ("prompt", "none")];
    let code = portal.authorize(&browser, &by_token).await.param("code").unwrap();
    assert_eq!(claims(&portal.exchange(&code).await.text("id_token"))["sub"], claims(&tokens.text("id_token"))["sub"]);
    let asked = portal.authorize(&browser, &[("prompt", "select_account")]).await;
    assert!(asked.location().starts_with("/login/choose"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_of_somebody_else_or_nobody_is_not_a_sign_in() {
    let idp = TestIdp::start().await;
    let (ann, ben, portal) = (idp.browser(), idp.browser(), idp.portal());
    let token = portal.tokens(&ann, ANN.0, ANN.1).await.text("id_token");
    portal.tokens(&ben, BEN.0, BEN.1).await;
    for hint in [token.as_str(), "not.a.token", &token[..token.len() - 4]] {
        let page = portal.authorize(&ben, &[("id_token_hint", hint), ("prompt", "none")]).await;
        assert_eq!(page.param("error").as_deref(), Some("login_required"), "{hint}");
    }
    // Nobody is signed in here; and what another client got says nothing to this one.
    let nobody = portal.authorize(&idp.browser(), &[("id_token_hint", &token), ("prompt", "none")]).await;
    assert_eq!(nobody.param("error").as_deref(), Some("login_required"));
    let second = idp.second().tokens(&idp.browser(), ANN.0, ANN.1).await.text("id_token");
    let other = portal.authorize(&ann, &[("id_token_hint", &second), ("prompt", "none")]).await;
    assert_eq!(other.param("error").as_deref(), Some("login_required"));
    let own = portal.authorize(&ann, &[("id_token_hint", &token), ("prompt", "none")]).await;
    assert!(own.param("code").is_some(), "{}", own.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_part_is_told_after_signing_in_where_he_may_go() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let r = portal.authorize(&browser, &[]).await.param("r").unwrap();
    let page = browser.try_sign_in(Some(&r), "outsider@acme", "outsider password").await;
    let page = browser.get(&page.location()).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text().contains("Access denied: you do not have access to Portal"), "{}", page.text());
    let quiet = portal.authorize(&browser, &[("prompt", "none")]).await;
    assert_eq!(quiet.param("error").as_deref(), Some("access_denied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_asked_again_by_get() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let path = portal.authorize_path(&[]);
    let query = path.split_once('?').unwrap().1;
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let page = browser
        .post_with("/authorize", &fields, &[("origin", "https://portal.example"), ("sec-fetch-site", "cross-site")])
        .await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, path));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_request_belongs_to_its_browser_and_its_hour() {
    let idp = TestIdp::start().await;
    let (mine, other, portal) = (idp.browser(), idp.browser(), idp.portal());
    let r = portal.authorize(&mine, &[]).await.param("r").unwrap();
    let address = format!("/login?r={r}");
    let unknown = other.get(&address).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST, "it may keep no cookies, and would go round for ever");
    assert!(unknown.body.contains("href=\"/authorize?client_id=portal"), "{}", unknown.body);
    let elsewhere = other.get(&address).await;
    assert!(elsewhere.location().starts_with("/authorize?client_id=portal"), "{}", elsewhere.location());
    idp.pass(3601);
    for path in [address, format!("/authorize/resume?r={r}")] {
        let late = mine.get(&path).await;
        assert_eq!(late.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(late.text().contains("Your sign-in took longer than an hour"), "{}", late.text());
        assert!(late.body.contains("href=\"/authorize?client_id=portal"), "{}", late.body);
    }
    let garbage = mine.get("/login?r=garbage").await;
    assert_eq!(garbage.status, StatusCode::BAD_REQUEST);
    assert!(garbage.text().contains("Start again"), "{}", garbage.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn long_texts_come_back_whole_and_longer_ones_are_refused() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let long = "s".repeat(2048);
    let code = portal.code_with(&browser, ANN, &[("state", &long)]).await;
    assert!(!code.is_empty());
    let page = portal.authorize(&browser, &[("state", &long)]).await;
    assert_eq!(page.param("state").as_deref(), Some(long.as_str()));
    let page = portal.authorize(&browser, &[("nonce", &"n".repeat(2049))]).await;
    assert_eq!(page.param("error").as_deref(), Some("invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_headers_makes_no_code() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    browser.sign_in(ANN.0, ANN.1).await;
    let looked = browser.head(&portal.authorize_path(&[])).await;
    assert_eq!((looked.status, looked.location()), (StatusCode::METHOD_NOT_ALLOWED, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn choosing_somebody_else_does_not_meet_a_hint() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let hint = portal.tokens(&idp.browser(), ANN.0, ANN.1).await.text("id_token");
    let ben = browser.sign_in(BEN.0, BEN.1).await;
    let r = portal.authorize(&browser, &[("id_token_hint", &hint)]).await.param("r").unwrap();
    let page = browser.get(&format!("/authorize/resume?r={r}&as={ben}")).await;
    assert_eq!((page.param("error").as_deref(), page.param("code")), (Some("login_required"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_post_takes_no_cookie_away() {
    let idp = TestIdp::start().await;
    for path in ["/authorize", "/logout"] {
        let page = idp.browser().post_with(path, &[("state", "x")], &[("sec-fetch-site", "cross-site")]).await;
        assert!(!page.headers.contains_key("set-cookie"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_is_no_reason_to_stop_on_any_database() {
    for backend in support::backends() {
        let name = backend.name;
        let idp = TestIdp::on(std::sync::Arc::new(backend)).await;
        let browser = idp.browser();
        for path in ["/authorize?client_id=%00", "/logout?client_id=%00", "/login?tenant=%00", "/admin?q=%00", "/t/%00"]
        {
            let status = browser.get(path).await.status;
            assert!(!status.is_server_error(), "{name} {path}: {status}");
        }
        let page = browser.try_sign_in(None, "201-acme\0", "x\0y").await;
        assert!(!page.status.is_server_error(), "{name}: {}", page.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_can_not_be_outrun() {
    use tokio::task::JoinSet;
    for backend in support::backends() {
        let name = backend.name;
        let idp = TestIdp::on(std::sync::Arc::new(backend)).await;
        let portal = idp.portal();
        for round in 0..6 {
            let browser = idp.browser();
            let session = browser.sign_in(ANN.0, ANN.1).await;
            let csrf = browser.csrf().await;
            let mut all = JoinSet::new();
            for _ in 0..6 {
                let (browser, portal) = (browser.clone(), portal.clone());
                all.spawn(async move { portal.authorize(&browser, &[]).await.param("code") });
            }
            browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &session)]).await;
            for code in all.join_all().await.into_iter().flatten() {
                assert_eq!(portal.exchange(&code).await.error(), "invalid_grant", "{name} round {round}");
            }
        }
    }
}
