//! The console: who may do what to whom.

use std::fmt::Write;

use idp_core::authority::{Actor, Permission, Role};
use idp_core::ids::{AccountId, TenantId};
use reqwest::StatusCode;
use support::{TestIdp, golden};

const STAFF: [(&str, &str, &str); 6] = [
    ("agent", "201-acme", "agent password one"),
    ("supervisor", "210-acme", "supervisor password"),
    ("auditor", "220-acme", "auditor password"),
    ("tenant_admin", "200-acme", "admin password one"),
    ("support", "help@vendor", "support password"),
    ("system_admin", "root@vendor", "root password one"),
];

const PERMISSIONS: [Permission; 7] = Permission::ALL;

#[test]
fn the_whole_matrix_of_roles_and_actions() {
    let mut text = String::from("# role x action: own = in the own company, all = in every company, - = nowhere\n\n");
    for role in Role::ALL {
        let home = TenantId::from_bytes([1; 16]);
        let actor =
            Actor { account: AccountId::from_bytes([1; 16]), home, is_vendor: role.is_vendors(), roles: [role].into() };
        for permission in PERMISSIONS {
            let own = actor.may(permission, home);
            let elsewhere = actor.may(permission, TenantId::from_bytes([2; 16]));
            let reach = match (own, elsewhere) {
                (_, true) => "all",
                (true, false) => "own",
                (false, false) => "-",
            };
            writeln!(text, "{:<14}{:<18}{reach}", role.name(), permission.name()).unwrap();
        }
    }
    golden("authority.txt", &text);
}

/// Another request for which the same permission is needed.
const ALLOW_MAIL: &str = "/admin/accounts/{id}/allow-mail";

/// The request that stands for an action.
fn path(permission: Permission, id: &str) -> String {
    match permission {
        Permission::ViewAccounts => "/admin".into(),
        Permission::CreateAccount => "/admin/accounts".into(),
        Permission::InviteAccount => format!("/admin/accounts/{id}/invite"),
        Permission::LockAccount => format!("/admin/accounts/{id}/lock"),
        Permission::UnlockAccount => format!("/admin/accounts/{id}/unlock"),
        Permission::ResetPassword => format!("/admin/accounts/{id}/reset-password"),
        Permission::IssueBackupCode => format!("/admin/accounts/{id}/backup-code"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_console_keeps_to_the_matrix() {
    let idp = TestIdp::start().await;
    let root = idp.browser();
    let session = root.sign_in("root@vendor", "root password one").await;
    let acme = root.accounts(&session, Some("acme")).await["202-acme"].clone();
    let bolt = root.accounts(&session, Some("bolt")).await["201-bolt"].clone();
    for (code, id) in [("acme", &acme), ("bolt", &bolt)] {
        let company = idp.cx.company_by_code(&code.parse().unwrap()).await.unwrap().unwrap();
        let whose = (company.tenant.id, id.parse().unwrap());
        idp.cx.store.write(move |w| idp_store::second_factors::set_email(w, whose, true)).await.unwrap();
    }
    for (role, name, password) in STAFF {
        let browser = idp.browser();
        let session = browser.sign_in(name, password).await;
        let role = Role::from_name(role).unwrap();
        for (tenant, id, reaches) in [("acme", &acme, true), ("bolt", &bolt, role.is_vendors())] {
            for permission in PERMISSIONS {
                let allowed = reaches && role.permissions().contains(&permission);
                let page = if permission == Permission::ViewAccounts {
                    browser.get(&format!("/admin?as={session}&tenant={tenant}")).await
                } else if permission == Permission::ResetPassword {
                    browser.reset_password(&session, id, Some(tenant)).await
                } else {
                    let new = format!("n{}", role.rank());
                    let more =
                        [("tenant", tenant), ("name", "New One"), ("username", new.as_str()), ("reason", "lost phone")];
                    browser.console(&path(permission, id), &session, &more).await
                };
                if permission == Permission::LockAccount {
                    let ask = format!("{}?as={session}&tenant={tenant}", path(permission, id));
                    let asked = browser.get(&ask).await.status;
                    assert_eq!(asked.is_success(), allowed, "{role:?} asks to lock in {tenant}: {asked}");
                }
                if permission == Permission::InviteAccount {
                    let other = browser.console(&ALLOW_MAIL.replace("{id}", id), &session, &[("tenant", tenant)]).await;
                    assert_eq!(other.status.is_redirection(), allowed, "{role:?} allows mail in {tenant}");
                }
                if permission == Permission::CreateAccount {
                    let form = browser.get(&format!("/admin/accounts/new?as={session}&tenant={tenant}")).await;
                    assert_eq!(form.status.is_success(), allowed, "{role:?} the form in {tenant}: {}", form.status);
                }
                let done = page.status.is_success() || page.status.is_redirection();
                assert_eq!(done, allowed, "{role:?} {permission:?} in {tenant}: {} {}", page.status, page.text());
                if !allowed {
                    let hidden = tenant == "bolt" && !role.permissions().is_empty();
                    let expected = if hidden { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
                    assert_eq!(page.status, expected, "{role:?} {permission:?} in {tenant}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_companys_account_looks_like_none_even_by_its_id() {
    let idp = TestIdp::start().await;
    let root = idp.browser();
    let session = root.sign_in("root@vendor", "root password one").await;
    let bolt = root.accounts(&session, Some("bolt")).await["201-bolt"].clone();
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    for verb in ["lock", "reset-password"] {
        let ask = |id: String| format!("/admin/accounts/{id}/{verb}?as={session}");
        let (theirs, none) =
            (admin.get(&ask(bolt.clone())).await, admin.get(&ask(format!("acc_{}", "0".repeat(32)))).await);
        assert_eq!((theirs.status, none.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{verb}");
    }
    for verb in ["lock", "unlock"] {
        let theirs = admin.console(&format!("/admin/accounts/{bolt}/{verb}"), &session, &[]).await;
        let none = admin.console(&format!("/admin/accounts/acc_{}/{verb}", "0".repeat(32)), &session, &[]).await;
        assert_eq!((theirs.status, none.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{verb}");
    }
    idp.browser().sign_in("201-bolt", "bolt password one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_touches_or_makes_somebody_above_himself() {
    let idp = TestIdp::start().await;
    let (admin, supervisor) = (idp.browser(), idp.browser());
    let session = admin.sign_in("200-acme", "admin password one").await;
    let own = admin.accounts(&session, None).await;
    for role in ["support", "system_admin"] {
        let fields = [("name", "X"), ("username", "x1"), ("roles", role)];
        let page = admin.console("/admin/accounts", &session, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{role}");
    }
    // The administrator's own row offers nothing, so his id is taken from a stranger's look at it.
    let root = idp.browser();
    let rooted = root.sign_in("root@vendor", "root password one").await;
    let boss = root.accounts(&rooted, Some("acme")).await["200-acme"].clone();
    assert!(!own.contains_key("200-acme"));
    let session_s = supervisor.sign_in("210-acme", "supervisor password").await;
    let page = supervisor.console(&format!("/admin/accounts/{boss}/unlock"), &session_s, &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let page = admin.console(&format!("/admin/accounts/{boss}/lock"), &session, &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "nobody locks himself");
    let page = admin.reset_password(&session, &boss, None).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "nobody gets round his own current password");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_can_come_in_with_the_password_that_was_shown() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let fields = [("name", "Nina New"), ("username", "230"), ("portals", "portal"), ("roles", "agent")];
    let page = admin.console("/admin/accounts", &session, &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let password = page.text().split(' ').find(|w| w.len() == 19 && w.matches('-').count() == 3).unwrap().to_owned();
    let taken = admin.console("/admin/accounts", &session, &fields).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let browser = idp.browser();
    let page = browser.try_sign_in(None, "230-acme", &password).await;
    assert!(page.field("ticket").is_some(), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_for_a_new_password_is_good_for_the_password_it_was_made_for() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await["201-acme"].clone();
    let path = format!("/admin/accounts/{id}/reset-password");
    let stamp = admin.get(&format!("{path}?as={session}")).await.field("instead_of").unwrap();
    let again = [("instead_of", stamp.as_str())];
    assert_eq!(admin.console(&path, &session, &again).await.status, StatusCode::OK);
    let reloaded = admin.console(&path, &session, &again).await;
    assert_eq!(reloaded.status, StatusCode::GONE, "the password that was handed over stays: {}", reloaded.text());
    assert_eq!(admin.console(&path, &session, &[]).await.status, StatusCode::GONE, "nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_tells_what_was_done_only_if_it_was() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await["201-acme"].clone();
    let told = |done: &str, whom: &str| format!("/admin?as={session}&done={done}&whom={whom}");
    let page = admin.get(&told("locked", &id)).await.text();
    assert!(!page.contains("is locked and signed out"), "{page}");
    let page = admin.get(&told("locked", "Call+0800-EVIL")).await.text();
    assert!(!page.contains("EVIL"), "{page}");
    let done = admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
    assert!(admin.get(&done.location()).await.text().contains("201-acme is locked and signed out everywhere."));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_make_one_name_at_once_one_does_and_the_others_are_told() {
    for backend in support::backends() {
        let name = backend.name;
        let idp = TestIdp::on(std::sync::Arc::new(backend)).await;
        let admin = idp.browser();
        let session = admin.sign_in("200-acme", "admin password one").await;
        for round in 0..5 {
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..8 {
                let (admin, session, login) = (admin.clone(), session.clone(), format!("7{round}"));
                all.spawn(async move {
                    admin.console("/admin/accounts", &session, &[("name", "N"), ("username", &login)]).await.status
                });
            }
            let all = all.join_all().await;
            let made = all.iter().filter(|s| **s == StatusCode::OK).count();
            let told = all.iter().filter(|s| **s == StatusCode::UNPROCESSABLE_ENTITY).count();
            assert_eq!((made, told), (1, 7), "{name}: {all:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unlocking_ends_a_wait() {
    let idp = TestIdp::start().await;
    let stranger = idp.browser();
    for _ in 0..5 {
        stranger.try_sign_in(None, "201-acme", "wrong password").await;
    }
    let supervisor = idp.browser();
    let session = supervisor.sign_in("210-acme", "supervisor password").await;
    let page = supervisor.get(&format!("/admin?as={session}")).await;
    assert!(page.text().contains("UTC"), "the list tells until when: {}", page.text());
    let id = supervisor.accounts(&session, None).await["201-acme"].clone();
    supervisor.console(&format!("/admin/accounts/{id}/unlock"), &session, &[]).await;
    stranger.sign_in("201-acme", "agent password one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_with_nothing_waiting_lands_in_the_console() {
    let idp = TestIdp::start().await;
    let page = idp.browser().try_sign_in(None, "200-acme", "admin password one").await;
    assert!(page.location().starts_with("/admin?as="), "{}", page.location());
    let page = idp.browser().try_sign_in(None, "201-acme", "agent password one").await;
    assert!(page.location().starts_with("/account?as="), "{}", page.location());
}

#[test]
fn every_route_of_the_console_is_in_the_test_above() {
    let source =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../idp/server/src/web/router.rs")).unwrap();
    let routes: Vec<&str> = source.split(".route(").skip(1).filter_map(|r| r.split('"').nth(1)).collect();
    let mut known: Vec<String> = PERMISSIONS.iter().map(|p| path(*p, "{id}")).collect();
    known.push(ALLOW_MAIL.to_owned());
    for route in routes.iter().filter(|r| r.starts_with("/admin") && **r != "/admin/accounts/new") {
        assert!(known.iter().any(|k| k == route), "{route} needs a permission and a row in the matrix");
    }
    let mut all: Vec<String> = routes.iter().map(|r| (*r).to_owned()).collect();
    all.sort();
    golden("routes.txt", &format!("{}\n", all.join("\n")));
}
