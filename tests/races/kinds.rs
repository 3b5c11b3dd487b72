//! What is used once, and how twenty at a time use it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::TenantId;
use idp_core::secret::TokenHash;
use idp_core::standing::Epochs;
use idp_core::time::Lifetime;
use idp_store::{Settings, Store};
use reqwest::StatusCode;
use support::passkey::{Passkey, ask};
use support::{Browser, CROWD as PEOPLE, Client, MailServer, Page, Process, somebody};
use tokio::task::JoinSet;

use crate::second;

pub(crate) const ANN: (&str, &str) = ("201-acme", "agent password one");
pub(crate) const ADMIN: (&str, &str) = ("200-acme", "admin password one");

/// How many at once.
pub(crate) const CROWD: usize = 20;

/// The servers, and their database for what no page uses yet.
pub(crate) struct Nodes {
    all: Vec<Process>,
    pub(crate) mail: MailServer,
    pub(crate) store: Store,
    next: AtomicU64,
    next_person: AtomicUsize,
}

impl Nodes {
    pub(crate) fn new(all: Vec<Process>, mail: MailServer) -> Self {
        let store = Store::open(&Settings::new(all[0].backend.url.parse().unwrap())).unwrap();
        Self { store, all, mail, next: AtomicU64::new(1), next_person: AtomicUsize::new(0) }
    }

    pub(crate) fn at(&self, n: usize) -> &Process {
        &self.all[n % self.all.len()]
    }

    /// Wrong answers that were looked at, of whatever kind.
    pub(crate) fn looked_at(&self) -> usize {
        let query = "SELECT count(*) AS n FROM audit WHERE event = 'sign_in_failed'";
        usize::try_from(self.at(0).backend.count(query)).unwrap()
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

/// A thing that works once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Code,
    Refresh,
    /// A sign-in that was demanded anew answers one request.
    Answer,
    /// The ticket of a one-time password.
    Ticket,
    /// A credential such as a link.
    OneTime,
    /// The link of an invitation.
    Link,
    /// A code of an authenticator app.
    App,
    /// A code that was written down.
    Backup,
    /// A code in a mail.
    MailCode,
    /// What a passkey signed.
    Passkey,
    /// What two of one passkey signed: their counters say the same.
    Copies,
    /// What comes back from another provider.
    Answered,
    /// Not used once but five times: wrong passwords.
    Guess,
    /// Five times: wrong answers to a second factor.
    SecondGuess,
    /// Five times: tries at one mailed code.
    CodeGuess,
}

/// What came of a race.
#[derive(Debug)]
pub(crate) struct Outcome {
    winners: usize,
    least: usize,
    most: usize,
}

impl Outcome {
    fn five(winners: usize) -> Self {
        Self { winners, least: 5, most: 5 }
    }

    pub(crate) fn is_right(&self) -> bool {
        (self.least..=self.most).contains(&self.winners)
    }

    /// More won than may. Fewer tell of a server that had no time, not of a guard that is missing.
    pub(crate) fn is_lost(&self) -> bool {
        self.winners > self.most
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 15] = [
        Self::Code,
        Self::Refresh,
        Self::Answer,
        Self::Ticket,
        Self::OneTime,
        Self::Link,
        Self::App,
        Self::Backup,
        Self::MailCode,
        Self::Passkey,
        Self::Copies,
        Self::Answered,
        Self::Guess,
        Self::SecondGuess,
        Self::CodeGuess,
    ];

    /// The guard that decides.
    pub(crate) fn guard(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Refresh => "refresh",
            Self::Answer => "answer",
            Self::Ticket => "password",
            Self::OneTime | Self::Link | Self::Backup | Self::Passkey => "one_time",
            Self::Copies => "passkey_counter",
            Self::Answered => "upstream_answer",
            Self::App => "app_step",
            Self::MailCode => "journey",
            Self::Guess => "throttle",
            // Either is enough: answers come one after the other, and no more than five are counted.
            Self::SecondGuess => "account_hold,second_factor_tries",
            Self::CodeGuess => "code_tries",
        }
    }

    /// How often it can be run: each run needs somebody whom nobody has tried before.
    pub(crate) fn most(self) -> usize {
        if matches!(self, Self::Guess) { PEOPLE } else { usize::MAX }
    }

    pub(crate) async fn run(self, nodes: &Nodes) -> Outcome {
        let winners = match self {
            Self::Code => code(nodes).await,
            Self::Refresh => refresh(nodes).await,
            Self::Answer => answer(nodes).await,
            Self::Ticket => ticket(nodes).await,
            Self::OneTime => one_time(nodes, "spend").await,
            Self::Link => second::link(nodes).await,
            Self::App => second::app(nodes).await,
            Self::Backup => second::backup(nodes).await,
            Self::MailCode => second::mail_code(nodes).await,
            Self::Passkey => passkey(nodes, (1, 0)).await,
            Self::Copies => passkey(nodes, (CROWD, 1)).await,
            Self::Answered => won_elsewhere(nodes, "answer", &format!("answer {}", nodes.number())),
            Self::Guess => return Outcome::five(guess(nodes).await),
            Self::SecondGuess => return Outcome::five(second::guess(nodes).await),
            Self::CodeGuess => return Outcome::five(one_time(nodes, "try").await),
        };
        Outcome { winners, least: 1, most: 1 }
    }
}

/// Counts those of a crowd that got what they wanted.
pub(crate) async fn won<R>(run: impl Fn(usize) -> R) -> usize
where
    R: Future<Output = bool> + Send + 'static,
{
    let mut crowd = JoinSet::new();
    for n in 0..CROWD {
        crowd.spawn(run(n));
    }
    crowd.join_all().await.into_iter().filter(|won| *won).count()
}

/// The same client at another node.
pub(crate) fn portal_at(nodes: &Nodes, n: usize) -> Client {
    nodes.at(0).portal().at(&nodes.at(n).url)
}

/// A code for Ann.
async fn given(nodes: &Nodes) -> String {
    let (browser, portal) = (nodes.at(0).browser(), nodes.at(0).portal());
    let r = portal.authorize(&browser, &[]).await.param("r").unwrap();
    let page = shown(&browser, Some(&r), ANN).await;
    let page = browser.get(&page.location()).await;
    page.param("code").unwrap_or_else(|| panic!("{} {}", page.status, page.text()))
}

async fn code(nodes: &Nodes) -> usize {
    let code = given(nodes).await;
    let mut crowd = JoinSet::new();
    for n in 0..CROWD {
        let (client, code) = (portal_at(nodes, n), code.clone());
        crowd.spawn(async move { client.exchange(&code).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = crowd.join_all().await.into_iter().partition(|t| t.status == StatusCode::OK);
    assert!(lost.iter().all(|tokens| tokens.error() == "invalid_grant"), "{lost:?}");
    // That others tried is a sign of theft: the one who won has nothing of it (RFC 6749 section 4.1.2).
    if let [tokens] = won.as_slice() {
        let client = portal_at(nodes, 1);
        assert_eq!(client.userinfo(&tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(client.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant");
    }
    won.len()
}

async fn refresh(nodes: &Nodes) -> usize {
    let token = nodes.at(0).portal().exchange(&given(nodes).await).await.text("refresh_token");
    won(|n| {
        let (client, token) = (portal_at(nodes, n), token.clone());
        async move { client.refresh(&token).await.status == StatusCode::OK }
    })
    .await
}

/// All nodes have one host, so one jar of cookies; only the port differs.
async fn answer(nodes: &Nodes) -> usize {
    let (browser, portal) = (nodes.at(0).browser(), nodes.at(0).portal());
    let r = portal.authorize(&browser, &[("prompt", "login")]).await.param("r").unwrap();
    let resume = shown(&browser, Some(&r), ANN).await.location();
    won(|n| {
        let (browser, address) = (browser.clone(), format!("{}{resume}", nodes.at(n).url));
        async move { browser.get(&address).await.param("code").is_some() }
    })
    .await
}

/// Where each statement is slow, those of the round before may be in the way for a moment: whoever is told to come back
/// does.
pub(crate) async fn coming_back<R: Future<Output = Page>>(ask: impl Fn() -> R) -> Page {
    const PATIENCE: Duration = Duration::from_secs(5);
    let began = Instant::now();
    loop {
        let page = ask().await;
        if page.status != StatusCode::SERVICE_UNAVAILABLE || began.elapsed() > PATIENCE {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A right password, for a waiting request or for none.
pub(crate) async fn shown(browser: &Browser, request: Option<&str>, (name, password): (&str, &str)) -> Page {
    coming_back(|| browser.try_sign_in(request, name, password)).await
}

/// The session of somebody who has nothing more to show.
pub(crate) async fn signed_in(browser: &Browser, who: (&str, &str)) -> String {
    let page = shown(browser, None, who).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    page.param("as").expect("a session")
}

async fn ticket(nodes: &Nodes) -> usize {
    let number = nodes.number();
    let admin = nodes.at(0).browser();
    let session = signed_in(&admin, ADMIN).await;
    let login = (5000 + number).to_string();
    let made = admin.console("/admin/accounts", &session, &[("username", &login), ("name", "T")]).await;
    let given = between(&made, "<code", "</code>");
    let browser = nodes.at(0).browser();
    let page = shown(&browser, None, (&format!("{login}-acme"), &given)).await;
    let (ticket, csrf) = (page.field("ticket").unwrap_or_else(|| panic!("{}", page.text())), browser.csrf().await);
    won(|n| {
        let (browser, ticket, csrf) = (browser.clone(), ticket.clone(), csrf.clone());
        let (address, origin) = (format!("{}/login/new-password", nodes.at(n).url), nodes.at(0).url.clone());
        async move {
            let new = format!("a quiet marble tugboat {n}");
            let fields = [("csrf", csrf.as_str()), ("ticket", &ticket), ("new", &new), ("confirm", &new)];
            browser.post_with(&address, &fields, &[("origin", &origin)]).await.status == StatusCode::SEE_OTHER
        }
    })
    .await
}

/// A sign-in by what a passkey signed for so many challenges, each time with the same count.
async fn passkey(nodes: &Nodes, (challenges, counter): (usize, u32)) -> usize {
    let (owner, origin) = (nodes.at(0).browser(), nodes.at(0).url.clone());
    let session = signed_in(&owner, ANN).await;
    let made = Passkey::add(&owner, &session, &origin).await;
    let passkey = Passkey { counter, ..made };
    let browser = nodes.at(0).browser();
    let mut signed = Vec::new();
    for _ in 0..challenges {
        let (options, state) = ask(&browser).await;
        signed.push((state, passkey.sign(&options).to_string()));
    }
    let csrf = browser.csrf().await;
    let winners = won(|n| {
        let (browser, csrf, (state, answer)) = (browser.clone(), csrf.clone(), signed[n % challenges].clone());
        let (address, origin) = (format!("{}/login/passkey", nodes.at(n).url), origin.clone());
        async move {
            let fields = [("csrf", csrf.as_str()), ("state", &state), ("credential", &answer)];
            let page = browser.post_with(&address, &fields, &[("origin", &origin)]).await;
            page.status == StatusCode::SEE_OTHER && page.param("as").is_some()
        }
    });
    let winners = winners.await;
    let taken_away = nodes.store.write(|w| {
        let tenant = idp_store::tenants::by_code(w, &"acme".parse().unwrap())?.unwrap().id;
        let ann = idp_store::logins::holder(w, tenant, &"201".parse().unwrap())?.unwrap();
        for passkey in idp_store::passkeys::of(w, ann)? {
            idp_store::passkeys::remove(w, ann, passkey.id)?;
        }
        idp_store::throttles::clear(w, *ann.bytes())
    });
    taken_away.await.unwrap();
    winners
}

/// The text between the end of a tag and another.
fn between(page: &Page, tag: &str, end: &str) -> String {
    let after = page.body.split(tag).nth(1).unwrap_or_else(|| panic!("no {tag}: {}", page.text()));
    after.split_once('>').unwrap().1.split(end).next().unwrap().to_owned()
}

async fn one_time(nodes: &Nodes, act: &str) -> usize {
    let now = support::now(); // what is long over would be cleared away in the middle of a race
    let name = format!("link {}", nodes.number());
    let digest = TokenHash::of(&name);
    let made = nodes.store.write(move |w| {
        let tenant = idp_store::tenants::by_code(w, &"acme".parse().unwrap())?.map(|t| t.id);
        let tenant = tenant.unwrap_or(TenantId::from_bytes([0; 16]));
        let account = idp_store::logins::holder(w, tenant, &"201".parse().unwrap())?.unwrap();
        let epochs = Epochs { instance: 1, tenant: 1, account: 1, client: 0 };
        let expires_at = now + Lifetime::minutes(15);
        let made = OneTime { tenant, account, purpose: Purpose::SignInLink, payload: "{}".into(), epochs, expires_at };
        idp_store::one_time::insert(w, digest, &made, now)
    });
    assert!(made.await.unwrap());
    // What was made for something else is none, and stays what it is.
    let other = nodes.store.write(move |w| idp_store::one_time::spend(w, digest, Purpose::Challenge, now));
    assert!(other.await.unwrap().is_none());
    won_elsewhere(nodes, act, &name)
}

/// Half of the crowd in each of two processes, which begin when the file is there.
fn won_elsewhere(nodes: &Nodes, act: &str, name: &str) -> usize {
    let backend = &nodes.at(0).backend;
    let (begin, half) = (backend.folder().join(name), (CROWD / nodes.all.len()).to_string());
    let at = begin.to_str().unwrap();
    let running: Vec<_> = nodes.all.iter().map(|p| p.beside(&[act, &backend.url, name, &half, at])).collect();
    std::fs::write(&begin, "").unwrap();
    let told = |child: std::process::Child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let won = || running.into_iter().map(|child| told(child).trim().parse::<usize>().unwrap()).sum();
    tokio::task::block_in_place(won)
}

/// Wrong passwords for somebody nobody has tried before, in a crowd that spells his name differently: how many were
/// looked at. Names that nobody has would fall into common buckets, and two of many into one.
async fn guess(nodes: &Nodes) -> usize {
    let somebody = somebody(nodes.next_person.fetch_add(1, Ordering::Relaxed)).0;
    let number = somebody.trim_end_matches("-crowd").to_owned();
    let before = nodes.looked_at();
    won(|n| {
        let (browser, origin) = (nodes.at(n).browser(), nodes.at(0).url.clone());
        let name = if n % 2 == 0 { format!("{number}-crowd") } else { format!(" {number}@CROWD ") };
        async move {
            let csrf = browser.csrf().await;
            let fields = [("csrf", csrf.as_str()), ("identifier", &name), ("password", "a wrong password")];
            let page = browser.post_with("/login", &fields, &[("origin", &origin)]).await;
            // One that can't be looked at now is not looked at: that is an answer, too.
            let known = [422, 429, 503].contains(&page.status.as_u16());
            assert!(known, "{} {}", page.status, page.text());
            false
        }
    })
    .await;
    nodes.looked_at() - before
}
