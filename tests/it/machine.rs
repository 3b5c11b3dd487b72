//! Sign-ins taken at random: whatever the order of steps, in two browsers, with pages of before and codes of others, nobody
//! is in without what his company demands. What is demanded is said here a second time, in other words than in the rules.

use idp_core::ids::AccountId;
use idp_crypto::random::Random;
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
}

/// What happened in one step, and who may be in after it.
struct Step {
    what: String,
    browser: usize,
    may_enter: bool,
}

struct Walk {
    idp: TestIdp,
    world: World,
    chance: Random,
    browsers: Vec<Browser>,
    open: Vec<Open>,
    app: Option<Authenticator>,
    backup: Vec<String>,
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
    async fn led(&mut self, (browser, first): (usize, First), led: Page) {
        if led.location().starts_with("/login/second?") {
            let page = self.browsers[browser].get(&led.location()).await;
            self.open.push(Open { page, browser, first });
        }
    }

    async fn password(&mut self, browser: usize) -> Step {
        let led = self.browsers[browser].try_sign_in(None, ANN, PASSWORD).await;
        self.led((browser, First::Password), led).await;
        Step { what: "password".into(), browser, may_enter: self.world.first_is_enough(First::Password) }
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
            self.led((browser, First::Link), led).await;
        }
        Step { what: "link".into(), browser, may_enter: self.world.first_is_enough(First::Link) }
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
        let fields = [("csrf", csrf.as_str()), ("journey", &journey), ("means", means), ("code", &code)];
        self.browsers[browser].post("/login/second", &fields).await;
        self.idp.pass(31);
        let may_enter = open.browser == browser && !is_wrong && self.world.may_answer(open.first, means);
        let what = format!("{means} for {:?} of {}, wrong: {is_wrong}", open.first, open.browser);
        Some(Step { what, browser, may_enter })
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
                return Some(Step { what: "set up".into(), browser, may_enter: open.browser == browser });
            }
        }
        let unprotected = !self.world.app && !self.world.email;
        let may_enter = path == "skip"
            && open.browser == browser
            && (self.world.demand == Demand::RequiredLater && unprotected || self.world.first_is_enough(open.first));
        Some(Step { what: format!("{path} for {:?} of {}", open.first, open.browser), browser, may_enter })
    }

    async fn step(&mut self) {
        let browser = self.draw(2);
        let before = [self.is_in(0).await, self.is_in(1).await];
        let step = match self.draw(8) {
            0 | 1 => Some(self.password(browser).await),
            2 => Some(self.link(browser).await),
            3..=5 => self.answer(browser).await,
            6 => self.other(browser).await,
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
            self.entered += usize::from(is && !was);
        }
        self.mend().await;
    }

    /// Wrong answers may have locked the account: the next step begins with an open one.
    async fn mend(&self) {
        let (ann, _) = ann(&self.idp).await;
        let done = self.idp.cx.store.write(move |w| {
            use idp_core::account::AccountState::{Active, Locked};
            idp_store::accounts::change_state(w, ann, Locked, Active)?;
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
        "[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n\"2fa.roles\" = \"agent\"\n{policy}\n"
    ))
    .await;
    idp.pass(1);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await; // policies may be a quarter of a second old
    let browsers = vec![idp.browser(), idp.browser()];
    Walk { idp, world, chance: Random::seeded(seed), browsers, open: Vec::new(), app, backup, entered: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_in_without_what_the_company_demands() {
    let mut entered = 0;
    for demand in [Demand::Off, Demand::Optional, Demand::Required, Demand::RequiredLater] {
        for (app, email) in [(false, false), (true, false), (false, true), (true, true)] {
            for seed in 0..support::rounds(1, 20) {
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
