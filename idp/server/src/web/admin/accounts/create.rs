//! Making an account.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::authority::{Permission, Role, TenantAdmin};
use idp_core::language::Language;
use idp_core::oidc::client::Client;
use idp_pages::admin::{NewAccount as View, NewAccountError, NewAccountForm};
use idp_service::admin::accounts::{self, Created, First, NewAccount, Refused};
use idp_service::error::ServiceError;

use super::touch::{Tried, show_password};
use crate::web::extract::Fields;
use crate::web::extract::authority::{self, Desk};
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// The form.
pub async fn new(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let desk = match authority::desk(&app, &browser, query.given("as"), query.given("tenant")).await {
        Ok(desk) => desk,
        Err(instead) => return instead,
    };
    let proof = match desk.manage(&app, &browser, Permission::CreateAccount).await {
        Ok(proof) => proof,
        Err(instead) => return instead,
    };
    // Most people work in every portal; who doesn't is unticked, not forgotten.
    let portals = match portals(&app, &desk).await {
        Ok(portals) => portals.into_iter().map(|c| c.client_id).collect(),
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    render(&app, &browser, (&desk, &proof), (NewAccountForm { portals, ..NewAccountForm::default() }, None)).await
}

/// The portals that people of this company can be let into.
async fn portals(app: &App, desk: &Desk) -> Result<Vec<Client>, ServiceError> {
    let all = idp_service::admin::clients::list(app.cx()).await?;
    Ok(all.into_iter().filter(|c| c.can_be_given(desk.company.tenant.id, app.cx().vendor)).collect())
}

async fn render(
    app: &App,
    browser: &Browser,
    (desk, proof): (&Desk, &TenantAdmin),
    (form, error): (NewAccountForm, Option<NewAccountError>),
) -> Response {
    let portals = match portals(app, desk).await {
        Ok(portals) => portals,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let (session, tenant) = (desk.present.session.id.to_string(), desk.company.tenant.code.to_string());
    let here = Some(local("/admin/accounts/new", &[("as", &session), ("tenant", &tenant)]));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let grantable = Role::ALL.into_iter().filter(|r| proof.may_grant(&[*r]));
    let view = View {
        shell: shell(app, browser, Around { present: Some(&desk.present), here, ..Around::default() }).await,
        company: desk.company.tenant.name.clone(),
        tenant,
        form,
        roles: grantable.map(|r| r.name().to_owned()).collect(),
        portals: portals.into_iter().map(|c| (c.client_id, c.name)).collect(),
        error,
    };
    Page::new(&view).status(status).into_response()
}

fn words(why: Refused) -> NewAccountError {
    match why {
        Refused::Taken => NewAccountError::Taken,
        Refused::BadName => NewAccountError::BadName,
        Refused::BadEmail => NewAccountError::BadEmail,
        Refused::AboveYou | Refused::Yourself => NewAccountError::RoleAboveYours,
        Refused::BadPortal => NewAccountError::BadPortal,
        Refused::BadLogin
        | Refused::NoMail
        | Refused::NotFound
        | Refused::NoSecondFactor
        | Refused::BadReason
        | Refused::BadPassword(_)
        | Refused::Stale => NewAccountError::BadUsername,
    }
}

fn missing(form: &NewAccountForm) -> Option<NewAccountError> {
    let is_empty = |text: &String| text.trim().is_empty();
    match (is_empty(&form.name), is_empty(&form.username)) {
        (true, _) => Some(NewAccountError::EmptyName),
        (false, true) => Some(NewAccountError::EmptyUsername),
        (false, false) => None,
    }
}

fn read(fields: &Fields) -> NewAccountForm {
    NewAccountForm {
        name: fields.get("name").to_owned(),
        username: fields.get("username").to_owned(),
        email: fields.get("email").to_owned(),
        language: fields.get("language").to_owned(),
        roles: fields.all("roles"),
        portals: fields.all("portals"),
    }
}

/// An administrator makes an account. Its first password is shown once, to be handed over.
pub async fn create(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let desk = match authority::desk(&app, &browser, fields.given("as"), fields.given("tenant")).await {
        Ok(desk) => desk,
        Err(instead) => return instead,
    };
    let proof = match desk.manage(&app, &browser, Permission::CreateAccount).await {
        Ok(proof) => proof,
        Err(instead) => return instead,
    };
    let form = read(&fields);
    if let Some(error) = missing(&form) {
        return render(&app, &browser, (&desk, &proof), (form, Some(error))).await;
    }
    let made = match account(&app, &desk, &form).await {
        Ok(Ok(new)) => accounts::create(app.cx(), &proof, new, First::Welcome).await,
        Ok(Err(refused)) => Ok(Err(refused)),
        Err(error) => Err(error),
    };
    match made {
        Ok(Ok(Created { id, one_time: Some(made), .. })) => show_password(&app, &browser, &desk, (id, made)).await,
        Ok(Ok(Created { id, one_time: None, .. })) => {
            let (session, tenant) = (desk.present.session.id.to_string(), desk.company.tenant.code.to_string());
            let whom = id.to_string();
            see_other(&local("/admin", &[("as", &session), ("tenant", &tenant), ("done", "invited"), ("whom", &whom)]))
        }
        Ok(Err(refused)) => render(&app, &browser, (&desk, &proof), (form, Some(words(refused)))).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

async fn account(app: &App, desk: &Desk, form: &NewAccountForm) -> Result<Tried<NewAccount>, ServiceError> {
    let known = portals(app, desk).await?;
    let portal = |name: &String| known.iter().find(|c| c.client_id == *name).map(|c| c.key);
    let Some(portals) = form.portals.iter().map(portal).collect() else { return Ok(Err(Refused::BadPortal)) };
    let Some(roles) = form.roles.iter().map(|r| Role::from_name(r)).collect() else {
        return Ok(Err(Refused::AboveYou));
    };
    Ok(Ok(NewAccount {
        login: form.username.clone(),
        name: form.name.clone(),
        email: Some(form.email.clone()).filter(|e| !e.trim().is_empty()),
        email_verified: false, // the person shows that it is his; until then it counts inside the company only
        language: Language::from_tag(&form.language),
        roles,
        portals,
    }))
}
