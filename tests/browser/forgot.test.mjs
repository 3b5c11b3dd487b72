// A forgotten password: asking for the mail, asking again, and what the page for the new one refuses.
import assert from "node:assert/strict";
import { test } from "node:test";

import { startMailing } from "./support/demo.mjs";
import { look } from "./support/look.mjs";
import { enterAccount, reads } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world(startMailing);
const ADA = "ada@wickedsprockets.example";

async function seen(page, name) {
  assert.deepEqual(await look(page, name), []);
}

async function alert(page, words) {
  await page.getByRole("alert").filter({ hasText: words }).waitFor();
  assert.match(await page.title(), /^Error: /);
}

/** Types a name on the page for a forgotten password and sends it. */
async function ask(page, name) {
  await page.getByLabel("Username or email").fill(name);
  await page.getByRole("button", { name: "Send reset link" }).click();
}

async function choose(page, password) {
  await page.getByLabel("New password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Change Password" }).click();
}

let newest;

test("another mail is sent after a minute, and only its link works", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.clock.install();
  await page.goto(`${demo.issuer}/forgot`);
  await seen(page, "forgot");
  await ask(page, "");
  await alert(page, "Enter your username or email.");
  await seen(page, "forgot-empty");
  await ask(page, ADA);
  await page.getByText(`If ${ADA} has an account with an email address, we sent a link. It works for 60 minutes.`).waitFor();
  await seen(page, "forgot-sent");
  const again = page.getByRole("button", { name: "Send again" });
  assert.ok(await again.isDisabled(), "nobody is too early");
  await page.getByText(/^Send again in \d+ seconds\.$/).waitFor();
  await page.clock.fastForward(60_000); // but where the clock of the browser is fast
  await again.click();
  await alert(page, "An email was sent less than a minute ago.");
  await seen(page, "forgot-sent-too-soon");
  await demo.forward(60);
  await page.clock.fastForward(60_000);
  await again.click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  await reads(page, "Check your email");
  const { link: old } = await demo.mails.take(ADA, "Set a new password");
  newest = (await demo.mails.take(ADA, "Set a new password")).link;
  await page.goto(old);
  await reads(page, "This link no longer works");
  await page.getByText("A newer one was sent.").waitFor();
});

test("a number alone does not say which company", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/forgot`);
  await ask(page, "200");
  await page.getByLabel("Company name or code").waitFor();
  await seen(page, "forgot-company");
  await page.getByRole("button", { name: "Send reset link" }).click();
  await alert(page, "Enter your company name or code");
  await page.getByLabel("Company name or code").fill("Wicked Sprockets");
  await page.getByRole("button", { name: "Send reset link" }).click();
  await reads(page, "Check your email");
  const { text } = await demo.mails.take("grace@wickedsprockets.example", "Set a new password");
  assert.ok(text.includes("200-wickedsprockets"));
});

test("a new password that is short or easy to guess is refused, and the link still works", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(newest);
  await reads(page, "Set a new password");
  assert.equal(await page.getByLabel("Confirm new password").count(), 0, "who can look at it types it once");
  await seen(page, "reset");
  await choose(page, "k7#xQ");
  await alert(page, "Your new password is too short. Choose one with at least 8 characters.");
  await seen(page, "reset-short");
  await choose(page, "password1");
  await alert(page, "This password is easy to guess: a known one, or a name of yours.");
  await seen(page, "reset-common");
  await choose(page, "nine lazy lighthouses");
  await page.waitForURL((url) => url.pathname === "/account");
  await page.goto(newest);
  await reads(page, "This link no longer works");
  await page.getByText("It was used already.").waitFor();
  const { page: later } = await here.visitor();
  await enterAccount(later, demo.issuer, "201-wickedsprockets", "nine lazy lighthouses");
});

test("without scripts it is typed twice, and two that differ are refused", async () => {
  const { demo } = here;
  const { page } = await here.visitor({ javaScriptEnabled: false });
  await page.goto(`${demo.issuer}/forgot`);
  await ask(page, "maria@wickedsprockets.example");
  await reads(page, "Check your email");
  await page.getByRole("button", { name: "Send again" }).click();
  await alert(page, "An email was sent less than a minute ago.");
  await page.goto((await demo.mails.take("maria@wickedsprockets.example", "Set a new password")).link);
  await page.getByLabel("Confirm new password").fill("nine lazy lighthouse");
  await choose(page, "nine lazy lighthouses");
  await alert(page, "The two new passwords are not the same. Enter the new password again in both fields.");
  await choose(page, "nine lazy lighthouses");
  await alert(page, "The two new passwords are not the same.");
  await page.getByLabel("Confirm new password").fill("nine lazy lighthouses");
  await choose(page, "nine lazy lighthouses");
  await page.waitForURL((url) => url.pathname === "/account");
});
