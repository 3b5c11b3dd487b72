//! What another provider says of a person, and whether that person is let in. A mail address names nobody here: whoever
//! runs a provider writes into it what he likes.

use serde::Deserialize;

use super::{Connector, Kind, TEMPLATE, is_guid};
use crate::account::Email;
use crate::time::{Lifetime, Timestamp};

/// What an ID token says (OpenID Connect Core section 2), as far as it is read here. What isn't read can change
/// nothing.
#[derive(Clone, Debug, Deserialize)]
pub struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    auth_time: Option<i64>,
    #[serde(default)]
    amr: Vec<String>,
    /// Told to people, and a filter; never a key.
    pub email: Option<String>,
    email_verified: Option<Yes>,
    /// The person's name.
    pub name: Option<String>,
    preferred_username: Option<String>,
    hd: Option<String>,
    tid: Option<String>,
    oid: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Some providers write `"true"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Yes {
    Bool(bool),
    Text(String),
}

impl Yes {
    fn is_yes(&self) -> bool {
        match self {
            Self::Bool(yes) => *yes,
            Self::Text(text) => text == "true",
        }
    }
}

impl Claims {
    /// Who is told of, for the endpoint that tells more.
    pub fn subject(&self) -> &str {
        &self.sub
    }

    /// The same with what the UserInfo endpoint told, which counts only for the same person (OpenID Connect Core
    /// section 5.3.2).
    #[must_use]
    pub fn with(self, info: Info) -> Self {
        if info.sub != self.sub {
            return self;
        }
        Self {
            email: self.email.or(info.email),
            email_verified: self.email_verified.or(info.email_verified),
            name: self.name.or(info.name),
            preferred_username: self.preferred_username.or(info.preferred_username),
            ..self
        }
    }

    fn verified_mail(&self) -> Option<Email> {
        let is_verified = self.email_verified.as_ref().is_some_and(Yes::is_yes);
        self.email.as_deref().filter(|_| is_verified)?.parse().ok()
    }
}

/// What the UserInfo endpoint tells (OpenID Connect Core section 5.3.2), as far as it is read here.
#[derive(Clone, Debug, Deserialize)]
pub struct Info {
    sub: String,
    email: Option<String>,
    email_verified: Option<Yes>,
    name: Option<String>,
    preferred_username: Option<String>,
}

/// What a token has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The issuer in the provider's metadata.
    pub issuer: &'a str,
    /// The issuer that the key belongs to, where its set says one.
    pub key_issuer: Option<&'a str>,
    /// The nonce of the request.
    pub nonce: &'a str,
    /// Since when the person had to show again who he is, if he had to.
    pub anew_since: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// Who came, as a provider says and as far as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// By whom he is known.
    pub issuer: String,
    /// As whom: never given to another.
    pub subject: String,
    /// What people recognise him by; it decides nothing.
    pub shown: String,
    /// An address that the provider vouches for and may vouch for.
    pub email: Option<Email>,
    /// A name to sign in with, as it was there.
    pub login: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// The provider says that it asked for two factors.
    pub says_both: bool,
    /// When he showed there who he is, if it tells.
    pub auth_time: Option<Timestamp>,
}

/// Why nobody comes in by this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The token isn't what was asked for; why, for the log.
    Token(&'static str),
    /// It is right, and tells of somebody outside of what the company lets in.
    Outside(String),
}

/// Clocks of two machines differ; more than this is a fault.
const LEEWAY: i64 = 60;

/// The token comes straight from the token endpoint, so it is new.
const OLDEST: i64 = 10 * 60;

/// How long a person may take at the provider, after which the sign-in there is no new one.
pub const PATIENCE: Lifetime = Lifetime::minutes(10);

/// Reads who came (OpenID Connect Core section 3.1.3.7), from a token whose signature was looked at.
///
/// # Errors
/// Why nobody comes in by it.
pub fn identify(connector: &Connector, claims: &Claims, expected: Expected<'_>) -> Result<Identity, Refused> {
    check_times(claims, expected)?;
    check_parties(connector, claims)?;
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Refused::Token("the nonce is another"));
    }
    if claims.sub.is_empty() || claims.sub.len() > 255 {
        return Err(Refused::Token("no subject"));
    }
    let (issuer, subject) = match connector.kind {
        Kind::Entra => of_entra(connector, claims, expected)?,
        Kind::Google | Kind::Oidc => {
            check_issuer(claims, expected)?;
            (expected.issuer.to_owned(), claims.sub.clone())
        }
    };
    check_domain(connector, claims)?;
    let email = claims.verified_mail().filter(|_| connector.kind != Kind::Entra);
    // An address that nobody vouches for could be anybody's, and be taken for his.
    let name = || claims.name.as_deref().map(readable).filter(|name| !name.is_empty());
    let there = claims.preferred_username.as_deref().filter(|_| connector.kind == Kind::Entra).map(readable);
    let shown = email.as_ref().map(ToString::to_string).or(there).unwrap_or_else(|| match name() {
        Some(name) => format!("{name} ({})", readable(&claims.sub)),
        None => readable(&claims.sub),
    });
    let login = claims.preferred_username.as_deref().or(claims.email.as_deref());
    Ok(Identity {
        issuer,
        subject,
        shown,
        email,
        login: login.map(|text| text.split('@').next().unwrap_or_default().to_lowercase()),
        name: name(),
        auth_time: claims.auth_time.map(|at| Timestamp::from_seconds(at).earlier(expected.now)),
        says_both: claims.amr.iter().any(|method| method == "mfa"),
    })
}

/// One short line: what others wrote stands on our pages. Marks that nobody sees turn letters round.
fn readable(text: &str) -> String {
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().filter(|c| !is_unseen(*c)).take(100).collect::<String>().trim().to_owned()
}

fn check_times(claims: &Claims, expected: Expected<'_>) -> Result<(), Refused> {
    let now = expected.now.seconds();
    let issued = now - OLDEST - LEEWAY..=now + LEEWAY;
    if claims.exp.saturating_add(LEEWAY) <= now || claims.nbf.is_some_and(|nbf| nbf > now + LEEWAY) {
        return Err(Refused::Token("it is not valid now"));
    }
    if !issued.contains(&claims.iat) {
        return Err(Refused::Token("it was not issued just now"));
    }
    // What the browser was asked to ask for it could leave out: what counts is what the provider says.
    if let Some(since) = expected.anew_since
        && claims.auth_time.is_none_or(|at| at < since.seconds() - LEEWAY)
    {
        return Err(Refused::Token("the sign-in there is an old one, or it doesn't tell"));
    }
    Ok(())
}

fn check_parties(connector: &Connector, claims: &Claims) -> Result<(), Refused> {
    let is_for_us = match &claims.aud {
        Audience::One(one) => *one == connector.client_id,
        Audience::Many(many) => many.contains(&connector.client_id),
    };
    let is_several = matches!(&claims.aud, Audience::Many(many) if many.len() > 1);
    let is_by_us = claims.azp.as_ref().map_or(!is_several, |azp| *azp == connector.client_id);
    if is_for_us && is_by_us { Ok(()) } else { Err(Refused::Token("it is for another client")) }
}

/// Google writes its issuer without the scheme now and then, as its documents say.
fn check_issuer(claims: &Claims, expected: Expected<'_>) -> Result<(), Refused> {
    let is_google = expected.issuer == "https://accounts.google.com" && claims.iss == "accounts.google.com";
    let fits_key = expected.key_issuer.is_none_or(|issuer| issuer == claims.iss);
    if (claims.iss == expected.issuer || is_google) && fits_key {
        Ok(())
    } else {
        Err(Refused::Token("another issuer"))
    }
}

/// One key set signs for all directories: which of them a token is from has to be asked apart, and whether the key may.
fn of_entra(connector: &Connector, claims: &Claims, expected: Expected<'_>) -> Result<(String, String), Refused> {
    let directory = claims.tid.as_deref().filter(|tid| is_guid(tid)).ok_or(Refused::Token("no directory"))?;
    let issuer = expected.issuer.replace(TEMPLATE, directory);
    let fits_key = expected.key_issuer.is_none_or(|of| of.replace(TEMPLATE, directory) == claims.iss);
    // The directory stands in the issuer, or the template let anything through.
    if claims.iss != issuer || !issuer.split('/').any(|part| part == directory) || !fits_key {
        return Err(Refused::Token("the issuer is not that of the directory"));
    }
    if !connector.lets_in(directory) {
        return Err(Refused::Outside(String::new()));
    }
    let person = claims.oid.as_deref().filter(|oid| !oid.is_empty() && oid.len() <= 255);
    Ok((issuer, person.ok_or(Refused::Token("no object id"))?.to_owned()))
}

fn check_domain(connector: &Connector, claims: &Claims) -> Result<(), Refused> {
    if connector.domains.is_empty() {
        return Ok(());
    }
    let domain = match connector.kind {
        Kind::Google => claims.hd.clone(),
        Kind::Entra | Kind::Oidc => {
            claims.verified_mail().and_then(|m| m.as_str().rsplit('@').next().map(str::to_owned))
        }
    };
    match domain.map(|domain| domain.to_lowercase()) {
        Some(domain) if connector.domains.contains(&domain) => Ok(()),
        other => Err(Refused::Outside(other.unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{DIRECTORY, connector};
    use super::super::{CONSUMERS, Kind};
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const MANY: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

    fn claims(more: &Value) -> Claims {
        let mut all = json!({"iss": "https://login.example", "sub": "s", "aud": "us", "exp": 1_800_000_300,
            "iat": 1_800_000_000, "nonce": "n", "email": "ann@acme.example"});
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    fn expected(issuer: &str) -> Expected<'_> {
        Expected { issuer, key_issuer: None, nonce: "n", anew_since: None, now: NOW }
    }

    fn told(connector: &Connector, issuer: &str, more: &Value) -> Result<Identity, Refused> {
        identify(connector, &claims(more), expected(issuer))
    }

    #[test]
    fn a_person_is_known_by_issuer_and_subject() {
        let identity = told(&connector(Kind::Oidc), "https://login.example", &json!({"amr": ["pwd", "mfa"]})).unwrap();
        assert_eq!((&*identity.issuer, &*identity.subject), ("https://login.example", "s"));
        assert_eq!((&*identity.shown, identity.email), ("s", None), "nobody vouches for the address");
        let turned = told(&connector(Kind::Oidc), "https://login.example", &json!({"name": "An\u{202e}n"})).unwrap();
        assert_eq!(turned.shown, "Ann (s)");
        assert!(identity.says_both);
        let sure = told(&connector(Kind::Oidc), "https://login.example", &json!({"email_verified": "true"})).unwrap();
        assert_eq!(sure.email.unwrap().as_str(), "ann@acme.example");
    }

    #[test]
    fn a_token_for_another_or_for_another_time_is_none() {
        for wrong in [
            json!({"aud": "them"}),
            json!({"aud": ["us", "them"]}),
            json!({"aud": ["us", "them"], "azp": "them"}),
            json!({"azp": "them"}),
            json!({"aud": []}),
            json!({"iss": "https://login.example/"}),
            json!({"iss": "https://evil.example"}),
            json!({"nonce": "m"}),
            json!({"nonce": null}),
            json!({"exp": 1_799_999_940}),
            json!({"nbf": 1_800_000_061}),
            json!({"iat": 1_799_999_300}),
            json!({"iat": 1_800_000_061}),
            json!({"sub": ""}),
            json!({"sub": "x".repeat(256)}),
        ] {
            let refused = told(&connector(Kind::Oidc), "https://login.example", &wrong);
            assert!(matches!(refused, Err(Refused::Token(_))), "{wrong}: {refused:?}");
        }
        assert!(
            serde_json::from_value::<Claims>(json!({"iss": "a", "sub": "b", "aud": "c", "exp": "1", "iat": 1}))
                .is_err()
        );
        let both = json!({"aud": ["us", "them"], "azp": "us"});
        assert!(told(&connector(Kind::Oidc), "https://login.example", &both).is_ok());
    }

    #[test]
    fn who_had_to_sign_in_anew_did_not_long_ago() {
        let anew = Expected { anew_since: Some(NOW), ..expected("https://login.example") };
        for (at, may) in [
            (json!(1_800_000_000), true),
            (json!(1_799_999_940), true),
            (json!(1_799_999_900), false),
            (Value::Null, false),
        ] {
            let told = identify(&connector(Kind::Oidc), &claims(&json!({ "auth_time": at })), anew);
            assert_eq!(told.is_ok(), may, "{at}");
        }
        let early = told(&connector(Kind::Oidc), "https://login.example", &json!({"auth_time": 1_900_000_000}));
        assert_eq!(early.unwrap().auth_time, Some(NOW), "nobody has signed in tomorrow");
    }

    #[test]
    fn a_directory_has_to_be_its_own_and_let_in() {
        let entra = connector(Kind::Entra);
        let token = |tid: &str, iss: &str| json!({"tid": tid, "oid": "person", "iss": iss});
        let own = format!("https://login.microsoftonline.com/{DIRECTORY}/v2.0");
        let identity = told(&entra, MANY, &token(DIRECTORY, &own)).unwrap();
        assert_eq!((identity.issuer, &*identity.subject), (own.clone(), "person"), "oid, not sub");
        let vouched = json!({"tid": DIRECTORY, "oid": "p", "iss": own, "email_verified": true});
        assert_eq!(told(&entra, MANY, &vouched).unwrap().email, None, "whoever runs a directory writes its addresses");
        let foreign = "99999999-2222-3333-4444-555555555555";
        let theirs = format!("https://login.microsoftonline.com/{foreign}/v2.0");
        assert_eq!(told(&entra, MANY, &token(foreign, &theirs)), Err(Refused::Outside(String::new())));
        for (tid, iss) in [
            (DIRECTORY, theirs.as_str()),
            (foreign, own.as_str()),
            ("*", "https://login.microsoftonline.com/*/v2.0"),
            ("", "https://login.microsoftonline.com//v2.0"),
            (DIRECTORY, "https://sts.windows.net/11111111-2222-3333-4444-555555555555/"),
        ] {
            assert!(matches!(told(&entra, MANY, &token(tid, iss)), Err(Refused::Token(_))), "{tid} {iss}");
        }
        assert!(told(&entra, MANY, &json!({"tid": DIRECTORY, "iss": own})).is_err(), "nobody without an oid");
        let of_others = Expected { key_issuer: Some(&theirs), ..expected(MANY) };
        assert!(
            identify(&entra, &claims(&token(DIRECTORY, &own)), of_others).is_err(),
            "the key is another directory's"
        );
        let personal = format!("https://login.microsoftonline.com/{CONSUMERS}/v2.0");
        let single = Connector { directories: Vec::new(), issuer: personal.clone(), ..entra };
        assert!(told(&single, &personal, &token(CONSUMERS, &personal)).is_err(), "nobody's employees");
    }

    #[test]
    fn domains_are_a_filter_by_what_the_provider_vouches_for() {
        let google = Connector { domains: vec!["acme.example".into()], ..connector(Kind::Google) };
        let issuer = "https://accounts.google.com";
        let of = |more: Value| {
            let mut all = json!({"iss": "accounts.google.com"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            told(&google, issuer, &all)
        };
        assert!(of(json!({"hd": "Acme.Example"})).is_ok());
        assert_eq!(
            of(json!({"email_verified": true})),
            Err(Refused::Outside(String::new())),
            "a mail is no membership"
        );
        assert_eq!(of(json!({"hd": "evil.example"})), Err(Refused::Outside("evil.example".into())));
        let other = Connector { domains: vec!["acme.example".into()], ..connector(Kind::Oidc) };
        assert!(told(&other, "https://login.example", &json!({"email_verified": true})).is_ok());
        assert!(told(&other, "https://login.example", &json!({})).is_err(), "not verified");
    }
}
