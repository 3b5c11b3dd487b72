//! `idp client`.

use anyhow::{Context, bail};
use idp_core::authority::SystemAdmin;
use idp_core::oidc::client::{AuthMethod, Entry, Pkce, Refresh, SigningAlgorithm};
use idp_core::oidc::scope::{Scope, Scopes};
use idp_service::admin::clients::{self, Registration};
use idp_service::context::Ctx;

use super::out::{note, say, table};
use super::secret::SecretSource;

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Register a client. Without a secret of your own it gets one, which is printed.
    Create(Box<New>),
    /// Switch a client off: nobody can sign in to it, and what it was given is dead.
    Disable {
        /// Its public name.
        client_id: String,
    },
    /// Switch a client on again.
    Enable {
        /// Its public name.
        client_id: String,
    },
    /// Show the clients.
    List,
}

/// A new client.
#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// Its public name.
    client_id: String,
    /// What people call it.
    #[arg(long)]
    name: String,
    /// Where answers may go; may be given several times.
    #[arg(long = "redirect-uri", required = true, value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where people may go after a sign-out; may be given several times.
    #[arg(long = "post-logout-uri", value_name = "URI")]
    post_logout_uris: Vec<String>,
    /// Where it wants to hear that a session ended.
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// Where people find it.
    #[arg(long, value_name = "URI")]
    home_uri: Option<String>,
    /// What it may ask for.
    #[arg(long, default_value = "openid profile email")]
    scopes: String,
    /// How it shows who it is: `client_secret_basic`, `client_secret_post` or `none`.
    #[arg(long, default_value = "client_secret_basic")]
    auth_method: String,
    /// What its ID tokens are signed with: ES256 or RS256.
    #[arg(long, default_value = "ES256")]
    id_token_alg: String,
    /// It can't use PKCE. A public client always must.
    #[arg(long)]
    without_pkce: bool,
    /// Everybody may enter, not only those who were given a part in it.
    #[arg(long)]
    open_to_everybody: bool,
    /// It refreshes on a person's request only, so that a refresh keeps the session alive.
    #[arg(long)]
    refresh_is_activity: bool,
    #[command(flatten)]
    secret: SecretSource,
}

pub(super) async fn run(cx: &Ctx, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create(new) => create(cx, *new).await,
        Command::Disable { client_id } => {
            switch(cx, &client_id, false).await?;
            say(format!("Switched client {client_id} off."));
            Ok(())
        }
        Command::Enable { client_id } => {
            switch(cx, &client_id, true).await?;
            say(format!("Switched client {client_id} on."));
            Ok(())
        }
        Command::List => {
            let rows: Vec<Vec<String>> = clients::list(cx)
                .await?
                .into_iter()
                .map(|c| {
                    let uris = c.redirect_uris.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                    let state = if c.enabled { "on" } else { "off" }.to_owned();
                    vec![
                        c.client_id,
                        c.name,
                        state,
                        c.auth_method.name().to_owned(),
                        c.algorithm.name().to_owned(),
                        uris,
                    ]
                })
                .collect();
            table(&["CLIENT_ID", "NAME", "STATE", "AUTHENTICATION", "ID TOKEN", "REDIRECT URIS"], &rows);
            Ok(())
        }
    }
}

async fn switch(cx: &Ctx, client_id: &str, on: bool) -> anyhow::Result<()> {
    let client = cx.client(client_id).await?;
    let client = client.with_context(|| format!("there is no client `{client_id}`; see `idp client list`"))?;
    Ok(clients::switch(cx, &SystemAdmin::operator(), &client, on).await?)
}

async fn create(cx: &Ctx, new: New) -> anyhow::Result<()> {
    let auth_method = AuthMethod::from_name(&new.auth_method).context("--auth-method: there is no such way")?;
    if let Some(unknown) = new.scopes.split_ascii_whitespace().find(|s| Scope::from_name(s).is_none()) {
        bail!("--scopes: there is no scope `{unknown}`");
    }
    if new.without_pkce && auth_method == AuthMethod::None {
        bail!("--without-pkce: a client that can't keep a secret has to use PKCE");
    }
    let given = new.secret.read()?;
    let (secret, generated) = match (auth_method, given) {
        (AuthMethod::None, _) => (None, false),
        (AuthMethod::SecretBasic | AuthMethod::SecretPost, Some(given)) => (Some(given), false),
        (AuthMethod::SecretBasic | AuthMethod::SecretPost, None) => (Some(clients::generate_secret(cx)?), true),
    };
    let registration = Registration {
        client_id: new.client_id.clone(),
        name: new.name,
        tenant: cx.vendor,
        auth_method,
        redirect_uris: new.redirect_uris,
        post_logout_uris: new.post_logout_uris,
        algorithm: SigningAlgorithm::from_name(&new.id_token_alg).context("--id-token-alg: use ES256 or RS256")?,
        pkce: if new.without_pkce { Pkce::Optional } else { Pkce::Required },
        scopes: Scopes::read(&new.scopes),
        entry: if new.open_to_everybody { Entry::Everybody } else { Entry::Entitled },
        refresh: if new.refresh_is_activity { Refresh::Activity } else { Refresh::Silent },
        backchannel_logout_uri: new.backchannel_logout_uri,
        home_uri: new.home_uri,
    };
    clients::create(cx, &SystemAdmin::operator(), registration, secret.as_ref()).await??;
    match secret.filter(|_| generated) {
        Some(secret) => {
            note(format!("Registered client {}. Its secret, shown once:", new.client_id));
            say(secret.expose());
        }
        None => say(format!("Registered client {}.", new.client_id)),
    }
    Ok(())
}
