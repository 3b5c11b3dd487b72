//! What the same core does of the parts alone: the limit of an operation is that of its parts one after the other.

use std::path::Path;
use std::time::{Duration, Instant};

use idp_core::ids::KeyId;
use idp_core::oidc::client::SigningAlgorithm;
use idp_crypto::keys::{NewKey, SigningKey};
use tokio::runtime::Runtime;

use crate::driver::Load;
use crate::{measured, store};

/// Per second.
pub(crate) struct Limits {
    /// ES256.
    pub(crate) signatures: f64,
    /// RS256.
    pub(crate) slow_signatures: f64,
    pub(crate) reads: f64,
    /// Of a conditional update, by as many callers as there are connections, who share commits.
    pub(crate) updates: f64,
    /// Of three writes that belong together, by as many.
    pub(crate) transactions: f64,
}

impl Limits {
    /// How often this core could do an operation, at the cost of its parts.
    pub(crate) fn of(&self, what: &str, trivial: f64) -> f64 {
        let parts: &[f64] = match what {
            "userinfo" => &[trivial, self.reads],
            "authorize on a live session" => &[trivial, self.reads, self.transactions],
            "refresh, rotated" => &[trivial, self.signatures, self.updates],
            "code exchange" => &[trivial, self.signatures, self.transactions],
            "code flow, RS256 ID token" => {
                &[trivial, self.reads, self.transactions, trivial, self.slow_signatures, self.transactions]
            }
            _ => &[trivial],
        };
        1.0 / parts.iter().map(|p| 1.0 / p).sum::<f64>()
    }
}

/// Measures them in a process of its own, on the core that is measured.
pub(crate) fn of_this_machine(folder: &Path, load: Load) -> Limits {
    let folder = tempfile::TempDir::new_in(folder).expect("a folder");
    let numbers = [load.time.as_millis().to_string(), load.connections.to_string()];
    let out = measured().arg("limits").arg(folder.path()).args(numbers).output().expect("the limits");
    let text = String::from_utf8(out.stdout).expect("text");
    let numbers: Vec<f64> = text.split_whitespace().map(|n| n.parse().expect("a number")).collect();
    Limits {
        signatures: numbers[0],
        slow_signatures: numbers[1],
        reads: numbers[2],
        updates: numbers[3],
        transactions: numbers[4],
    }
}

fn rate(time: Duration, mut work: impl FnMut()) -> f64 {
    let (began, mut done) = (Instant::now(), 0_u32);
    while began.elapsed() < time {
        work();
        done += 1;
    }
    f64::from(done) / began.elapsed().as_secs_f64()
}

fn signatures(algorithm: SigningAlgorithm, time: Duration) -> f64 {
    let made = NewKey::generate(algorithm).expect("a key");
    let key = SigningKey::load(KeyId::from_bytes([1; 16]), algorithm, &made.private, store::NOW, None).expect("a key");
    let claims = serde_json::json!({"iss": "https://id.example", "sub": "a", "aud": "b", "iat": 1, "exp": 2});
    rate(time, || drop(idp_crypto::jwt::sign(&key, "JWT", &claims).expect("a token")))
}

/// Measures and prints them in the order of [`Limits`].
pub(crate) fn run(runtime: &Runtime, folder: &Path, load: Load) {
    let time = load.time;
    let (fast, slow) = (signatures(SigningAlgorithm::Es256, time), signatures(SigningAlgorithm::Rs256, time));
    let path = store::prepared(folder, "limits.db");
    let (mut conn, mut n) = (store::bare(&path), 0);
    let reads = rate(time, || {
        n = n % store::CODES + 1;
        store::look(&mut conn, n);
    });
    let updates = runtime.block_on(store::raw_rate(&path, store::Work::Update, load));
    let path = store::prepared(folder, "transactions.db");
    let transactions = runtime.block_on(store::raw_rate(&path, store::Work::Three, load));
    println!("{fast} {slow} {reads} {updates} {transactions}");
}
