//! How fast, how big: the provider beside a trivial route, in one run.
//!
//! `cargo run --release -p switchboard-tests --bin bench [SECONDS] [CONNECTIONS]`. The servers are processes of their
//! own on this machine's loopback, on the first core, asked one at a time; the load is on the others. `bench store
//! [SECONDS]` measures the embedded store beside bare connections, in one process; `bench flat [SECONDS]` a thousand accounts beside a
//! million. Only the ratios of one run mean anything on a busy machine.

mod driver;
mod flat;
mod limits;
mod server;
mod store;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use driver::{Load, Request};

/// How often each operation and each limit takes its turn: a moment is as busy for the one as for the other.
const ROUNDS: u32 = 5;

/// One line of the result.
struct Line {
    what: &'static str,
    per_second: f64,
    p99_ms: f64,
}

/// The core of what is measured. Whoever is started by the load has the load's cores until he says otherwise, and can't
/// see which others there were: he is told.
static MEASURED: OnceLock<usize> = OnceLock::new();

const MEASURED_ON: &str = "BENCH_MEASURED_ON";

/// Keeps this process on some of the cores it may use: what is measured on the first, the load on the others, where
/// there are any.
fn pin(is_measured: bool) {
    let allowed = rustix::thread::sched_getaffinity(None).expect("the cores we may use");
    let cores: Vec<usize> = (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
    let told = std::env::var(MEASURED_ON).ok().and_then(|core| core.parse().ok());
    let first = *MEASURED.get_or_init(|| told.unwrap_or(cores[0]));
    let mut own = rustix::thread::CpuSet::new();
    for core in cores.iter().copied().filter(|core| !is_measured && *core != first) {
        own.set(core);
    }
    if own.count() == 0 {
        own.set(first);
    }
    rustix::thread::sched_setaffinity(None, &own).expect("cores of our own");
}

/// This program, to be started as what is measured.
fn measured() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the program"));
    command.envs(MEASURED.get().map(|core| (MEASURED_ON, core.to_string())));
    command
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    pin(matches!(arguments.first().map(String::as_str), Some("trivial" | "provider" | "limits")));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match arguments.first().map(String::as_str) {
        Some("trivial") => runtime.block_on(server::trivial()),
        Some("store") => store::run(&runtime, seconds(&arguments, 1)),
        Some("limits") => {
            let connections = arguments.get(3).and_then(|a| a.parse().ok()).unwrap_or(64);
            let time = Duration::from_millis(arguments[2].parse().expect("milliseconds"));
            limits::run(&runtime, Path::new(&arguments[1]), Load { connections, time });
        }
        Some("flat") => runtime.block_on(flat::run(seconds(&arguments, 1))),
        Some("provider") => runtime.block_on(server::provider(Path::new(&arguments[1]))),
        _ => {
            let number = |n: usize, default| arguments.get(n).and_then(|a| a.parse().ok()).unwrap_or(default);
            runtime.block_on(run(Load { connections: number(1, 32), time: Duration::from_secs(number(0, 5) as u64) }));
        }
    }
}

fn seconds(arguments: &[String], n: usize) -> Duration {
    Duration::from_secs(arguments.get(n).and_then(|a| a.parse().ok()).unwrap_or(3))
}

/// A server in a process of its own; ended with this value.
struct Served {
    child: Child,
    base: String,
    started_in: Duration,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Served {
    async fn start(arguments: &[&str], ready: &str) -> Self {
        let began = Instant::now();
        let mut child = measured().args(arguments).stdout(Stdio::piped()).spawn().expect("a server");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("its address");
        let base = line.trim().to_owned();
        let deadline = began + Duration::from_secs(30);
        while reqwest::get(format!("{base}{ready}")).await.is_err() {
            assert!(Instant::now() < deadline, "no answer from {base}");
        }
        Self { child, base, started_in: began.elapsed() }
    }

    /// Resident memory, in MiB.
    fn memory(&self) -> f64 {
        let kib: f64 = status(self.child.id(), "VmRSS:").parse().unwrap_or(0.0);
        kib / 1024.0
    }
}

/// The first word that the system says of a process under that name.
fn status(process: u32, name: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().unwrap_or_default().to_owned()
}

async fn run(load: Load) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let load = Load { time: load.time / ROUNDS, ..load };
    let trivial = Served::start(&["trivial"], "/").await;
    let path = folder.path().display().to_string();
    drop(Served::start(&["provider", &path], "/jwks.json").await); // makes schema, keys and data
    let provider = Served::start(&["provider", &path], "/jwks.json").await;
    let idle = provider.memory();
    let base = provider.base.clone();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut lines = vec![measure("trivial axum route", load, |_| Request::get(&trivial.base, "/")).await];
        lines.push(measure("discovery", load, |_| Request::get(&base, "/.well-known/openid-configuration")).await);
        lines.push(measure("keys", load, |_| Request::get(&base, "/jwks.json")).await);
        let people = driver::sign_in(&base, load.connections).await;
        lines.extend(operations(&base, &people, load).await);
        rounds.push((lines, limits::of_this_machine(folder.path(), load)));
    }
    print(&rounds, load);
    let cores = |process| status(process, "Cpus_allowed_list:");
    println!(
        "\ncores of the provider and of the load   {} and {}",
        cores(provider.child.id()),
        cores(std::process::id())
    );
    println!("start to first answer, keys present   {:>7.0} ms", provider.started_in.as_secs_f64() * 1000.0);
    println!("resident memory, idle                 {idle:>7.1} MiB");
    println!("resident memory, after the load       {:>7.1} MiB", provider.memory());
}

/// What people and clients do all day.
async fn operations(base: &str, people: &[driver::Person], load: Load) -> [Line; 5] {
    let tokens: Vec<String> = people.iter().map(|p| p.access_token.clone()).collect();
    [
        measure("userinfo", load, |n| Request::get(base, "/userinfo").bearer(&tokens[n])).await,
        report("refresh, rotated", driver::refreshes(base, people, load).await),
        report("authorize on a live session", driver::authorizations(base, people, load).await),
        report("code exchange", driver::exchanges(base, people, load).await),
        report("code flow, RS256 ID token", driver::flows(base, people, load).await),
    ]
}

async fn measure(what: &'static str, load: Load, request: impl Fn(usize) -> Request) -> Line {
    let requests = (0..load.connections).map(request).collect();
    report(what, driver::repeat(requests, load).await)
}

fn report(what: &'static str, mut took: driver::Took) -> Line {
    took.each.sort();
    let p99 = took.each.get(took.each.len() * 99 / 100).copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    let per_second = took.each.len() as f64 / took.all.as_secs_f64();
    Line { what, per_second, p99_ms: p99.as_secs_f64() * 1000.0 }
}

/// What was measured in a round, and the limits of its moment.
type Round = (Vec<Line>, limits::Limits);

/// Prints medians of all rounds: of rates, of limits, and of what one was of the other in the same round.
fn print(rounds: &[Round], load: Load) {
    println!("{} connections, {ROUNDS} rounds of {:?} each, medians", load.connections, load.time);
    let limit = |of: fn(&limits::Limits) -> f64| median(rounds.iter().map(|(_, limits)| of(limits)));
    println!(
        "alone on that core, per second: {:.0} ES256 and {:.0} RS256 signatures, {:.0} reads by key",
        limit(|l| l.signatures),
        limit(|l| l.slow_signatures),
        limit(|l| l.reads)
    );
    println!(
        "durable, for {} callers who share commits: {:.0} updates, {:.0} transactions of three writes",
        load.connections,
        limit(|l| l.updates),
        limit(|l| l.transactions)
    );
    println!(
        "{:<30} {:>12} {:>10} {:>12} {:>10}  worst and best round",
        "", "per second", "p99 ms", "limit", "of limit"
    );
    for (n, Line { what, .. }) in rounds[0].0.iter().enumerate() {
        let all = || rounds.iter().map(|(lines, limits)| (&lines[n], limits.of(what, lines[0].per_second)));
        let (rate, p99) = (median(all().map(|(line, _)| line.per_second)), median(all().map(|(line, _)| line.p99_ms)));
        let parts: Vec<f64> = all().map(|(line, limit)| line.per_second / limit).collect();
        let (worst, best) = (parts.iter().copied().fold(f64::MAX, f64::min), parts.iter().copied().fold(0.0, f64::max));
        let (limit, part) = (median(all().map(|(_, limit)| limit)), median(parts.iter().copied()));
        println!("{what:<30} {rate:>12.0} {p99:>10.2} {limit:>12.0} {part:>10.2}  {worst:.2} {best:.2}");
    }
}

fn median(all: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = all.collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
