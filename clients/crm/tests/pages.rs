//! The pages of the CRM Portal as a signed-in person gets them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use axum::Router;
use http::StatusCode;
use switchboard_portal::testing::{Everybody, config, maria, open};

fn portal() -> Router {
    switchboard_crm::router_with_sessions(config().unwrap(), Everybody(maria())).unwrap()
}

#[tokio::test]
async fn the_start_page_is_the_dashboard_and_says_who_is_signed_in() {
    let (status, html) = open(&portal(), "/", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("<title>Dashboard · CRM Portal</title>"));
    for text in ["Maria Lopez", "201-wickedsprockets", "Wicked Sprockets", "No open requests", "Open Voice Portal"] {
        assert!(html.contains(text), "{text}");
    }
}

#[tokio::test]
async fn every_entry_of_the_navigation_leads_to_its_page() {
    for (path, english, german) in [
        ("/", "Dashboard", "Übersicht"),
        ("/requests", "Requests", "Anfragen"),
        ("/documentation", "Documentation", "Dokumentation"),
        ("/settings", "Settings", "Einstellungen"),
    ] {
        for (language, heading) in [("en", english), ("de", german)] {
            let (status, html) = open(&portal(), path, &[("accept-language", language)]).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(html.contains(&format!("<h1>{heading}</h1>")), "{path} in {language}");
            let current = format!("href=\"{path}\" aria-current=\"page\"");
            assert_eq!(html.matches(&current).count(), 2, "{path}: in the bar and in the menu");
        }
    }
}

#[tokio::test]
async fn every_quick_link_leads_to_its_article() {
    let (_, dashboard) = open(&portal(), "/", &[]).await;
    let (_, documentation) = open(&portal(), "/documentation", &[]).await;
    let links: Vec<_> =
        dashboard.split("href=\"/documentation#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(links.len(), 4);
    for link in links {
        assert!(documentation.contains(&format!("<article id=\"{link}\"")), "{link}");
    }
}

#[tokio::test]
async fn the_four_statuses_are_explained() {
    let (_, html) = open(&portal(), "/requests", &[]).await;
    for status in ["Open", "In Progress", "On Hold", "Closed"] {
        assert!(html.contains(&format!("<span class=\"tag\">{status}</span>")), "{status}");
    }
}
