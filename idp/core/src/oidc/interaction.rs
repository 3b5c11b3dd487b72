//! Does a request need a person, and which of the accounts in this browser answers it?

use crate::ids::{AccountId, RequestId, SessionId};
use crate::oidc::authorize::AuthorizationRequest;
use crate::oidc::error::ErrorCode;
use crate::time::Timestamp;

/// An account that is signed in in this browser, as far as a request is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its session.
    pub session: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// Its subject, as this client knows it.
    pub subject: String,
    /// The texts a `login_hint` may name it by, prepared: user name, mail address.
    pub names: Vec<String>,
    /// When the person last proved who he is.
    pub auth_time: Timestamp,
    /// The request which that sign-in answered.
    pub answered: Option<RequestId>,
    /// Two factors were shown.
    pub is_multi: bool,
    /// The company asks more of this account today than the sign-in showed.
    pub falls_short: bool,
    /// Has it a part in this client?
    pub entitled: bool,
    /// When it was last used for this client, if ever.
    pub used_here: Option<Timestamp>,
}

/// Whom an ID token hint names; its signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The subject.
    pub subject: String,
}

/// Everything the decision rests on.
#[derive(Clone, Debug)]
pub struct Situation<'a> {
    /// This request's id, once it has been through sign-in.
    pub request: Option<RequestId>,
    /// The account a person chose for this request.
    pub chosen: Option<SessionId>,
    /// The live sessions of this browser, the most recently used first.
    pub candidates: &'a [Candidate],
    /// The hint; `Err` if there was one that isn't ours.
    pub hint: Result<Option<Hint>, BadHint>,
    /// Now.
    pub now: Timestamp,
}

/// An `id_token_hint` that we didn't sign, or not for this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHint;

/// What the request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// Nothing: this session answers it.
    Grant(SessionId),
    /// A sign-in.
    SignIn,
    /// Somebody has to choose.
    Choose,
    /// Nobody who is signed in here has a part in this client.
    NotEntitled(SessionId),
    /// The client is told.
    Refuse(ErrorCode),
}

/// Decides (OpenID Connect Core sections 3.1.2.1 and 3.1.2.3).
pub fn decide(request: &AuthorizationRequest, situation: &Situation<'_>) -> Interaction {
    let wanted = match narrow(request, situation) {
        Ok(wanted) => wanted,
        Err(answer) => return quietly(request, answer),
    };
    let answer = match wanted {
        Some(candidate) if !is_fresh(request, situation, candidate) => Interaction::SignIn,
        Some(candidate) if candidate.entitled => Interaction::Grant(candidate.session),
        Some(candidate) => Interaction::NotEntitled(candidate.session),
        None => Interaction::SignIn,
    };
    quietly(request, answer)
}

/// The one account that is meant; nothing if it has to sign in first.
fn narrow<'a>(request: &AuthorizationRequest, s: &Situation<'a>) -> Result<Option<&'a Candidate>, Interaction> {
    let chosen = s.chosen.and_then(|id| s.candidates.iter().find(|c| c.session == id));
    let answered = || s.candidates.iter().find(|c| c.answered.is_some() && c.answered == s.request);
    if let Some(picked) = chosen.or_else(answered) {
        // Whoever came or was picked: a hint that names somebody else is not met by him.
        let other = matches!(&s.hint, Ok(Some(hint)) if picked.subject != hint.subject);
        return if other { Err(Interaction::Refuse(ErrorCode::LoginRequired)) } else { Ok(Some(picked)) };
    }
    match &s.hint {
        Err(BadHint) => return Ok(None),
        Ok(Some(hint)) => return Ok(s.candidates.iter().find(|c| c.subject == hint.subject)),
        Ok(None) => {}
    }
    if request.prompts.select_account && !s.candidates.is_empty() {
        return Err(Interaction::Choose);
    }
    if let Some(name) = &request.login_hint {
        let name = crate::account::prepare(name);
        return Ok(s.candidates.iter().find(|c| c.names.contains(&name)));
    }
    by_habit(s.candidates)
}

/// The browser's last for this client, else the only entitled one, else somebody has to choose.
fn by_habit(candidates: &[Candidate]) -> Result<Option<&Candidate>, Interaction> {
    let last = candidates.iter().filter(|c| c.entitled && c.used_here.is_some()).max_by_key(|c| c.used_here);
    if last.is_some() {
        return Ok(last);
    }
    let mut entitled = candidates.iter().filter(|c| c.entitled);
    match (entitled.next(), entitled.next()) {
        (Some(only), None) => Ok(Some(only)),
        (Some(_), Some(_)) => Err(Interaction::Choose),
        (None, _) => Ok(candidates.first()),
    }
}

/// Is the sign-in good enough? What a request demanded anew is met only by a sign-in that answered this very request.
fn is_fresh(request: &AuthorizationRequest, s: &Situation<'_>, candidate: &Candidate) -> bool {
    let answered = candidate.answered.is_some() && candidate.answered == s.request;
    let young = request.max_age.is_none_or(|most| s.now.since(candidate.auth_time) <= most);
    // `acr_values` is a wish (section 5.5.1.1): who was asked for it and has nothing more to show is let through, and
    // the token says honestly what there was. What the company demands is no wish.
    let strong = candidate.is_multi || !request.wants_multi;
    !candidate.falls_short && (answered || (young && strong && !request.prompts.login))
}

/// With `prompt=none` no page may be shown: every need becomes an answer (OpenID Connect Core section 3.1.2.6).
fn quietly(request: &AuthorizationRequest, answer: Interaction) -> Interaction {
    if !request.prompts.none {
        return answer;
    }
    match answer {
        Interaction::SignIn => Interaction::Refuse(ErrorCode::LoginRequired),
        Interaction::Choose => Interaction::Refuse(ErrorCode::AccountSelectionRequired),
        Interaction::NotEntitled(_) => Interaction::Refuse(ErrorCode::AccessDenied),
        Interaction::Grant(_) | Interaction::Refuse(_) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::authorize::{AuthorizationParams, validate};
    use crate::oidc::client::tests::portal;
    use crate::time::Lifetime;

    const NOW: Timestamp = Timestamp::from_seconds(10_000);
    const ID: RequestId = RequestId::from_bytes([7; 16]);

    fn request(extra: &[(&str, &str)]) -> AuthorizationRequest {
        let mut pairs = vec![
            ("client_id", "voice"),
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        pairs.extend_from_slice(extra);
        validate(&AuthorizationParams::from_pairs(pairs), &portal()).unwrap()
    }

    fn someone(n: u8) -> Candidate {
        Candidate {
            session: SessionId::from_bytes([n; 16]),
            account: AccountId::from_bytes([n; 16]),
            subject: format!("sub-{n}"),
            names: vec![format!("20{n}-acme")],
            auth_time: NOW - Lifetime::minutes(10),
            answered: None,
            is_multi: false,
            falls_short: false,
            entitled: true,
            used_here: None,
        }
    }

    fn run(extra: &[(&str, &str)], candidates: &[Candidate]) -> Interaction {
        let situation = Situation { request: Some(ID), chosen: None, candidates, hint: Ok(None), now: NOW };
        decide(&request(extra), &situation)
    }

    fn grant(n: u8) -> Interaction {
        Interaction::Grant(SessionId::from_bytes([n; 16]))
    }

    #[test]
    fn one_live_session_answers_and_none_has_to_sign_in() {
        assert_eq!(run(&[], &[someone(1)]), grant(1));
        assert_eq!(run(&[], &[]), Interaction::SignIn);
        assert_eq!(run(&[("prompt", "none")], &[]), Interaction::Refuse(ErrorCode::LoginRequired));
        assert_eq!(run(&[("prompt", "none")], &[someone(1)]), grant(1));
    }

    #[test]
    fn prompt_login_is_met_only_by_a_sign_in_that_answered_this_request() {
        let young = Candidate { auth_time: NOW, ..someone(1) };
        assert_eq!(run(&[("prompt", "login")], std::slice::from_ref(&young)), Interaction::SignIn);
        let other = Candidate { answered: Some(RequestId::from_bytes([8; 16])), ..young.clone() };
        assert_eq!(run(&[("prompt", "login")], &[other]), Interaction::SignIn);
        let answered = Candidate { answered: Some(ID), ..young };
        assert_eq!(run(&[("prompt", "login")], &[answered]), grant(1));
    }

    #[test]
    fn two_factors_are_asked_for_once_and_a_demand_of_the_company_until_it_is_met() {
        let wish = [("acr_values", "urn:switchboard:acr:multi")];
        let single = someone(1);
        assert_eq!(run(&wish, std::slice::from_ref(&single)), Interaction::SignIn);
        assert_eq!(run(&wish, &[Candidate { is_multi: true, ..single.clone() }]), grant(1));
        let tried = Candidate { answered: Some(ID), ..single };
        assert_eq!(run(&wish, std::slice::from_ref(&tried)), grant(1), "he has nothing more to show");
        let short = Candidate { falls_short: true, ..tried };
        assert_eq!(run(&[], std::slice::from_ref(&short)), Interaction::SignIn);
        assert_eq!(run(&[("prompt", "none")], &[short]), Interaction::Refuse(ErrorCode::LoginRequired));
    }

    #[test]
    fn an_old_sign_in_fails_max_age_until_it_answered_this_request() {
        assert_eq!(run(&[("max_age", "300")], &[someone(1)]), Interaction::SignIn);
        assert_eq!(run(&[("max_age", "10000")], &[someone(1)]), grant(1));
        let answered = Candidate { answered: Some(ID), ..someone(1) };
        assert_eq!(run(&[("max_age", "0")], &[answered]), grant(1));
    }

    #[test]
    fn several_accounts_have_to_be_chosen_from_unless_one_was_used_here() {
        let two = [someone(1), someone(2)];
        assert_eq!(run(&[], &two), Interaction::Choose);
        assert_eq!(run(&[("prompt", "none")], &two), Interaction::Refuse(ErrorCode::AccountSelectionRequired));
        let used = [someone(1), Candidate { used_here: Some(NOW), ..someone(2) }];
        assert_eq!(run(&[], &used), grant(2));
        let entitled = [someone(1), Candidate { entitled: false, ..someone(2) }];
        assert_eq!(run(&[], &entitled), grant(1));
    }

    #[test]
    fn a_login_hint_picks_or_asks_for_a_sign_in() {
        let two = [someone(1), someone(2)];
        assert_eq!(run(&[("login_hint", "202-ACME")], &two), grant(2));
        assert_eq!(run(&[("login_hint", "203-acme")], &two), Interaction::SignIn);
        let none = [("login_hint", "203-acme"), ("prompt", "none")];
        assert_eq!(run(&none, &two), Interaction::Refuse(ErrorCode::LoginRequired));
    }

    #[test]
    fn a_hint_is_no_proof_and_a_foreign_one_is_nobody() {
        let candidates = [someone(1), someone(2)];
        let hint = |h| Situation { request: None, chosen: None, candidates: &candidates, hint: h, now: NOW };
        let two = Hint { subject: "sub-2".into() };
        assert_eq!(decide(&request(&[]), &hint(Ok(Some(two)))), grant(2));
        let gone = Hint { subject: "sub-9".into() };
        assert_eq!(
            decide(&request(&[("prompt", "none")]), &hint(Ok(Some(gone)))),
            Interaction::Refuse(ErrorCode::LoginRequired)
        );
        assert_eq!(decide(&request(&[]), &hint(Err(BadHint))), Interaction::SignIn);
    }

    #[test]
    fn signing_in_as_somebody_else_does_not_meet_a_hint() {
        let candidates = [Candidate { answered: Some(ID), ..someone(1) }];
        let hint = Ok(Some(Hint { subject: "sub-2".into() }));
        let situation = Situation { request: Some(ID), chosen: None, candidates: &candidates, hint, now: NOW };
        assert_eq!(decide(&request(&[]), &situation), Interaction::Refuse(ErrorCode::LoginRequired));
        let chosen = Some(candidates[0].session);
        let picked = Situation { chosen, request: None, ..situation };
        assert_eq!(decide(&request(&[]), &picked), Interaction::Refuse(ErrorCode::LoginRequired));
    }

    #[test]
    fn who_has_no_part_is_told_so_after_signing_in() {
        let stranger = Candidate { entitled: false, ..someone(1) };
        assert_eq!(run(&[], std::slice::from_ref(&stranger)), Interaction::NotEntitled(stranger.session));
        assert_eq!(run(&[("prompt", "none")], &[stranger]), Interaction::Refuse(ErrorCode::AccessDenied));
    }

    #[test]
    fn select_account_asks_even_if_there_is_one_and_a_choice_meets_it() {
        assert_eq!(run(&[("prompt", "select_account")], &[someone(1)]), Interaction::Choose);
        let candidates = [someone(1), someone(2)];
        let chosen = Some(SessionId::from_bytes([1; 16]));
        let situation = Situation { request: Some(ID), chosen, candidates: &candidates, hint: Ok(None), now: NOW };
        assert_eq!(decide(&request(&[("prompt", "select_account")]), &situation), grant(1));
        assert_eq!(decide(&request(&[("prompt", "login")]), &situation), Interaction::SignIn);
    }
}
