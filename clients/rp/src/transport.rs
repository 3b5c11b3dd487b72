//! The one way out: HTTP to the provider, without redirects, bounded in time and size. Not here: what is asked.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use crate::config::ConfigError;

/// A provider that takes longer is treated as down.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than any discovery document or key set needs.
const LARGEST_BODY: usize = 1024 * 1024;

/// Talks to the provider for `openidconnect`.
#[derive(Clone, Debug)]
pub(crate) struct Transport(reqwest::Client);

/// Why no answer came back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    #[error("no answer from the provider")]
    Http(#[from] reqwest::Error),
    #[error("the answer is larger than {LARGEST_BODY} bytes")]
    TooLarge,
    /// Kept apart from answers, which say something about the request: these say only that the provider has a bad day.
    #[error("the provider answered {0}")]
    ServerError(http::StatusCode),
}

impl Transport {
    pub(crate) fn new() -> Result<Self, ConfigError> {
        // An answer must not choose where the next request, with its secret or its token, goes.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(ConfigError::HttpClient)?;
        Ok(Self(client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let status = answer.status();
        if status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS {
            return Err(TransportError::ServerError(status));
        }
        let headers = std::mem::take(answer.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST_BODY {
                return Err(TransportError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Transport {
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
