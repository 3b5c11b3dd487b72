// OpenID Connect clients that others wrote, as npm has them, do what they do with every provider: `openid-client` as a
// web application with a secret, `oauth4webapi` as a public one without.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as oauth from "oauth4webapi";
import * as client from "openid-client";

import { startDemo } from "./support/demo.mjs";
import { FormBrowser } from "./support/form.mjs";

// Nobody listens there: the tests read where the browser would have gone.
const CALLBACK = "http://localhost:1/callback";
const FAREWELL = "http://localhost:1/farewell";
const SECRET = "a-secret-for-tests/with+signs%that&need=escaping";
const VERIFIER = "v".repeat(43);
const ACCOUNT = "201-wickedsprockets";

/** A client in the words of `idp apply`. Offline access is for whoever shall come back without the person. */
function entry(id, more) {
  return `[[clients]]
client_id = "${id}"
name = "Test client ${id}"
redirect_uris = ["${CALLBACK}"]
post_logout_redirect_uris = ["${FAREWELL}"]
scopes = "openid profile email tenant offline_access"
entitled_only = false
${more}
`;
}

let demo;
let password;

before(async () => {
  demo = await startDemo();
  password = demo.password(ACCOUNT);
  await demo.apply([
    entry("basic", `secret = "${SECRET}"\nid_token_alg = "RS256"`),
    entry("post", `secret = "${SECRET}"\nauth_method = "client_secret_post"\nid_token_alg = "ES256"`),
    entry("no-pkce", `secret = "${SECRET}"\npkce = false\nid_token_alg = "RS256"`),
    entry("public", `auth_method = "none"\nid_token_alg = "RS256"`),
  ].join(""));
});

after(() => demo?.stop());

/** `openid-client` for one of the clients. */
function discover(id, authentication, algorithm = "RS256") {
  return client.discovery(new URL(demo.issuer), id, { id_token_signed_response_alg: algorithm }, authentication, {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  });
}

/** A whole sign-in with `openid-client`. */
async function signIn(config, { scope = "openid profile email tenant", pkce = true, browser = new FormBrowser(demo.issuer) } = {}) {
  const pkceCodeVerifier = pkce ? client.randomPKCECodeVerifier() : undefined;
  const checks = { expectedState: client.randomState(), expectedNonce: client.randomNonce(), pkceCodeVerifier, idTokenExpected: true };
  const asked = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK, scope, state: checks.expectedState, nonce: checks.expectedNonce,
    ...(pkce && { code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256" }),
  });
  const answer = await browser.authorize(asked, ACCOUNT, password);
  const tokens = await client.authorizationCodeGrant(config, answer, checks);
  return { tokens, browser, answer, checks };
}

/** A request whose answer needs `VERIFIER` and the state `s`. */
async function question(config, more = {}) {
  const code_challenge = await client.calculatePKCECodeChallenge(VERIFIER);
  return client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK, scope: "openid", state: "s", code_challenge, code_challenge_method: "S256", ...more,
  });
}

for (const [id, authentication, algorithm] of [
  ["basic", client.ClientSecretBasic(SECRET), "RS256"],
  ["post", client.ClientSecretPost(SECRET), "ES256"],
]) {
  test(`openid-client signs in as the client ${id}, gets an ID token in ${algorithm} and asks who it is`, async () => {
    const config = await discover(id, authentication, algorithm);
    assert.equal(config.serverMetadata().supportsPKCE(), true);
    const { tokens, answer } = await signIn(config);
    assert.equal(answer.searchParams.get("iss"), demo.issuer);
    const claims = tokens.claims();
    assert.equal(claims.iss, demo.issuer);
    assert.equal(claims.aud, id);
    assert.deepEqual(claims.amr, ["pwd"]);
    assert.ok(claims.auth_time <= claims.iat && claims.sid, JSON.stringify(claims));

    const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(person.preferred_username, ACCOUNT);
    assert.equal(person.tenant, "wickedsprockets");
    assert.equal(person.tenant_name, "Wicked Sprockets");
    assert.equal(person.email_verified, true);
  });
}

test("openid-client without PKCE signs in where the client is allowed to, and nowhere else", async () => {
  await signIn(await discover("no-pkce", client.ClientSecretBasic(SECRET)), { pkce: false });
  const config = await discover("basic", client.ClientSecretBasic(SECRET));
  await assert.rejects(signIn(config, { pkce: false }), { error: "invalid_request" });
});

test("a second client in the same browser asks for no password and gets the same person", async () => {
  const first = await signIn(await discover("basic", client.ClientSecretBasic(SECRET)));
  const config = await discover("public", client.None());
  const asked = await question(config, { prompt: "none" });
  const { url } = await first.browser.open(asked);
  const second = await client.authorizationCodeGrant(config, url, { expectedState: "s", pkceCodeVerifier: VERIFIER });
  assert.equal(second.claims().sub, first.tokens.claims().sub);
  assert.notEqual(second.claims().sid, undefined);
});

test("prompt=none in a browser where nobody is signed in is answered login_required", async () => {
  const config = await discover("public", client.None());
  const asked = await question(config, { prompt: "none" });
  const { url } = await new FormBrowser(demo.issuer).open(asked);
  await assert.rejects(
    client.authorizationCodeGrant(config, url, { expectedState: "s", pkceCodeVerifier: VERIFIER }),
    { error: "login_required" },
  );
});

test("a code that is used twice is refused, and what it brought is dead", async () => {
  const config = await discover("basic", client.ClientSecretBasic(SECRET));
  const { tokens, answer, checks } = await signIn(config);
  await assert.rejects(client.authorizationCodeGrant(config, answer, checks), { error: "invalid_grant" });
  await assert.rejects(client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
});

test("a wrong secret and a wrong verifier are refused", async () => {
  const wrong = await discover("basic", client.ClientSecretBasic("not it"));
  await assert.rejects(signIn(wrong), { code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE", status: 401 });
  const config = await discover("public", client.None());
  const asked = await question(config);
  const answer = await new FormBrowser(demo.issuer).authorize(asked, ACCOUNT, password);
  await assert.rejects(
    client.authorizationCodeGrant(config, answer, { expectedState: "s", pkceCodeVerifier: "w".repeat(43) }),
    { error: "invalid_grant" },
  );
});

test("openid-client refreshes, each time with a new token", async () => {
  const config = await discover("basic", client.ClientSecretBasic(SECRET));
  const { tokens } = await signIn(config);
  assert.ok(tokens.refresh_token, "a refresh token");
  const second = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.ok(second.refresh_token && second.refresh_token !== tokens.refresh_token);
  const person = await client.fetchUserInfo(config, second.access_token, tokens.claims().sub);
  assert.equal(person.preferred_username, ACCOUNT);
  const third = await client.refreshTokenGrant(config, second.refresh_token);
  assert.notEqual(third.refresh_token, second.refresh_token);
});

test("openid-client signs out: the person lands where the client wants, and its tokens are dead", async () => {
  const config = await discover("basic", client.ClientSecretBasic(SECRET));
  const { tokens, browser } = await signIn(config);
  const asked = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: FAREWELL, state: "bye" });
  const { url } = await browser.open(asked);
  assert.equal(url.href, `${FAREWELL}?state=bye`);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  const { html } = await browser.open("/account");
  assert.match(html, /<h1>Sign in<\/h1>/);
});

test("oauth4webapi, a public client, does the same step by step and checks every signature", async () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(demo.issuer);
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  const app = { client_id: "public" };
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const asked = new URL(as.authorization_endpoint);
  asked.search = new URLSearchParams({
    client_id: app.client_id, redirect_uri: CALLBACK, response_type: "code", scope: "openid email", state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  });
  const answer = await new FormBrowser(demo.issuer).authorize(asked, ACCOUNT, password);
  const params = oauth.validateAuthResponse(as, app, answer, state);
  const answered = await oauth.authorizationCodeGrantRequest(as, app, oauth.None(), params, CALLBACK, verifier, insecure);
  const tokens = await oauth.processAuthorizationCodeResponse(as, app, answered, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(as, answered, insecure);
  const claims = oauth.getValidatedIdTokenClaims(tokens);

  const about = await oauth.userInfoRequest(as, app, tokens.access_token, insecure);
  const person = await oauth.processUserInfoResponse(as, app, claims.sub, about);
  assert.match(person.email, /@wickedsprockets\.example$/);
  assert.equal(person.name, undefined, "only what was asked for");

  const refreshed = await oauth.refreshTokenGrantRequest(as, app, oauth.None(), tokens.refresh_token, insecure);
  const next = await oauth.processRefreshTokenResponse(as, app, refreshed);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
});
