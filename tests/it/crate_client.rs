//! The crate `openidconnect`, unmodified, as a client.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    RedirectUrl, Scope, TokenResponse,
};
use support::TestIdp;

#[tokio::test(flavor = "multi_thread")]
async fn it_signs_in_refreshes_reads_userinfo_and_is_signed_out() {
    let idp = TestIdp::start().await;
    let http = openidconnect::reqwest::ClientBuilder::new()
        .redirect(openidconnect::reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let issuer = IssuerUrl::new(idp.url.clone()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new("portal".into()),
        Some(ClientSecret::new("portal-secret".into())),
    )
    .set_redirect_uri(RedirectUrl::new("https://portal.example/callback".into()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scope(Scope::new("profile".into()))
        .set_pkce_challenge(challenge)
        .url();
    let browser = idp.browser();
    let r = browser.get(url.as_str()).await.param("r").unwrap();
    let page = browser.try_sign_in(Some(&r), "201-acme", "agent password one").await;
    let page = browser.get(&page.location()).await;
    assert_eq!(page.param("state").as_deref(), Some(state.secret().as_str()));
    let code = AuthorizationCode::new(page.param("code").unwrap());
    let tokens = client.exchange_code(code).unwrap().set_pkce_verifier(verifier).request_async(&http).await.unwrap();
    let verifier = client.id_token_verifier();
    let claims = tokens.id_token().unwrap().claims(&verifier, &nonce).unwrap();
    let info: CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        .unwrap()
        .request_async(&http)
        .await
        .unwrap();
    assert_eq!(info.preferred_username().unwrap().as_str(), "201-acme");
    let renewed =
        client.exchange_refresh_token(tokens.refresh_token().unwrap()).unwrap().request_async(&http).await.unwrap();
    renewed.id_token().unwrap().claims(&verifier, |_: Option<&Nonce>| Ok(())).unwrap();
    let hint = tokens.id_token().unwrap().to_string();
    let out = browser
        .get(&format!(
            "/logout?id_token_hint={hint}&post_logout_redirect_uri=https://portal.example/signed-out&state=s"
        ))
        .await;
    assert_eq!(out.location(), "https://portal.example/signed-out?state=s");
    assert!(
        client.exchange_refresh_token(renewed.refresh_token().unwrap()).unwrap().request_async(&http).await.is_err()
    );
}
