//! The token endpoint, refresh, userinfo.

use reqwest::StatusCode;
use std::sync::Arc;
use support::{TestIdp, VERIFIER, backends, claims, rounds};
use tokio::task::JoinSet;

const ANN: (&str, &str) = ("201-acme", "agent password one");

#[tokio::test(flavor = "multi_thread")]
async fn a_code_gives_tokens_that_say_who_when_and_how() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let tokens = portal.tokens(&browser, ANN.0, ANN.1).await;
    assert_eq!(tokens.headers["cache-control"], "no-store");
    assert_eq!(tokens.body["token_type"], "Bearer");
    assert!(tokens.body["expires_in"].is_number());
    let id = claims(&tokens.text("id_token"));
    assert_eq!((&id["iss"], &id["aud"]), (&idp.url.clone().into(), &"portal".into()));
    assert_eq!((&id["nonce"], &id["acr"]), (&"the-nonce".into(), &"urn:switchboard:acr:single".into()));
    assert_eq!(id["amr"], serde_json::json!(["pwd"]));
    for name in id.as_object().unwrap().keys() {
        let expected = ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", "nonce"];
        assert!(expected.contains(&name.as_str()), "{name}");
    }
    let info = portal.userinfo(&tokens.text("access_token")).await;
    assert_eq!(info.body["sub"], id["sub"]);
    assert_eq!(info.body["name"], "Ann Agent");
    assert_eq!(info.body["email"], "ann@acme.example");
    assert_eq!(info.body["email_verified"], true);
    assert_eq!(info.body.get("tenant"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_use_of_a_code_kills_what_the_first_one_got() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let code = portal.code(&browser, ANN.0, ANN.1).await;
    let first = portal.exchange(&code).await;
    assert_eq!(first.status, StatusCode::OK);
    idp.pass(30);
    let second = portal.exchange(&code).await;
    assert_eq!((second.status, second.error().as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(portal.userinfo(&first.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(portal.refresh(&first.text("refresh_token")).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_thing_about_a_code_burns_it() {
    let idp = TestIdp::start().await;
    let portal = idp.portal();
    let other = "https://portal.example/other";
    let uri = portal.redirect_uri();
    for (redirect_uri, verifier) in
        [(other, VERIFIER), ("", VERIFIER), (uri, ""), (uri, &*"w".repeat(43)), (uri, "short")]
    {
        let code = portal.code(&idp.browser(), ANN.0, ANN.1).await;
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code.as_str())];
        fields.extend(Some(("redirect_uri", redirect_uri)).filter(|(_, v)| !v.is_empty()));
        fields.extend(Some(("code_verifier", verifier)).filter(|(_, v)| !v.is_empty()));
        assert_eq!(portal.token(&fields).await.error(), "invalid_grant", "{redirect_uri} {verifier}");
        assert_eq!(portal.exchange(&code).await.error(), "invalid_grant", "burnt: {redirect_uri} {verifier}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_its_clients_for_a_minute() {
    let idp = TestIdp::start().await;
    let (portal, second) = (idp.portal(), idp.second());
    let code = portal.code(&idp.browser(), ANN.0, ANN.1).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", portal.redirect_uri()),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(second.token(&fields).await.error(), "invalid_grant");
    assert_eq!(portal.exchange(&code).await.error(), "invalid_grant", "another's attempt has burnt it");
    let code = portal.code(&idp.browser(), ANN.0, ANN.1).await;
    idp.pass(60);
    assert_eq!(portal.exchange(&code).await.error(), "invalid_grant");
    let code = portal.code(&idp.browser(), ANN.0, ANN.1).await;
    idp.pass(58);
    assert_eq!(portal.exchange(&code).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_clients_attempt_on_a_spent_code_ends_nothing() {
    let idp = TestIdp::start().await;
    let (portal, second) = (idp.portal(), idp.second());
    let code = portal.code(&idp.browser(), ANN.0, ANN.1).await;
    let tokens = portal.exchange(&code).await;
    assert_eq!(second.exchange(&code).await.error(), "invalid_grant");
    assert_eq!(portal.userinfo(&tokens.text("access_token")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_let_in_only_as_they_are_registered() {
    let idp = TestIdp::start().await;
    let http = reqwest::Client::builder().build().unwrap();
    let token = format!("{}/token", idp.url);
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let wrong = http.post(&token).basic_auth("portal", Some("wrong")).form(&form).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert!(wrong.headers().contains_key("www-authenticate"));
    let posted = http
        .post(&token)
        .form(&[form[0], form[1], ("client_id", "portal"), ("client_secret", "portal-secret")])
        .send()
        .await
        .unwrap();
    assert_eq!(posted.status(), StatusCode::UNAUTHORIZED);
    let both = http
        .post(&token)
        .basic_auth("portal", Some("portal-secret"))
        .form(&[form[0], form[1], ("client_secret", "portal-secret")])
        .send()
        .await
        .unwrap();
    assert_eq!(both.status(), StatusCode::BAD_REQUEST);
    assert_eq!(http.get(&token).send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    let json = http
        .post(&token)
        .basic_auth("portal", Some("portal-secret"))
        .json(&serde_json::json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(json.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let grant = idp.portal().token(&[("grant_type", "password"), ("username", "a"), ("password", "b")]).await;
    assert_eq!(grant.error(), "unsupported_grant_type");
    let twice = idp.portal().token(&[("grant_type", "refresh_token"), ("grant_type", "refresh_token")]).await;
    assert_eq!(twice.error(), "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_a_clients_secret_has_an_end_where_it_comes_from_and_nowhere_else() {
    let backend = Arc::new(support::Backend::sqlite());
    let proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let edge = idp_server::serve::Edge { trusted_proxies: proxies, ..idp_server::serve::Edge::default() };
    let idp = TestIdp::behind(backend, edge).await;
    let (http, token) = (reqwest::Client::builder().build().unwrap(), format!("{}/token", idp.url));
    let ask = |client: &'static str, secret: &'static str| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
        http.post(&token).basic_auth(client, Some(secret)).form(&form).send()
    };
    for n in 0..100 {
        let answer = ask("portal", "a wrong secret").await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{n}");
    }
    assert_eq!(idp.backend.count("SELECT count(*) AS n FROM audit WHERE event = 'client_refused'"), 100);
    for secret in ["a wrong secret", "portal-secret"] {
        let answer = ask("portal", secret).await.unwrap();
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "{secret}");
        assert!(answer.headers().contains_key("retry-after"));
    }
    assert_eq!(ask("app", "").await.unwrap().status(), StatusCode::UNAUTHORIZED, "another client");
    idp.pass(301);
    assert_eq!(ask("portal", "portal-secret").await.unwrap().status(), StatusCode::BAD_REQUEST, "five minutes later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_ends_with_its_session_or_its_own_time() {
    let idp = TestIdp::start().await;
    let portal = idp.portal();
    let bound = portal.tokens(&idp.browser(), ANN.0, ANN.1).await;
    let offline = [("scope", "openid offline_access")];
    let lasting = portal.exchange(&portal.code_with(&idp.browser(), ANN, &offline).await).await;
    let (mut bound, mut lasting) = (bound.text("refresh_token"), lasting.text("refresh_token"));
    for _ in 0..7 {
        idp.pass(3 * 3600);
        bound = portal.refresh(&bound).await.text("refresh_token");
        assert!(!bound.is_empty(), "activity keeps its session");
        lasting = portal.refresh(&lasting).await.text("refresh_token");
    }
    idp.pass(3 * 3600 + 1);
    assert_eq!(portal.refresh(&bound).await.error(), "invalid_grant", "a day after the sign-in");
    let mut days = 1;
    loop {
        let next = portal.refresh(&lasting).await;
        if next.status != StatusCode::OK {
            assert_eq!(next.error(), "invalid_grant");
            break;
        }
        lasting = next.text("refresh_token");
        idp.pass(24 * 3600);
        days += 1;
        assert!(days < 200, "it never ends");
    }
    assert_eq!(days, 90, "ninety days from the sign-in, however often it is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_proves_itself_by_its_verifier() {
    let idp = TestIdp::start().await;
    let (browser, app) = (idp.browser(), idp.app());
    let tokens = app.tokens(&browser, ANN.0, ANN.1).await;
    let header = tokens.text("id_token").split('.').next().unwrap().to_owned();
    let header = String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(header.as_bytes()).unwrap()).unwrap();
    assert!(header.contains("RS256") && header.contains("kid"), "{header}");
    let bare = app.authorize(&browser, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
    assert_eq!(bare.param("error").as_deref(), Some("invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_renews_everything_and_the_old_token_is_spent() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let first = portal.tokens(&browser, ANN.0, ANN.1).await;
    idp.pass(10);
    let second = portal.refresh(&first.text("refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let (a, b) = (claims(&first.text("id_token")), claims(&second.text("id_token")));
    assert_eq!((&a["sub"], &a["aud"], &a["auth_time"], &a["sid"]), (&b["sub"], &b["aud"], &b["auth_time"], &b["sid"]));
    assert!(b.get("nonce").is_none() && b["iat"].as_i64() > a["iat"].as_i64());
    // Two tabs: within two seconds the loser gets nothing and nothing is lost.
    assert_eq!(portal.refresh(&first.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(portal.refresh(&second.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_forgiven_once_and_its_pair_dies() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let first = portal.tokens(&browser, ANN.0, ANN.1).await;
    let lost = portal.refresh(&first.text("refresh_token")).await;
    idp.pass(5);
    let again = portal.refresh(&first.text("refresh_token")).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert_eq!(portal.userinfo(&lost.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(portal.userinfo(&again.text("access_token")).await.status, StatusCode::OK);
    // The lost token turning up after all is a sign of theft: the line ends.
    assert_eq!(portal.refresh(&lost.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(portal.refresh(&again.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(portal.userinfo(&again.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_token_after_a_minute_ends_the_line() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let first = portal.tokens(&browser, ANN.0, ANN.1).await;
    let second = portal.refresh(&first.text("refresh_token")).await;
    idp.pass(61);
    assert_eq!(portal.refresh(&first.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(portal.refresh(&second.text("refresh_token")).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshing_is_for_the_owner_and_for_no_more_than_was_granted() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let tokens = portal.tokens(&browser, ANN.0, ANN.1).await;
    let token = tokens.text("refresh_token");
    assert_eq!(idp.second().refresh(&token).await.error(), "invalid_grant");
    let wider =
        [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), ("scope", "openid offline_access")];
    assert_eq!(portal.token(&wider).await.error(), "invalid_scope");
    let fewer = [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), ("scope", "openid")];
    let fewer = portal.token(&fewer).await;
    assert_eq!(fewer.text("scope"), "openid");
    assert_eq!(portal.userinfo(&fewer.text("access_token")).await.body.get("name"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_tokens_live_five_minutes_and_only_as_bearer() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let token = portal.tokens(&browser, ANN.0, ANN.1).await.text("access_token");
    let http = reqwest::Client::new_for_tests();
    let at = format!("{}/userinfo", idp.url);
    let posted = http.post(&at).form(&[("access_token", &token)]).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::OK);
    let query = http.get(format!("{at}?access_token={token}")).send().await.unwrap();
    assert_eq!(query.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(query.headers()["www-authenticate"], "Bearer");
    idp.pass(300);
    let expired = portal.userinfo(&token).await;
    assert_eq!(expired.status, StatusCode::UNAUTHORIZED);
    assert!(expired.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"));
    let id_token = portal.tokens(&idp.browser(), ANN.0, ANN.1).await.text("id_token");
    assert_eq!(portal.userinfo(&id_token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_refreshes_at_once_one_wins_and_its_token_lives() {
    for backend in backends() {
        let two = backend.name == "PostgreSQL";
        let backend = Arc::new(backend);
        let a = TestIdp::on(Arc::clone(&backend)).await;
        let b = if two { Some(TestIdp::on(Arc::clone(&backend)).await) } else { None };
        let portal = a.portal();
        for round in 0..rounds(3, 500) {
            let token = portal.tokens(&a.browser(), ANN.0, ANN.1).await.text("refresh_token");
            let mut all = JoinSet::new();
            for n in 0..20 {
                let url = b.as_ref().filter(|_| n % 2 == 1).map_or(&a.url, |b| &b.url);
                let (client, token) = (portal.at(url), token.clone());
                all.spawn(async move { client.refresh(&token).await });
            }
            let won: Vec<_> = all.join_all().await.into_iter().filter(|t| t.status == StatusCode::OK).collect();
            assert_eq!(won.len(), 1, "{} round {round}", backend.name);
            let alive = portal.refresh(&won[0].text("refresh_token")).await;
            assert_eq!(alive.status, StatusCode::OK, "{} round {round}", backend.name);
        }
    }
}

trait ForTests {
    fn new_for_tests() -> Self;
}

impl ForTests for reqwest::Client {
    fn new_for_tests() -> Self {
        Self::builder().build().unwrap()
    }
}
