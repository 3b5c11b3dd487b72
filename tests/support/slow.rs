//! Clients that take their time.

use std::time::{Duration, Instant};

use idp_server::serve::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a slow client says first, and again and again every 100 ms.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// For messages.
    pub name: &'static str,
    /// What it says first.
    pub first: &'static str,
    /// What it says again and again.
    pub again: &'static str,
    /// When it has to be cut off.
    pub after: Duration,
}

impl Shape {
    /// The six kinds.
    pub fn all(limits: Limits) -> [Self; 6] {
        let shape = |name, first, again, after| Self { name, first, again, after };
        [
            shape("silent", "", "", limits.first_byte),
            shape("one byte", "G", "", limits.headers),
            shape("half a head", "GET /login HTTP/1.1\r\nhost: localhost\r\nx: ", "", limits.headers),
            shape("dripping head", "GET /login HTTP/1.1\r\nx: ", "y", limits.headers),
            shape(
                "dripping body",
                "POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                 content-length: 9000\r\n\r\n",
                "a",
                limits.body,
            ),
            shape("idle", "GET /jwks.json HTTP/1.1\r\nhost: localhost\r\n\r\n", "", limits.idle),
        ]
    }

    /// How long it can stay connected.
    pub async fn stays(self, mut stream: TcpStream) -> Duration {
        let began = Instant::now();
        let mut buffer = [0; 4096];
        stream.write_all(self.first.as_bytes()).await.ok();
        while began.elapsed() < self.after + Duration::from_secs(30) {
            match tokio::time::timeout(Duration::from_millis(100), stream.read(&mut buffer)).await {
                Ok(Ok(0) | Err(_)) => return began.elapsed(),
                Ok(Ok(_some)) => {}
                Err(_pause) if self.again.is_empty() => {}
                Err(_pause) => {
                    stream.write_all(self.again.as_bytes()).await.ok();
                }
            }
        }
        panic!("{} is still open", self.name);
    }

    /// Was it cut off when its time was over?
    pub fn is_in_time(self, stayed: Duration) -> bool {
        stayed >= self.after.mul_f64(0.9) && stayed <= self.after + Duration::from_secs(3)
    }
}
