//! The load: so many kept connections, each sending the next request when the last was answered.

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use support::{Browser, Client};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::server::person;

/// How much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Kept connections.
    pub(crate) connections: usize,
    /// How long.
    pub(crate) time: Duration,
}

/// A request that can be sent again.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    base: String,
    path: String,
    authorization: Option<String>,
    cookie: Option<String>,
    form: Option<String>,
}

impl Request {
    pub(crate) fn get(base: &str, path: &str) -> Self {
        Self { base: base.to_owned(), path: path.to_owned(), authorization: None, cookie: None, form: None }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        Self { authorization: Some(format!("Bearer {token}")), ..self }
    }

    fn token(base: &str, fields: &[(&str, &str)]) -> Self {
        Self::token_for(base, "bench", fields)
    }

    fn token_for(base: &str, client: &str, fields: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let basic = format!("Basic {}", BASE64.encode(format!("{client}:bench-secret").as_bytes()));
        Self { authorization: Some(basic), form: Some(form), ..Self::get(base, "/token") }
    }

    fn build(&self) -> hyper::Request<Full<Bytes>> {
        let method = if self.form.is_some() { "POST" } else { "GET" };
        let mut builder = hyper::Request::builder().method(method).uri(&self.path).header("host", "127.0.0.1");
        if let Some(value) = &self.authorization {
            builder = builder.header("authorization", value);
        }
        if let Some(value) = &self.cookie {
            builder = builder.header("cookie", value);
        }
        if self.form.is_some() {
            builder = builder.header("content-type", "application/x-www-form-urlencoded");
        }
        builder.body(Full::from(self.form.clone().unwrap_or_default())).expect("a request")
    }
}

/// How long it took.
#[derive(Debug, Default)]
pub(crate) struct Took {
    /// Each.
    pub(crate) each: Vec<Duration>,
    /// All.
    pub(crate) all: Duration,
}

/// A kept connection.
struct Line(SendRequest<Full<Bytes>>);

impl Line {
    #[expect(clippy::disallowed_methods, reason = "the connection ends with the bench")]
    async fn open(base: &str) -> Self {
        let address = base.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(async move { connection.await.ok() });
        Self(sender)
    }

    async fn send(&mut self, request: &Request) -> (u16, String, Bytes) {
        self.0.ready().await.expect("a line");
        let answer = self.0.send_request(request.build()).await.expect("an answer");
        let status = answer.status().as_u16();
        let location =
            answer.headers().get("location").map(|v| v.to_str().expect("text").to_owned()).unwrap_or_default();
        (status, location, answer.into_body().collect().await.expect("a body").to_bytes())
    }
}

/// Runs one task a connection and puts their times together.
async fn together<R>(load: Load, task: impl Fn(usize) -> R) -> Took
where
    R: Future<Output = Vec<Duration>> + Send + 'static,
{
    let began = Instant::now();
    let mut all = JoinSet::new();
    for n in 0..load.connections {
        all.spawn(task(n));
    }
    let each = all.join_all().await.into_iter().flatten().collect();
    Took { each, all: began.elapsed() }
}

/// The same requests again and again.
pub(crate) async fn repeat(requests: Vec<Request>, load: Load) -> Took {
    together(load, |n| {
        let request = requests[n].clone();
        async move {
            let mut line = Line::open(&request.base).await;
            let (mut took, end) = (Vec::new(), Instant::now() + load.time);
            while Instant::now() < end {
                let began = Instant::now();
                let (status, _, _) = line.send(&request).await;
                assert_eq!(status, 200, "{}", request.path);
                took.push(began.elapsed());
            }
            took
        }
    })
    .await
}

/// Somebody signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) access_token: String,
    refresh_token: String,
    cookie: String,
}

/// Signs so many people in.
pub(crate) async fn sign_in(base: &str, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for n in 0..count {
        let (name, password) = person(n);
        let browser = Browser::new(base);
        let client = Client::new(base, "bench", Some("bench-secret"));
        let more = [("redirect_uri", "https://bench.example/callback")];
        let r = client.authorize(&browser, &more).await.param("r").expect("to sign-in");
        let page = browser.try_sign_in(Some(&r), &name, &password).await;
        let cookies = page.headers.get_all("set-cookie").iter().map(|v| v.to_str().expect("text"));
        let session =
            cookies.filter_map(|c| c.split(';').next()).find(|c| c.starts_with("idp_session=")).expect("a session");
        let cookie = format!("{session}; idp_anonymous={}", "a".repeat(43));
        let code = browser.get(&page.location()).await.param("code").expect("a code");
        let fields =
            [("grant_type", "authorization_code"), ("code", &code), more[0], ("code_verifier", support::VERIFIER)];
        let tokens = client.token(&fields).await;
        people.push(Person {
            access_token: tokens.text("access_token"),
            refresh_token: tokens.text("refresh_token"),
            cookie,
        });
    }
    people
}

/// Each refreshes his own line, again and again.
pub(crate) async fn refreshes(base: &str, people: &[Person], load: Load) -> Took {
    together(load, |n| {
        let (base, mut token) = (base.to_owned(), people[n].refresh_token.clone());
        async move {
            let mut line = Line::open(&base).await;
            let (mut took, end) = (Vec::new(), Instant::now() + load.time);
            while Instant::now() < end {
                let request = Request::token(&base, &[("grant_type", "refresh_token"), ("refresh_token", &token)]);
                let began = Instant::now();
                let (status, _, body) = line.send(&request).await;
                took.push(began.elapsed());
                assert_eq!(status, 200, "refresh");
                let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
                body["refresh_token"].as_str().expect("a token").clone_into(&mut token);
            }
            took
        }
    })
    .await
}

fn authorization(base: &str, client: &str, person: &Person) -> Request {
    let client = Client::new(base, client, None);
    let path = client.authorize_path(&[("redirect_uri", "https://bench.example/callback"), ("prompt", "none")]);
    Request { cookie: Some(person.cookie.clone()), ..Request::get(base, &path) }
}

fn code_of(location: &str) -> String {
    let url = url::Url::parse(location).expect("an address");
    url.query_pairs().find(|(n, _)| n == "code").expect("a code").1.into_owned()
}

/// Each asks for codes on his live session.
pub(crate) async fn authorizations(base: &str, people: &[Person], load: Load) -> Took {
    together(load, |n| {
        let (base, person) = (base.to_owned(), people[n].clone());
        async move {
            let request = authorization(&base, "bench", &person);
            let mut line = Line::open(&base).await;
            let (mut took, end) = (Vec::new(), Instant::now() + load.time);
            while Instant::now() < end {
                let began = Instant::now();
                let (status, location, _) = line.send(&request).await;
                took.push(began.elapsed());
                assert!(status == 303 && location.contains("code="), "{status} {location}");
            }
            took
        }
    })
    .await
}

/// Each asks for codes and exchanges them; only the exchange is timed, and the rate is that of the exchanges alone.
pub(crate) async fn exchanges(base: &str, people: &[Person], load: Load) -> Took {
    const EACH: usize = 40;
    let mut prepared = Vec::new();
    for person in people.iter().take(load.connections) {
        let request = authorization(base, "bench", person);
        let mut line = Line::open(base).await;
        let mut codes = Vec::new();
        for _ in 0..EACH {
            codes.push(code_of(&line.send(&request).await.1));
        }
        prepared.push(codes);
    }
    together(load, |n| {
        let (base, codes) = (base.to_owned(), prepared[n].clone());
        async move {
            let mut line = Line::open(&base).await;
            let mut took = Vec::new();
            for code in codes {
                let request = exchange(&base, "bench", &code);
                let began = Instant::now();
                let (status, _, body) = line.send(&request).await;
                took.push(began.elapsed());
                assert_eq!(status, 200, "exchange: {body:?}");
            }
            took
        }
    })
    .await
}

fn exchange(base: &str, client: &str, code: &str) -> Request {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "https://bench.example/callback"),
        ("code_verifier", support::VERIFIER),
    ];
    Request::token_for(base, client, &fields)
}

/// Each asks for a code on his live session and exchanges it, again and again.
pub(crate) async fn flows(base: &str, people: &[Person], load: Load) -> Took {
    together(load, |n| {
        let (base, person) = (base.to_owned(), people[n].clone());
        async move {
            let request = authorization(&base, "slow", &person);
            let mut line = Line::open(&base).await;
            let (mut took, end) = (Vec::new(), Instant::now() + load.time);
            while Instant::now() < end {
                let began = Instant::now();
                let code = code_of(&line.send(&request).await.1);
                let (status, _, body) = line.send(&exchange(&base, "slow", &code)).await;
                took.push(began.elapsed());
                assert_eq!(status, 200, "exchange: {body:?}");
            }
            took
        }
    })
    .await
}
