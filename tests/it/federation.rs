//! Signing in by another provider: the first time, the next times, and everything that somebody who talks in its name may
//! try.

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::passkey::{Passkey, ask};
use support::upstream::{Upstream, connector};
use support::{Browser, Page, TestIdp, claims};
use tokio::task::JoinSet;

use crate::second::{ANN, PASSWORD, mail, policies, security, with_app};

pub const GOOGLE: &str = "google-acme";

/// A provider like Google, by which Acme's people come in.
pub async fn google(idp: &TestIdp, more: &str) -> Upstream {
    let upstream = Upstream::start("{url}").await;
    idp.apply(&connector(GOOGLE, "google", &upstream.url, more)).await;
    upstream
}

pub fn of(sub: &str) -> Value {
    json!({"sub": sub, "email": "ann@acme.example", "email_verified": true, "name": "Ann"})
}

/// Presses the button: the redirect to the provider.
pub async fn begin(browser: &Browser, name: &str, r: Option<&str>) -> Page {
    let r = r.map(|r| format!("?r={r}")).unwrap_or_default();
    browser.get(&format!("/upstream/{name}{r}")).await
}

pub async fn come_back(browser: &Browser, name: &str, brought: &[(String, String)]) -> Page {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(brought).finish();
    browser.get(&format!("/upstream/{name}/callback?{query}")).await
}

/// There and back.
pub async fn go(browser: &Browser, upstream: &Upstream, (name, r): (&str, Option<&str>), claims: &Value) -> Page {
    let sent = begin(browser, name, r).await;
    come_back(browser, name, &upstream.sign_in(&sent, claims)).await
}

/// From the page that follows a first time on: signs in with Ann's password, and shows who is to be connected.
async fn sign_in_to_connect(browser: &Browser, back: &Page, (name, password): (&str, &str)) -> Page {
    let led = browser.land(back.clone()).await;
    assert!(led.text().contains("Connect Google to your account"), "{}", led.text());
    let shown = browser.fill(&led, "/login", &[("identifier", name), ("password", password)]).await;
    browser.land(shown).await
}

/// Connects who came with Ann.
pub async fn connect(idp: &TestIdp, upstream: &Upstream, sub: &str) {
    let browser = idp.browser();
    let back = go(&browser, upstream, (GOOGLE, None), &of(sub)).await;
    let shown = sign_in_to_connect(&browser, &back, (ANN, PASSWORD)).await;
    let done = browser.fill(&shown, "/account/connect", &[]).await;
    assert!(done.location().contains("done=connected"), "{} {}", done.location(), done.text());
}

pub fn is_in(page: &Page) -> bool {
    page.status == StatusCode::SEE_OTHER && page.param("as").is_some() && page.location().starts_with("/account?")
}

async fn is_stranger(browser: &Browser) -> bool {
    browser.get("/account").await.location().starts_with("/login")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_time_is_connected_and_the_next_time_goes_straight_in() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    let (browser, portal) = (idp.browser(), idp.portal());
    // Where the company isn't known, it is asked for; then there is the button.
    let r = portal.authorize(&browser, &[]).await.param("r").unwrap();
    let page = browser.get(&format!("/login?r={r}")).await;
    assert!(!page.body.contains("/upstream/") && page.text().contains("Other ways to sign in"), "{}", page.text());
    let ways = browser.get(&format!("/login/ways?r={r}")).await;
    for (company, told) in [("", "Enter your company"), ("nobody", "We do not know the company nobody")] {
        let again = browser.fill(&ways, "/login/ways", &[("company", company)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.text().contains(told), "{}", again.text());
    }
    let led = browser.fill(&ways, "/login/ways", &[("company", "acme")]).await;
    let page = browser.land(led).await;
    assert!(page.text().contains("Sign in with Google"), "{}", page.text());
    let href = page.body.split("href=\"").find(|h| h.starts_with("/upstream/")).unwrap();
    let sent = browser.get(&href.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&")).await;
    assert_eq!(sent.param("prompt").as_deref(), Some("select_account"), "an account is chosen there");
    let back = come_back(&browser, GOOGLE, &upstream.sign_in(&sent, &of("ann at google"))).await;
    assert!(is_stranger(&browser).await, "the mail address is Ann's, and connects nobody");
    let shown = sign_in_to_connect(&browser, &back, (ANN, PASSWORD)).await;
    assert!(shown.text().contains("ann@acme.example") && shown.text().contains(ANN), "both: {}", shown.text());
    let done = browser.fill(&shown, "/account/connect", &[]).await;
    let code = browser.land(done).await.param("code").expect("the portal that waited gets its answer");
    portal.exchange(&code).await;
    mail(&idp, "Another way to sign in", 1).await;
    // The next time, in another browser.
    let other = idp.browser();
    let r = portal.authorize(&other, &[]).await.param("r").unwrap();
    let entered = go(&other, &upstream, (GOOGLE, Some(&r)), &of("ann at google")).await;
    let code = other.land(entered).await.param("code").expect("a code");
    let told = claims(&portal.exchange(&code).await.text("id_token"));
    assert_eq!((&told["amr"], &told["acr"]), (&json!(["fed"]), &"urn:switchboard:acr:single".into()));
    // It is on the page of what protects the account, and goes from there: for who shows who he is.
    let session = other.get("/account").await.field("as").unwrap();
    let page = other.get(&security(&session)).await;
    let ended = other.fill(&page, "/account/security/disconnect", &[]).await;
    assert!(ended.location().starts_with("/login?r=security"), "{}", ended.location());
    let session = other.sign_in(ANN, PASSWORD).await;
    let page = other.get(&security(&session)).await;
    assert!(page.text().contains("Connected accounts") && page.text().contains("Google"), "{}", page.text());
    let ended = other.fill(&page, "/account/security/disconnect", &[]).await;
    assert!(ended.location().contains("done=disconnected"), "{}", ended.location());
    mail(&idp, "A way to sign in was disconnected", 1).await;
    let third = idp.browser();
    let back = go(&third, &upstream, (GOOGLE, None), &of("ann at google")).await;
    assert!(back.location().starts_with("/account/connect?"), "{}", back.location());
    let failed = "SELECT count(*) AS n FROM audit WHERE event IN ('identity_connected', 'identity_disconnected')";
    assert_eq!(idp.backend.count(failed), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_provider_says_is_looked_at() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    connect(&idp, &upstream, "ann").await;
    for (what, more) in [
        ("another client's", json!({"aud": "them"})),
        ("two clients'", json!({"aud": ["switchboard", "them"]})),
        ("another party's", json!({"azp": "them"})),
        ("another issuer", json!({"iss": "https://accounts.google.com"})),
        ("another nonce", json!({"nonce": "n"})),
        ("no nonce", json!({"nonce": null})),
        ("an old one", json!({"exp": 1})),
        ("a text for a time", json!({"exp": "4102444800"})),
        ("of tomorrow", json!({"nbf": 4_102_444_800_i64})),
        ("long ago", json!({"iat": 1})),
        ("nobody", json!({"sub": ""})),
    ] {
        let mut claims = of("ann");
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let browser = idp.browser();
        let told = go(&browser, &upstream, (GOOGLE, None), &claims).await;
        assert!(!is_in(&told) && is_stranger(&browser).await, "{what}: {}", told.location());
        assert!(told.text().contains("Google did not confirm your sign-in"), "{what}: {}", told.text());
    }
    // What is reserved here is not overwritten by what is said there.
    let loud = json!({"sub": "ann", "roles": ["system_admin"], "tenant": "vendor", "preferred_username": "200-acme",
        "email": "boss@evil.example", "email_verified": true, "acr": "phr", "amr": ["hwk", "mfa"]});
    let (browser, portal) = (idp.browser(), idp.portal());
    let r = portal.authorize(&browser, &[]).await.param("r").unwrap();
    let entered = go(&browser, &upstream, (GOOGLE, Some(&r)), &loud).await;
    let code = browser.land(entered).await.param("code").expect("a code");
    let tokens = portal.exchange(&code).await;
    let info = portal.userinfo(&tokens.text("access_token")).await.body;
    assert_eq!((&info["preferred_username"], &info["email"]), (&ANN.into(), &"ann@acme.example".into()));
    let told = claims(&tokens.text("id_token"));
    assert_eq!(
        (&told["acr"], &told["amr"], &told["roles"]),
        (&"urn:switchboard:acr:single".into(), &json!(["fed"]), &Value::Null)
    );
    // A company may take its word for two factors.
    policies(&idp, &[("sso.trust_amr", "on")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await; // policies may be a quarter of a second old
    let r = portal.authorize(&browser, &[("prompt", "login")]).await.param("r").unwrap();
    let mut now = loud.clone();
    now["auth_time"] = json!(4_102_444_800_i64);
    let entered = go(&browser, &upstream, (GOOGLE, Some(&r)), &now).await;
    let code = browser.land(entered).await.param("code").expect("a code");
    assert_eq!(claims(&portal.exchange(&code).await.text("id_token"))["acr"], "urn:switchboard:acr:multi");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_this_browsers_once_and_in_time() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    idp.apply(&connector("other-acme", "oidc", &upstream.url, "label = \"Other\"")).await;
    connect(&idp, &upstream, "ann").await;
    let over = "Your sign-in took too long";
    let (browser, thief) = (idp.browser(), idp.browser());
    thief.get("/login").await;
    let sent = begin(&browser, GOOGLE, None).await;
    let brought = upstream.sign_in(&sent, &of("ann"));
    // Another browser's, another provider's, none, a changed one.
    assert!(come_back(&thief, GOOGLE, &brought).await.text().contains(over), "another browser's");
    assert!(come_back(&browser, "other-acme", &brought).await.text().contains(over), "another provider's callback");
    assert!(come_back(&browser, GOOGLE, &brought[..1]).await.text().contains(over), "no state");
    let mut changed = brought.clone();
    let other = if &changed[1].1[5..6] == "A" { "B" } else { "A" };
    changed[1].1.replace_range(5..6, other);
    assert!(come_back(&browser, GOOGLE, &changed).await.text().contains(over), "a changed one");
    assert_eq!(upstream.asked().tokens, 1, "nobody asked for a token with any of these");
    assert!(is_in(&come_back(&browser, GOOGLE, &brought).await));
    assert!(come_back(&browser, GOOGLE, &brought).await.text().contains(over), "once");
    // Of twenty at once one gets in.
    let crowded = idp.browser();
    let brought = upstream.sign_in(&begin(&crowded, GOOGLE, None).await, &of("ann"));
    let mut all = JoinSet::new();
    for _ in 0..20 {
        let (browser, brought) = (crowded.clone(), brought.clone());
        all.spawn(async move { is_in(&come_back(&browser, GOOGLE, &brought).await) });
    }
    assert_eq!(all.join_all().await.into_iter().filter(|won| *won).count(), 1);
    // Another's name for itself.
    let other = idp.browser();
    let mut brought = upstream.sign_in(&begin(&other, GOOGLE, None).await, &of("ann"));
    brought.push(("iss".to_owned(), "https://evil.example".to_owned()));
    assert!(come_back(&other, GOOGLE, &brought).await.text().contains("did not confirm"), "RFC 9207");
    // Somebody gives up there.
    let state = begin(&other, GOOGLE, None).await.param("state").unwrap();
    let no = [("error".to_owned(), "access_denied".to_owned()), ("state".to_owned(), state)];
    assert!(come_back(&other, GOOGLE, &no).await.text().contains("You did not sign in with Google"));
    // Too late, and after it was switched off.
    let late = upstream.sign_in(&begin(&other, GOOGLE, None).await, &of("ann"));
    let off = upstream.sign_in(&begin(&other, GOOGLE, None).await, &of("ann"));
    idp.apply(&connector(GOOGLE, "google", &upstream.url, "enabled = false")).await;
    assert!(come_back(&other, GOOGLE, &off).await.text().contains(over), "it is switched off");
    assert_eq!(begin(&other, GOOGLE, None).await.status, StatusCode::NOT_FOUND);
    idp.apply(&connector(GOOGLE, "google", &upstream.url, "")).await;
    idp.pass(601);
    assert!(come_back(&other, GOOGLE, &late).await.text().contains(over), "ten minutes");
    assert!(is_stranger(&other).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_to_connect_anothers_person_or_account() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    // A session that was there before, however fresh, shows nothing: it may be a colleague's at the same desk.
    let desk = idp.browser();
    let session = desk.sign_in(ANN, PASSWORD).await;
    let back = go(&desk, &upstream, (GOOGLE, None), &of("ben at google")).await;
    let page = desk.get(&back.location()).await;
    assert!(page.location().starts_with("/login?r=connect."), "he signs in for it: {}", page.location());
    let ticket = back.param("t").unwrap();
    let forced = desk.console("/account/connect", &session, &[("t", &ticket)]).await;
    assert!(forced.location().starts_with("/login?"), "{}", forced.location());
    // Another browser's ticket opens nothing.
    let thief = idp.browser();
    let his = thief.sign_in("202-acme", "agent password two").await;
    let stolen = thief.console("/account/connect", &his, &[("t", &ticket)]).await;
    assert!(!stolen.location().contains("done=connected"), "{} {}", stolen.location(), stolen.text());
    // Guessing passwords here is counted as everywhere.
    let led = desk.land(back).await;
    for n in 0..6 {
        let wrong = format!("wrong password {n}");
        let page = desk.fill(&led, "/login", &[("identifier", "202-acme"), ("password", &wrong)]).await;
        let expected = if n < 4 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(page.status, expected, "{n}");
    }
    // An account of another company is none for this provider.
    let other = idp.browser();
    let back = go(&other, &upstream, (GOOGLE, None), &of("vendor's")).await;
    let shown = sign_in_to_connect(&other, &back, ("201-bolt", "bolt password one")).await;
    assert!(!shown.body.contains("/account/connect\""), "{}", shown.text());
    // Ten minutes.
    let slow = idp.browser();
    let back = go(&slow, &upstream, (GOOGLE, None), &of("slow")).await;
    let shown = sign_in_to_connect(&slow, &back, (ANN, PASSWORD)).await;
    idp.pass(601);
    let late = slow.fill(&shown, "/account/connect", &[]).await;
    assert!(!late.location().contains("done=connected"), "{}", late.location());
    assert_eq!(idp.backend.count("SELECT count(*) AS n FROM upstream_identities"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_comes_before_a_connection_and_after_a_sign_in() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    let owner = idp.browser();
    let session = owner.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &owner, &session).await;
    let browser = idp.browser();
    let back = go(&browser, &upstream, (GOOGLE, None), &of("ann")).await;
    let led = browser.land(back).await;
    let asked = browser.fill(&led, "/login", &[("identifier", ANN), ("password", PASSWORD)]).await;
    assert!(asked.location().starts_with("/login/second?"), "{}", asked.location());
    assert_eq!(idp.backend.count("SELECT count(*) AS n FROM upstream_identities"), 0, "not before");
    let page = browser.get(&asked.location()).await;
    let passed = browser.fill(&page, "/login/second", &[("code", &phone.code(&idp, 1))]).await;
    let shown = browser.land(passed).await;
    let done = browser.fill(&shown, "/account/connect", &[]).await;
    assert!(done.location().contains("done=connected"), "{} {}", done.location(), done.text());
    let other = idp.browser();
    let entered = go(&other, &upstream, (GOOGLE, None), &of("ann")).await;
    assert!(entered.location().starts_with("/login/second?"), "one factor: {}", entered.location());
    idp.pass(60);
    let page = other.get(&entered.location()).await;
    let passed = other.fill(&page, "/login/second", &[("code", &phone.code(&idp, 0))]).await;
    assert!(is_in(&passed), "{} {}", passed.location(), passed.text());
    // A lock stops it; a wait of passwords doesn't.
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await[ANN].clone();
    admin.console(&format!("/admin/accounts/{id}/lock"), &desk, &[]).await;
    let told = go(&idp.browser(), &upstream, (GOOGLE, None), &of("ann")).await;
    assert!(told.text().contains("locked or switched off"), "{}", told.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_there_is_one_account_here_and_companies_are_apart() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    let second = Upstream::start("{url}").await;
    idp.apply(&connector("own-acme", "oidc", &second.url, "label = \"Own\"")).await;
    connect(&idp, &upstream, "same").await;
    // The same subject at another provider is somebody else.
    let browser = idp.browser();
    let other = go(&browser, &second, ("own-acme", None), &of("same")).await;
    assert!(other.location().starts_with("/account/connect?"), "{}", other.location());
    // Ben asks on his own page for whom Ann is connected with.
    let ben = idp.browser();
    let his = ben.sign_in("202-acme", "agent password two").await;
    let sent = ben.get(&format!("/upstream/{GOOGLE}?r=security&as={his}")).await;
    let back = come_back(&ben, GOOGLE, &upstream.sign_in(&sent, &of("same"))).await;
    let shown = ben.land(back).await;
    assert!(shown.text().contains("202-acme"), "his session asked for it: {}", shown.text());
    let taken = ben.fill(&shown, "/account/connect", &[]).await;
    assert!(taken.location().contains("done=connect-taken"), "{}", taken.location());
    let sent = ben.get(&format!("/upstream/{GOOGLE}?r=security&as={his}")).await;
    let back = come_back(&ben, GOOGLE, &upstream.sign_in(&sent, &of("ben"))).await;
    let shown = ben.land(back).await;
    assert!(ben.fill(&shown, "/account/connect", &[]).await.location().contains("done=connected"));
    // It is not taken away where nothing else is left: Ben has no address, and here nobody has a password.
    policies(&idp, &[("password.enabled", "off")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let page = ben.get(&security(&his)).await;
    let kept = ben.fill(&page, "/account/security/disconnect", &[]).await;
    assert!(kept.location().contains("done=connect-last"), "{}", kept.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_lets_in_certain_domains_and_directories() {
    const DIRECTORY: &str = "11111111-2222-3333-4444-555555555555";
    const FOREIGN: &str = "99999999-2222-3333-4444-555555555555";
    let idp = TestIdp::start().await;
    let google = google(&idp, "domains = [\"acme.example\"]").await;
    for (claims, domain) in [
        (json!({"sub": "a", "email": "a@acme.example", "email_verified": true}), "does not allow this Google account"),
        (json!({"sub": "a", "hd": "evil.example"}), "does not allow Google accounts from evil.example"),
    ] {
        let told = go(&idp.browser(), &google, (GOOGLE, None), &claims).await;
        assert!(told.text().contains(domain), "{}", told.text());
    }
    let entra = Upstream::start("{url}/{tenantid}/v2.0").await;
    let at = format!("{}/organizations/v2.0", entra.url);
    idp.apply(&connector("entra-acme", "entra", &at, &format!("directories = [\"{DIRECTORY}\"]"))).await;
    let token =
        |tid: &str, of: &str| json!({"sub": "s", "oid": "o", "tid": tid, "iss": format!("{}/{of}/v2.0", entra.url)});
    let browser = idp.browser();
    let good = go(&browser, &entra, ("entra-acme", None), &token(DIRECTORY, DIRECTORY)).await;
    assert!(good.location().starts_with("/account/connect?"), "{} {}", good.location(), good.text());
    for (what, claims, told) in [
        ("another directory", token(FOREIGN, FOREIGN), "does not allow"),
        ("another directory's issuer", token(DIRECTORY, FOREIGN), "did not confirm"),
        ("a directory that says it is ours", token(FOREIGN, DIRECTORY), "did not confirm"),
        (
            "no directory",
            json!({"sub": "s", "oid": "o", "iss": format!("{}/{DIRECTORY}/v2.0", entra.url)}),
            "did not confirm",
        ),
        (
            "version 1",
            json!({"sub": "s", "oid": "o", "tid": DIRECTORY, "iss": format!("https://sts.windows.net/{DIRECTORY}/")}),
            "did not confirm",
        ),
    ] {
        let page = go(&idp.browser(), &entra, ("entra-acme", None), &claims).await;
        assert!(page.text().contains(told), "{what}: {} {}", page.location(), page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_for_the_first_time_is_refused_or_gets_an_account_where_the_company_wants_so() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "domains = [\"acme.example\"]").await;
    let of = |sub: &str| json!({"sub": sub, "hd": "acme.example", "email": "nora.new@acme.example", "email_verified": true, "name": "Nora New"});
    policies(&idp, &[("sso.first_time", "deny")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await; // policies may be a quarter of a second old
    let told = go(&idp.browser(), &upstream, (GOOGLE, None), &of("nora")).await;
    assert!(told.text().contains("No account here matches nora.new@acme.example"), "{}", told.text());
    policies(&idp, &[("sso.first_time", "create")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let browser = idp.browser();
    let entered = go(&browser, &upstream, (GOOGLE, None), &of("nora")).await;
    assert!(is_in(&entered), "{} {}", entered.location(), entered.text());
    let home = browser.land(entered).await;
    assert!(home.text().contains("Nora New") && home.text().contains("nora.new@acme"), "{}", home.text());
    assert!(is_in(&go(&idp.browser(), &upstream, (GOOGLE, None), &of("nora")).await), "the same one again");
    // Another person of the same name gets a name of his own. Whose address is somebody's shows that he is that one.
    let named =
        |sub: &str, name: &str| json!({"sub": sub, "hd": "acme.example", "preferred_username": name, "name": "a@b.c"});
    let namesake = idp.browser();
    let entered = go(&namesake, &upstream, (GOOGLE, None), &named("namesake", "nora.new")).await;
    assert!(namesake.land(entered).await.text().contains("nora.new2@acme"));
    let again = go(&idp.browser(), &upstream, (GOOGLE, None), &of("somebody else")).await;
    assert!(again.location().starts_with("/account/connect?"), "{}", again.location());
    let digits = idp.browser();
    let entered = go(&digits, &upstream, (GOOGLE, None), &named("digits", "299")).await;
    assert!(digits.land(entered).await.text().contains("user@acme"), "extensions are given out by administrators");
    // Of twenty at once one account is made, and connected in the same act.
    let mut all = JoinSet::new();
    for _ in 0..20 {
        let (browser, upstream) = (idp.browser(), upstream.clone());
        all.spawn(async move { is_in(&go(&browser, &upstream, (GOOGLE, None), &named("crowd", "crowd")).await) });
    }
    all.join_all().await;
    assert_eq!(idp.backend.count("SELECT count(*) AS n FROM accounts WHERE login LIKE 'crowd%'"), 1);
    assert_eq!(idp.backend.count("SELECT count(*) AS n FROM upstream_identities"), 4);
    assert_eq!(idp.backend.count("SELECT count(*) AS n FROM audit WHERE event = 'identity_connected'"), 4);
    // Where anybody could come, nobody gets an account by coming.
    idp.apply(&connector(GOOGLE, "google", &upstream.url, "")).await;
    let back = go(&idp.browser(), &upstream, (GOOGLE, None), &of("anybody")).await;
    assert!(back.location().starts_with("/account/connect?"), "{}", back.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn how_somebody_came_in_is_remembered_and_put_first() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    connect(&idp, &upstream, "ann").await;
    let browser = idp.browser();
    let entered = go(&browser, &upstream, (GOOGLE, None), &of("ann")).await;
    let session = entered.param("as").unwrap();
    browser.console("/account/sign-out", &session, &[]).await;
    let page = browser.get("/login?tenant=acme").await;
    let (way, form) = (page.body.find("/upstream/google-acme").unwrap(), page.body.find("name=\"password\"").unwrap());
    assert!(way < form && page.text().contains("Sign in with Google Last used"), "{}", page.text());
    // The chooser leads a person there whom it knows from there.
    let chooser = browser.get("/login/choose").await;
    assert!(chooser.text().contains("Acme · Google"), "{}", chooser.text());
    let href = chooser.body.split("href=\"").find(|h| h.starts_with("/upstream/")).unwrap().split('"').next().unwrap();
    let sent = browser.get(&href.replace("&amp;", "&").replace("&#38;", "&")).await;
    assert_eq!(sent.param("login_hint").as_deref(), Some("ann@acme.example"), "{}", sent.location());
    assert!(is_in(&come_back(&browser, GOOGLE, &upstream.sign_in(&sent, &of("ann"))).await));
    // Another way, another memory.
    let other = idp.browser();
    let session = other.sign_in(ANN, PASSWORD).await;
    other.console("/account/sign-out", &session, &[]).await;
    assert!(
        !other.get("/login?tenant=acme").await.text().contains("Last used"),
        "a password is the form that is there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_not_asked_there_has_not_just_shown_who_he_is() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    let own = Upstream::start("{url}").await;
    idp.apply(&connector("own-acme", "oidc", &own.url, "label = \"Own\"")).await;
    connect(&idp, &upstream, "ann").await;
    // Straight in, silently: credentials change with more than that.
    let browser = idp.browser();
    let entered = go(&browser, &upstream, (GOOGLE, None), &of("ann")).await;
    let session = entered.param("as").unwrap();
    let asked = browser.console("/account/security/passkey", &session, &[]).await;
    assert!(asked.location().starts_with("/login?r=security"), "{} {}", asked.location(), asked.text());
    // By a provider that doesn't tell when, nobody can; it isn't even offered.
    let page = browser.get(&format!("{}&tenant=acme", asked.location())).await;
    assert!(
        !page.body.contains("/upstream/google-acme") && page.body.contains("/upstream/own-acme"),
        "{}",
        page.text()
    );
    let portal = idp.portal();
    for (more, r) in [("prompt", "login"), ("max_age", "60")] {
        let r = portal.authorize(&browser, &[(more, r)]).await.param("r").unwrap_or_default();
        let told = go(&browser, &upstream, (GOOGLE, Some(&r)), &of("ann")).await;
        assert!(told.text().contains("did not confirm"), "{more}: {}", told.location());
    }
    // One that does is asked for it, and its word counts, however the browser changed the question.
    let at = |seconds: i64| json!({"sub": "own ann", "auth_time": idp.cx.clock.now().seconds() + seconds});
    let sent = browser.get(&format!("/upstream/own-acme?r=security&as={session}")).await;
    assert!(sent.location().starts_with("/login?r=security"), "not even connected: {}", sent.location());
    let fresh = idp.browser();
    let session = fresh.sign_in(ANN, PASSWORD).await;
    let sent = fresh.get(&format!("/upstream/own-acme?r=security&as={session}")).await;
    let back = come_back(&fresh, "own-acme", &own.sign_in(&sent, &at(0))).await;
    let shown = fresh.land(back.clone()).await;
    assert!(fresh.fill(&shown, "/account/connect", &[]).await.location().contains("done=connected"));
    for _ in 0..2 {
        let page = fresh.get(&security(&session)).await;
        assert!(fresh.fill(&page, "/account/security/disconnect", &[]).await.location().contains("done=disconnected"));
    }
    let again = fresh.console("/account/connect", &session, &[("t", &back.param("t").unwrap())]).await;
    assert!(again.location().contains("done=page-over"), "a ticket works once: {}", again.location());
    let sent = fresh.get(&format!("/upstream/own-acme?r=security&as={session}")).await;
    let back = come_back(&fresh, "own-acme", &own.sign_in(&sent, &at(0))).await;
    let shown = fresh.land(back).await;
    assert!(fresh.fill(&shown, "/account/connect", &[]).await.location().contains("done=connected"));
    for (claims, may) in [(at(-120), false), (json!({"sub": "own ann"}), false), (at(0), true)] {
        let there = idp.browser();
        let sent = begin(&there, "own-acme", Some("security")).await;
        assert_eq!((sent.param("prompt").as_deref(), sent.param("max_age").as_deref()), (Some("login"), Some("0")));
        let entered = come_back(&there, "own-acme", &own.sign_in(&sent, &claims)).await;
        assert_eq!(entered.location().starts_with("/account/security?"), may, "{claims}: {}", entered.location());
        if let Some(session) = entered.param("as") {
            let made = there.console("/account/security/passkey", &session, &[]).await;
            assert_eq!(made.status, StatusCode::OK, "{}", made.location());
        }
    }
    // A picture on somebody's page sends nobody anywhere.
    let picture = browser.get_with(&format!("/upstream/{GOOGLE}"), &[("sec-fetch-dest", "image")]).await;
    assert_eq!(picture.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_new_password_whoever_is_connected_is_looked_at() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    connect(&idp, &upstream, "somebody who knew the old one").await;
    let browser = idp.browser();
    crate::forgot::forgot(&browser, &[("identifier", ANN)]).await;
    let link = crate::forgot::reset_link(&mail(&idp, "Set a new password", 1).await);
    let done = crate::forgot::set_password(&browser, &link, "a quiet marble tugboat").await;
    assert!(done.location().contains("done=check"), "{}", done.location());
    assert!(browser.land(done).await.text().contains("connected accounts"));
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await[ANN].clone();
    let shown = admin.reset_password(&desk, &id, None).await;
    let given = shown.body.split("<code").nth(1).and_then(|rest| rest.split('>').nth(1)).unwrap();
    let given = given.split('<').next().unwrap().to_owned();
    let page = idp.browser();
    let must = page.try_sign_in(None, ANN, &given).await;
    let new = "another quiet marble tugboat";
    let done = page.fill(&must, "/login/new-password", &[("new", new), ("confirm", new)]).await;
    assert!(done.location().contains("done=check"), "{} {}", done.location(), done.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_by_mail_or_a_passkey_shows_as_well_whose_the_account_is() {
    let idp = TestIdp::start().await;
    let upstream = google(&idp, "").await;
    let owner = idp.browser();
    let session = owner.sign_in(ANN, PASSWORD).await;
    let passkey = Passkey::add(&owner, &session, &idp.url).await;
    let by_code = idp.browser();
    let back = go(&by_code, &upstream, (GOOGLE, None), &of("by code")).await;
    let led = by_code.land(back).await;
    let sent = crate::email::ask(&by_code, led.field("r").as_deref(), ANN).await;
    let code = crate::email::code(&mail(&idp, "Sign in to", 1).await);
    let entered = crate::email::type_code(&by_code, &sent, &code).await;
    let shown = by_code.land(entered).await;
    assert!(by_code.fill(&shown, "/account/connect", &[]).await.location().contains("done=connected"));
    let by_key = idp.browser();
    let back = go(&by_key, &upstream, (GOOGLE, None), &of("by key")).await;
    let led = by_key.land(back).await;
    let (options, state) = ask(&by_key).await;
    let (csrf, r, answer) = (by_key.csrf().await, led.field("r").unwrap(), passkey.sign(&options).to_string());
    let fields = [("csrf", csrf.as_str()), ("r", &r), ("state", &state), ("credential", &answer)];
    let entered = by_key.post("/login/passkey", &fields).await;
    let shown = by_key.land(entered).await;
    assert!(by_key.fill(&shown, "/account/connect", &[]).await.location().contains("done=connected"));
    // A provider's address stays as long as people are known by it.
    let moved = connector("own-acme", "oidc", &upstream.url, "label = \"Own\"");
    idp.apply(&moved).await;
    let elsewhere = idp.document_is_refused(&connector(GOOGLE, "google", "https://login.example", "")).await;
    assert!(elsewhere.contains("people are connected"), "{elsewhere}");
}
