// Links from mails that do not lead straight in: too old, used, in another browser, opened by a program that looks at mails.
import assert from "node:assert/strict";
import { test } from "node:test";

import { startMailing } from "./support/demo.mjs";
import { look } from "./support/look.mjs";
import { reads } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world(startMailing);
const [ADA, GRACE, MARIA] = ["ada", "grace", "maria"].map((name) => `${name}@wickedsprockets.example`);

async function seen(page, name) {
  assert.deepEqual(await look(page, name), []);
}

/** Asks for a mail to sign in at `address`, and takes it. */
async function ask(page, address, who) {
  await page.goto(address);
  await page.getByLabel("Username or email").fill(who);
  await page.getByRole("button", { name: "Sign in with email" }).click();
  await reads(page, "Check your email");
  return here.demo.mails.take(who, "Sign in to");
}

/** Led back to the portal, and signed in. A portal has the clock of the machine: once a test has moved the other, it shows nobody. */
async function isSignedIn(page, portal, name) {
  await page.waitForURL(`${portal}/**`);
  await page.goto(`${here.demo.issuer}/account`);
  await reads(page, `Hello, ${name}`);
}

async function isSignedOut(page) {
  await page.goto(`${here.demo.issuer}/account`);
  await reads(page, "Sign in");
}

/** A link that is worth nothing says why, and lets nobody in. */
async function isOver(page, link, why) {
  await page.goto(link);
  await reads(page, "This link no longer works");
  await page.getByText(why).waitFor();
  assert.match(await page.title(), /^Error: /);
}

test("a link gives way to the newer one", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.clock.install();
  const old = await ask(page, demo.crm, MARIA);
  await demo.forward(60);
  await page.clock.fastForward(60_000);
  await page.getByRole("button", { name: "Send again" }).click();
  const { link } = await demo.mails.take(MARIA, "Sign in to");
  await isOver(page, old.link, "A newer one was sent. Check your email for it, or send yourself another.");
  await seen(page, "link-newer");
  await isSignedOut(page);
  await page.goto(link);
  await isSignedIn(page, demo.crm, "Maria");
});

test("in another browser it signs in by a button, once", async () => {
  const { demo } = here;
  const { page: asker } = await here.visitor();
  const { link } = await ask(asker, `${demo.issuer}/login`, ADA);
  const { page } = await here.visitor();
  await page.goto(link);
  await reads(page, "Sign in to Wicked Sprockets");
  await page.getByText("As 201-wickedsprockets, on this device.").waitFor();
  await seen(page, "link-elsewhere");
  await page.getByRole("button", { name: "Sign in on this device" }).click();
  await page.waitForURL((url) => url.pathname === "/account");
  for (const twice of [page, asker]) await isOver(twice, link, "It was used already.");
  await seen(asker, "link-used");
  await isSignedOut(asker);
  await asker.goto(link);
  await asker.getByRole("link", { name: "Go to sign in" }).click();
  await reads(asker, "Sign in");
});

test("a link is good for a quarter of an hour", async () => {
  const { demo } = here;
  await demo.forward(3600);
  const { page } = await here.visitor();
  const { link } = await ask(page, `${demo.issuer}/login`, ADA);
  await demo.forward(900);
  await isOver(page, link, "Links work for a short time only.");
  await seen(page, "link-expired");
  await isSignedOut(page);
});

test("of two links in one browser the page of the first does nothing any more", async () => {
  const { demo } = here;
  const { page: asker } = await here.visitor();
  const { link: hers } = await ask(asker, `${demo.issuer}/login`, ADA);
  const { link: another } = await ask(asker, `${demo.issuer}/login`, GRACE);
  const visitor = await here.visitor();
  const second = await visitor.tab();
  await visitor.page.goto(hers);
  await second.goto(another);
  await second.getByText("As 200-wickedsprockets, on this device.").waitFor();
  await visitor.page.getByRole("button", { name: "Sign in on this device" }).click();
  await reads(visitor.page, "Which link do you mean?");
  await visitor.page.getByText("Another link was opened in this browser since.").waitFor();
  await seen(visitor.page, "link-another");
  await isSignedOut(visitor.page);
  await visitor.page.goto(hers);
  await visitor.page.getByRole("button", { name: "Sign in on this device" }).click();
  await visitor.page.waitForURL((url) => url.pathname === "/account");
});

/** A program that looks at mails: a browser with scripts that opens the link, waits, and presses nothing. */
async function scan(link) {
  const scanner = await here.visitor();
  const posts = [];
  scanner.context.on("request", (request) => request.method() === "GET" || posts.push(request.url()));
  await scanner.page.goto(link, { waitUntil: "networkidle" });
  assert.deepEqual(posts, [], "the page does nothing by itself");
  await isSignedOut(scanner.page);
}

test("a program that opens the link with scripts is not signed in, and the asker's click still works", async () => {
  const { demo } = here;
  await demo.forward(3600);
  const { page } = await here.visitor();
  const { link } = await ask(page, demo.crm, MARIA);
  await scan(link);
  await page.goto(link);
  await isSignedIn(page, demo.crm, "Maria");
});

test("nor does it use up a link to a new password", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/forgot`);
  await page.getByLabel("Username or email").fill(MARIA);
  await page.getByRole("button", { name: "Send reset link" }).click();
  const { link } = await demo.mails.take(MARIA, "Set a new password");
  await scan(link);
  await page.goto(link);
  await reads(page, "Set a new password");
});

test("a company that wants the code typed lets nobody in by a link in another browser", async () => {
  const { demo } = here;
  const policies = '"magiclink.other_browser" = "code"\n';
  await demo.apply(`[[tenants]]\ncode = "wickedsprockets"\nname = "Wicked Sprockets"\n[tenants.policies]\n${policies}`);
  await demo.forward(3600);
  const { page: asker } = await here.visitor();
  const { link, code } = await ask(asker, demo.crm, MARIA);
  const { page } = await here.visitor();
  await page.goto(link);
  await reads(page, "Sign in to Wicked Sprockets");
  await page.getByText("This link works only in the browser where you asked for it.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Sign in on this device" }).count(), 0);
  await seen(page, "link-needs-code");
  await asker.getByLabel("Code from the email").fill(code);
  await asker.getByRole("button", { name: "Continue" }).click();
  await isSignedIn(asker, demo.crm, "Maria");
  await page.getByRole("button", { name: "Email me a code" }).click();
  await reads(page, "Check your email");
  await page.getByLabel("Code from the email").fill((await demo.mails.take(MARIA, "Sign in to")).code);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL((url) => url.pathname === "/account");
});
