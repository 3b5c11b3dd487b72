//! Logs: one line an event, to standard error. Secrets have no text form, so none can get here; queries and bodies are not
//! logged at all.
//!
//! Lines are written by a thread of their own. When nobody takes them (a full disk, a pipe without a reader) they are
//! dropped, and counted; requests don't wait for a log.

use std::io::IsTerminal;
use std::sync::{Mutex, OnceLock, PoisonError};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
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

/// Everything counted so far, as Prometheus reads it.
pub fn metrics() -> String {
    metrics::counter!("idp_log_lines_dropped_total").absolute(u64::try_from(dropped_lines()).unwrap_or(u64::MAX));
    METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}
