//! Sign-ins taken at random: whatever the order of steps, in two browsers, with pages of before and codes of others,
//! nobody is in without what his company demands. What is demanded is said here a second time, in other words than in
//! the rules.

use idp_core::credential::password::StoredPassword;
use idp_core::ids::AccountId;
use idp_crypto::random::Random;
use idp_service::outside::post::Sending;
use reqwest::StatusCode;
use support::{Authenticator, Browser, Page, TestIdp};

const ANN: &str = "201-acme";
const PASSWORD: &str = "agent password one";

/// What the company wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demand {
    Off,
    Optional,
    Required,
    RequiredLater,
}

/// A company, and what its account has.
#[derive(Clone, Copy, Debug)]
struct World {
    demand: Demand,
    app: bool,
    email: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Password,
    Link,
}

impl World {
    /// Is a right first factor enough?
    fn first_is_enough(self, first: First) -> bool {
        match self.demand {
            Demand::Off => true,
            Demand::Optional => !self.app && (!self.email || first == First::Link),
            Demand::Required | Demand::RequiredLater => false,
        }
    }

    /// May this right answer follow that first factor?
    fn may_answer(self, first: First, means: &str) -> bool {
        match means {
            "app" => self.app,
            "email" => self.email && first == First::Password,
            _ => self.app || self.email,
        }
    }
}

/// A page between two factors, wherever it will be sent from.
#[derive(Clone, Debug)]
struct Open {
    page: Page,
    browser: usize,
    first: First,
    /// The password was for once: a right answer leads to the page that replaces it, and not in.
    must_change: bool,
}

/// What happened in one step, who may be in after it, and what that may be told a portal as.
struct Step {
    what: String,
    browser: usize,
    may_enter: bool,
    acr: &'static str,
}

const SINGLE: &str = "urn:switchboard:acr:single";
const MULTI: &str = "urn:switchboard:acr:multi";

/// The new password of a step that sets one; the next step begins with the old one again.
const NEW: &str = "a quiet marble tugboat";

struct Walk {
    idp: TestIdp,
    world: World,
    chance: Random,
    browsers: Vec<Browser>,
    open: Vec<Open>,
    app: Option<Authenticator>,
    backup: Vec<String>,
    /// Browsers in which somebody ticked that they are not asked again, and was right.
    trusted: [bool; 2],
    password: StoredPassword,
    entered: usize,
}

impl Walk {
    fn draw(&self, most: usize) -> usize {
        usize::from(self.chance.bytes::<1>().unwrap()[0]) % most
    }

    async fn is_in(&self, browser: usize) -> bool {
        self.browsers[browser].get("/account").await.status == StatusCode::OK
    }

    /// Where a first factor leads.
    async fn led(&mut self, (browser, first): (usize, First), led: &Page) {
        if led.location().starts_with("/login/second?") {
            let page = self.browsers[browser].get(&led.location()).await;
            self.open.push(Open { page, browser, first, must_change: false });
        }
    }

    /// A step that shows a first factor.
    fn first(&self, what: &str, (browser, first): (usize, First)) -> Step {
        let protected = self.world.app || self.world.email;
        let may_enter = self.world.first_is_enough(first) || self.trusted[browser] && protected;
        Step { what: what.into(), browser, may_enter, acr: SINGLE }
    }

    async fn password(&mut self, browser: usize) -> Step {
        let led = self.browsers[browser].try_sign_in(None, ANN, PASSWORD).await;
        self.led((browser, First::Password), &led).await;
        self.first("password", (browser, First::Password))
    }

    /// A password for once opens nothing before another takes its place.
    async fn once(&mut self, browser: usize) -> Step {
        let admin = self.idp.browser();
        let desk = admin.sign_in("200-acme", "admin password one").await;
        let id = admin.accounts(&desk, None).await[ANN].clone();
        let shown = admin.reset_password(&desk, &id, None).await;
        let once =
            shown.body.split("id=\"secret\"").nth(1).and_then(|t| t.split(['>', '<']).nth(1)).unwrap().to_owned();
        let here = self.browsers[browser].clone();
        let led = here.try_sign_in(None, ANN, &once).await;
        self.trusted = [false; 2]; // an administrator's word ends trust
        let mut step = self.first("a password for once", (browser, First::Password));
        if led.location().starts_with("/login/second?") {
            let page = here.get(&led.location()).await;
            self.open.push(Open { page, browser, first: First::Password, must_change: true });
            step.may_enter = false;
        } else if led.field("ticket").is_some() && self.draw(2) == 0 {
            here.fill(&led, "/login/new-password", &[("new", NEW), ("confirm", NEW)]).await;
        } else {
            step.may_enter = false;
        }
        step
    }

    /// The newest mail that somebody asks for on this page, unless there were too many.
    async fn asked(&self, (browser, path): (usize, &str), has: impl Fn(&Sending) -> bool) -> Option<(Page, Sending)> {
        let before = self.idp.mails().iter().filter(|m| has(m)).count();
        let here = &self.browsers[browser];
        let csrf = here.csrf().await;
        let sent = here.post(path, &[("csrf", csrf.as_str()), ("identifier", ANN)]).await;
        let page = here.get(&sent.location()).await;
        for _ in 0..25 {
            let mails: Vec<Sending> = self.idp.mails().into_iter().filter(|m| has(m)).collect();
            if mails.len() > before {
                return Some((page, mails[0].clone()));
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        None
    }

    /// The code beside a link, typed in the browser that asked or in the other.
    async fn typed(&mut self, browser: usize) -> Option<Step> {
        let (page, mail) = self.asked((browser, "/login/email"), |m| m.subject.contains("Sign in to")).await?;
        let code = mail.text.lines().find(|l| l.len() == 6 && l.bytes().all(|b| b.is_ascii_digit()))?.to_owned();
        let at = self.draw(2);
        let (here, journey) = (self.browsers[at].clone(), page.field("journey")?);
        let csrf = here.csrf().await;
        let fields = [("csrf", csrf.as_str()), ("journey", &journey), ("code", &code)];
        let led = here.post("/login/email/code", &fields).await;
        self.led((at, First::Link), &led).await;
        let mut step = self.first(&format!("a code typed in {at}"), (at, First::Link));
        step.may_enter &= at == browser;
        Some(step)
    }

    /// A new password by mail: one factor, whatever was trusted before.
    async fn reset(&mut self, browser: usize) -> Option<Step> {
        let (_, mail) = self.asked((browser, "/forgot"), |m| m.subject.contains("Set a new password")).await?;
        let link = mail.text.lines().find(|l| l.contains("/reset/"))?.to_owned();
        let here = self.browsers[browser].clone();
        here.get(url::Url::parse(&link).ok()?.path()).await;
        let page = here.get("/reset").await;
        page.field("link")?;
        let led = here.fill(&page, "/reset", &[("new", NEW), ("confirm", NEW)]).await;
        self.led((browser, First::Link), &led).await;
        let may_enter = self.world.first_is_enough(First::Link);
        Some(Step { what: "a new password".into(), browser, may_enter, acr: SINGLE })
    }

    /// A link that an administrator sent, so that no budget of mails is in the way; opened in either browser.
    async fn link(&mut self, browser: usize) -> Step {
        let before = self.idp.mails().len();
        let admin = self.idp.browser();
        let desk = admin.sign_in("200-acme", "admin password one").await;
        let id = admin.accounts(&desk, None).await[ANN].clone();
        admin.console(&format!("/admin/accounts/{id}/invite"), &desk, &[]).await;
        let path = loop {
            let mails = self.idp.mails();
            let link = mails.iter().find_map(|m| m.text.lines().find(|l| l.contains("/m/sbw_")).map(str::to_owned));
            if let Some(link) = link.filter(|_| mails.len() > before) {
                break url::Url::parse(&link).unwrap().path().to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        };
        let here = self.browsers[browser].clone();
        here.get(&path).await;
        let page = here.get("/m").await;
        if page.field("csrf").is_some() && page.body.contains("action=\"/m\"") {
            let led = here.fill(&page, "/m", &[]).await;
            self.led((browser, First::Link), &led).await;
        }
        self.first("link", (browser, First::Link))
    }

    /// A code for a page of before, from its browser or another, right or wrong.
    async fn answer(&mut self, browser: usize) -> Option<Step> {
        let open = self.open.get(self.draw(self.open.len().max(1)))?.clone();
        let means = ["app", "email", "backup"][self.draw(3)];
        let is_wrong = self.draw(3) == 0;
        let now = self.idp.cx.clock.now().seconds();
        let code = match means {
            "app" => self.app.as_ref().map(|app| app.code(now)),
            "email" => {
                self.send(&open, "/login/second/send", browser).await;
                self.newest_code().await
            }
            _ => self.backup.pop(),
        };
        let code = code.filter(|_| !is_wrong).unwrap_or_else(|| "000001".into());
        let csrf = self.browsers[browser].csrf().await;
        let journey = open.page.field("journey").unwrap_or_default();
        let mut fields = vec![("csrf", csrf.as_str()), ("journey", &journey), ("means", means), ("code", &code)];
        let trusts = self.draw(4) == 0;
        fields.extend(trusts.then_some(("trust", "on")));
        self.browsers[browser].post("/login/second", &fields).await;
        self.idp.pass(31);
        let is_right = open.browser == browser && !is_wrong && self.world.may_answer(open.first, means);
        self.trusted[browser] |= trusts && is_right;
        let what = format!("{means} for {:?} of {}, wrong: {is_wrong}", open.first, open.browser);
        Some(Step { what, browser, may_enter: is_right && !open.must_change, acr: MULTI })
    }

    async fn newest_code(&self) -> Option<String> {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        let mails = self.idp.mails();
        let mail = mails.iter().find(|m| m.subject.contains("is your verification code"))?;
        Some(mail.subject.chars().take(6).collect())
    }

    async fn send(&self, open: &Open, path: &str, browser: usize) -> Page {
        let csrf = self.browsers[browser].csrf().await;
        let journey = open.page.field("journey").unwrap_or_default();
        self.browsers[browser].post(path, &[("csrf", csrf.as_str()), ("journey", &journey)]).await
    }

    /// Everything else a page of before offers, or doesn't.
    async fn other(&mut self, browser: usize) -> Option<Step> {
        let open = self.open.get(self.draw(self.open.len().max(1)))?.clone();
        let path = ["cancel", "skip", "app", "email"][self.draw(4)];
        let page = self.send(&open, &format!("/login/second/{path}"), browser).await;
        if page.body.contains("id=\"secret\"") && self.draw(4) == 0 {
            let app = Authenticator::scan(&page);
            let code = app.code(self.idp.cx.clock.now().seconds());
            let done = self.browsers[browser].fill(&page, "/login/second/app/confirm", &[("code", &code)]).await;
            if done.body.contains("<ol") {
                self.world.app = true;
                self.app = Some(app);
                self.idp.pass(31);
                let may_enter = open.browser == browser && !open.must_change;
                return Some(Step { what: "set up".into(), browser, may_enter, acr: MULTI });
            }
        }
        let unprotected = !self.world.app && !self.world.email;
        let may_enter = path == "skip"
            && open.browser == browser
            && !open.must_change
            && (self.world.demand == Demand::RequiredLater && unprotected || self.world.first_is_enough(open.first));
        Some(Step { what: format!("{path} for {:?} of {}", open.first, open.browser), browser, may_enter, acr: SINGLE })
    }

    async fn step(&mut self) {
        let browser = self.draw(2);
        let before = [self.is_in(0).await, self.is_in(1).await];
        let step = match self.draw(14) {
            0..=2 => Some(self.password(browser).await),
            3 => Some(self.link(browser).await),
            4..=8 => self.answer(browser).await,
            9 => self.other(browser).await,
            10 => self.typed(browser).await,
            11 => self.reset(browser).await,
            12 => Some(self.once(browser).await),
            _ => {
                let csrf = self.browsers[browser].csrf().await;
                let page = self.browsers[browser].get("/account").await;
                let session = page.field("as").unwrap_or_default();
                self.browsers[browser].post("/account/sign-out", &[("csrf", &csrf), ("as", &session)]).await;
                None
            }
        };
        let Some(step) = step else { return };
        for (n, was) in before.into_iter().enumerate() {
            let is = self.is_in(n).await;
            assert!(
                was || !is || (step.may_enter && n == step.browser),
                "{:?}: {} by {} lets {n} in",
                self.world,
                step.what,
                step.browser
            );
            if is && !was {
                self.entered += 1;
                self.told(n, &step).await;
            }
        }
        self.mend().await;
    }

    /// A portal is told what was shown, and nothing more; or nothing, where more is due.
    async fn told(&self, browser: usize, step: &Step) {
        let portal = self.idp.portal();
        let Some(code) = portal.authorize(&self.browsers[browser], &[]).await.param("code") else { return };
        let claims = support::claims(&portal.exchange(&code).await.text("id_token"));
        assert_eq!(claims["acr"], step.acr, "{:?}: {} by {}", self.world, step.what, step.browser);
    }

    /// Wrong answers may have locked the account, and a step may have set another password: the next one begins as the
    /// first.
    async fn mend(&self) {
        let ((ann, tenant), password, now) = (ann(&self.idp).await, self.password.clone(), self.idp.cx.clock.now());
        let done = self.idp.cx.store.write(move |w| {
            use idp_core::account::AccountState::{Active, Locked};
            idp_store::accounts::change_state(w, ann, Locked, Active)?;
            idp_store::passwords::put(w, tenant, ann, &password, now)?;
            idp_store::second_factors::clear(w, ann)
        });
        done.await.unwrap();
    }
}

async fn ann(idp: &TestIdp) -> (AccountId, idp_core::ids::TenantId) {
    let read = idp.cx.store.read(|r| {
        let tenant = idp_store::tenants::by_code(r, &"acme".parse().unwrap())?.unwrap().id;
        Ok((idp_store::logins::holder(r, tenant, &"201".parse().unwrap())?.unwrap(), tenant))
    });
    read.await.unwrap()
}

/// Sets up what the world has, and then asks for what it wants.
async fn begin(world: World, seed: u64) -> Walk {
    let idp = TestIdp::start().await;
    let owner = idp.browser();
    let session = owner.sign_in(ANN, PASSWORD).await;
    let (mut app, mut backup) = (None, Vec::new());
    if world.app {
        let page = owner.get(&format!("/account/security?as={session}")).await;
        let offer = owner.fill(&page, "/account/security/app", &[]).await;
        let scanned = Authenticator::scan(&offer);
        let code = scanned.code(idp.cx.clock.now().seconds());
        let done = owner.fill(&offer, "/account/security/app/confirm", &[("code", &code)]).await;
        let list = done.body.split("<ol").nth(1).unwrap().split("</ol>").next().unwrap().to_owned();
        backup = list.split("<code>").skip(1).map(|c| c.split('<').next().unwrap().to_owned()).collect();
        app = Some(scanned);
        idp.pass(31);
    }
    if world.email {
        let (ann, tenant) = ann(&idp).await;
        let set = idp.cx.store.write(move |w| idp_store::second_factors::set_email(w, (tenant, ann), true));
        set.await.unwrap();
    }
    let policy = match world.demand {
        Demand::Off => "\"2fa.policy\" = \"off\"",
        Demand::Optional => "\"2fa.policy\" = \"optional\"",
        Demand::Required => "\"2fa.policy\" = \"required\"",
        Demand::RequiredLater => "\"2fa.policy\" = \"required\"\n\"2fa.grace\" = \"90d\"",
    };
    idp.apply(&format!(
        "[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n\"2fa.roles\" = \"agent\"\n\"2fa.trust_days\" = \"30\"\n{policy}\n"
    ))
    .await;
    idp.pass(1);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await; // policies may be a quarter of a second old
    let browsers = vec![idp.browser(), idp.browser()];
    let id = ann(&idp).await.0;
    let password = idp.cx.store.read(move |r| idp_store::passwords::of(r, id)).await.unwrap().unwrap();
    let (chance, open, trusted) = (Random::seeded(seed), Vec::new(), [false; 2]);
    Walk { idp, world, chance, browsers, open, app, backup, trusted, password, entered: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_in_without_what_the_company_demands() {
    let mut entered = 0;
    for demand in [Demand::Off, Demand::Optional, Demand::Required, Demand::RequiredLater] {
        for (app, email) in [(false, false), (true, false), (false, true), (true, true)] {
            for seed in 0..support::rounds(2, 20) {
                let mut walk = begin(World { demand, app, email }, u64::try_from(seed).unwrap()).await;
                for _ in 0..40 {
                    walk.step().await;
                }
                entered += walk.entered;
            }
        }
    }
    println!("{entered} sign-ins were completed on the way");
    assert!(entered > 40, "{entered}: the walks lead nowhere");
}
