//! The moment in which a server takes nobody new any more.

use std::io::ErrorKind;
use std::net::SocketAddr;
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

/// Comes with a connection for each request until nobody opens: how many answers it got, or how it was left without one.
async fn come(server: SocketAddr) -> Result<usize, String> {
    for answered in 0.. {
        let connecting = tokio::time::timeout(Duration::from_millis(400), TcpStream::connect(server));
        let mut stream = match connecting.await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) if error.kind() != ErrorKind::ConnectionRefused => return Err(error.to_string()),
            Ok(Err(_)) | Err(_) => return Ok(answered),
        };
        let asked = stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
        let mut answer = String::new();
        if let Err(error) = asked.and(stream.read_to_string(&mut answer).await) {
            return Err(format!("let in, then {error}"));
        }
        if !answer.starts_with("HTTP/1.1 200 ") {
            return Err(format!("let in, then told `{answer}`"));
        }
    }
    unreachable!("they never stop by themselves")
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
        let mut clients: JoinSet<_> = (0..CLIENTS).map(|_| come(at)).collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        stop.send(true).unwrap();
        let (mut answered, mut lost) = (0, Vec::new());
        while let Some(came) = clients.join_next().await {
            match came.unwrap() {
                Ok(answers) => answered += answers,
                Err(what) => lost.push(what),
            }
        }
        assert!(lost.is_empty(), "round {round}, {answered} answers: {lost:?}");
        assert!(answered >= CLIENTS, "nobody came before it closed");
        serving.join_all().await;
    }
}
