//! The audit log: chained within seconds, and checked.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use idp_core::authority::SystemAdmin;
use idp_service::audit::verify::{KnownHeads, Verdict, What, verify};
use idp_service::jobs::seal_now;
use support::{TestIdp, backends, rounds};

async fn check(idp: &TestIdp, known: &KnownHeads) -> Verdict {
    verify(&idp.cx, &SystemAdmin::operator(), known).await.unwrap()
}

/// A connection beside the server's, as somebody has who got hold of the database.
enum Intruder {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Intruder {
    fn at(url: &str) -> Self {
        match url.strip_prefix("sqlite:") {
            Some(path) => Self::Sqlite(SqliteConnection::establish(path).unwrap()),
            None => Self::Postgres(PgConnection::establish(url).unwrap()),
        }
    }

    fn run(&mut self, statement: &str) {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(&format!("PRAGMA busy_timeout = 2000; {statement}")).unwrap(),
            Self::Postgres(conn) => conn.batch_execute(statement).unwrap(),
        }
    }
}

/// Somebody who signs in, out and wrong.
async fn act(idp: &TestIdp, times: usize) {
    for _ in 0..times {
        idp.portal().tokens(&idp.browser(), "201-acme", "agent password one").await;
        idp.browser().try_sign_in(None, "202-acme", "a wrong password").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_sealed_within_seconds_and_a_sound_log_is_sound() {
    for backend in backends() {
        let idp = TestIdp::on(std::sync::Arc::new(backend)).await;
        act(&idp, 3).await;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let verdict = check(&idp, &KnownHeads::new()).await;
            assert_eq!(verdict.fault, None);
            if verdict.open == 0 && verdict.sound > 15 {
                break;
            }
            assert!(std::time::Instant::now() < deadline, "never sealed: {verdict:?}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sealing_jobs_at_once_make_one_chain() {
    for backend in backends() {
        let backend = std::sync::Arc::new(backend);
        let (here, there) = (TestIdp::on(std::sync::Arc::clone(&backend)).await, TestIdp::on(backend).await);
        act(&here, 4).await;
        let mut all = tokio::task::JoinSet::new();
        for n in 0..8 {
            let cx = std::sync::Arc::clone(if n % 2 == 0 { &here.cx } else { &there.cx });
            all.spawn(async move { seal_now(&cx).await });
        }
        all.join_all().await;
        seal_now(&here.cx).await.unwrap();
        let verdict = check(&here, &KnownHeads::new()).await;
        assert_eq!((verdict.open, verdict.fault), (0, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_edit_deletion_and_insertion_is_found_and_named() {
    let idp = TestIdp::start().await;
    act(&idp, 6).await;
    seal_now(&idp.cx).await.unwrap();
    let whole = check(&idp, &KnownHeads::new()).await;
    assert_eq!((whole.open, &whole.fault), (0, &None));
    let mut intruder = Intruder::at(&idp.backend.url);
    intruder.run("CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_seals AS SELECT * FROM audit_seals");
    let rows = i64::try_from(whole.sound).unwrap();
    let mut random = 88_172_645_463_325_252_u64;
    let mut draw = |below: i64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        i64::try_from(random % u64::try_from(below).unwrap()).unwrap()
    };
    for round in 0..rounds(200, 1000) {
        let at = draw(rows);
        let target = format!("(SELECT id FROM kept ORDER BY id LIMIT 1 OFFSET {at})");
        let (statement, expected) = match draw(8) {
            0 => (format!("UPDATE audit SET payload = payload || ' ' WHERE id = {target}"), What::Changed),
            1 => (format!("UPDATE audit SET at = at + 1 WHERE id = {target}"), What::Changed),
            2 => (format!("UPDATE audit SET actor = x'00' WHERE id = {target}"), What::Changed),
            3 => (format!("UPDATE audit SET address = '192.0.2.9' WHERE id = {target}"), What::Changed),
            4 => (format!("UPDATE audit SET event = 'nothing' WHERE id = {target}"), What::Changed),
            5 => (format!("DELETE FROM audit WHERE id = {target}"), What::Gone),
            6 => (
                format!(
                    "INSERT INTO audit SELECT randomblob(16), tenant, at, actor, address, event, payload, mac, TRUE, about FROM kept WHERE id = {target}"
                ),
                What::Foreign,
            ),
            _ => (
                format!("DELETE FROM audit WHERE id = {target}; DELETE FROM audit_seals WHERE audit_id = {target}"),
                What::Broken,
            ),
        };
        intruder.run(&statement);
        let fault = check(&idp, &KnownHeads::new()).await.fault.unwrap_or_else(|| panic!("round {round}: {statement}"));
        // The last of a chain taken out with its seal leaves a chain that is too short.
        let as_expected = fault.what == expected || (expected == What::Broken && fault.what == What::CutShort);
        assert!(as_expected, "round {round}: {statement}: {fault}");
        if matches!(expected, What::Changed | What::Gone) {
            let named = idp.backend.count(&format!(
                "SELECT count(*) AS n FROM kept WHERE lower(hex(id)) = '{}' AND id = {target}",
                fault.row.trim_start_matches("aud_")
            ));
            assert_eq!(named, 1, "round {round}: {statement}: {fault}");
        }
        intruder.run("DELETE FROM audit_seals; DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; INSERT INTO audit_seals SELECT * FROM kept_seals");
    }
    assert_eq!(check(&idp, &KnownHeads::new()).await, whole);
}

/// Takes the last seal of each chain away, and sets the head back as if it had never been.
const CUT: &str = "
    DELETE FROM audit_seals WHERE seq = (SELECT max(seq) FROM audit_seals t WHERE t.tenant = audit_seals.tenant);
    UPDATE audit_heads SET seq = (SELECT max(seq) FROM audit_seals s WHERE s.tenant = audit_heads.tenant),
      mac = (SELECT mac FROM audit_seals s WHERE s.tenant = audit_heads.tenant ORDER BY seq DESC LIMIT 1)
      WHERE tenant IN (SELECT tenant FROM audit_seals);
    DELETE FROM audit_heads WHERE tenant NOT IN (SELECT tenant FROM audit_seals);";

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_seal_is_gone_is_named_and_one_without_its_mark_is_sealed_again() {
    let idp = TestIdp::start().await;
    act(&idp, 2).await;
    seal_now(&idp.cx).await.unwrap();
    let whole = check(&idp, &KnownHeads::new()).await;
    let mut intruder = Intruder::at(&idp.backend.url);
    intruder.run(CUT);
    assert_eq!(check(&idp, &KnownHeads::new()).await.fault.unwrap().what, What::Unsealed);
    intruder.run("UPDATE audit SET sealed = FALSE");
    seal_now(&idp.cx).await.unwrap();
    assert_eq!(check(&idp, &KnownHeads::new()).await, whole);
}

/// What the log tells every minute.
async fn tell(idp: &TestIdp, known: &mut KnownHeads) {
    for head in idp.cx.store.read(idp_store::audit_seals::heads).await.unwrap() {
        let tenant = idp_core::ids::TenantId::from_slice(&head.tenant).unwrap().to_string();
        known.entry(tenant).or_default().insert(head.seq, data_encoding::HEXLOWER.encode(&head.mac));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_was_cut_short_is_found_by_what_the_log_told() {
    let idp = TestIdp::start().await;
    act(&idp, 2).await;
    seal_now(&idp.cx).await.unwrap();
    let mut known = KnownHeads::new();
    tell(&idp, &mut known).await;
    assert_eq!(check(&idp, &known).await.fault, None);
    // The end is taken away with great care: rows, seals, and the head set back.
    let mut intruder = Intruder::at(&idp.backend.url);
    intruder.run(
        "DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_seals s WHERE seq > (SELECT max(seq) - 3 FROM audit_seals t WHERE t.tenant = s.tenant));
         DELETE FROM audit_seals WHERE audit_id NOT IN (SELECT id FROM audit);
         UPDATE audit_heads SET seq = (SELECT max(seq) FROM audit_seals s WHERE s.tenant = audit_heads.tenant),
           mac = (SELECT mac FROM audit_seals s WHERE s.tenant = audit_heads.tenant ORDER BY seq DESC LIMIT 1)
           WHERE tenant IN (SELECT tenant FROM audit_seals);
         DELETE FROM audit_heads WHERE tenant NOT IN (SELECT tenant FROM audit_seals)",
    );
    assert_eq!(check(&idp, &KnownHeads::new()).await.fault, None, "without the log nobody can tell");
    assert_eq!(check(&idp, &known).await.fault.unwrap().what, What::CutShort);
    // It grows again beyond where it was: the place that the log told shows it all the same.
    act(&idp, 4).await;
    seal_now(&idp.cx).await.unwrap();
    tell(&idp, &mut known).await;
    assert_eq!(check(&idp, &KnownHeads::new()).await.fault, None);
    known.retain(|_, told| told.keys().next_back().is_some_and(|last| *last > 15)); // the one that has grown
    assert_eq!(check(&idp, &known).await.fault.unwrap().what, What::Broken);
}
