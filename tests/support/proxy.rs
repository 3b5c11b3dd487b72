//! A road between two programs that can be blocked: what a frozen, slow or vanished server looks like from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How the road is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Open.
    Open,
    /// Open, with so long a delay for every piece.
    Slow(Duration),
    /// Connections are taken and nothing moves on them.
    Frozen,
    /// Every connection is cut, and new ones too.
    Cut,
}

/// The road.
#[derive(Debug)]
pub struct Proxy {
    /// Where it begins.
    pub port: u16,
    flow: watch::Sender<Flow>,
    taken: Arc<AtomicU64>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// An open road to a port on this machine.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let own = listener.local_addr().expect("an address").port();
        let (flow, seen) = watch::channel(Flow::Open);
        let taken = Arc::new(AtomicU64::new(0));
        let (count, mut tasks) = (Arc::clone(&taken), JoinSet::new());
        tasks.spawn(async move {
            let mut roads = JoinSet::new();
            loop {
                let Ok((near, _)) = listener.accept().await else { continue };
                count.fetch_add(1, Ordering::Relaxed);
                roads.spawn(road(near, port, seen.clone()));
            }
        });
        Self { port: own, flow, taken, _tasks: tasks }
    }

    /// The same address by this road.
    pub async fn before(url: &str) -> (Self, String) {
        let mut url = url::Url::parse(url).expect("an address");
        let proxy = Self::to(url.port().expect("a port")).await;
        url.set_port(Some(proxy.port)).expect("a port");
        (proxy, url.into())
    }

    /// Changes the road.
    pub fn set(&self, flow: Flow) {
        self.flow.send_replace(flow);
    }

    /// How many connections were taken so far.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

async fn road(near: TcpStream, port: u16, flow: watch::Receiver<Flow>) {
    if *flow.borrow() == Flow::Cut {
        return;
    }
    let mut open = flow.clone();
    if open.wait_for(|f| *f != Flow::Frozen).await.is_err() {
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    near.set_nodelay(true).ok();
    far.set_nodelay(true).ok();
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let mut cut = flow.clone();
    tokio::select! {
        () = carry(near_in, far_out, flow.clone()) => {}
        () = carry(far_in, near_out, flow) => {}
        _ = cut.wait_for(|f| *f == Flow::Cut) => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut flow: watch::Receiver<Flow>) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut piece).await else { return };
        let now = match flow.wait_for(|f| *f != Flow::Frozen).await {
            Ok(now) => *now,
            Err(_gone) => return,
        };
        if let Flow::Slow(delay) = now {
            tokio::time::sleep(delay).await;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
