// The second factor where a company requires it; codes that are used, too old or wrong; new backup codes; turning it off.
import assert from "node:assert/strict";
import { test } from "node:test";

import { authenticator } from "./support/authenticator.mjs";
import { startMailing } from "./support/demo.mjs";
import { look } from "./support/look.mjs";
import { arrives, enterAccount, person, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world(startMailing);
const [ADA, GRACE] = ["201-wickedsprockets", "200-wickedsprockets"];
const [MARIA, MARIAS] = ["maria@wickedsprockets", "maria@wickedsprockets.example"];

async function seen(page, name) {
  assert.deepEqual(await look(page, name), []);
}

async function alert(page, words) {
  await page.getByRole("alert").filter({ hasText: words }).waitFor();
  assert.match(await page.title(), /^Error: /);
}

async function notice(page, words) {
  await page.getByRole("status").filter({ hasText: words }).waitFor();
}

async function atAccount(page) {
  await page.waitForURL((url) => ["/account", "/admin"].includes(url.pathname));
}

async function toSecurity(page) {
  await page.goto(`${here.demo.issuer}/account/security`);
  await reads(page, "Security settings");
}

/** Opens the sign-in at the provider and shows the password. */
async function begin(page, who) {
  await page.goto(`${here.demo.issuer}/login?fresh=1`);
  await signIn(page, who, here.demo.password(who));
}

async function answer(page, code) {
  await page.getByLabel(/^(Verification|Backup) code/).fill(code);
  await page.getByRole("button", { name: "Verify" }).click();
}

async function withBackupCode(page, who, code) {
  await begin(page, who);
  await page.getByRole("link", { name: "Use a backup code" }).click();
  await answer(page, code);
}

async function confirm(page, code) {
  await page.getByLabel("Verification code").fill(code);
  await page.getByRole("button", { name: "Confirm" }).click();
}

/** Reads the backup codes, says that they are saved and goes on. */
async function saveCodes(page) {
  await reads(page, "Save your backup codes");
  const codes = await page.locator(".codes code").allTextContents();
  await page.getByRole("checkbox", { name: "I saved these codes" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  return codes;
}

/** Declares how the company wants it. */
function policies(lines) {
  return here.demo.apply(`[[tenants]]\ncode = "wickedsprockets"\nname = "Wicked Sprockets"\n[tenants.policies]\n${lines}\n`);
}

test("where it is required it may be left for later, for a while", async () => {
  const { demo } = here;
  await policies('"2fa.policy" = "required"\n"2fa.grace" = "3d"');
  const { page } = await here.visitor();
  await page.goto(demo.voice);
  await signIn(page, GRACE, demo.password(GRACE));
  await reads(page, "Protect your account");
  await page.getByText("You can do this later: 3 days left.").waitFor();
  await page.getByRole("button", { name: "Skip for now" }).click();
  await arrives(page, demo.voice);
  assert.equal((await person(page)).username, GRACE);
});

test("and after it codes by mail are set up inside the sign-in", async () => {
  const { demo } = here;
  await demo.forward(3 * 86_400);
  const { page } = await here.visitor();
  await page.clock.install();
  await page.goto(demo.voice);
  await signIn(page, GRACE, demo.password(GRACE));
  await reads(page, "Protect your account");
  assert.equal(await page.getByRole("button", { name: "Skip for now" }).count(), 0);
  await seen(page, "set-up-required");
  await page.getByRole("button", { name: "Use email" }).click();
  await reads(page, "Confirm your email");
  await page.getByText("We sent a 6-digit code to g•••@w•••.example.").waitFor();
  await seen(page, "set-up-email");
  await confirm(page, "");
  await alert(page, "Enter the code.");
  const { code: old } = await demo.mails.take("grace@wickedsprockets.example", "is your verification code");
  await confirm(page, old === "000000" ? "000001" : "000000");
  await alert(page, "That code is not right. Check the newest email.");
  await seen(page, "set-up-email-wrong");
  await page.clock.fastForward(60_000);
  await page.getByRole("button", { name: "Resend" }).click();
  await alert(page, "less than a minute ago");
  await demo.forward(60);
  await page.clock.fastForward(60_000);
  await page.getByRole("button", { name: "Resend" }).click();
  await notice(page, "We sent a new code to the same address. Only the newest works.");
  const { code } = await demo.mails.take("grace@wickedsprockets.example", "is your verification code");
  await confirm(page, code);
  await page.getByText("Two-factor authentication is on.").waitFor();
  await saveCodes(page);
  await arrives(page, demo.voice);
  await toSecurity(page);
  await page.getByText("Your company requires it, so the last method cannot be turned off.").waitFor();
  assert.equal(await page.getByRole("link", { name: /^Turn off/ }).count(), 0);
  await seen(page, "security-required");
});

let app;
let codes;

test("a code from the app works once", async () => {
  const { demo } = here;
  await policies('"2fa.policy" = "optional"');
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, ADA, demo.password(ADA));
  await toSecurity(page);
  await page.getByRole("button", { name: /^Set up.*Authenticator app/ }).click();
  app = authenticator(await page.locator("#secret").textContent(), demo);
  const used = app();
  await confirm(page, used);
  codes = await saveCodes(page);
  await reads(page, "Security settings");
  const { page: next } = await here.visitor();
  await begin(next, ADA);
  await answer(next, "");
  await alert(next, "Enter the code.");
  await answer(next, used);
  await alert(next, "That code was already used. Wait for the next one.");
  await seen(next, "second-used");
  await demo.forward(30);
  await answer(next, app());
  await atAccount(next);
});

test("a backup code that is wrong or used says so", async () => {
  const { page } = await here.visitor();
  await withBackupCode(page, ADA, "");
  await alert(page, "Enter the code.");
  await answer(page, "abcd-2345");
  await alert(page, "That code is not right. Check it, or choose one that you have not used.");
  await seen(page, "second-backup-wrong");
  const [first] = codes;
  await answer(page, first);
  await atAccount(page);
  await withBackupCode(page, ADA, first);
  await alert(page, "That code is not right. Check it, or choose one that you have not used.");
  await answer(page, codes[1]);
  await atAccount(page);
});

test("few codes are left, and new ones take their place", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  for (const code of codes.slice(2, 6)) {
    await withBackupCode(page, ADA, code);
    await atAccount(page);
  }
  await toSecurity(page);
  await page.getByText("4 left").waitFor();
  assert.equal(await page.getByText("You have few backup codes left.").count(), 0);
  await withBackupCode(page, ADA, codes[6]);
  await atAccount(page);
  await toSecurity(page);
  await page.getByText("3 left").waitFor();
  await page.getByText("You have few backup codes left. Make new ones.").waitFor();
  await seen(page, "security-few-codes");
  await page.getByRole("link", { name: "Make new codes" }).click();
  await reads(page, "Make new backup codes?");
  await seen(page, "new-codes");
  await page.getByRole("button", { name: "Make new codes" }).click();
  await page.getByText("The codes you had before no longer work.").waitFor();
  await seen(page, "backup-codes-new");
  const old = codes[7];
  codes = await saveCodes(page);
  await page.getByText("10 left").waitFor();
  await demo.mails.take("ada@wickedsprockets.example", "New backup codes were made");
  await withBackupCode(page, ADA, old);
  await alert(page, "That code is not right.");
  await answer(page, codes[0]);
  await atAccount(page);
});

test("a code by mail is good for ten minutes; then another comes by itself", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, MARIA, demo.password(MARIAS));
  await toSecurity(page);
  await page.getByRole("button", { name: /^Turn on.*Codes by email/ }).click();
  await confirm(page, (await demo.mails.take(MARIAS, "confirms your email address")).code);
  await saveCodes(page);
  const { page: next } = await here.visitor();
  await next.goto(`${demo.issuer}/login`);
  await signIn(next, MARIA, demo.password(MARIAS));
  await reads(next, "Enter your verification code");
  await answer(next, "");
  await alert(next, "Enter the code.");
  await answer(next, "12345");
  await alert(next, "The code has 6 digits. Check it, and enter all of them.");
  const { code: old } = await demo.mails.take(MARIAS, "is your verification code");
  await demo.forward(601);
  await answer(next, old);
  await alert(next, "That code has expired. Check your email: we sent a new one.");
  await seen(next, "second-expired");
  await answer(next, (await demo.mails.take(MARIAS, "is your verification code")).code);
  await atAccount(next);
});

test("one of two methods is turned off, then the last, and the password alone is enough", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await begin(page, ADA);
  await answer(page, app());
  await atAccount(page);
  await toSecurity(page);
  await page.getByRole("button", { name: /^Turn on.*Codes by email/ }).click();
  await confirm(page, (await demo.mails.take("ada@wickedsprockets.example", "confirms your email address")).code);
  await saveCodes(page);
  await page.getByRole("link", { name: /^Turn off.*Codes by email/ }).click();
  await reads(page, "Turn off codes by email?");
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("link", { name: /^Turn off.*Authenticator app/ }).click();
  await reads(page, "Turn off the authenticator app?");
  await seen(page, "turn-off-app");
  await page.getByRole("button", { name: "Turn off" }).click();
  await notice(page, "That method is turned off.");
  await demo.mails.take("ada@wickedsprockets.example", "Two-factor authentication was turned off");
  await page.getByRole("link", { name: /^Turn off.*Codes by email/ }).click();
  await reads(page, "Turn off two-factor authentication?");
  await seen(page, "turn-off");
  await page.getByRole("button", { name: "Turn off" }).click();
  await notice(page, "That method is turned off.");
  assert.equal(await page.getByText("Make new codes").count(), 0);
  const { page: next } = await here.visitor();
  await enterAccount(next, demo.issuer, ADA, demo.password(ADA));
});
