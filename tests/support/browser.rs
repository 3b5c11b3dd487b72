//! A browser without a screen: cookies, forms, no redirect followed unless a test follows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};

/// A browser.
#[derive(Clone, Debug)]
pub struct Browser {
    http: reqwest::Client,
    jar: Arc<reqwest::cookie::Jar>,
    base: String,
    /// What its pages think they are: another than `base` for a node that answers under the first one's name.
    origin: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The text.
    pub body: String,
}

impl Page {
    /// Where a redirect leads; empty if it is none.
    pub fn location(&self) -> String {
        self.headers.get(LOCATION).map(|v| v.to_str().expect("text").to_owned()).unwrap_or_default()
    }

    /// A parameter of the address a redirect leads to.
    pub fn param(&self, name: &str) -> Option<String> {
        let base = url::Url::parse("http://base.invalid/").expect("a base");
        let url = base.join(&self.location()).expect("an address");
        url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }

    /// The value of a hidden field.
    pub fn field(&self, name: &str) -> Option<String> {
        let tag = self.body.split("<input").find(|t| t.contains(&format!("name=\"{name}\"")))?;
        let tag = tag.split('>').next()?;
        let value = tag.split("value=\"").nth(1)?.split('"').next()?;
        Some(value.replace("&#38;", "&").replace("&amp;", "&").replace("&#34;", "\"").replace("&#39;", "'"))
    }

    /// All hidden fields.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let tags = self.body.split("<input").skip(1).filter_map(|t| t.split('>').next());
        let names = tags.filter(|t| t.contains("type=\"hidden\"")).filter_map(|t| t.split("name=\"").nth(1));
        let names: Vec<&str> = names.filter_map(|t| t.split('"').next()).collect();
        names.into_iter().map(|name| (name.to_owned(), self.field(name).unwrap_or_default())).collect()
    }

    /// The text without its tags, one space between words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut in_tag = false;
        for c in self.body.chars() {
            match c {
                '<' => in_tag = true,
                '>' => {
                    in_tag = false;
                    text.push(' ');
                }
                c if !in_tag => text.push(c),
                _ => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Browser {
    /// A browser that knows nobody.
    pub fn new(base: &str) -> Self {
        Self::with(base, HeaderMap::new())
    }

    /// A browser that sends these with each request.
    fn with(base: &str, headers: HeaderMap) -> Self {
        let jar = Arc::new(reqwest::cookie::Jar::default());
        let http = crate::http().cookie_provider(Arc::clone(&jar)).default_headers(headers).build().expect("a client");
        Self { http, jar, base: base.to_owned(), origin: base.to_owned() }
    }

    fn at(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) }
    }

    /// The same browser at a node that answers under another's name.
    #[must_use]
    pub fn as_if_at(self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self }
    }

    /// The same browser at another node, which answers under the same name.
    #[must_use]
    pub fn at_node(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// A browser at another address: what a proxy in front says of it.
    pub fn from(base: &str, address: std::net::Ipv4Addr) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", address.to_string().parse().expect("a header"));
        Self::with(base, headers)
    }

    async fn try_send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Page> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok(Page { status, headers, body: answer.text().await? })
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Page {
        self.try_send(request).await.expect("an answer")
    }

    /// Opens an address, if there is an answer.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Page> {
        self.try_send(self.http.get(self.at(path))).await
    }

    /// Sends a form as one of the provider's own pages would, if there is an answer.
    pub async fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::Result<Page> {
        let request = self.http.post(self.at(path)).form(fields).header("sec-fetch-site", "same-origin");
        self.try_send(request.header("origin", &self.origin)).await
    }

    /// The values of its cookies.
    pub fn cookies(&self) -> Vec<String> {
        let url = self.base.parse().expect("an address");
        let header = reqwest::cookie::CookieStore::cookies(&*self.jar, &url);
        let text = header.map(|h| h.to_str().expect("text").to_owned()).unwrap_or_default();
        text.split("; ")
            .filter_map(|c| c.split_once('='))
            .map(|(_, v)| v.to_owned())
            .filter(|v| v.len() >= 20)
            .collect()
    }

    /// Opens an address.
    pub async fn get(&self, path: &str) -> Page {
        self.send(self.http.get(self.at(path))).await
    }

    /// Looks at the headers alone.
    pub async fn head(&self, path: &str) -> Page {
        self.send(self.http.head(self.at(path))).await
    }

    /// Opens an address with headers of one's own.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let request = headers.iter().fold(self.http.get(self.at(path)), |r, (n, v)| r.header(*n, *v));
        self.send(request).await
    }

    /// The same; there is an answer.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.try_post(path, fields).await.expect("an answer")
    }

    /// Sends a form with headers of one's own.
    pub async fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let fields: Vec<(&str, &str)> = fields.to_vec();
        let request = headers.iter().fold(self.http.post(self.at(path)), |r, (n, v)| r.header(*n, *v));
        self.send(request.form(&fields)).await
    }

    /// Sends a form that is written down already.
    pub async fn post_text(&self, path: &str, form: &str) -> Page {
        let request = self.http.post(self.at(path)).body(form.to_owned());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request.header("sec-fetch-site", "same-origin").header("origin", &self.origin)).await
    }

    /// The token that forms of this browser carry.
    pub async fn csrf(&self) -> String {
        self.get("/login").await.field("csrf").expect("a form")
    }

    /// Types a name and a password into the sign-in page, for a waiting request or for none.
    pub async fn try_sign_in(&self, request: Option<&str>, name: &str, password: &str) -> Page {
        let csrf = self.csrf().await;
        let mut fields = vec![("csrf", csrf.as_str()), ("identifier", name), ("password", password)];
        fields.extend(request.map(|r| ("r", r)));
        self.post("/login", &fields).await
    }

    /// Signs in with nothing waiting and answers the account session.
    pub async fn sign_in(&self, name: &str, password: &str) -> String {
        let page = self.try_sign_in(None, name, password).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
        page.param("as").expect("a session")
    }

    /// Opens a page, and sends its form: the fields of the page, and more.
    pub async fn fill(&self, page: &Page, action: &str, more: &[(&str, &str)]) -> Page {
        self.fill_at(page, (action, action), more).await
    }

    /// The same, sent to another address than the form says: another node's.
    pub async fn fill_at(&self, page: &Page, at: (&str, &str), more: &[(&str, &str)]) -> Page {
        self.try_fill_at(page, at, more).await.expect("an answer")
    }

    /// The same, if there is an answer.
    pub async fn try_fill_at(
        &self,
        page: &Page,
        (action, to): (&str, &str),
        more: &[(&str, &str)],
    ) -> reqwest::Result<Page> {
        let form = page.body.split("<form").find(|form| form.contains(&format!("action=\"{action}\"")));
        let form = form.unwrap_or_else(|| panic!("no form leads to {action}: {}", page.text()));
        let form = form.split("</form>").next().unwrap_or_default();
        let form = Page { status: page.status, headers: HeaderMap::new(), body: form.to_owned() };
        let mut hidden: Vec<(String, String)> = form.hidden();
        hidden.retain(|(name, _)| more.iter().all(|(given, _)| given != name)); // a script fills some
        let fields: Vec<(&str, &str)> =
            hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).chain(more.iter().copied()).collect();
        self.try_post(to, &fields).await
    }

    /// Sends the form of a page for a code, and goes on to the page for one that says what came of it.
    pub async fn answer(&self, page: &Page, action: &str, more: &[(&str, &str)]) -> Page {
        let told = self.fill(page, action, more).await;
        self.told(told).await
    }

    /// What came of it, where the same page says so.
    pub async fn told(&self, page: Page) -> Page {
        const PAGES: [&str; 5] = [
            "/login/second?",
            "/login/second/email?",
            "/login/email?",
            "/account/security/email?",
            "/account/settings/email?",
        ];
        let location = page.location();
        if PAGES.iter().any(|page| location.starts_with(page)) { self.get(&location).await } else { page }
    }

    /// Says “not now” where a passkey is offered on the way.
    pub async fn past_offer(&self, page: Page) -> Page {
        if !page.location().starts_with("/account/passkey?") {
            return page;
        }
        let offer = self.get(&page.location()).await;
        self.fill(&offer, "/account/passkey/later", &[]).await
    }

    /// Goes where a page leads, as often as it does.
    pub async fn land(&self, page: Page) -> Page {
        let mut page = page;
        while page.status == StatusCode::SEE_OTHER && page.location().starts_with('/') {
            page = self.get(&page.location()).await;
        }
        page
    }

    /// Does something in the console.
    pub async fn console(&self, path: &str, session: &str, more: &[(&str, &str)]) -> Page {
        let csrf = self.csrf().await;
        let mut fields = vec![("csrf", csrf.as_str()), ("as", session)];
        fields.extend_from_slice(more);
        self.post(path, &fields).await
    }

    /// Asks for a new one-time password for somebody and says yes: what the console answers in the end.
    pub async fn reset_password(&self, session: &str, id: &str, tenant: Option<&str>) -> Page {
        let tenant = tenant.map(|t| format!("&tenant={t}")).unwrap_or_default();
        let path = format!("/admin/accounts/{id}/reset-password");
        let asked = self.get(&format!("{path}?as={session}{tenant}")).await;
        let Some(instead_of) = asked.field("instead_of") else { return asked };
        let mut more = vec![("instead_of", instead_of.as_str())];
        let code = asked.field("tenant").unwrap_or_default();
        more.push(("tenant", &code));
        self.console(&path, session, &more).await
    }

    /// The ids of the accounts that the console lists, by user name.
    pub async fn accounts(&self, session: &str, tenant: Option<&str>) -> BTreeMap<String, String> {
        let tenant = tenant.map(|t| format!("&tenant={t}")).unwrap_or_default();
        let page = self.get(&format!("/admin?as={session}{tenant}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        let mut found = BTreeMap::new();
        for row in page.body.split("<tr").skip(2) {
            let id = row.split("/admin/accounts/").nth(1).and_then(|r| r.split('/').next());
            let text = Page { status: page.status, headers: HeaderMap::new(), body: format!("<tr{row}") }.text();
            let name = text.split(' ').find(|w| w.contains('-') || w.contains('@'));
            if let (Some(id), Some(name)) = (id, name) {
                found.insert(name.to_owned(), id.to_owned());
            }
        }
        found
    }
}
