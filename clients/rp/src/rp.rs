//! The relying party as one value that handlers share, and how it is put together. Not here: what it does.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;

use crate::activity::Lanes;
use crate::clock::{Clock, SystemClock};
use crate::config::{ConfigError, RpConfig, Settings};
use crate::cookies::{self, Cookies};
use crate::logout_token::Replays;
use crate::pages::{Pages, PlainPages};
use crate::provider::Provider;
use crate::same_origin::is_same_origin;
use crate::session::memory::MemorySessions;
use crate::session::{SessionKey, SessionStore};
use crate::transport::Transport;

/// A relying party. Cheap to clone: all clones are the same one.
#[derive(Clone)]
pub struct Rp(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    cookies: Cookies,
    provider: Provider,
    sessions: Arc<dyn SessionStore>,
    clock: Arc<dyn Clock>,
    pages: Arc<dyn Pages>,
    lanes: Lanes,
    replays: Replays,
}

impl Rp {
    /// Puts a relying party together; what is not said otherwise is [`PlainPages`], [`MemorySessions`] and
    /// [`SystemClock`].
    pub fn builder(config: RpConfig) -> RpBuilder {
        RpBuilder {
            config,
            pages: Arc::new(PlainPages),
            sessions: Arc::new(MemorySessions::default()),
            clock: Arc::new(SystemClock),
        }
    }

    /// Whether a page of this application sent the request: the check for forms of one's own that change something.
    pub fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        is_same_origin(headers, &self.0.settings.origin)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    pub(crate) fn provider(&self) -> &Provider {
        &self.0.provider
    }

    pub(crate) fn sessions(&self) -> &dyn SessionStore {
        self.0.sessions.as_ref()
    }

    pub(crate) fn pages(&self) -> &dyn Pages {
        self.0.pages.as_ref()
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.0.lanes
    }

    pub(crate) fn replays(&self) -> &Replays {
        &self.0.replays
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    /// The key of the session that the browser names, whether or not it lives.
    pub(crate) fn session_key(&self, headers: &HeaderMap) -> Option<SessionKey> {
        SessionKey::of_cookie(cookies::value(headers, self.0.cookies.session())?)
    }
}

impl fmt::Debug for Rp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rp").field("config", &self.0.settings.config).finish_non_exhaustive()
    }
}

/// Collects the parts of an [`Rp`].
pub struct RpBuilder {
    config: RpConfig,
    pages: Arc<dyn Pages>,
    sessions: Arc<dyn SessionStore>,
    clock: Arc<dyn Clock>,
}

impl RpBuilder {
    /// Draws the library's pages like the application's.
    #[must_use]
    pub fn pages(mut self, pages: impl Pages + 'static) -> Self {
        self.pages = Arc::new(pages);
        self
    }

    /// Keeps sessions elsewhere.
    #[must_use]
    pub fn sessions(mut self, sessions: impl SessionStore + 'static) -> Self {
        self.sessions = Arc::new(sessions);
        self
    }

    /// Takes the time from elsewhere.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Checks the settings. Opens no connection: the provider may come up later.
    ///
    /// # Errors
    /// The first thing that is wrong with the settings.
    pub fn build(self) -> Result<Rp, ConfigError> {
        let settings = Arc::new(Settings::check(self.config)?);
        Ok(Rp(Arc::new(Inner {
            cookies: Cookies::new(&settings),
            provider: Provider::new(Arc::clone(&settings), Transport::new()?),
            settings,
            sessions: self.sessions,
            clock: self.clock,
            pages: self.pages,
            lanes: Lanes::default(),
            replays: Replays::default(),
        })))
    }
}

impl fmt::Debug for RpBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RpBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}
