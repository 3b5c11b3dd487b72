// The voice portal as an installed app, whose window may not reach the passkeys of the device: three ways on.
import assert from "node:assert/strict";
import { test } from "node:test";

import { startMailing } from "./support/demo.mjs";
import { look } from "./support/look.mjs";
import { arrives, person, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world(startMailing);
const ADA = "201-wickedsprockets";

/** The window of an installed app, on a device without passkeys. */
async function appWindow(options) {
  const visitor = await here.visitor(options);
  await visitor.page.addInitScript(() => {
    const plain = globalThis.matchMedia.bind(globalThis);
    globalThis.matchMedia = (query) => (query.includes("display-mode") ? { matches: true } : plain(query));
  });
  await visitor.page.goto(here.demo.voice);
  await reads(visitor.page, "Sign in");
  return visitor;
}

async function toPanel(page) {
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByRole("heading", { name: "This app window cannot see the passkeys on this device" }).waitFor();
}

test("the portal can be installed", async () => {
  const { page } = await here.visitor();
  await page.goto(here.demo.voice);
  const portal = await (await fetch(`${here.demo.voice}/assets/app.webmanifest`)).json();
  assert.deepEqual([portal.name, portal.display, portal.scope], ["Voice Portal", "standalone", "/"]);
});

test("in a plain window nothing is said of it", async () => {
  const { page } = await here.visitor();
  await page.goto(here.demo.voice);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByRole("status").filter({ hasText: /prompt|cancelled/ }).waitFor();
  assert.ok(!(await page.locator("[data-app]").isVisible()));
});

test("somebody signs in in the browser, and the window of the app goes on by itself", async () => {
  const { demo } = here;
  const { page, context } = await appWindow();
  await toPanel(page);
  await page.getByText("Passkeys of localhost work here; one that was made at another address, such as a test system, does not.").waitFor();
  const opened = context.waitForEvent("page");
  await page.getByRole("link", { name: "Open in the browser" }).click();
  const tab = await opened;
  await reads(tab, "Sign in");
  await signIn(tab, ADA, demo.password(ADA));
  await reads(tab, "You are signed in");
  await arrives(page, demo.voice);
  assert.equal((await person(page)).username, ADA);
});

test("a code by mail stays in the app", async () => {
  const { demo } = here;
  const { page } = await appWindow();
  await toPanel(page);
  await page.getByLabel("Username or email").fill("maria@wickedsprockets.example");
  await page.getByRole("button", { name: "Email me a code" }).click();
  await reads(page, "Check your email");
  const { code } = await demo.mails.take("maria@wickedsprockets.example", "Sign in");
  await page.getByLabel("Code from the email").fill(code);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL((url) => url.pathname !== "/login/email");
});

test("a phone or a password manager is asked like anywhere", async () => {
  const { page } = await appWindow();
  await toPanel(page);
  await page.getByRole("button", { name: "Use your phone or password manager" }).click();
  await page.getByRole("status").filter({ hasText: /prompt|cancelled/ }).waitFor();
});

test("its pages", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(demo.voice);
  await reads(page, "Sign in");
  // As the script shows it: the look at it opens the page at other sizes and would close it.
  await page.evaluate(() => (document.querySelector("[data-app]").hidden = false));
  assert.deepEqual(await look(page, "app-window"), []);
  await page.goto(new URL(await page.locator("[data-app] a").getAttribute("href"), demo.issuer).href);
  await signIn(page, ADA, demo.password(ADA));
  await reads(page, "You are signed in");
  assert.deepEqual(await look(page, "back-to-app"), []);
});
