//! Does anything cost more where there are more of them? A thousand accounts in ten companies, beside a million in ten
//! thousand: two providers that take turns.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use crate::driver::{self, Load, Request};
use crate::{Line, ROUNDS, Served, measure, median, operations, store};

/// Enough to keep the core busy.
const CONNECTIONS: usize = 32;

struct Size {
    accounts: u32,
    companies: u32,
}

/// A provider of one size, and what was measured of it in each round.
struct Installed {
    provider: Served,
    idle: f64,
    loaded: f64,
    rounds: Vec<Vec<Line>>,
    _folder: TempDir,
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

async fn install(size: &Size) -> Installed {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().display().to_string();
    drop(Served::start(&["provider", &path], "/jwks.json").await);
    let began = Instant::now();
    fill(&folder.path().join("idp.db"), size);
    println!("{} accounts in {} companies made in {:.0?}", size.accounts, size.companies, began.elapsed());
    let provider = Served::start(&["provider", &path], "/jwks.json").await;
    let idle = provider.memory();
    Installed { provider, idle, loaded: idle, rounds: Vec::new(), _folder: folder }
}

impl Installed {
    async fn measure(&mut self, load: Load) {
        let base = &self.provider.base;
        let people = driver::sign_in(base, load.connections).await;
        let mut lines = vec![measure("sign-in page", load, |_| Request::get(base, "/login")).await];
        lines.extend(operations(base, &people, load).await);
        self.rounds.push(lines);
        self.loaded = self.provider.memory();
    }
}

pub(crate) async fn run(time: Duration) {
    let mut small = install(&Size { accounts: 1_000, companies: 10 }).await;
    let mut large = install(&Size { accounts: 1_000_000, companies: 10_000 }).await;
    let load = Load { connections: CONNECTIONS, time: time / ROUNDS };
    for round in 0..ROUNDS {
        let turns = if round % 2 == 0 { [&mut small, &mut large] } else { [&mut large, &mut small] };
        for installed in turns {
            installed.measure(load).await;
        }
    }
    println!("{CONNECTIONS} connections, {ROUNDS} rounds of {:?} each, medians", load.time);
    println!("{:<30} {:>14} {:>14} {:>8}  worst and best round", "per second", "thousand", "million", "ratio");
    for (n, Line { what, .. }) in small.rounds[0].iter().enumerate() {
        let rates = |of: &Installed| of.rounds.iter().map(|lines| lines[n].per_second).collect::<Vec<_>>();
        let (few, many) = (rates(&small), rates(&large));
        let mut ratios: Vec<f64> = many.iter().zip(&few).map(|(many, few)| many / few).collect();
        ratios.sort_by(f64::total_cmp);
        let (worst, best, ratio) = (ratios[0], ratios[ratios.len() - 1], median(ratios.iter().copied()));
        let (few, many) = (median(few.into_iter()), median(many.into_iter()));
        println!("{what:<30} {few:>14.0} {many:>14.0} {ratio:>8.2}  {worst:.2} {best:.2}");
    }
    let line = |what: &str, of: fn(&Installed) -> f64| {
        println!("{what:<30} {:>14.1} {:>14.1} {:>8.2}", of(&small), of(&large), of(&large) / of(&small));
    };
    line("start, ms", |of| of.provider.started_in.as_secs_f64() * 1000.0);
    line("MiB, idle", |of| of.idle);
    line("MiB, after the load", |of| of.loaded);
}
