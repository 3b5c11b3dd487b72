//! Everything that somebody keeps secret who signs in by mail and protects his account: links, codes, keys.

use std::time::{Duration, Instant};

use data_encoding::BASE32_NOPAD;
use serde_json::json;
use support::passkey::{Passkey, ask as challenge};
use support::upstream::{SECRET, Upstream, connector};
use support::{Authenticator, Browser, MailServer, Mood, Page, Process};

/// Whose secrets they are.
pub(crate) const OLGA: (&str, &str) = ("outsider@acme", "outsider password");

/// The newest mail with these words, as text.
async fn mail(server: &MailServer, words: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let taken = server.taken();
        // Long lines are cut with an equals sign (RFC 2045 section 6.7).
        let texts = taken.iter().rev().map(|m| m.replace("\r\n", "\n").replace("=\n", "").replace("=3D", "="));
        if let Some(text) = texts.into_iter().find(|text| text.contains(words)) {
            return text;
        }
        assert!(Instant::now() < deadline, "no mail “{words}”");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What follows after that in a link.
fn token(mail: &str, path: &str) -> String {
    let rest = mail.split(path).nth(1).unwrap_or_else(|| panic!("no {path}: {mail}"));
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}

fn code(mail: &str) -> String {
    let is_code = |l: &&str| l.len() == 6 && l.bytes().all(|b| b.is_ascii_digit());
    mail.lines().find(is_code).unwrap_or_else(|| panic!("no code: {mail}")).to_owned()
}

async fn ask(browser: &Browser, path: &str) {
    let csrf = browser.csrf().await;
    browser.post(path, &[("csrf", &csrf), ("identifier", OLGA.0)]).await;
}

fn codes(page: &Page) -> Vec<String> {
    let list = page.body.split("<ol").nth(1).unwrap_or_else(|| panic!("{}", page.text()));
    let list = list.split("</ol>").next().unwrap_or_default();
    list.split("<code>").skip(1).filter_map(|c| c.split('<').next()).map(str::to_owned).collect()
}

/// Secrets as they are, and digits with the words before them: six digits alone stand anywhere.
pub(crate) async fn of_mails_and_second_factors(server: &Process, mails: &MailServer) -> Vec<String> {
    let browser = server.browser();
    ask(&browser, "/login/email").await;
    let link = mail(mails, "Sign in to").await;
    ask(&browser, "/forgot").await;
    let reset = mail(mails, "Set a new password").await;
    let mut secrets = vec![token(&link, "/m/"), token(&reset, "/reset/")];
    browser.get(&format!("/m/{}", secrets[0])).await;
    let page = browser.get("/m").await;
    browser.fill(&page, "/m", &[]).await; // from now on the mailbox is shown to be hers
    browser.get(&format!("/reset/{}", secrets[1])).await;
    let session = browser.sign_in(OLGA.0, OLGA.1).await;
    let security = format!("/account/security?as={session}");
    let offer = browser.fill(&browser.get(&security).await, "/account/security/app", &[]).await;
    let shown = offer.body.split("id=\"secret\"").nth(1).and_then(|t| t.split(['>', '<']).nth(1)).unwrap();
    let seed: String = shown.split_whitespace().collect();
    let app = Authenticator::scan(&offer);
    let first = app.code(support::now().seconds());
    let done = browser.fill(&offer, "/account/security/app/confirm", &[("code", &first)]).await;
    secrets.extend(codes(&done));
    secrets.push(String::from_utf8_lossy(&BASE32_NOPAD.decode(seed.as_bytes()).unwrap()).into_owned());
    secrets.push(seed);
    let command = ["account", "backup-code", "outsider", "--tenant", "acme", "--reason", "lost phone"];
    let given = server.own_command(&command);
    secrets.push(given.lines().find(|l| l.len() == 9 && l.contains('-')).expect("a code").to_owned());
    let settings = browser.get(&format!("/account/settings?as={session}")).await;
    let asked = browser.answer(&settings, "/account/settings/email", &[("email", "canary@acme.example")]).await;
    let moved = code(&mail(mails, "confirms your email address").await);
    browser.answer(&asked, "/account/settings/email/confirm", &[("code", &moved)]).await;
    secrets.push(token(&mail(mails, "/undo/").await, "/undo/"));
    secrets.push(format!("canary@acme.example {moved}"));
    // One that waits to be sent is sealed.
    mails.set(Mood::Later);
    ask(&server.browser(), "/login/email").await;
    secrets
}

/// What a device signs, and what comes and goes between another provider, the browser and the server.
pub(crate) async fn of_passkeys_and_providers(server: &Process) -> Vec<String> {
    let browser = server.browser();
    let session = browser.sign_in("220-acme", "auditor password").await;
    let passkey = Passkey::add(&browser, &session, &server.url).await;
    let (options, state) = challenge(&server.browser()).await;
    let signed = passkey.sign(&options);
    let (stranger, answer) = (server.browser(), signed.to_string());
    let csrf = stranger.csrf().await;
    stranger.post("/login/passkey", &[("csrf", &csrf), ("state", &state), ("credential", &answer)]).await;
    let upstream = Upstream::start("{url}").await;
    let file = server.backend.folder().join("connector.toml");
    std::fs::write(&file, connector("canary", "google", &upstream.url, "")).unwrap();
    server.own_command(&["apply", file.to_str().unwrap()]);
    let sent = stranger.get("/upstream/canary").await;
    let brought = upstream.sign_in(&sent, &json!({"sub": "canary of a subject", "email": "c@acme.example"}));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&brought).finish();
    let back = stranger.get(&format!("/upstream/canary/callback?{query}")).await;
    assert!(back.location().starts_with("/account/connect"), "{} {}", back.location(), back.text());
    let mut secrets = vec![state, SECRET.to_owned(), sent.param("nonce").unwrap()];
    secrets.push(signed["response"]["signature"].as_str().unwrap().to_owned());
    secrets.extend(brought.into_iter().filter(|(name, _)| name != "iss").map(|(_, value)| value));
    secrets.extend(stranger.cookies());
    secrets
}
