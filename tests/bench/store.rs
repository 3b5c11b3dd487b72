//! The embedded store beside the same statements on a bare connection: with a commit each, with 64 to a commit, and as
//! a raw lane, which is group commit for 64 callers and nothing else: the limit. Durable all of them: WAL, a full sync
//! at each commit.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use idp_core::ids::{ClientKey, GrantId, OutboxId};
use idp_core::oidc::token::authorization_code::CodePayload;
use idp_core::secret::TokenHash;
use idp_core::time::{Lifetime, Timestamp};
use idp_store::changes::Topic;
use idp_store::{Settings, Store, StoreError, Write};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::driver::Load;

/// Callers at once.
const CALLERS: usize = 64;

/// Codes to spend, made before the measurement.
pub(crate) const CODES: u64 = 200_000;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_764_000_000);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    Insert,
    Update,
    Three,
}

fn digest(kind: &str, n: u64) -> TokenHash {
    TokenHash::of(&format!("{kind} {n}"))
}

fn payload() -> CodePayload {
    CodePayload {
        v: 1,
        client: ClientKey::from_bytes([3; 16]),
        redirect_uri: "https://a.example/cb".into(),
        redirect_uri_given: true,
        challenge: None,
        nonce: None,
        expires_at: NOW + Lifetime::seconds(60),
    }
}

fn id(n: u64) -> [u8; 16] {
    u128::from(n).to_be_bytes()
}

fn by_store(w: &mut Write<'_>, work: Work, n: u64) -> Result<(), StoreError> {
    match work {
        Work::Insert => idp_store::changes::push(w, OutboxId::from_bytes(id(n)), Topic::Keys, NOW),
        Work::Update => idp_store::codes::spend(w, digest("code", n), NOW).map(drop),
        Work::Three => {
            idp_store::changes::push(w, OutboxId::from_bytes(id(n)), Topic::Keys, NOW)?;
            idp_store::codes::insert(w, digest("three", n), GrantId::from_bytes(id(n)), &payload())?;
            idp_store::codes::spend(w, digest("three", n), NOW).map(drop)
        }
    }
}

fn insert(conn: &mut SqliteConnection, n: u64) {
    diesel::sql_query("INSERT INTO changes (id, topic, key, at) VALUES (?, ?, ?, ?)")
        .bind::<Binary, _>(id(n).to_vec())
        .bind::<Text, _>("keys")
        .bind::<Text, _>("")
        .bind::<BigInt, _>(NOW.micros())
        .execute(conn)
        .expect("an insert");
}

/// What the statement answers.
#[derive(diesel::QueryableByName)]
struct Spent {
    #[diesel(sql_type = Binary)]
    #[expect(dead_code, reason = "read because the store reads it")]
    grant_id: Vec<u8>,
    #[diesel(sql_type = Text)]
    #[expect(dead_code, reason = "read because the store reads it")]
    payload: String,
}

fn spend(conn: &mut SqliteConnection, digest: TokenHash) {
    diesel::sql_query("UPDATE codes SET used_at = ? WHERE digest = ? AND used_at IS NULL RETURNING grant_id, payload")
        .bind::<BigInt, _>(NOW.micros())
        .bind::<Binary, _>(digest.bytes().to_vec())
        .get_result::<Spent>(conn)
        .expect("an update");
}

/// Reads a code by its key.
pub(crate) fn look(conn: &mut SqliteConnection, n: u64) {
    use diesel::prelude::*;
    diesel::table! { codes (digest) { digest -> Binary, grant_id -> Binary, payload -> Text } }
    let found: (Vec<u8>, String) = codes::table
        .find(digest("code", n).bytes().to_vec())
        .select((codes::grant_id, codes::payload))
        .first(conn)
        .expect("a code");
    std::hint::black_box(found);
}

fn by_hand(conn: &mut SqliteConnection, work: Work, n: u64) {
    match work {
        Work::Insert => insert(conn, n),
        Work::Update => spend(conn, digest("code", n)),
        Work::Three => {
            insert(conn, n);
            diesel::sql_query("INSERT INTO codes (digest, grant_id, payload, expires_at) VALUES (?, ?, ?, ?)")
                .bind::<Binary, _>(digest("three", n).bytes().to_vec())
                .bind::<Binary, _>(id(n).to_vec())
                .bind::<Text, _>(serde_json::to_string(&payload()).expect("text"))
                .bind::<BigInt, _>(NOW.micros())
                .execute(conn)
                .expect("an insert");
            spend(conn, digest("three", n));
        }
    }
}

pub(crate) fn bare(path: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path.to_str().expect("text")).expect("the file");
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192;",
    )
    .expect("settings");
    conn
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
fn rate(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// So many to a commit on a bare connection.
fn bare_rate(path: &Path, work: Work, batch: u64, time: Duration) -> f64 {
    let mut conn = bare(path);
    let (began, mut n) = (Instant::now(), 0);
    while began.elapsed() < time && n + batch < CODES {
        conn.batch_execute("BEGIN IMMEDIATE").expect("a transaction");
        for _ in 0..batch {
            n += 1;
            by_hand(&mut conn, work, n);
        }
        conn.batch_execute("COMMIT").expect("a commit");
    }
    rate(n, began.elapsed())
}

/// Group commit and nothing else: callers hand numbers to one thread, which runs the statements of all that wait in one
/// transaction and answers after the commit. No savepoint: a failure of one would be everybody's.
fn raw_lane(path: &Path, work: Work) -> flume::Sender<(u64, oneshot::Sender<()>)> {
    let (sender, jobs) = flume::bounded::<(u64, oneshot::Sender<()>)>(1024);
    let mut conn = bare(path);
    std::thread::spawn(move || {
        while let Ok(first) = jobs.recv() {
            let batch: Vec<_> = std::iter::once(first).chain(jobs.try_iter().take(63)).collect();
            conn.batch_execute("BEGIN IMMEDIATE").expect("a transaction");
            for (n, _) in &batch {
                by_hand(&mut conn, work, *n);
            }
            conn.batch_execute("COMMIT").expect("a commit");
            for (_, answer) in batch {
                answer.send(()).ok();
            }
        }
    });
    sender
}

pub(crate) async fn raw_rate(path: &Path, work: Work, load: Load) -> f64 {
    let lane = raw_lane(path, work);
    crowd(load, move |n| {
        let lane = lane.clone();
        async move {
            let (answer, done) = oneshot::channel();
            lane.send_async((n, answer)).await.expect("the thread");
            done.await.expect("an answer");
        }
    })
    .await
}

async fn store_rate(store: &Store, work: Work, load: Load) -> f64 {
    let store = store.clone();
    crowd(load, move |n| {
        let store = store.clone();
        async move { store.write(move |w| by_store(w, work, n)).await.expect("a write") }
    })
    .await
}

/// Callers, each with one thing at a time.
async fn crowd<R>(load: Load, run: impl Fn(u64) -> R + Clone + Send + 'static) -> f64
where
    R: Future<Output = ()> + Send,
{
    let (next, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..load.connections {
        let (run, next, stop) = (run.clone(), Arc::clone(&next), Arc::clone(&stop));
        tasks.spawn(async move {
            let mut done = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                let n = next.fetch_add(1, Ordering::Relaxed) + 1;
                if n >= CODES {
                    break;
                }
                run(n).await;
                done += 1;
            }
            (done, began.elapsed())
        });
    }
    let ended = Arc::clone(&stop);
    let bell = async move {
        tokio::time::sleep(load.time).await;
        ended.store(true, Ordering::Relaxed);
    };
    let all = async { tasks.join_all().await };
    let ((), all) = tokio::join!(bell, all);
    let took = all.iter().map(|(_, at)| *at).max().unwrap_or(load.time);
    rate(all.iter().map(|(done, _)| done).sum(), took)
}

/// A new file with its codes.
pub(crate) fn prepared(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    let url: idp_store::Url = format!("sqlite:{}", path.display()).parse().expect("an address");
    Store::migrate(&url).expect("a schema");
    let mut conn = bare(&path);
    conn.batch_execute("BEGIN").expect("a transaction");
    for n in 1..=CODES {
        diesel::sql_query("INSERT INTO codes (digest, grant_id, payload, expires_at) VALUES (?, ?, ?, ?)")
            .bind::<Binary, _>(digest("code", n).bytes().to_vec())
            .bind::<Binary, _>(id(n).to_vec())
            .bind::<Text, _>(serde_json::to_string(&payload()).expect("text"))
            .bind::<BigInt, _>(NOW.micros())
            .execute(&mut conn)
            .expect("an insert");
    }
    conn.batch_execute("COMMIT").expect("a commit");
    path
}

/// Prints it all.
pub(crate) fn run(runtime: &tokio::runtime::Runtime, time: Duration) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let load = Load { connections: CALLERS, time };
    println!("SQLite, durable, {CALLERS} callers, {time:?} each");
    println!(
        "{:<24} {:>12} {:>12} {:>12} {:>12} {:>9}",
        "", "commit each", "64 a commit", "raw lane", "the store", "of raw"
    );
    for (n, (what, work)) in
        [("insert", Work::Insert), ("conditional update", Work::Update), ("three-write transaction", Work::Three)]
            .into_iter()
            .enumerate()
    {
        let each = bare_rate(&prepared(folder.path(), &format!("each{n}.db")), work, 1, time);
        let limit = bare_rate(&prepared(folder.path(), &format!("limit{n}.db")), work, 64, time);
        let raw = runtime.block_on(raw_rate(&prepared(folder.path(), &format!("raw{n}.db")), work, load));
        let path = prepared(folder.path(), &format!("store{n}.db"));
        let url = format!("sqlite:{}", path.display()).parse().expect("an address");
        let store = Store::open(&Settings::new(url)).expect("the store");
        let ours = runtime.block_on(store_rate(&store, work, load));
        println!("{what:<24} {each:>12.0} {limit:>12.0} {raw:>12.0} {ours:>12.0} {:>9.2}", ours / raw);
    }
}
