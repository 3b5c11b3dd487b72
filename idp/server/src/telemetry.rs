//! Logs: one line an event, to standard error. Secrets have no text form, so none can get here; queries and bodies are
//! not logged at all.
//!
//! Lines are written by a thread of their own. When nobody takes them (a full disk, a pipe without a reader) they are
//! dropped, and counted; requests don't wait for a log.

use std::io::IsTerminal;
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::sync::watch;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::config::{Format, Log};

/// Lines that may wait.
const WAITING: usize = 4096;

static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// What writes the lines; the last ones when it is dropped.
static WORKER: Mutex<Option<WorkerGuard>> = Mutex::new(None);

/// Sets logging up. A second call in one process changes nothing: tests start several servers.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_cause| EnvFilter::new("info"));
    let (writer, worker) =
        NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING).finish(std::io::stderr());
    let counter = writer.error_counter();
    let to = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let started = match log.format {
        Format::Json => to.json().flatten_event(true).try_init(),
        Format::Text => to.with_target(false).with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    if started.is_ok() {
        DROPPED.get_or_init(|| counter);
        WORKER.lock().unwrap_or_else(PoisonError::into_inner).replace(worker);
    }
}

/// Writes the last lines.
pub fn finish() {
    drop(WORKER.lock().unwrap_or_else(PoisonError::into_inner).take());
}

/// Lines that nobody took so far.
fn dropped_lines() -> usize {
    DROPPED.get().map_or(0, ErrorCounter::dropped_lines)
}

/// From now on a panic is a line in the log and a count. What it says is left out: it may quote what somebody typed.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        metrics::counter!("idp_panics_total").increment(1);
        tracing::error!(event = "panic", at, "a defect; please report it with this line");
    }));
}

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Upper bounds of times, in seconds: a page is a few milliseconds, a password half a second.
const TIMES: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 3.0];

/// Begins to count. A second call in one process changes nothing.
pub fn count() {
    METRICS.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&TIMES).ok()?;
        let handle = builder.install_recorder().ok()?;
        metrics::gauge!("idp_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Some(handle)
    });
}

/// Held while measurements are folded, and shared by who measures: the recorder loses the measurements that wait when it
/// folds between the two steps in which it takes a new block into use (metrics-util 0.20, `AtomicBucket::push`).
static FOLDING: RwLock<()> = RwLock::new(());

/// One more request to `route` took so long.
pub fn took(route: String, time: Duration) {
    let _shared = FOLDING.read().unwrap_or_else(PoisonError::into_inner);
    metrics::histogram!("idp_http_request_duration_seconds", "route" => route).record(time.as_secs_f64());
}

/// How often what was measured is folded into its buckets.
pub const TIDY: Duration = Duration::from_secs(5);

/// Folds what was measured into its buckets, until told to stop. Till then each measurement is kept: where nobody asks
/// for the metrics they would fill the memory.
pub async fn tidy(every: Duration, mut stop: watch::Receiver<bool>) {
    while tokio::time::timeout(every, stop.changed()).await.is_err() {
        if let Some(handle) = METRICS.get().and_then(Option::as_ref) {
            let _alone = FOLDING.write().unwrap_or_else(PoisonError::into_inner);
            handle.run_upkeep();
        }
    }
}

/// Everything counted so far, as Prometheus reads it.
pub fn metrics() -> String {
    metrics::counter!("idp_log_lines_dropped_total").absolute(u64::try_from(dropped_lines()).unwrap_or(u64::MAX));
    let _alone = FOLDING.write().unwrap_or_else(PoisonError::into_inner); // to render folds, too
    METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resident_kib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_asks_for_does_not_fill_the_memory() {
        count();
        let (stop, stopped) = watch::channel(false);
        let tidying = tokio::task::JoinSet::from_iter([tidy(Duration::from_millis(5), stopped)]);
        let before = resident_kib();
        for _ in 0..40 {
            for _ in 0..62_500 {
                took("/test".to_owned(), Duration::from_millis(1)); // two and a half million, sixteen bytes each
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let grown = resident_kib().saturating_sub(before);
        assert!(grown < 16 * 1024, "{grown} KiB");
        drop(stop);
        tidying.join_all().await; // what it has in hand just then is in no bucket yet
        assert!(metrics().contains("idp_http_request_duration_seconds_count{route=\"/test\"} 2500000"));
    }
}
