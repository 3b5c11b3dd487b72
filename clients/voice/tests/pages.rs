//! The pages of the Voice Portal as a signed-in person gets them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use axum::Router;
use http::StatusCode;
use switchboard_portal::testing::{Everybody, config, maria, open};

fn portal() -> Router {
    switchboard_voice::router_with_sessions(config().unwrap(), Everybody(maria())).unwrap()
}

#[tokio::test]
async fn the_start_page_is_the_phone_and_says_who_is_signed_in() {
    let (status, html) = open(&portal(), "/", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("<title>Phone · Voice Portal</title>"));
    assert!(html.contains("<h1>Phone</h1>"));
    for text in ["Maria Lopez", "201-wickedsprockets", "Wicked Sprockets", "No calls yet"] {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn every_entry_of_the_navigation_leads_to_its_page() {
    for (path, english, german) in [
        ("/", "Phone", "Telefon"),
        ("/calls", "Calls", "Anrufe"),
        ("/team", "Team", "Team"),
        ("/settings", "Settings", "Einstellungen"),
    ] {
        for (language, heading) in [("en", english), ("de", german)] {
            let (status, html) = open(&portal(), path, &[("accept-language", language)]).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(html.contains(&format!("<h1>{heading}</h1>")), "{path} in {language}");
            let current = format!("href=\"{path}\" aria-current=\"page\"");
            assert_eq!(html.matches(&current).count(), 2, "{path}: in the bar and in the menu");
            assert_eq!(html.matches("aria-current").count(), 2, "{path}");
        }
    }
}

#[tokio::test]
async fn a_person_without_name_or_company_still_has_every_page() {
    let mut stranger = maria();
    (stranger.name, stranger.username, stranger.email) = (None, None, None);
    stranger.claims.clear();
    let portal = switchboard_voice::router_with_sessions(config().unwrap(), Everybody(stranger)).unwrap();
    for path in ["/", "/calls", "/team", "/settings"] {
        assert_eq!(open(&portal, path, &[]).await.0, StatusCode::OK, "{path}");
    }
}
