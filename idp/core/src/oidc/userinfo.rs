//! What a client gets to know about a person (OpenID Connect Core section 5.4), by scope.

use serde::Serialize;

use crate::account::Account;
use crate::oidc::scope::{Scope, Scopes};
use crate::tenant::Tenant;

/// The claims.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UserInfo {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<&'static str>>,
}

/// The claims that these scopes ask for. What the account doesn't have is left out.
pub fn claims(subject: String, account: &Account, tenant: &Tenant, scopes: &Scopes) -> UserInfo {
    let mut info = UserInfo { sub: subject, ..UserInfo::default() };
    if scopes.has(Scope::Profile) {
        info.name = Some(account.name.clone());
        info.preferred_username = Some(account.username(&tenant.code));
        info.locale = Some(account.language.unwrap_or(tenant.language).tag());
        info.updated_at = Some(account.updated_at.seconds());
    }
    if scopes.has(Scope::Email)
        && let Some(email) = &account.email
    {
        info.email = Some(email.to_string());
        info.email_verified = Some(account.email_verified);
    }
    if scopes.has(Scope::Tenant) {
        info.tenant = Some(tenant.code.to_string());
        info.tenant_name = Some(tenant.name.clone());
        info.roles = Some(account.roles.iter().map(|r| r.name()).collect());
    }
    info
}
