//! Signing keys: a new one is published before it signs, an old one after it has stopped, on every node.

use std::collections::BTreeSet;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use idp_core::authority::SystemAdmin;
use idp_service::keys;
use serde_json::Value;
use support::{TestIdp, backends};

const ANN: (&str, &str) = ("201-acme", "agent password one");

/// The names of the keys that a node publishes, as its documents are now.
async fn published(idp: &TestIdp) -> BTreeSet<String> {
    keys::reload(&idp.cx).await.unwrap();
    let set: Value = serde_json::from_str(&idp.browser().get("/jwks.json").await.body).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The name of the key that a node signs with now.
async fn signs(idp: &TestIdp) -> String {
    let token = idp.portal().tokens(&idp.browser(), ANN.0, ANN.1).await.text("id_token");
    let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_our_keys_can_check_every_token_while_they_change() {
    for backend in backends() {
        let backend = Arc::new(backend);
        let (here, there) = (TestIdp::on(Arc::clone(&backend)).await, TestIdp::on(backend).await);
        let (old, kept) = (signs(&here).await, published(&there).await);
        assert!(kept.contains(&old));
        let from = keys::rotate(&here.cx, &SystemAdmin::operator()).await.unwrap();
        let wait = from.since(here.cx.clock.now()).as_seconds();
        // Whoever fetched the keys just before keeps them for as long as our answer allows.
        let page = here.browser().get("/jwks.json").await;
        let keeps = page.headers["cache-control"].to_str().unwrap().split("max-age=").nth(1).unwrap().parse::<i64>();
        assert!(wait > keeps.unwrap(), "it signs after {wait} s");
        for node in [&here, &there] {
            assert_eq!(published(node).await.difference(&kept).count(), 2, "one of each kind is new");
            assert_eq!(signs(node).await, old, "before its time the new one doesn't sign");
        }
        here.pass(wait + 1);
        let now = published(&here).await;
        assert_eq!(published(&there).await, now);
        let new = signs(&there).await;
        assert!(new != old && !kept.contains(&new) && now.contains(&new));
        assert_eq!(signs(&here).await, new);
        assert!(now.contains(&old), "tokens of before are checked for a while");
    }
}
