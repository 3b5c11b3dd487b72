//! Servers in processes of their own, on one database.

use std::fmt::Write;
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

use crate::{Backend, Browser, Client, DOCUMENT};

/// A server.
#[derive(Debug)]
pub struct Process {
    /// Its address.
    pub url: String,
    /// Where its health is told.
    pub management: String,
    /// Its database.
    pub backend: Arc<Backend>,
    environment: Vec<(&'static str, String)>,
    config: PathBuf,
    public_url: String,
    child: Child,
}

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Added to the environment.
    pub environment: Vec<(&'static str, String)>,
    /// Added to the configuration, section headings and all.
    pub more: String,
    /// Nobody reads its log: the pipe is full after a while.
    pub has_blocked_log: bool,
    /// Its address; a second node answers under the first one's.
    pub public_url: Option<String>,
    /// It may open no more files and connections than this.
    pub descriptors: Option<u32>,
}

/// How big a process is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Threads.
    pub threads: u64,
    /// Resident memory, KiB.
    pub resident: u64,
}

/// So many people has the company `crowd`.
pub const CROWD: usize = 200;

/// The name and password of one of them.
pub fn somebody(n: usize) -> (String, String) {
    (format!("{}-crowd", 1000 + n % CROWD), "a password of the crowd".to_owned())
}

fn crowd() -> String {
    let mut text = String::from("\n[[tenants]]\ncode = \"crowd\"\nname = \"Crowd\"\n");
    for n in 0..CROWD {
        let (name, password) = somebody(n);
        let login = name.trim_end_matches("-crowd");
        write!(
            text,
            "[[tenants.accounts]]\nlogin = \"{login}\"\nname = \"N\"\nportals = [\"portal\"]\n\
             password = \"{password}\"\ntemporary = false\n"
        )
        .expect("text");
    }
    text
}

static NEXT: AtomicU32 = AtomicU32::new(0);

static BROWSERS: AtomicU32 = AtomicU32::new(0);

/// A port below those from which outgoing connections take theirs, so that none of them takes it first.
pub fn free_port() -> u16 {
    for _ in 0..1000 {
        let n = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 10_000 + u16::try_from(n % 20_000).expect("a port");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

fn write_config(backend: &Backend, setup: &Setup, (listen, management): (u16, u16)) -> PathBuf {
    let folder = backend.folder();
    let key = folder.join("master.key");
    if !key.exists() {
        std::fs::write(&key, "7".repeat(64)).expect("a master key");
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("private");
    }
    let public = setup.public_url.clone().unwrap_or_else(|| format!("http://localhost:{listen}"));
    let text = format!(
        "[server]\npublic_url = \"{public}\"\nlisten = \"127.0.0.1:{listen}\"\nmanagement = \"127.0.0.1:{management}\"\n\
         trusted_proxies = [\"127.0.0.0/8\"]\n\
         [secrets]\nmaster_key_file = \"{}\"\n[password]\nworkers = 2\nmemory_kib = 64\npasses = 1\n[log]\nlevel = \"warn\"\n\
         [outbound]\nallow = [\"127.0.0.0/8\", \"::1/128\"]\n[database]\nurl = \"{}\"\n",
        key.display(),
        backend.url,
    );
    let file = folder.join(format!("idp-{listen}.toml"));
    std::fs::write(&file, merged(&text, &setup.more)).expect("a configuration");
    file
}

/// Puts what a test adds into the sections where it belongs.
fn merged(base: &str, more: &str) -> String {
    let mut text = base.to_owned();
    for section in more.split_inclusive('\n').fold(Vec::<String>::new(), |mut all, line| {
        match all.last_mut() {
            Some(last) if !line.starts_with('[') => last.push_str(line),
            _ => all.push(line.to_owned()),
        }
        all
    }) {
        let (head, body) = section.split_once('\n').expect("a section");
        let head = format!("{head}\n");
        if text.contains(&head) {
            text = text.replacen(&head, &format!("{head}{body}"), 1);
        } else {
            text.push_str(&section);
        }
    }
    text
}

/// The program that this test's package builds.
fn program(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("this test");
    let target = here.parent().and_then(Path::parent).expect("target/debug");
    target.join(name)
}

impl Process {
    /// Makes the schema and the data of most tests.
    pub fn prepare(backend: &Backend) {
        let file = write_config(backend, &Setup::default(), (free_port(), free_port()));
        let document = backend.folder().join("document.toml");
        std::fs::write(&document, format!("{DOCUMENT}{}", crowd())).expect("a document");
        for arguments in [vec!["migrate"], vec!["apply", document.to_str().expect("text")]] {
            let done = Command::new(program("node")).arg("--config").arg(&file).args(arguments).output();
            let done = done.expect("the program runs");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
    }

    /// Runs a command of the program on that database: whether it succeeded, and what it wrote on both streams.
    pub fn command(backend: &Backend, arguments: &[&str]) -> (bool, String) {
        Self::command_with(backend, "", arguments)
    }

    /// The same with more in the configuration.
    pub fn command_with(backend: &Backend, more: &str, arguments: &[&str]) -> (bool, String) {
        let setup = Setup { more: more.to_owned(), ..Setup::default() };
        let file = write_config(backend, &setup, (free_port(), free_port()));
        let done = Command::new(program("node")).arg("--config").arg(&file).args(arguments).output();
        let done = done.expect("the program runs");
        let text = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    /// Starts a server and waits until it is ready.
    pub async fn start(backend: &Arc<Backend>, setup: &Setup) -> Self {
        let mut process = Self::launch(backend, setup);
        let deadline = Instant::now() + Duration::from_secs(30);
        while !process.is_ready().await {
            if let Some(status) = process.child.try_wait().expect("a child") {
                panic!("the server ended with {status}: {}", process.log());
            }
            assert!(Instant::now() < deadline, "the server is never ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        process
    }

    /// Starts a server.
    pub fn launch(backend: &Arc<Backend>, setup: &Setup) -> Self {
        let (listen, management) = (free_port(), free_port());
        let file = write_config(backend, setup, (listen, management));
        let log = file.with_extension("log");
        let mut command = match setup.descriptors {
            None => Command::new(program("node")),
            Some(most) => {
                let mut command = Command::new("prlimit");
                command.arg(format!("--nofile={most}:{most}")).arg(program("node"));
                command
            }
        };
        let child = command
            .arg("--config")
            .arg(&file)
            .arg("serve")
            .envs(setup.environment.iter().map(|(n, v)| (*n, v)))
            .stderr(if setup.has_blocked_log { Stdio::piped() } else { File::create(&log).expect("a log").into() })
            .stdout(Stdio::null())
            .spawn()
            .expect("the program runs");
        Self {
            url: format!("http://localhost:{listen}"),
            management: format!("http://127.0.0.1:{management}"),
            backend: Arc::clone(backend),
            environment: setup.environment.clone(),
            config: file,
            public_url: setup.public_url.clone().unwrap_or_else(|| format!("http://localhost:{listen}")),
            child,
        }
    }

    /// Begins a command, which the test may end.
    pub fn begin(backend: &Backend, more: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Child {
        let setup = Setup { more: more.to_owned(), ..Setup::default() };
        let file = write_config(backend, &setup, (free_port(), free_port()));
        let mut command = Command::new(program("node"));
        command.arg("--config").arg(&file).args(arguments).envs(environment.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program runs")
    }

    /// The time that it has computed so far.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("a process");
        let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
        let ticks: u64 = [fields[11], fields[12]].iter().filter_map(|n| n.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10) // a hundred ticks a second, wherever Linux runs
    }

    /// Runs another program of the tests beside it, under the same switches.
    pub fn beside(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(program("node"));
        command.args(arguments).envs(self.environment.iter().map(|(n, v)| (*n, v))).stdout(Stdio::piped());
        command.spawn().expect("the program runs")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.config.with_extension("log")).unwrap_or_default()
    }

    /// What a command says under this server's own configuration.
    pub fn own_command(&self, arguments: &[&str]) -> String {
        let done = Command::new(program("node")).arg("--config").arg(&self.config).args(arguments).output();
        String::from_utf8_lossy(&done.expect("the program runs").stdout).into_owned()
    }

    /// Is it ready?
    pub async fn is_ready(&self) -> bool {
        let asked = reqwest::get(format!("{}/health/ready", self.management)).await;
        asked.is_ok_and(|answer| answer.status().is_success())
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How big it is now.
    pub fn size(&self) -> Size {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("a process");
        let number = |field: &str| {
            let line = text.lines().find(|l| l.starts_with(field)).expect("a field");
            line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
        };
        Size { threads: number("Threads:"), resident: number("VmRSS:") }
    }

    /// Sends it a signal.
    pub fn signal(&self, what: Signal) {
        signal(self.pid(), what);
    }

    /// Waits for its end: the exit code, none after a signal; and the time that took.
    pub async fn ended(&mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return (status.code(), began.elapsed());
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it never ends");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A new browser, at an address of its own: what one address may do in a while is not what these tests are about.
    pub fn browser(&self) -> Browser {
        let address = Ipv4Addr::from(0x0a80_0000 + BROWSERS.fetch_add(1, Ordering::Relaxed) % 0x0080_0000);
        Browser::from(&self.url, address).as_if_at(&self.public_url)
    }

    /// The confidential client `portal`.
    pub fn portal(&self) -> Client {
        Client::new(&self.url, "portal", Some("portal-secret"))
    }
}

/// Waits until a process has no program any more; whether somebody has collected it doesn't matter.
pub(crate) fn gone(pid: u32) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Path::new(&format!("/proc/{pid}/exe")).exists() {
        assert!(Instant::now() < deadline, "{pid} does not end");
        std::thread::yield_now();
    }
}

/// Sends a signal to a process that a test started.
pub fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).expect("a pid")).expect("a pid");
    kill_process(pid, signal).expect("a process of ours");
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
