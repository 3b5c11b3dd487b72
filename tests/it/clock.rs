//! A clock that was wrong, and is set right.

use reqwest::StatusCode;
use support::{TestIdp, backends, claims};

use crate::email::{MAILBOX, ask, follow, link, mail};

const ANN: (&str, &str) = ("201-acme", "agent password one");
const HOUR: i64 = 3600;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_ahead_and_is_set_back_revives_nothing_and_locks_nobody() {
    for backend in backends() {
        let idp = TestIdp::on(std::sync::Arc::new(backend)).await;
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
        let link = link(&mail(&idp, MAILBOX, 1).await);
        assert_eq!(follow(&asking, &link).await.status, StatusCode::SEE_OTHER);
        for _ in 0..6 {
            idp.browser().try_sign_in(None, "202-acme", "a wrong password").await;
        }
        let waits = idp.browser().try_sign_in(None, "202-acme", "agent password two").await;
        assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);

        idp.pass(-240 * HOUR);
        let after = portal.tokens(&idp.browser(), ANN.0, ANN.1).await;
        let issued = claims(&after.text("id_token"))["iat"].as_i64().unwrap();
        assert!(issued - started.seconds() < 60, "a token from the future");
        assert_eq!(portal.refresh(&before.text("refresh_token")).await.status, StatusCode::OK, "it goes on");
        assert_eq!(portal.exchange(&code).await.error(), "invalid_grant", "a spent code stays spent");
        assert_eq!(gone.get("/account").await.status, StatusCode::SEE_OTHER, "who signed out stays out");
        assert_ne!(follow(&idp.browser(), &link).await.status, StatusCode::SEE_OTHER, "a used link stays used");
        idp.browser().sign_in("202-acme", "agent password two").await;
    }
}
