// The mails of a sign-in, by a mail server: what leaves the provider over TLS is what a person reads and follows.
import assert from "node:assert/strict";
import { test } from "node:test";

import { startOperated } from "./support/operated.mjs";
import { heading, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world(startOperated);
const ANN = "ann@acme.example";
const NEW = "ann@home.example";
const PASSWORD = "a quiet marble tugboat";

async function atAccount(page) {
  await page.waitForURL((url) => url.pathname === "/account");
}

/** Types the name on the sign-in page and asks for something by mail. */
async function ask(page, button) {
  await page.goto(`${here.demo.issuer}/login`);
  await page.getByLabel("Username or email").fill("201-acme");
  await page.getByRole("button", { name: button }).click();
  await reads(page, "Check your email");
}

/** Signs in with the password and a code by mail. */
async function withBoth(page) {
  await page.goto(`${here.demo.issuer}/login`);
  await signIn(page, "201-acme", PASSWORD);
  await page.getByLabel(/^Verification code/).fill((await here.demo.mails.take(ANN, "is your verification code")).code);
  await page.getByRole("button", { name: "Verify" }).click();
  await atAccount(page);
}

test("an operator sees that the mail server takes mails", async () => {
  const { demo } = here;
  await demo.operate("mail", "test", "ops@acme.example");
  const mail = await demo.mails.take("ops@acme.example", "");
  assert.equal(mail.from, "no-reply@switchboard.example");
});

test("a mail server with a certificate that nobody vouches for gets nothing", async () => {
  const { demo } = here;
  const told = await demo.operateTrustingNobody("mail", "test", "ops@acme.example").catch((error) => error.message);
  assert.match(told, /ended with 1:[^]*certificate/);
});

test("an invitation comes in the name of the company, and its link is the first way in", async () => {
  const { demo } = here;
  await demo.apply('[[tenants]]\ncode = "acme"\nname = "Acme"\n[tenants.policies]\n"mail.from" = "hello@acme.example"\n');
  await demo.operate("account", "create", "201", "--tenant", "acme", "--name", "Ann Agent", "--email", ANN);
  const mail = await demo.mails.take(ANN, "Welcome to");
  assert.deepEqual([mail.name, mail.from, mail.to], ["Acme", "hello@acme.example", [ANN]]);
  const { page } = await here.visitor();
  await page.goto(mail.link);
  await page.getByRole("button", { name: "Sign in on this device" }).click();
  await atAccount(page);
  assert.match(await heading(page).textContent(), /Ann/);
  assert.match(await demo.operate("account", "mails", "--tenant", "acme", "201"), /sent/);
  // A first password, without a current one.
  await page.goto(`${demo.issuer}/account/settings`);
  await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Confirm new password").fill(PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await demo.mails.take(ANN, "password");
});

test("a link and a code to sign in", async () => {
  const { demo } = here;
  await demo.forward(61);
  const { page } = await here.visitor();
  await ask(page, "Sign in with email");
  const first = await demo.mails.take(ANN, "Sign in to");
  await page.goto(first.link);
  await atAccount(page);
  await demo.forward(61);
  const { page: typing } = await here.visitor();
  await ask(typing, "Sign in with email");
  await typing.getByLabel("Code from the email").fill((await demo.mails.take(ANN, "Sign in to")).code);
  await typing.getByRole("button", { name: "Continue" }).click();
  await atAccount(typing);
});

test("codes by mail as a second factor", async () => {
  const { demo } = here;
  await demo.forward(3600);
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, "201-acme", PASSWORD);
  await atAccount(page);
  await page.goto(`${demo.issuer}/account/security`);
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByLabel(/code/i).fill((await demo.mails.take(ANN, "confirms your email address")).code);
  await page.getByRole("button", { name: "Confirm" }).click();
  await reads(page, "Save your backup codes");
  await demo.mails.take(ANN, "Codes by email were turned on");
  await demo.forward(61);
  const { page: next } = await here.visitor();
  await withBoth(next);
});

test("another address: a code goes to the new one, word to the old one, and from there it is taken back", async () => {
  const { demo } = here;
  await demo.forward(61);
  const { page } = await here.visitor();
  await withBoth(page);
  await page.goto(`${demo.issuer}/account/settings`);
  await page.getByLabel("New email address").fill(NEW);
  await page.getByRole("button", { name: "Send a code" }).click();
  await page.getByLabel(/code/i).fill((await demo.mails.take(NEW, "confirms your email address")).code);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText(NEW).waitFor();
  const told = await demo.mails.take(ANN, "email address was changed");
  const { page: old } = await here.visitor();
  await old.goto(told.link);
  await reads(old, "Take the change back?");
  await old.getByRole("button", { name: "Take it back" }).click();
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Sign in");
});

test("a forgotten password", async () => {
  const { demo } = here;
  await demo.forward(3600);
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/forgot`);
  await page.getByLabel("Username or email").fill("201-acme");
  await page.getByRole("button", { name: "Send reset link" }).click();
  await page.goto((await demo.mails.take(ANN, "Set a new password")).link);
  await page.getByLabel("New password", { exact: true }).fill("two brass lanterns");
  await page.getByRole("button", { name: "Change Password" }).click();
  await atAccount(page);
});
