//! People who come and go while something fails.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use support::{Browser, Client, Page, somebody};
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinSet;

static ALONE: Mutex<()> = Mutex::const_new(());

/// Tests that load the machine or keep the time take turns.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

static NEXT: AtomicU32 = AtomicU32::new(1);

/// What one visit came to.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The status of its last answer, none if there was no answer.
    pub(crate) status: Option<StatusCode>,
    /// No answer because nobody took the connection.
    pub(crate) is_refused: bool,
    /// Does a refusal say when to come back?
    pub(crate) says_when: bool,
    /// The longest of its requests.
    pub(crate) slowest: Duration,
    /// When it ended.
    pub(crate) at: Instant,
}

impl Visit {
    pub(crate) fn is_served(&self) -> bool {
        self.status.is_some_and(|s| s.is_success() || s.is_redirection())
    }

    /// An answer it is, even if it is "not now".
    pub(crate) fn is_answered(&self) -> bool {
        self.is_served() || (self.status == Some(StatusCode::SERVICE_UNAVAILABLE) && self.says_when)
    }
}

struct Watch {
    slowest: Duration,
}

impl Watch {
    async fn get(&mut self, browser: &Browser, path: &str) -> reqwest::Result<Page> {
        let began = Instant::now();
        let page = browser.try_get(path).await;
        self.slowest = self.slowest.max(began.elapsed());
        page
    }

    async fn post(&mut self, browser: &Browser, path: &str, fields: &[(&str, &str)]) -> reqwest::Result<Page> {
        let began = Instant::now();
        let page = browser.try_post(path, fields).await;
        self.slowest = self.slowest.max(began.elapsed());
        page
    }
}

/// Opens the portal's sign-in, types name and password, and comes back with a code: three requests.
pub(crate) async fn visit(url: &str, portal: &Client, who: usize) -> Visit {
    // Everybody comes from an address of his own: a budget for one address isn't what is tested here.
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let browser = Browser::from(url, Ipv4Addr::from(0x0a00_0000 + n));
    let mut watch = Watch { slowest: Duration::ZERO };
    let last = walk(&browser, portal, who, &mut watch).await;
    Visit {
        status: last.as_ref().ok().map(|p| p.status),
        is_refused: last.as_ref().is_err_and(reqwest::Error::is_connect),
        says_when: last.is_ok_and(|p| p.headers.contains_key("retry-after")),
        slowest: watch.slowest,
        at: Instant::now(),
    }
}

/// The last page, which is the first that isn't as it should be.
async fn walk(browser: &Browser, portal: &Client, who: usize, watch: &mut Watch) -> reqwest::Result<Page> {
    let page = watch.get(browser, &portal.authorize_path(&[])).await?;
    if !page.status.is_redirection() {
        return Ok(page);
    }
    let page = watch.get(browser, &page.location()).await?;
    let (Some(r), Some(csrf)) = (page.field("r"), page.field("csrf")) else { return Ok(page) };
    let (name, password) = somebody(who);
    let fields = [("csrf", csrf.as_str()), ("r", &r), ("identifier", &name), ("password", &password)];
    let page = watch.post(browser, "/login", &fields).await?;
    if !page.status.is_redirection() {
        return Ok(page);
    }
    watch.get(browser, &page.location()).await
}

/// Many people, each visiting again and again until told to stop.
pub(crate) struct Crowd {
    visits: JoinSet<Vec<Visit>>,
    stop: Arc<AtomicBool>,
}

impl Crowd {
    pub(crate) fn of(people: usize, url: &str, portal: &Client) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut visits = JoinSet::new();
        for n in 0..people {
            let (url, portal, stop) = (url.to_owned(), portal.clone(), Arc::clone(&stop));
            visits.spawn(async move {
                let mut all = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    all.push(visit(&url, &portal, n).await);
                }
                all
            });
        }
        Self { visits, stop }
    }

    pub(crate) async fn stop(self) -> Vec<Visit> {
        self.stop.store(true, Ordering::Relaxed);
        self.visits.join_all().await.into_iter().flatten().collect()
    }
}

/// The time that so many percent of these stay below.
pub(crate) fn percentile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort();
    let last = times.len().saturating_sub(1);
    times.get((times.len() * percent / 100).min(last)).copied().unwrap_or_default()
}
