//! Clients that take their time: each is cut off when its time is over, while others go on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use idp_server::serve::tls::Tls;
use idp_server::serve::{Edge, Limits};
use reqwest::{StatusCode, Version};
use support::{Backend, SelfSigned, Shape, TestIdp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A tenth of what holds in earnest.
fn tenth() -> Limits {
    let earnest = Limits::default();
    Limits {
        first_byte: earnest.first_byte / 10,
        headers: earnest.headers / 10,
        body: earnest.body / 10,
        idle: earnest.idle / 10,
        write: earnest.write / 10,
        answer: earnest.answer / 10,
        ..earnest
    }
}

async fn strict(limits: Limits) -> TestIdp {
    TestIdp::behind(Arc::new(Backend::sqlite()), Edge { limits, ..Edge::default() }).await
}

async fn connect(idp: &TestIdp) -> TcpStream {
    TcpStream::connect(("127.0.0.1", url::Url::parse(&idp.url).unwrap().port().unwrap())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_slow_client_is_cut_off_when_its_time_is_over() {
    let idp = strict(tenth()).await;
    let mut slow = JoinSet::new();
    for shape in Shape::all(tenth()) {
        for _ in 0..5 {
            let stream = connect(&idp).await;
            slow.spawn(async move { (shape, shape.stays(stream).await) });
        }
    }
    for (shape, stayed) in slow.join_all().await {
        assert!(shape.is_in_time(stayed), "{} stayed {stayed:?} of {:?}", shape.name, shape.after);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_nothing_of_what_is_sent_is_cut_off() {
    let idp = strict(tenth()).await;
    let mut stream = connect(&idp).await;
    let ask = "GET /assets/app.css HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(50);
    let began = Instant::now();
    // Ask and ask, and never read: once the buffers are full the server can't write, and then we can't either.
    while stream.write_all(ask.as_bytes()).await.is_ok() {
        assert!(began.elapsed() < Duration::from_secs(20), "still open");
    }
    assert!(began.elapsed() >= tenth().write.mul_f64(0.9), "cut off after {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_machine_can_not_take_every_place() {
    let idp = strict(Limits { per_network: 3, ..Limits::default() }).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(connect(&idp).await);
    }
    let ask = |mut stream: TcpStream| async move {
        stream.write_all(b"GET /jwks.json HTTP/1.1\r\nhost: localhost\r\n\r\n").await.ok();
        stream.read(&mut [0; 64]).await.unwrap_or(0)
    };
    assert!(ask(held.pop().unwrap()).await > 0);
    // That connection is gone; its place is free as soon as the server has noticed.
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let stream = connect(&idp).await;
        let over = connect(&idp).await;
        if ask(stream).await > 0 {
            assert_eq!(ask(over).await, 0, "a fourth is turned away");
            break;
        }
        assert!(Instant::now() < deadline, "the place never became free");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_spoken_at_our_own_listener_and_http_2_over_it() {
    let made = SelfSigned::make();
    let tls = made.tls();
    let idp = TestIdp::behind(Arc::new(Backend::sqlite()), Edge { limits: tenth(), tls, ..Edge::default() }).await;
    let root = reqwest::Certificate::from_pem(made.pem.as_bytes()).unwrap();
    let client = || reqwest::Client::builder().add_root_certificate(root.clone());
    for (client, version) in [(client(), Version::HTTP_2), (client().http1_only(), Version::HTTP_11)] {
        let answer = client.build().unwrap().get(format!("{}/login", idp.url)).send().await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, version));
        assert!(answer.headers().contains_key("strict-transport-security"), "{:?}", answer.headers());
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("__Host-") && cookie.contains("Secure"), "{cookie}");
    }
    let shape = Shape { name: "no handshake", first: "\x16\x03\x01", again: "", after: tenth().first_byte };
    let stayed = shape.stays(connect(&idp).await).await;
    assert!(shape.is_in_time(stayed), "{stayed:?}");
}

#[test]
fn a_certificate_and_a_foreign_key_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let make = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&certificate, make().cert.pem()).unwrap();
    std::fs::write(&key, make().signing_key.serialize_pem()).unwrap();
    let refused = Tls::new(&certificate, &key).unwrap_err();
    assert!(format!("{refused:#}").contains("server.tls_key_file"), "{refused:#}");
}
