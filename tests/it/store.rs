//! State: the same suite on SQLite and on PostgreSQL.

use std::sync::Arc;
use std::time::{Duration, Instant};

use idp_core::ids::{AccountId, BrowserId, ClientKey, FamilyId, GrantId, OutboxId, SessionId, Subject, TenantId};
use idp_core::language::Language;
use idp_core::oidc::token::authorization_code::CodePayload;
use idp_core::oidc::token::refresh_token::Family;
use idp_core::secret::TokenHash;
use idp_core::session::{Second, SeenAt, Session};
use idp_core::standing::Epochs;
use idp_core::tenant::{Tenant, TenantState};
use idp_core::throttle::{Lane, Limits, Reservation};
use idp_core::time::{Lifetime, Timestamp};
use idp_store::codes::Spent;
use idp_store::outbox::Message;
use idp_store::throttles::Key;
use idp_store::{Settings, Store, StoreError};
use support::{Backend, backends, rounds};
use tokio::task::JoinSet;
use tokio::time::timeout;

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

/// A store on a database that has its schema.
struct Kept {
    store: Store,
    backend: Backend,
}

async fn stores() -> Vec<Kept> {
    let mut all = Vec::new();
    for backend in backends() {
        let url = backend.url.parse().unwrap();
        Store::migrate(&url).unwrap();
        let store = Store::open(&Settings::new(url)).unwrap();
        store.write(|w| idp_store::instance::ensure(w, NOW)).await.unwrap();
        all.push(Kept { store, backend });
    }
    all
}

fn tenant(n: u8) -> Tenant {
    Tenant {
        id: TenantId::from_bytes([n; 16]),
        code: format!("company{n}").parse().unwrap(),
        name: format!("Company {n}"),
        language: Language::En,
        state: TenantState::Active,
        epoch: 1,
    }
}

fn account(tenant: u8, n: u8) -> idp_core::account::Account {
    idp_core::account::Account {
        id: AccountId::from_bytes([tenant, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        tenant: TenantId::from_bytes([tenant; 16]),
        subject: Subject::from_bytes([tenant, n, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        login: format!("20{n}").parse().unwrap(),
        name: "Somebody".into(),
        email: Some(format!("a{n}@company.example").parse().unwrap()),
        email_verified: true,
        language: None,
        state: idp_core::account::AccountState::Active,
        roles: Vec::new(),
        epoch: 1,
        updated_at: NOW,
    }
}

async fn people(store: &Store, companies: &[u8]) {
    for n in companies {
        let (tenant, account) = (tenant(*n), account(*n, 1));
        store
            .write(move |w| {
                idp_store::tenants::insert(w, &tenant, "company", NOW)?;
                idp_store::accounts::insert(w, &account)?;
                idp_store::logins::take(w, tenant.id, &account.login, account.id)
            })
            .await
            .unwrap();
    }
}

/// Runs the same thing many times at once and answers all results.
async fn at_once<T: Send + 'static, R: Future<Output = T> + Send + 'static>(
    times: usize,
    run: impl Fn(usize) -> R,
) -> Vec<T> {
    let mut all = JoinSet::new();
    for n in 0..times {
        all.spawn(run(n));
    }
    all.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_one_accounts_in_one_company_and_free_in_another() {
    for Kept { store, backend } in stores().await {
        people(&store, &[1, 2]).await;
        let second = account(1, 2);
        let taken = store.write(move |w| {
            idp_store::accounts::insert(w, &second)?;
            idp_store::logins::take(w, second.tenant, &"201".parse().unwrap(), second.id)
        });
        assert!(!taken.await.unwrap(), "{}", backend.name);
        for n in [1_u8, 2] {
            let holder = store.read(move |r| idp_store::logins::holder(r, tenant(n).id, &"201".parse().unwrap()));
            assert_eq!(holder.await.unwrap(), Some(account(n, 1).id), "{}", backend.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_can_not_point_into_another_company() {
    for Kept { store, backend } in stores().await {
        people(&store, &[1, 2]).await;
        let foreign = account(2, 1);
        let wrong = store.write(move |w| idp_store::logins::take(w, tenant(1).id, &"999".parse().unwrap(), foreign.id));
        assert!(matches!(wrong.await, Err(StoreError::Broken(_))), "{}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_several_have_is_nobodys() {
    for Kept { store, backend } in stores().await {
        people(&store, &[1, 2]).await;
        let email: idp_core::account::Email = "a1@company.example".parse().unwrap();
        let (e1, e2) = (email.clone(), email);
        assert!(
            store.read(move |r| idp_store::accounts::by_email(r, None, &e1)).await.unwrap().is_none(),
            "{}",
            backend.name
        );
        let one = store.read(move |r| idp_store::accounts::by_email(r, Some(tenant(2).id), &e2)).await.unwrap();
        assert_eq!(one.map(|a| a.id), Some(account(2, 1).id), "{}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_attempts_at_once_five_are_looked_at() {
    for Kept { store, backend } in stores().await {
        let limits = Limits { threshold: 5, wait: Lifetime::minutes(15) };
        let key = Key { subject: [7; 16], lane: Lane::Stranger };
        let answers = at_once(40, |_| {
            let store = store.clone();
            async move { store.write(move |w| idp_store::throttles::reserve(w, key, limits, 1, NOW)).await.unwrap() }
        });
        let granted = answers.await.into_iter().filter(|a| *a == Reservation::Granted).count();
        assert_eq!(granted, 5, "{}", backend.name);
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_spent_once_however_many_try() {
    for Kept { store, backend } in stores().await {
        for round in 0..rounds(20, 500) {
            let digest = TokenHash::of(&format!("code {round}"));
            let grant = GrantId::at(NOW, [0; 16]);
            store.write(move |w| idp_store::codes::insert(w, digest, grant, &payload())).await.unwrap();
            let spent = at_once(20, |_| {
                let store = store.clone();
                async move { store.write(move |w| idp_store::codes::spend(w, digest, NOW)).await.unwrap() }
            });
            let (mut first, mut again) = (0, 0);
            for outcome in spent.await {
                match outcome {
                    Spent::First(g, _) => first += usize::from(g == grant),
                    Spent::Again(g, _) => again += usize::from(g == grant),
                    Spent::Unknown => panic!("the code is there"),
                }
            }
            assert_eq!((first, again), (1, 19), "{} round {round}", backend.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_refresh_tokens_moves_on_once_from_each_generation() {
    for Kept { store, backend } in stores().await {
        let family = Family {
            id: FamilyId::from_bytes([1; 16]),
            grant: GrantId::from_bytes([2; 16]),
            current: TokenHash::of("0"),
            previous: None,
            generation: 0,
            rotated_at: NOW,
            retried: false,
            expires_at: NOW + Lifetime::days(1),
            revoked_at: None,
        };
        let begin = family.clone();
        store.write(move |w| idp_store::families::insert(w, &begin)).await.unwrap();
        let moved = at_once(20, |n| {
            let (store, from) = (store.clone(), family.clone());
            let to = Family { current: TokenHash::of(&n.to_string()), previous: Some(from.current), ..from.clone() };
            async move { store.write(move |w| idp_store::families::advance(w, &from, &to)).await.unwrap() }
        });
        assert_eq!(moved.await.into_iter().filter(|m| *m).count(), 1, "{}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_ended_by_one() {
    for Kept { store, backend } in stores().await {
        people(&store, &[1]).await;
        let session = Session {
            id: SessionId::from_bytes([5; 16]),
            browser: BrowserId::from_bytes([6; 16]),
            tenant: tenant(1).id,
            account: account(1, 1).id,
            auth_time: NOW,
            amr: "pwd".into(),
            acr: "x".into(),
            second: Second::Shown,
            seen_at: SeenAt { agent: "Firefox, Linux".into(), address: "192.0.2.1".into() },
            epochs: Epochs { instance: 1, tenant: 1, account: 1, client: 0 },
            last_seen: NOW,
            idle: Lifetime::hours(4),
            idle_ends: NOW + Lifetime::hours(4),
            ends: NOW + Lifetime::hours(24),
            answered: None,
            ended_at: None,
        };
        let made = session.clone();
        store
            .write(move |w| {
                idp_store::sessions::open_browser(w, made.browser, TokenHash::of("b"), NOW, made.ends)?;
                idp_store::sessions::insert(w, &made)
            })
            .await
            .unwrap();
        let here = store.read(|r| idp_store::sessions::in_browser(r, TokenHash::of("b"), NOW)).await.unwrap();
        assert_eq!(here.len(), 1, "{}", backend.name);
        assert!(here[0].counts(NOW) && here[0].session == session, "{}", backend.name);
        let ended = at_once(10, |_| {
            let (store, id) = (store.clone(), session.id);
            async move { store.write(move |w| idp_store::sessions::end(w, id, NOW)).await.unwrap() }
        });
        assert_eq!(ended.await.into_iter().filter(|e| *e).count(), 1, "{}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_in_one_workers_hands_at_a_time() {
    for Kept { store, backend } in stores().await {
        for n in 0..30_u8 {
            let message = Message {
                id: OutboxId::from_bytes([n; 16]),
                tenant: TenantId::from_bytes([1; 16]),
                kind: "k".into(),
                payload: "{}".into(),
                next_at: NOW,
                expires_at: NOW + Lifetime::hours(1),
                attempts: 0,
            };
            store.write(move |w| idp_store::outbox::push(w, &message)).await.unwrap();
        }
        let taken = at_once(8, |_| {
            let store = store.clone();
            async move { store.write(|w| idp_store::outbox::claim(w, NOW, NOW + Lifetime::seconds(30), 10)).await.unwrap() }
        });
        let mut ids: Vec<_> = taken.await.into_iter().flatten().map(|m| m.id).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((count, ids.len()), (30, 30), "{}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failing_closure_changes_nobody_elses_result() {
    for Kept { store, backend } in stores().await {
        people(&store, &[1]).await;
        let results = at_once(60, |n| {
            let store = store.clone();
            async move {
                store
                    .write(move |w| {
                        idp_store::tenants::set_policy(w, tenant(1).id, &format!("key{n}"), "v")?;
                        if n % 3 == 0 {
                            idp_store::accounts::insert(w, &account(1, 1))?; // there is one already
                        }
                        assert!(n % 7 != 1, "a defect");
                        Ok(n)
                    })
                    .await
            }
        });
        let good = results.await.into_iter().flatten().count();
        let kept = store.read(|r| idp_store::tenants::policies(r, tenant(1).id)).await.unwrap().len();
        let expected = (0..60).filter(|n| n % 3 != 0 && n % 7 != 1).count();
        assert_eq!((good, kept), (expected, expected), "{}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_can_be_read_at_once() {
    for Kept { store, backend } in stores().await {
        people(&store, &[1]).await;
        for n in 0..50 {
            let value = n.to_string();
            store.write(move |w| idp_store::tenants::set_policy(w, tenant(1).id, "k", &value)).await.unwrap();
            let read = store.read(|r| idp_store::tenants::policies(r, tenant(1).id)).await.unwrap();
            assert_eq!(read, [("k".to_owned(), n.to_string())], "{}", backend.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_takes_its_time_keeps_nobody_waiting() {
    for Kept { store, backend } in stores().await {
        let (mut reading, mut go_on) = (JoinSet::new(), Vec::new());
        for _ in 0..2 {
            let (slow, (sender, held)) = (store.clone(), std::sync::mpsc::channel::<()>());
            go_on.push(sender);
            reading.spawn(async move { slow.read(move |_| Ok(held.recv().is_err())).await });
        }
        while store.stats().reads() < 2 {
            tokio::task::yield_now().await;
        }
        let began = Instant::now();
        for n in 1..=100 {
            let read = store.read(move |_| Ok(n)).await;
            assert_eq!(read.unwrap(), n, "{}", backend.name);
        }
        assert!(began.elapsed().as_secs() < 1, "{}: {:?}", backend.name, began.elapsed());
        drop(go_on);
        for done in reading.join_all().await {
            assert!(done.unwrap(), "{}", backend.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_has_waited_enough_is_told_at_once() {
    for Kept { backend, .. } in stores().await {
        let url = backend.url.parse().unwrap();
        let settings = Settings { threads: 1, deadline: Duration::from_millis(800), ..Settings::new(url) };
        let store = Store::open(&settings).unwrap();
        let ((works, working), (go_on, held)) = (std::sync::mpsc::channel::<()>(), std::sync::mpsc::channel::<()>());
        let (blocked, mut blocking) = (store.clone(), JoinSet::new());
        blocking.spawn(async move { blocked.read(move |_| Ok(works.send(()).is_err() || held.recv().is_err())).await });
        tokio::task::block_in_place(|| working.recv().unwrap());
        let at_once = async || timeout(Duration::ZERO, store.read(|_| Ok(()))).await;
        let request = async {
            let waited = store.read(|_| Ok(())).await;
            assert!(matches!(waited, Err(StoreError::Busy)), "{}: {waited:?}", backend.name);
            let told = at_once().await;
            assert!(matches!(told, Ok(Err(StoreError::Busy))), "{}: {told:?}", backend.name);
        };
        store.as_one_request(request).await;
        let another = store.as_one_request(at_once()).await;
        assert!(!matches!(another, Ok(Err(StoreError::Busy))), "{}: another waits as ever", backend.name);
        drop(go_on);
        blocking.join_all().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_brought_up_to_date_once_by_many_and_never_down() {
    for backend in backends() {
        let url: idp_store::Url = backend.url.parse().unwrap();
        let all = Store::pending(&url).unwrap().len();
        assert!(all > 0, "{}", backend.name);
        let url = Arc::new(url);
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let url = Arc::clone(&url);
                std::thread::spawn(move || Store::migrate(&url).map(|steps| steps.len()))
            })
            .collect();
        let taken: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        let steps: usize = taken.iter().map(|t| *t.as_ref().unwrap_or(&0)).sum();
        assert_eq!(steps, all, "{}: {taken:?}", backend.name);
        assert!(taken.iter().all(Result::is_ok), "{}: {taken:?}", backend.name);
        assert!(Store::pending(&url).unwrap().is_empty(), "{}", backend.name);
        // A newer release that only added is no reason to stop; one that took something away is.
        backend.execute("INSERT INTO instance (id, epoch, created_at) VALUES (1, 1, 1)");
        backend.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
        assert_eq!(Store::migrate(&url).unwrap(), Vec::<String>::new(), "{}", backend.name);
        assert_eq!(Store::pending(&url).unwrap(), Vec::<String>::new(), "{}", backend.name);
        backend.execute("UPDATE instance SET least_step = 9999");
        let told = Store::migrate(&url).unwrap_err().to_string();
        assert!(told.contains("newer release"), "{}: {told}", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn budgets_are_counted_in_memory_and_in_redis() {
    use idp_store::ephemeral::{Budget, Ephemeral};
    let mut all = vec![Ephemeral::memory()];
    if let Some(url) = support::redis_url() {
        all.push(Ephemeral::redis(&url).await.unwrap());
    }
    let budget = Budget { most: 5, window: Lifetime::minutes(1) };
    for kept in all {
        let key = format!("{:?}", std::time::Instant::now());
        for _ in 0..8 {
            assert_eq!(kept.spent(&key, budget, NOW).await, None, "to look takes nothing");
        }
        let taken = at_once(20, |_| {
            let (kept, key) = (kept.clone(), key.clone());
            async move { kept.take(&key, budget, NOW).await }
        });
        assert_eq!(taken.await.into_iter().flatten().count(), 5, "{kept:?}");
        assert!(kept.take(&key, budget, NOW).await.unwrap_err() > NOW);
        assert!(kept.spent(&key, budget, NOW).await.unwrap() > NOW);
    }
}
