//! A PostgreSQL server of a test's own, for what can't be done to one that others use: it is restarted, killed, frozen,
//! filled.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diesel::{Connection, PgConnection, RunQueryDsl};
use tempfile::TempDir;

use crate::{Signal, free_port, signal};

/// The server; stopped with this value.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

/// How it is told to stop before it starts again.
#[derive(Clone, Copy, Debug)]
pub enum Restart {
    /// It ends what is under way.
    Fast,
    /// It drops everything and recovers afterwards.
    Immediate,
    /// It isn't told: all its processes are gone at once.
    Killed,
}

impl Postgres {
    /// A new one, with room for so many connections.
    pub fn start(connections: u32) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let server = Self { programs: programs(), folder, port: free_port() };
        server.make();
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = ''\nmax_connections = {connections}\n",
            server.port
        );
        let file = server.data().join("postgresql.conf");
        let mut text = std::fs::read_to_string(&file).expect("its configuration");
        text.push_str(&settings);
        std::fs::write(&file, text).expect("its configuration");
        server.up();
        server
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Restarts it.
    pub fn restart(&self, how: Restart) {
        match how {
            Restart::Fast => self.control(&["--mode", "fast", "stop"]),
            Restart::Immediate => self.control(&["--mode", "immediate", "stop"]),
            Restart::Killed => {
                // The first one last: it would start the others anew.
                self.processes().iter().for_each(|pid| signal(*pid, Signal::STOP));
                self.processes().iter().rev().for_each(|pid| signal(*pid, Signal::KILL));
                self.processes().iter().for_each(|pid| crate::process::gone(*pid));
                // Where nobody collects the dead, it would take the number in there for a living server's.
                std::fs::remove_file(self.data().join("postmaster.pid")).expect("its mark");
            }
        }
        self.up();
    }

    /// Stops every process of it where it stands.
    pub fn freeze(&self) {
        self.processes().iter().for_each(|pid| signal(*pid, Signal::STOP));
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.processes().iter().for_each(|pid| signal(*pid, Signal::CONT));
    }

    /// Somebody else ends everybody's connections and takes every place, until he has them all.
    pub fn take_all_places(&self) -> Vec<PgConnection> {
        const NOT_HIS: &str =
            "FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'outsider'";
        openssl::init(); // before libpq does, as the store has it
        let url = format!("{}?application_name=outsider", self.url());
        let mut admin = PgConnection::establish(&url).expect("a place");
        let mut taken = Vec::new();
        loop {
            diesel::sql_query(format!("SELECT pg_terminate_backend(pid) {NOT_HIS}"))
                .execute(&mut admin)
                .expect("an end");
            let before = taken.len();
            while let Ok(conn) = PgConnection::establish(&url) {
                taken.push(conn);
            }
            let others: i64 = diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("SELECT count(*) {NOT_HIS}"))
                .get_result(&mut admin)
                .expect("a number");
            if others == 0 && taken.len() == before && before > 0 {
                taken.push(admin);
                return taken;
            }
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("own/data")
    }

    /// It refuses to run as root, and its user has to reach its folder.
    fn make(&self) {
        let own = self.folder.path().join("own");
        std::fs::create_dir(&own).expect("a folder");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        std::fs::set_permissions(self.folder.path(), open).expect("a folder that can be entered");
        if is_root() {
            quietly(Command::new("chown").arg("postgres").arg(&own));
        }
        quietly(self.run("initdb").args(["--username", "postgres", "--auth", "trust", "--no-sync", "--locale", "C"]));
    }

    fn up(&self) {
        let log = self.folder.path().join("own/log");
        self.control(&["--log", log.to_str().expect("text"), "--wait", "--timeout", "60", "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        quietly(self.run("pg_ctl").args(arguments));
    }

    fn run(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["--user", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").arg("--pgdata").arg(self.data());
        command
    }

    /// All its processes, the first one first.
    fn processes(&self) -> Vec<u32> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let Some(first) = file.lines().next().and_then(|l| l.trim().parse().ok()) else { return Vec::new() };
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap_or_default();
        std::iter::once(first).chain(children.split_whitespace().filter_map(|pid| pid.parse().ok())).collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if Path::new(&self.data().join("postmaster.pid")).exists() {
            self.thaw();
            let stopped = self.run("pg_ctl").args(["--mode", "immediate", "stop"]).stdout(Stdio::null()).status();
            stopped.expect("it stops");
        }
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Those of the newest release that is installed.
fn programs() -> PathBuf {
    let releases = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL's programs");
    let release = |path: &PathBuf| path.file_name().and_then(|n| n.to_str()).and_then(|n| n.parse::<u32>().ok());
    let newest = releases.filter_map(|entry| Some(entry.ok()?.path())).max_by_key(release);
    newest.expect("a release of PostgreSQL").join("bin")
}

fn quietly(command: &mut Command) {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(done.expect("it runs").success(), "{command:?}");
}
