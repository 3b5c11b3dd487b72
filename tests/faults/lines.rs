//! Lines of refresh tokens that are followed until something fails: what was acknowledged has to be there afterwards.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use support::{Client, Process, somebody};
use tokio::task::JoinSet;

/// Some lines, each at its newest token.
pub(crate) struct Lines {
    newest: Vec<String>,
    following: JoinSet<(String, u32)>,
    steps: u32,
}

impl Lines {
    /// So many people sign in.
    pub(crate) async fn begin(server: &Process, count: usize) -> Self {
        let mut newest = Vec::new();
        for n in 0..count {
            let (name, password) = somebody(n);
            newest.push(server.portal().tokens(&server.browser(), &name, &password).await.text("refresh_token"));
        }
        Self { newest, following: JoinSet::new(), steps: 0 }
    }

    /// Each is refreshed again and again until the server doesn't give any more.
    pub(crate) fn follow(&mut self, server: &Process) {
        for token in self.newest.drain(..) {
            self.following.spawn(follow(server.portal(), token));
        }
    }

    /// Waits until the server has stopped giving.
    pub(crate) async fn settle(&mut self) {
        while let Some(ended) = self.following.join_next().await {
            let (token, steps) = ended.expect("a line");
            self.newest.push(token);
            self.steps += steps;
        }
    }

    /// Each goes on from where it was: how many steps there were before, or what was lost.
    pub(crate) async fn go_on(&mut self, server: &Process) -> Result<u32, String> {
        self.settle().await;
        for token in &mut self.newest {
            *token = again(&server.portal(), token).await.ok_or("an acknowledged token is gone")?;
        }
        Ok(std::mem::take(&mut self.steps))
    }
}

/// The last token that came.
async fn follow(portal: Client, mut token: String) -> (String, u32) {
    let mut steps = 0;
    while let Some(tokens) = portal.try_refresh(&token).await {
        if tokens.status != StatusCode::OK {
            break;
        }
        token = tokens.text("refresh_token");
        steps += 1;
    }
    (token, steps)
}

/// The next token. If the answer to the last request got lost, it takes two seconds until the old token is good again.
async fn again(portal: &Client, token: &str) -> Option<String> {
    let began = Instant::now();
    loop {
        let tokens = portal.refresh(token).await;
        if tokens.status == StatusCode::OK {
            return Some(tokens.text("refresh_token"));
        }
        if began.elapsed() > Duration::from_secs(5) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
