// Passkeys with a virtual authenticator: made, used in the field and by the button, ten and no more, revoked, and what others try.
import assert from "node:assert/strict";
import { test } from "node:test";

import { look } from "./support/look.mjs";
import { arrives, enterAccount, person, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();
const ADA = "201-wickedsprockets";

/** Wicked Sprockets, with this demand for a second factor. */
function company(demand) {
  return `[[tenants]]\ncode = "wickedsprockets"\nname = "Wicked Sprockets"\n[tenants.policies]\n"2fa.policy" = "${demand}"\n`;
}

async function seen(page, name) {
  assert.deepEqual(await look(page, name), []);
}

/** An authenticator in this page's browser: with a fingerprint that is shown whenever it is asked for. */
async function authenticator(page, more = {}) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
    ...more,
  };
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    add: (credential) => devtools.send("WebAuthn.addCredential", { authenticatorId, credential }),
    clear: () => devtools.send("WebAuthn.clearCredentials", { authenticatorId }),
    verifies: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

/** A browser that offers nothing in the field for the name: in the others a device that is touched may be faster than the button. */
async function withoutAutofill(page) {
  await page.addInitScript("PublicKeyCredential.isConditionalMediationAvailable = async () => false");
}

async function toSecurity(page) {
  await page.goto(`${here.demo.issuer}/account/security`);
  await reads(page, "Security settings");
}

async function add(page) {
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await reads(page, "Sign in faster next time");
  await page.getByRole("button", { name: "Create a passkey" }).click();
}

let kept;

test("one is made on the page of what protects the account", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const device = await authenticator(page);
  await enterAccount(page, demo.issuer, ADA, demo.password(ADA));
  await toSecurity(page);
  await add(page);
  await page.getByText("Your passkey is ready.").waitFor();
  [kept] = await device.credentials();
  assert.equal(kept.rpId, "localhost");
  assert.ok(kept.isResidentCredential, "a sign-in without a name finds it");
  // The same device makes no second one.
  await add(page);
  await page.getByText("This device already has a passkey for your account.").waitFor();
});

test("a returning person signs in with it and types nothing: by the button", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await withoutAutofill(page);
  const device = await authenticator(page);
  await device.add(kept);
  await page.goto(demo.crm);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await arrives(page, demo.crm);
  assert.equal((await person(page)).username, ADA);
});

test("and in the field for the name", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const device = await authenticator(page);
  await device.add(kept);
  await page.goto(demo.voice);
  await arrives(page, demo.voice);
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Hello");
});

test("it is both factors, where a second one is set up", async () => {
  const { demo } = here;
  await demo.apply(company("required"));
  const { page } = await here.visitor();
  const device = await authenticator(page);
  await device.add(kept);
  await page.goto(demo.voice);
  await arrives(page, demo.voice);
  const { page: other } = await here.visitor();
  await other.goto(demo.voice);
  await signIn(other, ADA, demo.password(ADA));
  await reads(other, "Confirm with a passkey");
  await demo.apply(company("optional"));
});

test("whoever is not verified, or gives up, is not in", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const device = await authenticator(page, { isUserVerified: false });
  await device.add(kept);
  await page.goto(`${demo.issuer}/login`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText("Passkey sign-in was cancelled.").waitFor();
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Sign in");
});

test("one for another host is not offered, and a dialog that is closed six times counts for nothing", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const foreign = await authenticator(page);
  await foreign.add({ ...kept, rpId: "login.example" });
  await page.goto(`${demo.issuer}/login`);
  for (let n = 0; n < 6; n++) {
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByText("Passkey sign-in was cancelled.").waitFor();
  }
  await signIn(page, ADA, demo.password(ADA));
  await page.waitForURL((url) => url.pathname === "/account");
});

test("it is called something else, and revoked; then it signs nobody in", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, ADA, demo.password(ADA));
  await toSecurity(page);
  await page.getByRole("link", { name: /^Change\s*: Passkey/ }).click();
  await page.getByLabel("Name").fill("Work laptop");
  await page.getByRole("button", { name: "Rename" }).click();
  await reads(page, "Security settings");
  await page.getByRole("link", { name: /^Change\s*: Work laptop/ }).click();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByText("That passkey is revoked.").waitFor();
  const { page: other } = await here.visitor();
  await withoutAutofill(other);
  const device = await authenticator(other);
  await device.add(kept);
  await other.goto(`${demo.issuer}/login`);
  await other.getByRole("button", { name: "Sign in with a passkey" }).click();
  await other.getByRole("alert").getByText("This passkey is no longer registered here.").waitFor();
  await other.goto(`${demo.issuer}/account`);
  await reads(other, "Sign in");
});

test("ten there may be, and no more", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const device = await authenticator(page);
  await enterAccount(page, demo.issuer, ADA, demo.password(ADA));
  await toSecurity(page);
  for (let n = 0; n < 10; n++) {
    await add(page);
    await page.getByText("Your passkey is ready.").waitFor();
    await device.clear(); // another device
  }
  await page.getByText("You already have 10 passkeys. Choose one below and revoke it first.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Add a passkey" }).count(), 0);
});

test("it is the second factor, where one is asked for after a password", async () => {
  const { demo } = here;
  const BEN = "maria@wickedsprockets";
  await demo.apply(company("required"));
  const { page } = await here.visitor();
  const device = await authenticator(page);
  await page.goto(demo.crm);
  await signIn(page, BEN, demo.password(BEN));
  await reads(page, "Protect your account");
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await reads(page, "Sign in faster next time");
  await page.getByRole("button", { name: "Create a passkey" }).click();
  await reads(page, "backup codes");
  const [made] = await device.credentials();
  const { page: other } = await here.visitor();
  const same = await authenticator(other);
  await withoutAutofill(other);
  await same.add(made);
  await other.goto(demo.crm);
  await signIn(other, BEN, demo.password(BEN));
  await reads(other, "Confirm with a passkey");
  await other.getByRole("button", { name: "Use a passkey" }).click();
  await arrives(other, demo.crm);
  const { page: bare } = await here.visitor({ javaScriptEnabled: false });
  await bare.goto(demo.crm);
  await signIn(bare, BEN, demo.password(BEN));
  await bare.locator("noscript p").filter({ hasText: "Passkeys need scripts" }).waitFor();
  await demo.apply(company("optional"));
});

test("a copy, whose counter does not grow, signs nobody in", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const device = await authenticator(page);
  await enterAccount(page, demo.issuer, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  await toSecurity(page);
  await add(page);
  await page.getByText("Your passkey is ready.").waitFor();
  const [made] = await device.credentials();
  const { page: owner } = await here.visitor();
  const original = await authenticator(owner);
  await original.add({ ...made, signCount: 40 });
  await owner.goto(`${demo.issuer}/login`);
  await owner.waitForURL((url) => url.pathname === "/admin"); // in the field for the name
  const { page: thief } = await here.visitor();
  const copy = await authenticator(thief);
  await copy.add({ ...made, signCount: 30 });
  // One try: the page that refuses it would ask again at once.
  thief.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/login/passkey")) copy.clear();
  });
  await thief.goto(`${demo.issuer}/login`);
  await thief.getByRole("alert").getByText("That passkey was not accepted.").waitFor();
  await thief.goto(`${demo.issuer}/account`);
  await reads(thief, "Sign in");
});

test("its pages", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
  await seen(page, "sign-in-passkey");
  await enterAccount(page, demo.issuer, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  await toSecurity(page);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await reads(page, "Sign in faster next time");
  await seen(page, "passkey-new");
  const { page: owner } = await here.visitor();
  await enterAccount(owner, demo.issuer, ADA, demo.password(ADA));
  await toSecurity(owner);
  await seen(owner, "security-passkeys");
  await owner.getByRole("link", { name: /^Change\s*: Passkey/ }).first().click();
  await seen(owner, "passkey");
});
