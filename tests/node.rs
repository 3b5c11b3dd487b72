//! The program as a test build: a server in a process of its own, which tests can delay, freeze and kill. And one thing
//! that no page does yet.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use idp_core::credential::once::Purpose;
use idp_core::secret::TokenHash;
use idp_core::time::Lifetime;
use idp_store::{Settings, Store};
use tokio::task::JoinSet;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [command, url, name, crowd, begin] if ["spend", "try", "answer"].contains(&command.as_str()) => {
            let crowd = crowd.parse().expect("a number");
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            println!("{}", runtime.block_on(at_once(command, (url, name), (crowd, begin.as_ref()))));
            ExitCode::SUCCESS
        }
        _ => idp_server::cli::main(),
    }
}

/// Spends one credential many times at once, tries five times at most at its code, or takes one answer of another
/// provider, as soon as a file is there: how often that went.
async fn at_once(act: &str, (url, name): (&str, &str), (crowd, begin): (usize, &Path)) -> usize {
    let act = act.to_owned();
    let patient = Duration::from_secs(20); // who wins is asked here, not how soon he is told
    let settings = Settings { deadline: patient, ..Settings::new(url.parse().expect("an address")) };
    let store = Store::open(&settings).expect("the store");
    let (digest, now) = (TokenHash::of(name), support::now());
    while !begin.exists() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut all = JoinSet::new();
    for _ in 0..crowd {
        let (store, act) = (store.clone(), act.clone());
        all.spawn(async move {
            let took = store.write(move |w| {
                Ok(match act.as_str() {
                    "try" => idp_store::one_time::try_at(w, digest, Purpose::SignInLink, (5, now))?.is_some(),
                    "answer" => idp_store::identities::take_answer(w, digest, now + Lifetime::minutes(15))?,
                    _ => idp_store::one_time::spend(w, digest, Purpose::SignInLink, now)?.is_some(),
                })
            });
            took.await.unwrap_or_else(|error| {
                eprintln!("{error}"); // nobody's win; and where nobody wins, the reason
                false
            })
        });
    }
    all.join_all().await.into_iter().filter(|won| *won).count()
}
