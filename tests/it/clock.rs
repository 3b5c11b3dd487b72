//! A clock that was wrong, and is set right.

use std::sync::Arc;

use reqwest::StatusCode;
use support::{Backend, TestIdp, Tokens, backends, claims};

use crate::email::{self, MAILBOX, ask, follow, mail};

const ANN: (&str, &str) = ("201-acme", "agent password one");
const HOUR: i64 = 3600;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_ahead_and_is_set_back_revives_nothing_and_locks_nobody() {
    for backend in backends() {
        let idp = TestIdp::on(Arc::new(backend)).await;
        let (portal, browser) = (idp.portal(), idp.browser());
        let started = idp.cx.clock.now();
        idp.pass(240 * HOUR);
        let before = portal.tokens(&browser, ANN.0, ANN.1).await;
        let code = portal.code(&idp.browser(), ANN.0, ANN.1).await;
        assert_eq!(portal.exchange(&code).await.status, StatusCode::OK);
        let gone = idp.browser();
        let session = gone.sign_in(ANN.0, ANN.1).await;
        gone.console("/account/sign-out", &session, &[]).await;
        let asking = idp.browser();
        ask(&asking, None, ANN.0).await;
        let link = email::link(&mail(&idp, MAILBOX, 1).await);
        assert_eq!(follow(&asking, &link).await.status, StatusCode::SEE_OTHER);
        let unused = portal.code(&idp.browser(), ANN.0, ANN.1).await;
        ask(&asking, None, ANN.0).await;
        let waiting = email::link(&mail(&idp, MAILBOX, 2).await);
        let http = reqwest::Client::builder().build().unwrap();
        let guess = async |secret: &str| {
            let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
            let request = http.post(format!("{}/token", idp.url)).basic_auth("portal", Some(secret));
            request.form(&form).send().await.unwrap().status()
        };
        for _ in 0..101 {
            guess("wrong").await;
        }
        assert_eq!(guess("portal-secret").await, StatusCode::TOO_MANY_REQUESTS);
        for _ in 0..6 {
            idp.browser().try_sign_in(None, "202-acme", "a wrong password").await;
        }
        let waits = idp.browser().try_sign_in(None, "202-acme", "agent password two").await;
        assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);

        idp.pass(-240 * HOUR);
        let after = portal.tokens(&idp.browser(), ANN.0, ANN.1).await;
        let issued = claims(&after.text("id_token"))["iat"].as_i64().unwrap();
        assert!(issued - started.seconds() < 60, "a token from the future");
        // What was made meanwhile would live for ten days: it is worth nothing.
        assert_eq!(portal.userinfo(&before.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(portal.refresh(&before.text("refresh_token")).await.error(), "invalid_grant");
        assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "a session");
        assert_eq!(portal.exchange(&unused).await.error(), "invalid_grant", "a code");
        assert_ne!(follow(&idp.browser(), &waiting).await.status, StatusCode::SEE_OTHER, "a link");
        assert_eq!(guess("portal-secret").await, StatusCode::BAD_REQUEST, "guesses of then keep nobody out");
        assert_eq!(portal.exchange(&code).await.error(), "invalid_grant", "a spent code stays spent");
        assert_eq!(gone.get("/account").await.status, StatusCode::SEE_OTHER, "who signed out stays out");
        assert_ne!(follow(&idp.browser(), &link).await.status, StatusCode::SEE_OTHER, "a used link stays used");
        idp.browser().sign_in("202-acme", "agent password two").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_own_clock_is_wrong_goes_by_the_databases() {
    let is_of_now = |tokens: &Tokens| {
        let issued = claims(&tokens.text("id_token"))["iat"].as_i64().unwrap();
        assert!((issued - support::now().seconds()).abs() < 60, "{issued}");
    };
    for wrong in [HOUR, -HOUR] {
        let Some(backend) = Backend::postgres() else { return };
        let file = backend.folder().join("clock");
        std::fs::write(&file, format!("0 {wrong}")).unwrap();
        let idp = TestIdp::on(Arc::new(backend)).await;
        let (portal, browser) = (idp.portal(), idp.browser());
        // Keys that were made a moment ago sign, and nothing was made in the past or the future.
        let first = portal.tokens(&browser, ANN.0, ANN.1).await;
        is_of_now(&first);
        // Somebody sets it right, or wrong the other way: nothing lives longer or dies.
        for wrong in [0, -wrong] {
            std::fs::write(&file, format!("0 {wrong}")).unwrap();
            is_of_now(&portal.tokens(&idp.browser(), ANN.0, ANN.1).await);
            assert_eq!(portal.userinfo(&first.text("access_token")).await.status, StatusCode::OK);
            assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        }
    }
}
