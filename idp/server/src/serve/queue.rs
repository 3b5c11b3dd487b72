//! The system's queue: it lets clients in for us, and they stand there until we take them. Whoever stands in it as a
//! listener closes was let in and is turned away with his request; so nobody new is let in first, then those are taken
//! who are on their way, and then it closes.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};

/// Who may stand there; on Linux fewer, if `net.core.somaxconn` says so. Where it is full the system answers nobody, and a client
/// tries again only after one second, then after two, then four: that is longer than waiting here.
const MOST: u32 = 4096;

/// Takes an address. Who comes to it stands in the queue.
///
/// # Errors
/// If it is somebody else's.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?; // connections of whoever had it before may linger
    socket.bind(address)?;
    socket.listen(MOST)
}

/// A round trip: so long somebody may have been told that he is let in without having answered.
pub(super) const ON_THEIR_WAY: Duration = Duration::from_millis(250);

/// The next who is let in.
pub(super) async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                // Out of descriptors, most likely: a moment's rest instead of a spinning loop.
                tracing::warn!(event = "accept_failed", %error);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// A listener that lets nobody new in; closed when it is dropped.
pub(super) struct Closing {
    listener: TcpListener,
    until: Instant,
}

impl Closing {
    pub(super) fn begin(listener: TcpListener) -> Self {
        #[cfg(target_os = "linux")]
        if let Err(error) = refuse_new(&listener) {
            tracing::warn!(event = "queue_not_closed", %error, "somebody may be turned away after he was let in");
        }
        Self { listener, until: Instant::now() + ON_THEIR_WAY }
    }

    /// The next of those who were let in before, none when all are here.
    pub(super) async fn next(&mut self) -> Option<(TcpStream, SocketAddr)> {
        timeout_at(self.until, next(&self.listener)).await.ok()
    }
}

/// Drops the first packet of who comes anew, as if the network had lost it. He sends it again a second later, and is told
/// that nobody listens, or reaches whoever listens there by then.
#[cfg(target_os = "linux")]
fn refuse_new(listener: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};
    // Classic BPF over a packet that begins with its TCP header (RFC 9293 section 3.1). Connections inherit it, where it
    // changes nothing: they are past that packet.
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(0x30, 0, 0, 13),   // BPF_LD | BPF_B | BPF_ABS: the byte with the flags
        SockFilter::new(0x45, 0, 1, 0x02), // BPF_JMP | BPF_JSET | BPF_K: is SYN among them?
        SockFilter::new(0x06, 0, 0, 0),    // BPF_RET | BPF_K: keep nothing
        SockFilter::new(0x06, 0, 0, u32::MAX), // BPF_RET | BPF_K: keep all
    ])
}
