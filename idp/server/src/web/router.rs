//! Every route on one screen. Four kinds: what a browser shows, what is the same for everybody, and, touched by no
//! layer, what programs ask and the documents that they fetch all day.
//!
//! Where opening an address makes or ends something (a code, a session), HEAD is refused: a look at the headers alone
//! must not.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::web::extract::fields::LONGEST_FORM;
use crate::web::{App, account, admin, assets, help, middleware, oidc, problem, signin, ui, well_known};

/// All routes.
pub fn router(app: App) -> Router {
    let pages = sign_in()
        .merge(account_and_console())
        .fallback(problem::page::not_found)
        .method_not_allowed_fallback(problem::page::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), middleware::around_page))
        .layer(DefaultBodyLimit::max(LONGEST_FORM));
    let plain = Router::new()
        .route("/assets/{name}", get(assets::get))
        .route("/.well-known/passkey-endpoints", get(well_known::passkeys))
        .route("/.well-known/change-password", get(well_known::change_password))
        .layer(from_fn_with_state(app.clone(), middleware::around_plain));
    Router::new()
        .route("/.well-known/openid-configuration", get(oidc::discovery::get))
        .route("/.well-known/oauth-authorization-server", get(oidc::discovery::get))
        .route("/jwks.json", get(oidc::discovery::jwks))
        .route("/token", post(oidc::token::post))
        .route("/userinfo", get(oidc::userinfo::get).post(oidc::userinfo::post))
        .method_not_allowed_fallback(oidc::method_not_allowed) // of the routes above; pages have their own
        .merge(plain)
        .merge(pages)
        .with_state(app)
}

/// The way in.
fn sign_in() -> Router<App> {
    Router::new()
        .route("/login", get(signin::login::show).post(signin::login::submit))
        .route("/login/company", get(signin::company::show).post(signin::company::submit))
        .route("/login/ways", get(signin::ways::show).post(signin::ways::submit))
        .route("/upstream/{connector}", get(signin::upstream::start).head(problem::page::no_head))
        .route("/upstream/{connector}/callback", get(signin::upstream::callback).head(problem::page::no_head))
        .route("/login/newest", get(signin::app_window::newest))
        .route("/login/back-to-app", get(signin::app_window::back))
        .route("/login/choose", get(signin::choose::show).post(signin::choose::submit))
        .route("/login/forget", post(signin::choose::forget))
        .route("/login/email", get(signin::email::sent).post(signin::email::ask))
        .route("/login/email/again", post(signin::email::again))
        .route("/login/email/code", post(signin::email::code))
        .route("/m/{token}", get(signin::email::open))
        .route("/m", get(signin::email::opened).post(signin::email::by_link))
        .route("/forgot", get(signin::forgot::show).post(signin::forgot::ask))
        .route("/forgot/again", post(signin::forgot::again))
        .route("/forgot/sent", get(signin::forgot::sent))
        .route("/reset/{token}", get(signin::forgot::open))
        .route("/reset", get(signin::forgot::opened).post(signin::forgot::submit))
        .route("/login/second", get(signin::second::show).post(signin::second::submit))
        .route("/login/second/send", post(signin::second::send))
        .route("/login/second/cancel", post(signin::second::cancel))
        .route("/login/second/skip", post(signin::second::skip))
        .route("/login/second/app", post(signin::set_up::app))
        .route("/login/second/app/confirm", post(signin::set_up::confirm_app))
        .route("/login/second/email", get(signin::set_up::email_page).post(signin::set_up::email))
        .route("/login/second/email/confirm", post(signin::set_up::confirm_email))
        .route("/login/second/passkey", post(signin::set_up::key))
        .route("/login/second/passkey/confirm", post(signin::set_up::confirm_key))
        .route("/login/passkey", get(signin::passkey::ask).post(signin::passkey::submit))
        .route("/login/new-password", post(signin::new_password::submit))
        .route("/t/{tenant}", get(signin::login::tenant_entry))
        .route("/help", get(help::show))
}

/// What those who are in see, and what leads there.
fn account_and_console() -> Router<App> {
    Router::new()
        .route("/", get(account::front_door))
        .route("/authorize", get(oidc::authorize::get).head(problem::page::no_head).post(oidc::authorize::post))
        .route("/authorize/resume", get(oidc::authorize::resume).head(problem::page::no_head))
        .route("/logout", get(oidc::logout::get).head(problem::page::no_head).post(oidc::logout::post))
        .route("/logout/confirm", post(oidc::logout::confirm))
        .route("/account", get(account::home::show))
        .route("/account/settings", get(account::settings::show))
        .route("/account/settings/password", post(account::settings::change_password))
        .route("/account/settings/first-password", post(account::settings::set_password))
        .route("/account/settings/language", post(account::settings::set_language))
        .route("/account/settings/email", get(account::mailed_code::for_address).post(account::address::ask))
        .route("/account/settings/email/confirm", post(account::address::confirm))
        .route("/account/security", get(account::security::show))
        .route("/account/security/app", post(account::second_factor::app))
        .route("/account/security/app/confirm", post(account::second_factor::confirm_app))
        .route(
            "/account/security/email",
            get(account::mailed_code::for_second_factor).post(account::second_factor::email),
        )
        .route("/account/security/email/confirm", post(account::second_factor::confirm_email))
        .route(
            "/account/security/codes",
            get(account::second_factor::ask_new_codes).post(account::second_factor::new_codes),
        )
        .route("/account/security/off", get(account::second_factor::ask_off).post(account::second_factor::off))
        .route("/account/passkey", get(account::passkeys::show_offer).post(account::passkeys::take_offer))
        .route("/account/passkey/later", post(account::passkeys::later))
        .route("/account/connect", get(account::connected::show).post(account::connected::connect))
        .route("/account/connect/cancel", post(account::connected::cancel))
        .route("/account/security/disconnect", post(account::connected::disconnect))
        .route("/account/security/passkey", get(account::passkeys::show).post(account::passkeys::begin))
        .route("/account/security/passkey/confirm", post(account::passkeys::confirm))
        .route("/account/security/passkey/rename", post(account::passkeys::rename))
        .route("/account/security/passkey/revoke", post(account::passkeys::revoke))
        .route("/account/security/distrust", post(account::security::distrust))
        .route("/account/security/sign-out", post(account::security::sign_out))
        .route("/undo/{token}", get(account::address::open_undo))
        .route("/undo", get(account::address::show_undo).post(account::address::undo))
        .route("/account/sign-out", post(account::sign_out::submit))
        .route("/admin", get(admin::accounts::list))
        .route("/admin/accounts/new", get(admin::accounts::new))
        .route("/admin/accounts", post(admin::accounts::create))
        .route("/admin/accounts/{id}/lock", get(admin::accounts::ask_lock).post(admin::accounts::lock))
        .route("/admin/accounts/{id}/invite", post(admin::accounts::invite))
        .route("/admin/accounts/{id}/allow-mail", post(admin::accounts::allow_mail))
        .route("/admin/accounts/{id}/backup-code", get(admin::accounts::ask_code).post(admin::accounts::backup_code))
        .route("/admin/accounts/{id}/unlock", post(admin::accounts::unlock))
        .route(
            "/admin/accounts/{id}/reset-password",
            get(admin::accounts::ask_reset).post(admin::accounts::reset_password),
        )
        .route("/ui/theme", post(ui::theme))
        .route("/ui/language", post(ui::language))
}
