// The second factor as people meet it: every page looked at, every message read, the keyboard alone, no scripts.
import assert from "node:assert/strict";
import { test } from "node:test";

import { authenticator } from "./support/authenticator.mjs";
import { startMailing } from "./support/demo.mjs";
import { look } from "./support/look.mjs";
import { arrives, enterAccount, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world(startMailing);
const ADA = "201-wickedsprockets";

async function seen(page, name) {
  assert.deepEqual(await look(page, name), []);
}

async function answer(page, code) {
  await page.getByLabel(/^(Verification|Backup) code/).fill(code);
  await page.getByRole("button", { name: "Verify" }).click();
}

async function alert(page, words) {
  await page.getByRole("alert").filter({ hasText: words }).waitFor();
}

async function toSecurity(page) {
  await page.goto(`${here.demo.issuer}/account/security`);
  await reads(page, "Security settings");
}

let app;
let codes;

test("an app is set up on the page of what protects the account", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, ADA, demo.password(ADA));
  await toSecurity(page);
  await seen(page, "security");
  await page.getByRole("button", { name: "Set up" }).click();
  await reads(page, "Set up an authenticator app");
  await seen(page, "app-set-up");
  app = authenticator(await page.locator("#secret").textContent(), demo);
  await page.getByRole("button", { name: "Confirm" }).click();
  await alert(page, "Enter the code.");
  await page.getByLabel("Verification code").fill("000000" === app() ? "000001" : "000000");
  await page.getByRole("button", { name: "Confirm" }).click();
  await alert(page, "That code is not right.");
  await seen(page, "app-set-up-wrong");
  await page.getByLabel("Verification code").fill(app());
  await page.getByRole("button", { name: "Confirm" }).click();
  await reads(page, "Save your backup codes");
  await seen(page, "backup-codes");
  codes = await page.locator(".codes code").allTextContents();
  assert.equal(codes.length, 10);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download" }).click()]);
  assert.equal(file.suggestedFilename(), "backup-codes.txt");
  await page.getByRole("button", { name: "Continue" }).click();
  await reads(page, "Save your backup codes"); // not before it is said that they are saved
  await page.getByRole("checkbox", { name: "I saved these codes" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await reads(page, "Security settings");
  await page.getByText("10 left").waitFor();
  await seen(page, "security-app");
});

test("it is asked for, announced and trusted", async () => {
  const { demo } = here;
  await demo.forward(60);
  const { page } = await here.visitor();
  await page.goto(demo.voice);
  await signIn(page, ADA, demo.password(ADA));
  await reads(page, "Enter your verification code");
  await seen(page, "second-app");
  await answer(page, "12345");
  await alert(page, "The code has 6 digits");
  const wrong = "000000" === app() ? "000001" : "000000";
  for (const words of ["That code is not right.", "That code is not right."]) {
    await answer(page, wrong);
    await alert(page, words);
    assert.equal(await page.getByText("attempt(s)").count(), 0);
  }
  await answer(page, wrong);
  await alert(page, "You have 2 login attempt(s) before your account is locked");
  await answer(page, wrong);
  await alert(page, "You have 1 login attempt(s) before your account is locked");
  await seen(page, "second-one-left");
  await page.getByRole("checkbox", { name: /Don’t ask again for 30 days/ }).check();
  await page.getByLabel("Verification code").fill(app());
  await page.keyboard.press("Enter");
  await arrives(page, demo.voice);
  await page.goto(`${demo.issuer}/login?fresh=1`);
  await signIn(page, ADA, demo.password(ADA));
  await page.waitForURL((url) => url.pathname === "/account");
  await toSecurity(page);
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByText("This browser is asked for a code again.").waitFor();
});

test("a backup code without scripts, with the keyboard alone", async () => {
  const { demo } = here;
  const { page } = await here.visitor({ javaScriptEnabled: false });
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, ADA, demo.password(ADA));
  await reads(page, "Enter your verification code");
  await page.getByRole("link", { name: "Use a backup code" }).focus();
  await page.keyboard.press("Enter");
  await reads(page, "Enter a backup code");
  assert.equal(await page.evaluate(() => document.activeElement?.id).catch(() => "code"), "code");
  await page.keyboard.type(codes[0].toUpperCase());
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/account");
});

test("cancel leads back to the beginning, signed out", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, ADA, demo.password(ADA));
  await reads(page, "Enter your verification code");
  await page.getByRole("button", { name: "Cancel" }).click();
  await reads(page, "Sign in");
  await page.goBack();
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Sign in");
});

test("codes by mail: on, asked for, sent again", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, "maria@wickedsprockets", demo.password("maria@wickedsprockets"));
  await toSecurity(page);
  await page.getByRole("button", { name: "Turn on" }).click();
  await reads(page, "Confirm your email");
  await seen(page, "email-set-up");
  await page.getByLabel("Verification code").fill((await demo.mails.take("maria@wickedsprockets.example", "confirms your email address")).code);
  await page.getByRole("button", { name: "Confirm" }).click();
  await reads(page, "Save your backup codes");
  const { page: other } = await here.visitor();
  await other.clock.install();
  await other.goto(demo.crm);
  await signIn(other, "maria@wickedsprockets", demo.password("maria@wickedsprockets"));
  await reads(other, "Enter your verification code");
  await other.getByText("m•••@w•••.example").waitFor();
  await seen(other, "second-email");
  await other.clock.fastForward(60_000);
  await other.getByRole("button", { name: "Resend" }).click();
  await alert(other, "less than a minute ago");
  await seen(other, "second-too-soon");
  const { code: old } = await demo.mails.take("maria@wickedsprockets.example", "is your verification code");
  await demo.forward(60);
  await other.clock.fastForward(60_000);
  await other.getByRole("button", { name: "Resend" }).click();
  await other.getByText("We sent a new code to the same address.").waitFor();
  const { code } = await demo.mails.take("maria@wickedsprockets.example", "is your verification code");
  await answer(other, old);
  await alert(other, "That code is not right.");
  await answer(other, code);
  await arrives(other, demo.crm);
});

test("five wrong codes lock, and an administrator unlocks and helps", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, "maria@wickedsprockets", demo.password("maria@wickedsprockets"));
  const { code } = await demo.mails.take("maria@wickedsprockets.example", "is your verification code");
  for (let guess = 0; guess < 5; guess++) await answer(page, code === "000000" ? "000001" : "000000");
  await reads(page, "Your account is locked");
  await page.getByText("There were 5 wrong verification codes.").waitFor();
  await seen(page, "account-locked");
  const { page: console_ } = await here.visitor();
  await enterAccount(console_, demo.issuer, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  const row = console_.getByRole("row").filter({ hasText: "maria" });
  await row.getByRole("button", { name: /Unlock/ }).click();
  await console_.getByRole("row").filter({ hasText: "maria" }).getByRole("link", { name: /Backup code/ }).click();
  await reads(console_, "a backup code");
  await seen(console_, "backup-code-reason");
  await console_.getByLabel("Reason").fill("Lost phone; called back on the desk number");
  await console_.getByRole("button", { name: "Make a backup code" }).click();
  await reads(console_, "Backup code for");
  await seen(console_, "backup-code-shown");
  const given = await console_.locator("#secret").textContent();
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, "maria@wickedsprockets", demo.password("maria@wickedsprockets"));
  await page.getByRole("link", { name: "Use a backup code" }).click();
  await seen(page, "second-backup");
  await answer(page, given);
  await page.waitForURL((url) => url.pathname === "/account/security");
  await page.getByText("Set up a method that you have with you.").waitFor();
  await seen(page, "security-review");
});

test("the mail address changes with a code and is taken back", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const jonas = "201-other-company";
  await enterAccount(page, demo.issuer, jonas, demo.password(jonas));
  await page.goto(`${demo.issuer}/account/settings`);
  await page.getByRole("button", { name: "EN – English" }).first().click();
  await seen(page, "settings");
  await page.getByLabel("New email address").fill("jonas@elsewhere.example");
  await page.getByRole("button", { name: "Send a code" }).click();
  await reads(page, "Confirm your email");
  await seen(page, "address-code");
  await page.getByLabel("Verification code").fill((await demo.mails.take("jonas@elsewhere.example", "confirms")).code);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("Your email address is changed.").waitFor();
  const { link } = await demo.mails.take("jonas@other-company.example", "");
  const { page: owner } = await here.visitor();
  await owner.goto(link);
  await seen(owner, "undo");
  await owner.locator("form[action='/undo'] button").click();
  await owner.locator("h1").filter({ hasText: /taken back|zurückgenommen/ }).waitFor();
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Sign in");
});

test("a company that requires it: later for a while, or at once", async () => {
  const { demo } = here;
  const policies = '"2fa.policy" = "required"\n"2fa.grace" = "3d"\n';
  await demo.apply(`[[tenants]]\ncode = "wickedsprockets"\nname = "Wicked Sprockets"\n[tenants.policies]\n${policies}`);
  const { page } = await here.visitor();
  await page.goto(demo.voice);
  await signIn(page, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  await reads(page, "Protect your account");
  await page.getByText("3 days left").waitFor();
  await seen(page, "set-up");
  await page.getByRole("button", { name: "Use an app" }).click();
  await reads(page, "Set up an authenticator app");
  const grace = authenticator(await page.locator("#secret").textContent(), demo);
  await page.getByLabel("Verification code").fill(grace());
  await page.getByRole("button", { name: "Confirm" }).click();
  await reads(page, "Save your backup codes");
  await page.getByRole("checkbox", { name: "I saved these codes" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await arrives(page, demo.voice);
});
