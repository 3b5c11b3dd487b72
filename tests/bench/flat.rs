//! Does anything cost more where there are more of them? A thousand accounts in ten companies, beside a million in ten
//! thousand.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use crate::driver::{self, Load};
use crate::{Line, Request, Served, measure, operations, store};

/// Enough to keep the core busy.
const CONNECTIONS: usize = 32;

struct Size {
    accounts: u32,
    companies: u32,
}

/// What was measured at one size.
struct Found {
    lines: Vec<Line>,
    start: Duration,
    idle: f64,
    loaded: f64,
}

/// Fills the database of a provider with copies of what it has.
fn fill(path: &Path, size: &Size) {
    let Size { accounts, companies } = size;
    let id = |offset: u32, n: &str| format!("unhex(printf('%08x%024x', {offset}, {n}))");
    let (company, account, subject) = (id(1, "i"), id(2, "i"), id(3, "i"));
    let owner = id(1, &format!("i % {companies}"));
    let numbers =
        |count: &u32| format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})");
    let (few, many) = (numbers(companies), numbers(accounts));
    store::bare(path)
        .batch_execute(&format!(
            "BEGIN;
             INSERT INTO tenants (id, code, name, name_key, language, state, epoch, created_at)
               {few} SELECT {company}, 'company' || i, 'Company ' || i, 'company ' || i, language, state, epoch, created_at
               FROM n, (SELECT * FROM tenants WHERE code = 'bench');
             INSERT INTO accounts (id, tenant, subject, login, name, email, email_verified, language, state, roles, epoch, created_at, updated_at)
               {many} SELECT {account}, {owner}, {subject}, i, 'Person ' || i, 'person' || i || '@company.example', FALSE,
                 language, state, '', epoch, created_at, updated_at FROM n, (SELECT * FROM accounts LIMIT 1);
             INSERT INTO logins (tenant, key, account) {many} SELECT {owner}, i, {account} FROM n;
             INSERT INTO passwords (tenant, account, phc, temporary, expires_at, changed_at)
               {many} SELECT {owner}, {account}, phc, FALSE, NULL, changed_at FROM n, (SELECT * FROM passwords LIMIT 1);
             COMMIT; ANALYZE;"
        ))
        .expect("the data");
}

async fn at(size: &Size, time: Duration) -> Found {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().display().to_string();
    drop(Served::start(&["provider", &path], "/jwks.json").await);
    let began = Instant::now();
    fill(&folder.path().join("idp.db"), size);
    println!("{} accounts in {} companies made in {:.0?}", size.accounts, size.companies, began.elapsed());
    let provider = Served::start(&["provider", &path], "/jwks.json").await;
    let (idle, load) = (provider.memory(), Load { connections: CONNECTIONS, time });
    let people = driver::sign_in(&provider.base, load.connections).await;
    let mut lines = vec![measure("sign-in page", load, |_| Request::get(&provider.base, "/login")).await];
    lines.extend(operations(&provider.base, &people, load).await);
    Found { lines, start: provider.started_in, idle, loaded: provider.memory() }
}

pub(crate) async fn run(time: Duration) {
    let small = at(&Size { accounts: 1_000, companies: 10 }, time).await;
    let large = at(&Size { accounts: 1_000_000, companies: 10_000 }, time).await;
    println!("\n{:<30} {:>14} {:>14} {:>8}", "per second", "thousand", "million", "ratio");
    for (few, many) in small.lines.iter().zip(&large.lines) {
        let ratio = many.per_second / few.per_second;
        println!("{:<30} {:>14.0} {:>14.0} {ratio:>8.2}", few.what, few.per_second, many.per_second);
    }
    let ms = |found: &Found| found.start.as_secs_f64() * 1000.0;
    println!("{:<30} {:>14.0} {:>14.0} {:>8.2}", "start, ms", ms(&small), ms(&large), ms(&large) / ms(&small));
    println!("{:<30} {:>14.1} {:>14.1} {:>8.2}", "MiB, idle", small.idle, large.idle, large.idle / small.idle);
    println!(
        "{:<30} {:>14.1} {:>14.1} {:>8.2}",
        "MiB, after the load",
        small.loaded,
        large.loaded,
        large.loaded / small.loaded
    );
}
