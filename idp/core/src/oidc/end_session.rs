//! Sign-out that a client started (OpenID Connect RP-Initiated Logout): may it happen at once, and where to afterwards?

use crate::ids::SessionId;
use crate::oidc::client::Client;
use crate::oidc::redirect_uri::RedirectUri;

/// What the request says, after its hint was checked.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// The client, from the hint or `client_id`; nothing if it is neither known.
    pub client: Option<&'a Client>,
    /// True if hint and `client_id` name different clients, a parameter came twice, or the hint isn't ours.
    pub is_doubtful: bool,
    /// The session that the hint's `sid` names, if it is one of this browser's.
    pub session: Option<SessionId>,
    /// Was there a good hint at all?
    pub has_hint: bool,
    /// Where the client wants the person to go.
    pub post_logout_redirect_uri: Option<&'a str>,
    /// Returned as it came.
    pub state: Option<&'a str>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// End that session, if there is one, and go there.
    End {
        /// The session.
        session: Option<SessionId>,
        /// Where to; a page of ours if nothing.
        to: Option<(RedirectUri, Option<String>)>,
    },
    /// Ask the person first.
    Ask,
}

/// Decides (RP-Initiated Logout section 2 and 3). Without a hint of ours anybody could have sent the person here, so he
/// is asked; an address that the client didn't register is never gone to.
pub fn decide(asked: &Asked<'_>) -> Answer {
    let to = asked
        .post_logout_redirect_uri
        .map(|uri| asked.client.and_then(|c| c.post_logout_uris.iter().find(|r| r.as_str() == uri)).cloned());
    if asked.is_doubtful || !asked.has_hint || matches!(to, Some(None)) {
        return Answer::Ask;
    }
    let to = to.flatten().map(|uri| (uri, asked.state.map(str::to_owned)));
    Answer::End { session: asked.session, to }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::client::tests::portal;

    fn asked(client: &Client) -> Asked<'_> {
        Asked {
            client: Some(client),
            session: Some(SessionId::from_bytes([1; 16])),
            has_hint: true,
            post_logout_redirect_uri: Some("https://voice.example/signed-out"),
            state: Some("s"),
            ..Asked::default()
        }
    }

    #[test]
    fn a_good_hint_ends_the_session_and_goes_to_the_registered_address() {
        let client = portal();
        let Answer::End { session, to } = decide(&asked(&client)) else { panic!("end expected") };
        assert_eq!(session, Some(SessionId::from_bytes([1; 16])));
        assert_eq!(to, Some((client.post_logout_uris[0].clone(), Some("s".into()))));
    }

    #[test]
    fn anything_doubtful_asks_first() {
        let client = portal();
        let cases = [
            Asked { has_hint: false, ..asked(&client) },
            Asked { is_doubtful: true, ..asked(&client) },
            Asked { post_logout_redirect_uri: Some("https://voice.example/signed-out?x=1"), ..asked(&client) },
            Asked { post_logout_redirect_uri: Some("https://evil.example/"), ..asked(&client) },
            Asked { client: None, ..asked(&client) },
        ];
        for case in cases {
            assert_eq!(decide(&case), Answer::Ask, "{case:?}");
        }
    }
}
