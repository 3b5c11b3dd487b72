//! HTTP/2 at our own listener: what one connection may ask for, and when it is told to go.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use h2::{Reason, RecvStream};
use http::{Request, StatusCode};
use idp_server::serve::{Edge, Limits};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use support::{Backend, SelfSigned, TestIdp};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A provider that speaks TLS, and who trusts its certificate.
async fn provider() -> (TestIdp, Arc<ClientConfig>) {
    provider_with(Limits::default()).await
}

async fn provider_with(limits: Limits) -> (TestIdp, Arc<ClientConfig>) {
    let made = SelfSigned::make();
    let tls = made.tls();
    let idp = TestIdp::behind(Arc::new(Backend::sqlite()), Edge { limits, tls, ..Edge::default() }).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(made.der)).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    (idp, Arc::new(config))
}

type Connection = (SendRequest<Bytes>, JoinSet<Result<(), h2::Error>>);

async fn connect(idp: &TestIdp, config: &Arc<ClientConfig>) -> Connection {
    let port = url::Url::parse(&idp.url).unwrap().port().unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::clone(config)).connect(name, stream).await.unwrap();
    let (send, connection) = h2::client::Builder::new().initial_max_send_streams(1000).handshake(stream).await.unwrap();
    let mut task = JoinSet::new();
    task.spawn(connection);
    (send, task)
}

fn request(idp: &TestIdp, path: &str) -> http::request::Builder {
    Request::builder().uri(format!("{}{path}", idp.url))
}

/// An answer to the end.
async fn answer(idp: &TestIdp, send: &SendRequest<Bytes>) -> Result<StatusCode, h2::Error> {
    let request = request(idp, "/jwks.json").body(()).unwrap();
    let (answer, _) = send.clone().ready().await?.send_request(request, true)?;
    let answer = answer.await?;
    let status = answer.status();
    read(answer.into_body()).await?;
    Ok(status)
}

async fn read(mut body: RecvStream) -> Result<(), h2::Error> {
    while let Some(piece) = body.data().await {
        body.flow_control().release_capacity(piece?.len())?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_has_sixty_four_requests_under_way_at_most() {
    let (idp, config) = provider().await;
    let (send, _task) = connect(&idp, &config).await;
    assert_eq!(answer(&idp, &send).await.unwrap(), StatusCode::OK);
    assert_eq!(send.current_max_send_streams(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_are_too_long_are_refused_and_the_connection_goes_on() {
    let (idp, config) = provider().await;
    let (send, _task) = connect(&idp, &config).await;
    assert_eq!(answer(&idp, &send).await.unwrap(), StatusCode::OK);
    let long = request(&idp, "/jwks.json").header("x-long", "a".repeat(40 * 1024)).body(()).unwrap();
    let (refused, _) = send.clone().ready().await.unwrap().send_request(long, true).unwrap();
    match refused.await {
        Ok(answer) => assert_eq!(answer.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        Err(error) => assert!(error.is_reset() || error.is_library(), "{error}"),
    }
    assert_eq!(answer(&idp, &send).await.unwrap(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_and_takes_back_again_and_again_is_sent_away() {
    let (idp, config) = provider().await;
    let (mut send, mut task) = connect(&idp, &config).await;
    let (other, _task) = connect(&idp, &config).await;
    assert_eq!(answer(&idp, &send).await.unwrap(), StatusCode::OK);
    let asking = async {
        for n in 0..100_000 {
            let request = request(&idp, "/login").body(()).unwrap();
            let Ok(ready) = send.clone().ready().await else { return n };
            send = ready;
            let Ok((_, mut stream)) = send.send_request(request, false) else { return n };
            stream.send_reset(Reason::CANCEL);
        }
        100_000
    };
    let asked = tokio::time::timeout(Duration::from_secs(30), asking).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), task.join_next())
        .await
        .expect("it is closed")
        .unwrap()
        .unwrap()
        .unwrap_err();
    // It is told, unless it is still writing when the connection goes.
    let is_told = ended.reason() == Some(Reason::ENHANCE_YOUR_CALM);
    assert!(is_told || ended.is_io(), "after {asked}: {ended}");
    assert!(asked < 100_000);
    assert_eq!(answer(&idp, &other).await.unwrap(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_no_window_for_the_answer_is_cut_off() {
    let answer = Duration::from_secs(3);
    let (idp, config) = provider_with(Limits { answer, ..Limits::default() }).await;
    let port = url::Url::parse(&idp.url).unwrap().port().unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = tokio_rustls::TlsConnector::from(config).connect(name, stream).await.unwrap();
    let handshake = h2::client::Builder::new().initial_window_size(0).handshake::<_, Bytes>(stream).await;
    let (send, connection) = handshake.unwrap();
    let mut task = JoinSet::new();
    task.spawn(connection);
    let ask = request(&idp, "/login").body(()).unwrap();
    let (answered, _) = send.ready().await.unwrap().send_request(ask, true).unwrap();
    let body = answered.await.unwrap().into_body();
    let began = std::time::Instant::now();
    tokio::time::timeout(Duration::from_secs(15), task.join_next()).await.expect("it is closed");
    assert!(began.elapsed() > answer.mul_f64(0.9), "after {:?}", began.elapsed());
    drop(body);
}
