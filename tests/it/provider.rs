//! Another provider that answers badly, late or not at all, and what of it is kept for those times.

use std::time::Instant;

use serde_json::json;
use support::TestIdp;
use support::upstream::{Manner, Upstream, connector};
use tokio::task::JoinSet;

use crate::federation::{GOOGLE, begin, come_back, connect, go, google, is_in, of};

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_has_a_bad_day_takes_nobody_along() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    for manner in [Manner::Broken, Manner::Garbage, Manner::Endless] {
        upstream.behave(manner);
        let told = begin(&idp.browser(), GOOGLE, None).await;
        assert!(
            told.text().contains("Google is not answering") && told.body.contains("name=\"password\""),
            "{manner:?}"
        );
        idp.pass(11);
    }
    upstream.behave(Manner::Well);
    connect(&idp, &upstream, "ann").await;
    for (manner, words) in [
        (Manner::Broken, "is not answering"),
        (Manner::Garbage, "is not answering"),
        (Manner::Endless, "is not answering"),
        (Manner::Refuses, "did not confirm"),
        (Manner::Silent, "is not answering"),
    ] {
        let browser = idp.browser();
        let brought = upstream.sign_in(&begin(&browser, GOOGLE, None).await, &of("ann"));
        upstream.behave(manner);
        let began = Instant::now();
        let told = come_back(&browser, GOOGLE, &brought).await;
        assert!(told.text().contains(words), "{manner:?}: {}", told.text());
        assert!(began.elapsed().as_secs() < 8, "{manner:?} took {:?}", began.elapsed());
        upstream.behave(Manner::Well);
    }
    // It says that it is somebody else: nobody is sent there.
    let liar = Upstream::start("https://accounts.google.com").await;
    idp.apply(&connector("liar-acme", "oidc", &liar.url, "label = \"Liar\"")).await;
    assert!(begin(&idp.browser(), "liar-acme", None).await.text().contains("Liar is not answering"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_a_provider_serves_on_while_it_hangs() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    connect(&idp, &upstream, "ann").await;
    idp.pass(3601);
    upstream.behave(Manner::Silent);
    let mut all = JoinSet::new();
    for _ in 0..80 {
        let browser = idp.browser();
        all.spawn(async move { begin(&browser, GOOGLE, None).await.location() });
    }
    let began = Instant::now();
    let led = all.join_all().await;
    assert!(led.iter().all(|to| to.starts_with(&upstream.url)), "all of them go on with what is known");
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_asked_for_seldom_and_used_while_nobody_tells_new_ones() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    connect(&idp, &upstream, "ann").await;
    assert_eq!((upstream.asked().metadata, upstream.asked().keys), (1, 1));
    for _ in 0..5 {
        assert!(is_in(&go(&idp.browser(), &upstream, (GOOGLE, None), &of("ann")).await));
    }
    assert_eq!((upstream.asked().metadata, upstream.asked().keys), (1, 1), "both are kept");
    // Other keys, without a word before: asked for once in a minute, however many tokens name them.
    upstream.rotate();
    for _ in 0..3 {
        assert!(!is_in(&go(&idp.browser(), &upstream, (GOOGLE, None), &of("ann")).await), "not twice in a minute");
    }
    assert_eq!(upstream.asked().keys, 1);
    idp.pass(61);
    assert!(is_in(&go(&idp.browser(), &upstream, (GOOGLE, None), &of("ann")).await));
    assert_eq!(upstream.asked().keys, 2);
    // A mail that only the other endpoint tells is shown; for another person it is not.
    let bare = json!({"sub": "new"});
    upstream.tell(json!({"sub": "new", "email": "told@acme.example", "email_verified": true}));
    let browser = idp.browser();
    let back = go(&browser, &upstream, (GOOGLE, None), &bare).await;
    assert!(browser.land(back).await.text().contains("told@acme.example"));
    upstream.tell(json!({"sub": "other", "email": "told@acme.example", "email_verified": true}));
    let browser = idp.browser();
    let back = go(&browser, &upstream, (GOOGLE, None), &bare).await;
    assert!(!browser.land(back).await.text().contains("told@acme.example"));
}
