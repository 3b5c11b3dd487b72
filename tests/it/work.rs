//! The work that hot operations cost. One more read, write, statement or signature turns this red: write down why, or
//! take it back.

use support::TestIdp;

/// What was done meanwhile.
#[derive(Debug, PartialEq, Eq)]
struct Work {
    reads: u64,
    writes: u64,
    /// BEGIN and COMMIT among them.
    statements: u64,
    signatures: u64,
    hashes: u64,
}

fn so_far(idp: &TestIdp) -> Work {
    let stats = idp.cx.store.stats();
    Work {
        reads: stats.reads(),
        writes: stats.writes(),
        statements: stats.statements(),
        signatures: idp.cx.keys.signatures(),
        hashes: idp.cx.hasher.computed(),
    }
}

/// Does something and counts. The first time may fill a cache: the least of some tries is the thing itself.
async fn work_of<R: Future>(idp: &TestIdp, tries: usize, run: impl Fn(usize) -> R) -> Work {
    let mut least: Option<Work> = None;
    for n in 0..tries {
        let before = so_far(idp);
        run(n).await;
        let after = so_far(idp);
        let one = Work {
            reads: after.reads - before.reads,
            writes: after.writes - before.writes,
            statements: after.statements - before.statements,
            signatures: after.signatures - before.signatures,
            hashes: after.hashes - before.hashes,
        };
        let smaller = least.as_ref().is_none_or(|l| one.statements < l.statements);
        if smaller {
            least = Some(one);
        }
    }
    least.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_does_what_it_has_to_and_no_more() {
    let mut idp = TestIdp::start().await;
    idp.rest().await; // its jobs read and write, too
    let (browser, portal) = (idp.browser(), idp.portal());
    let tokens = portal.tokens(&browser, "201-acme", "agent password one").await;
    let mut codes = Vec::new();
    for _ in 0..8 {
        codes.push(portal.authorize(&browser, &[]).await.param("code").unwrap());
    }
    let exchange = work_of(&idp, 8, |n| {
        let (portal, code) = (portal.clone(), codes[n].clone());
        async move { portal.exchange(&code).await }
    });
    assert_eq!(exchange.await, Work { reads: 0, writes: 1, statements: 6, signatures: 1, hashes: 0 }, "code exchange");
    let token = std::sync::Mutex::new(tokens.text("refresh_token"));
    let refresh = work_of(&idp, 8, |_| async {
        let old = token.lock().unwrap().clone();
        let new = portal.refresh(&old).await.text("refresh_token");
        *token.lock().unwrap() = new;
    });
    assert_eq!(refresh.await, Work { reads: 0, writes: 1, statements: 5, signatures: 1, hashes: 0 }, "refresh");
    let last = token.lock().unwrap().clone();
    let access = portal.refresh(&last).await.text("access_token");
    let userinfo = work_of(&idp, 8, |_| portal.userinfo(&access));
    assert_eq!(userinfo.await, Work { reads: 1, writes: 0, statements: 1, signatures: 0, hashes: 0 }, "userinfo");
    let authorize = work_of(&idp, 8, |_| portal.authorize(&browser, &[]));
    assert_eq!(
        authorize.await,
        Work { reads: 1, writes: 1, statements: 10, signatures: 0, hashes: 0 },
        "authorization on a live session"
    );
    let documents = work_of(&idp, 8, |_| async {
        browser.get("/.well-known/openid-configuration").await;
        browser.get("/jwks.json").await
    });
    assert_eq!(
        documents.await,
        Work { reads: 0, writes: 0, statements: 0, signatures: 0, hashes: 0 },
        "discovery and keys"
    );
    let stranger = idp.browser();
    let csrf = stranger.csrf().await;
    let fields = [("csrf", csrf.as_str()), ("identifier", "202-acme"), ("password", "agent password two")];
    let sign_in = work_of(&idp, 6, |_| stranger.post("/login", &fields));
    assert_eq!(
        sign_in.await,
        Work { reads: 2, writes: 2, statements: 38, signatures: 0, hashes: 1 },
        "password sign-in"
    );
}

/// What strangers could leave.
const ROWS: &str = "SELECT (SELECT count(*) FROM one_time) + (SELECT count(*) FROM journeys) + (SELECT count(*) FROM browsers) \
    + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM throttles) \
    + (SELECT count(*) FROM audit) AS n";

#[tokio::test(flavor = "multi_thread")]
async fn strangers_leave_nothing_behind() {
    let idp = TestIdp::start().await;
    let before = idp.backend.count(ROWS);
    for n in 0..50 {
        let browser = idp.browser();
        let request = idp.portal().authorize(&browser, &[]).await;
        browser.get(&request.location()).await;
        support::passkey::ask(&browser).await;
        browser.get(&format!("/login?tenant=nobody{n}")).await;
        browser.get("/m/sbl_nothing").await;
        browser.get("/upstream/nobody/callback?state=x&code=y").await;
    }
    assert_eq!(idp.backend.count(ROWS), before);
}
