//! Signing in by another provider: a person is sent there with what has to come back, and comes back with a code. Who
//! he is there is one row here, or none yet; by a mail address nobody is found.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use idp_core::account::{Account, LoginName};
use idp_core::audit::AuditEvent;
use idp_core::authority::{Permission, TenantAdmin};
use idp_core::federation::Connector;
use idp_core::federation::identity::{self, Expected, Identity, PATIENCE, Refused};
use idp_core::ids::{ConnectorId, IdentityId, SessionId, TenantId};
use idp_core::mail::shown_name;
use idp_core::policy::FirstTime;
use idp_core::secret::{Secret, TokenHash};
use idp_core::session::Method;
use idp_core::signin::Refusal;
use idp_core::signin::second_factor::FRESH;
use idp_core::standing::Barred;
use idp_core::time::Timestamp;
use idp_crypto::seal::Purpose;
use idp_store::identities::Connected;
use serde::{Deserialize, Serialize};

use super::door::{self, First, Inside};
use super::second::answered;
use super::{Entry, NETWORK, asks_for_two};
use crate::admin::accounts::{First as FirstWay, NewAccount, Refused as CantCreate, create};
use crate::audit::scribe::Scribe;
use crate::connectors::{callback, open_secret};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::outside::provider::{Ask, ProviderError, Redeem};
use crate::second_factor;
use crate::visitor::Visitor;

/// People of one name in a company that comes by itself; whoever is one more is made by an administrator.
const MOST_OF_A_NAME: usize = 99;

/// What waits for a sign-in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Waiting {
    /// The sealed request of a client.
    pub request: Option<String>,
    /// What else the page says of it, in its own words.
    pub page: Option<String>,
}

/// What somebody wants who presses the button of a provider.
#[derive(Debug)]
pub struct Start {
    /// Its name, as it stands in the address.
    pub connector: String,
    /// What waits.
    pub waits: Waiting,
    /// He has to show again who he is.
    pub anew: bool,
    /// Who is probably meant.
    pub hint: Option<String>,
    /// The session on whose page it was pressed: the person there is to be connected with its account.
    pub session: Option<SessionId>,
}

/// What came of it.
#[derive(Debug)]
pub enum Started {
    /// He is sent there.
    To(String),
    /// There is no such provider.
    Gone,
    /// It is of no use now.
    Down(Arc<Connector>),
    /// Too many from this network.
    Busy(Arc<Connector>),
}

/// What comes back, and nothing else may: sealed, for this browser.
#[derive(Serialize, Deserialize)]
struct Flow {
    connector: ConnectorId,
    nonce: String,
    verifier: String,
    waits: Waiting,
    /// Since when he has to show again who he is, if he has to.
    anew_since: Option<Timestamp>,
    session: Option<SessionId>,
    ends: Timestamp,
}

fn place(visitor: &Visitor) -> Vec<u8> {
    [b"upstream ", visitor.anonymous.as_bytes()].concat()
}

/// 32 random bytes as text.
fn drawn(cx: &Ctx) -> Result<String, ServiceError> {
    Ok(BASE64URL_NOPAD.encode(&cx.random.bytes::<32>()?))
}

/// The connector of that name, if people come in by it. Asked of the database: one that was switched off is off.
async fn on(cx: &Ctx, name: &str) -> Result<Option<Connector>, ServiceError> {
    let name = name.to_owned();
    let found = cx.store.read(move |r| idp_store::connectors::by_name(r, &name)).await?;
    Ok(found.filter(|connector| connector.enabled))
}

/// Sends somebody to a provider.
///
/// # Errors
/// If it can't be done now.
pub async fn start(cx: &Ctx, visitor: &Visitor, start: Start) -> Result<Started, ServiceError> {
    let now = cx.clock.now();
    let Some(connector) = on(cx, &start.connector).await? else { return Ok(Started::Gone) };
    if cx.ephemeral.take(&format!("upstream:{}", visitor.network()), NETWORK, now).await.is_err() {
        return Ok(Started::Busy(Arc::new(connector)));
    }
    let (nonce, verifier) = (drawn(cx)?, Secret::new(drawn(cx)?));
    let flow = Flow {
        connector: connector.id,
        nonce: nonce.clone(),
        verifier: verifier.expose().clone(),
        waits: start.waits,
        anew_since: start.anew.then_some(now),
        session: start.session,
        ends: now + PATIENCE,
    };
    let state = cx.sealer.seal_text(Purpose::Journey, &place(visitor), &serde_json::to_vec(&flow)?, &cx.random)?;
    let callback = callback(cx, &connector.name);
    let ask = Ask { state, nonce, verifier: &verifier, callback, anew: start.anew, hint: start.hint };
    match cx.providers.address(&cx.http, &connector, (ask, now)).await {
        Ok(url) => Ok(Started::To(url.into())),
        Err(error) => {
            tell(&connector, &error);
            Ok(Started::Down(Arc::new(connector)))
        }
    }
}

fn tell(connector: &Connector, error: &ProviderError) {
    tracing::warn!(event = "provider_refused", connector = %connector.name, %error, "a sign-in by another provider came to nothing");
}

/// What a browser brings back.
#[derive(Debug)]
pub struct Back {
    /// The connector, as it stands in the address.
    pub connector: String,
    /// What was sent along.
    pub state: Option<String>,
    /// A code.
    pub code: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
}

/// What came of it, with what waits.
#[derive(Debug)]
pub struct Answer {
    /// By which provider; nothing, if that isn't known.
    pub connector: Option<Arc<Connector>>,
    /// What waits.
    pub waits: Waiting,
    /// What came of it.
    pub outcome: Outcome,
}

/// See [`Answer`].
#[derive(Debug)]
pub enum Outcome {
    /// He is in.
    In(Box<Entry>),
    /// The second factor comes next.
    Second(String),
    /// He is known there and not yet here: what the page has to bring that connects both.
    Connect(String),
    /// He gave up there.
    Cancelled,
    /// The provider says no, or what it says isn't right.
    NotConfirmed,
    /// It doesn't answer.
    Down,
    /// Too many come back from this network.
    Busy,
    /// It lets in somebody whom the company doesn't, from this domain if it is known.
    Outside(String),
    /// There is no account for the person of this name, and he may not have one.
    NoAccount(String),
    /// His account is locked or switched off, or his company is.
    Barred,
    /// It took too long, or was sent before, or is another browser's.
    Over,
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Self::In(_) => "in",
            Self::Second(_) => "second",
            Self::Connect(_) => "connect",
            Self::Cancelled => "cancelled",
            Self::NotConfirmed => "not_confirmed",
            Self::Down => "down",
            Self::Busy => "busy",
            Self::Outside(_) => "outside",
            Self::NoAccount(_) => "no_account",
            Self::Barred => "barred",
            Self::Over => "over",
        }
    }
}

/// Somebody comes back from a provider.
///
/// # Errors
/// If it can't be looked at now.
pub async fn finish(cx: &Ctx, visitor: &Visitor, back: Back) -> Result<Answer, ServiceError> {
    let answer = look(cx, visitor, back).await?;
    let kind = answer.connector.as_ref().map_or("unknown", |c| c.kind.name());
    metrics::counter!("idp_federation_total", "provider" => kind, "outcome" => answer.outcome.name()).increment(1);
    Ok(answer)
}

async fn look(cx: &Ctx, visitor: &Visitor, back: Back) -> Result<Answer, ServiceError> {
    let now = cx.clock.now();
    let over = Answer { connector: None, waits: Waiting::default(), outcome: Outcome::Over };
    let Some(state) = back.state else { return Ok(over) };
    let flow = cx.sealer.open_text(Purpose::Journey, &place(visitor), &state).ok();
    let flow = flow.and_then(|plain| serde_json::from_slice::<Flow>(&plain).ok());
    let Some(flow) = flow.filter(|flow| !flow.ends.reached(now)) else { return Ok(over) };
    // An answer for one provider is none for another (RFC 9700 section 4.4).
    let connector = on(cx, &back.connector).await?.filter(|connector| connector.id == flow.connector);
    let Some(connector) = connector.map(Arc::new) else { return Ok(Answer { waits: flow.waits, ..over }) };
    if cx.ephemeral.take(&format!("upstream-back:{}", visitor.network()), NETWORK, now).await.is_err() {
        return Ok(Answer { connector: Some(connector), waits: flow.waits, outcome: Outcome::Busy });
    }
    let (digest, ends) = (TokenHash::of(&state), flow.ends);
    let is_first = cx.store.write(move |w| idp_store::identities::take_answer(w, digest, ends)).await?;
    let one = One { cx, visitor, now, connector: Arc::clone(&connector), flow };
    let outcome = match (is_first, back.code, back.error.as_deref()) {
        (false, ..) => Outcome::Over,
        (true, _, Some("access_denied")) => Outcome::Cancelled,
        (true, Some(code), None) => one.redeem(code, back.iss.as_deref()).await?,
        (true, _, _) => Outcome::NotConfirmed,
    };
    Ok(Answer { connector: Some(connector), waits: one.flow.waits, outcome })
}

/// One sign-in with everything around it.
struct One<'a> {
    cx: &'a Ctx,
    visitor: &'a Visitor,
    now: Timestamp,
    connector: Arc<Connector>,
    flow: Flow,
}

impl One<'_> {
    async fn redeem(&self, code: String, iss: Option<&str>) -> Result<Outcome, ServiceError> {
        let (cx, connector) = (self.cx, &*self.connector);
        let secret = open_secret(cx, connector.id).await?;
        let verifier = Secret::new(self.flow.verifier.clone());
        let callback = callback(cx, &connector.name);
        let metadata = match cx.providers.metadata(&cx.http, connector, self.now).await {
            Ok(metadata) => metadata,
            Err(error) => return Ok(self.came_to_nothing(&error)),
        };
        let names_itself =
            iss.map_or(!metadata.authorization_response_iss_parameter_supported, |iss| iss == metadata.issuer);
        if !names_itself {
            return Ok(Outcome::NotConfirmed);
        }
        let redeem = Redeem { code, verifier: &verifier, callback, secret: &secret };
        let signed = match cx.providers.redeem(&cx.http, connector, (redeem, self.now)).await {
            Ok(signed) => signed,
            Err(error) => return Ok(self.came_to_nothing(&error)),
        };
        let expected = Expected {
            issuer: &metadata.issuer,
            key_issuer: signed.key_issuer.as_deref(),
            nonce: &self.flow.nonce,
            anew_since: self.flow.anew_since,
            now: self.now,
        };
        match identity::identify(connector, &signed.claims, expected) {
            Ok(identity) => self.known(identity).await,
            Err(Refused::Outside(domain)) => Ok(Outcome::Outside(domain)),
            Err(Refused::Token(why)) => Ok(self.came_to_nothing(&ProviderError::Refused(why.to_owned()))),
        }
    }

    fn came_to_nothing(&self, error: &ProviderError) -> Outcome {
        tell(&self.connector, error);
        match error {
            ProviderError::Down(_) => Outcome::Down,
            ProviderError::Refused(_) => Outcome::NotConfirmed,
        }
    }

    /// The account of who came, or what to do without one.
    async fn known(&self, identity: Identity) -> Result<Outcome, ServiceError> {
        let company = self.cx.company(self.connector.tenant).await?;
        if let Some(found) = self.account(&identity).await? {
            return match self.flow.session {
                // He is known already: whose he is is said where he is to be connected.
                Some(_) => Ok(Outcome::Connect(self.ticket(&identity).seal(self.cx, self.visitor)?)),
                None => self.enter(found, &company, &identity).await,
            };
        }
        let is_asked = self.flow.session.is_some();
        match company.policy.first_time() {
            FirstTime::Create
                if !is_asked && self.connector.is_restricted() && !self.is_somebodys(&identity).await? =>
            {
                self.create(&company, identity).await
            }
            FirstTime::Deny if !is_asked => Ok(Outcome::NoAccount(identity.shown)),
            FirstTime::Bind | FirstTime::Create | FirstTime::Deny => {
                Ok(Outcome::Connect(self.ticket(&identity).seal(self.cx, self.visitor)?))
            }
        }
    }

    async fn account(&self, identity: &Identity) -> Result<Option<(IdentityId, Account)>, ServiceError> {
        let (tenant, issuer, subject) = (self.connector.tenant, identity.issuer.clone(), identity.subject.clone());
        let read = self.cx.store.read(move |r| {
            let found = idp_store::identities::account_of(r, tenant, (&issuer, &subject))?;
            let Some((id, account)) = found else { return Ok(None) };
            Ok(idp_store::accounts::by_id(r, tenant, account)?.map(|account| (id, account)))
        });
        Ok(read.await?)
    }

    /// Straight in, as far as nothing else is due.
    async fn enter(
        &self,
        (id, account): (IdentityId, Account),
        company: &Arc<Company>,
        identity: &Identity,
    ) -> Result<Outcome, ServiceError> {
        let (cx, visitor, now) = (self.cx, self.visitor, self.now);
        let request = self.flow.waits.request.clone();
        let tells = identity.says_both && second_factor::rules(company, &account).upstream_tells;
        let first = First {
            account: &account,
            company: Arc::clone(company),
            method: if tells { Method::UpstreamBoth } else { Method::Upstream },
            answered: answered(cx, visitor, request.as_deref(), now)?,
            insists: self.flow.anew_since.is_some() || asks_for_two(cx, visitor, request.as_deref(), now)?,
            must_change: false,
            recovery: None,
            // A provider that doesn't tell may have asked nobody: he is in, and has not just shown who he is.
            at: identity.auth_time.unwrap_or(now - FRESH),
            now,
        };
        let Some(door) = door::prepare(cx, visitor, first).await? else { return self.barred(&account).await };
        let (door, connector) = (Arc::new(door), self.connector.id);
        let inner = Arc::clone(&door);
        let passed = cx.store.write(move |w| {
            // One that was switched off, or disconnected, meanwhile lets nobody in.
            if !idp_store::connectors::is_on(w, connector)? {
                return Ok(None);
            }
            let passed = inner.pass(w)?;
            Ok(if passed.is_some() && idp_store::identities::used(w, id, now)? { passed } else { None })
        });
        let Some(passed) = passed.await? else { return self.barred(&account).await };
        Ok(match door.answer(cx, passed, request) {
            Inside::In(entry) => Outcome::In(entry),
            Inside::Second(journey) => Outcome::Second(journey),
            Inside::MustChange(_) => Outcome::Barred, // it is no password
        })
    }

    /// His account, or his company, lets him in by nothing.
    async fn barred(&self, account: &Account) -> Result<Outcome, ServiceError> {
        let (cx, tenant, id) = (self.cx, account.tenant, account.id);
        let scribe = Scribe::new(cx, self.now)?.from(self.visitor.address.to_string());
        let reason = Refusal::Barred(Barred::Account).name().to_owned();
        let event = AuditEvent::SignInFailed { account: Some(id), reason };
        cx.store.write(move |w| scribe.begin().add(w, tenant, event.clone())).await?;
        Ok(Outcome::Barred)
    }

    /// A new account, connected from its first moment on. It has no password; what it may use, an administrator says.
    async fn create(&self, company: &Arc<Company>, identity: Identity) -> Result<Outcome, ServiceError> {
        let (cx, tenant, now) = (self.cx, self.connector.tenant, self.now);
        let by = TenantAdmin::operator(Permission::CreateAccount, tenant, tenant == cx.vendor);
        let wanted = login(&identity);
        let name = identity.name.as_deref().and_then(shown_name).unwrap_or(&wanted).to_owned();
        // Others who come for the first time may take the name meanwhile: so many of them at once.
        for _ in 0..20 {
            let Some(login) = self.free_login(&wanted).await? else { break };
            let new = NewAccount {
                login,
                name: name.clone(),
                email: identity.email.as_ref().map(ToString::to_string),
                email_verified: identity.email.is_some(),
                language: None,
                roles: Vec::new(),
                portals: Vec::new(),
            };
            let first = FirstWay::Connected(self.connector.label.clone(), self.ticket(&identity).connected(cx, now)?);
            match create(cx, &by, new, first).await? {
                // The name is somebody's; or the person is, and then he is found.
                Err(CantCreate::Taken) if self.account(&identity).await?.is_none() => {}
                Ok(_) | Err(_) => break,
            }
        }
        match self.account(&identity).await? {
            Some(found) => self.enter(found, company, &identity).await,
            None => Ok(Outcome::NoAccount(identity.shown)),
        }
    }

    /// That name, or the first with a number that nobody in the company has.
    async fn free_login(&self, wanted: &str) -> Result<Option<String>, ServiceError> {
        let (tenant, wanted) = (self.connector.tenant, wanted.to_owned());
        let found = self.cx.store.read(move |r| {
            for number in 1..=MOST_OF_A_NAME {
                let login = if number == 1 { wanted.clone() } else { format!("{wanted}{number}") };
                let Ok(name) = login.parse() else { break };
                if idp_store::logins::is_free(r, tenant, &name)? {
                    return Ok(Some(login));
                }
            }
            Ok(None)
        });
        Ok(found.await?)
    }

    /// Has somebody of the company that address? Then the account is his already, and he shows so.
    async fn is_somebodys(&self, identity: &Identity) -> Result<bool, ServiceError> {
        let (tenant, Some(email)) = (self.connector.tenant, identity.email.clone()) else { return Ok(false) };
        let found = self.cx.store.read(move |r| idp_store::accounts::of_mailbox(r, Some(tenant), (&email, 1))).await?;
        Ok(!found.is_empty())
    }

    /// What the page that connects has to bring.
    fn ticket(&self, identity: &Identity) -> Ticket {
        Ticket {
            connector: self.connector.id,
            label: self.connector.label.clone(),
            tenant: self.connector.tenant,
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            shown: identity.shown.clone(),
            waits: self.flow.waits.clone(),
            session: self.flow.session,
            made_at: self.now,
            ends: self.now + PATIENCE,
        }
    }
}

/// A name to sign in with, made of the one that he has there.
fn login(identity: &Identity) -> String {
    let plain = |text: &str| -> String {
        let allowed = text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
        allowed.collect::<String>().trim_matches(['.', '_']).chars().take(50).collect()
    };
    let from_there = identity.login.as_deref().map(plain);
    // Digits alone are an extension, and those are given out.
    let is_name = |login: &String| login.parse::<LoginName>().is_ok() && !login.bytes().all(|b| b.is_ascii_digit());
    from_there.filter(is_name).unwrap_or_else(|| "user".to_owned())
}

/// Who came from a provider and isn't connected with an account yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ticket {
    /// By which connector.
    pub connector: ConnectorId,
    /// What people call the provider.
    pub label: String,
    /// Whose company.
    pub tenant: TenantId,
    /// By whom he is known.
    issuer: String,
    /// As whom.
    subject: String,
    /// What people recognise him by.
    pub shown: String,
    /// What waits.
    pub waits: Waiting,
    /// The session that asked for it.
    pub(crate) session: Option<SessionId>,
    /// Since when: an account is shown to be his after that.
    pub(crate) made_at: Timestamp,
    pub(crate) ends: Timestamp,
}

fn place_of_ticket(visitor: &Visitor) -> Vec<u8> {
    [b"connect ", visitor.anonymous.as_bytes()].concat()
}

impl Ticket {
    fn seal(&self, cx: &Ctx, visitor: &Visitor) -> Result<String, ServiceError> {
        let plain = serde_json::to_vec(self)?;
        Ok(cx.sealer.seal_text(Purpose::Ticket, &place_of_ticket(visitor), &plain, &cx.random)?)
    }

    /// The person there, as he is connected here.
    pub(crate) fn connected(&self, cx: &Ctx, now: Timestamp) -> Result<Connected, ServiceError> {
        Ok(Connected {
            id: IdentityId::at(now, cx.random.bytes()?),
            connector: self.connector,
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            shown: self.shown.clone(),
            made_at: now,
            used_at: None,
        })
    }

    /// Reads one; nothing if it is another browser's, or too old.
    pub fn open(cx: &Ctx, visitor: &Visitor, sealed: &str) -> Option<Self> {
        let plain = cx.sealer.open_text(Purpose::Ticket, &place_of_ticket(visitor), sealed).ok()?;
        serde_json::from_slice::<Self>(&plain).ok().filter(|ticket| !ticket.ends.reached(cx.clock.now()))
    }
}
