//! The moment in which a server takes nobody new any more.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use idp_server::serve::{self, Edge};
use support::rounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many come, each again and again.
const CLIENTS: usize = 32;

/// Comes with a connection for each request until nobody opens; or tells how it was left without an answer.
async fn come(server: SocketAddr, answered: Arc<AtomicUsize>) -> Result<(), String> {
    loop {
        let connecting = tokio::time::timeout(Duration::from_millis(400), TcpStream::connect(server));
        let mut stream = match connecting.await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) if error.kind() != ErrorKind::ConnectionRefused => return Err(error.to_string()),
            Ok(Err(_)) | Err(_) => return Ok(()),
        };
        let asked = stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
        let mut answer = String::new();
        if let Err(error) = asked.and(stream.read_to_string(&mut answer).await) {
            return Err(format!("let in, then {error}"));
        }
        if !answer.starts_with("HTTP/1.1 200 ") {
            return Err(format!("let in, then told `{answer}`"));
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_let_in_as_we_close_gets_an_answer() {
    for round in 0..rounds(20, 500) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = Router::new().route("/", get(|| async { "ok" }));
        let mut serving = JoinSet::new();
        serving.spawn(serve::serve(listener, router, Edge::default(), stopped));
        let answered = Arc::new(AtomicUsize::new(0));
        let mut clients: JoinSet<_> = (0..CLIENTS).map(|_| come(at, Arc::clone(&answered))).collect();
        while answered.load(Ordering::Relaxed) < CLIENTS {
            tokio::task::yield_now().await;
        }
        stop.send(true).unwrap();
        while let Some(came) = clients.join_next().await {
            assert_eq!(came.unwrap(), Ok(()), "round {round}, after {answered:?} answers");
        }
        serving.join_all().await;
    }
}
