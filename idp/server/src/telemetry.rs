//! Logs: one line an event, to standard error. Secrets have no text form, so none can get here; queries and bodies are not
//! logged at all.

use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// Sets logging up. A second call in one process changes nothing: tests start several servers.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_cause| EnvFilter::new("info"));
    let to = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        crate::config::Format::Json => to.json().flatten_event(true).try_init(),
        crate::config::Format::Text => to.with_target(false).try_init(),
    };
    started.ok();
}
