// Every page that people see, looked at closely: no violation that axe knows, in light and in dark; nothing scrolls
// sideways, down to 320 pixels; the browser complains about nothing. The pictures are in `shots/`.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { fileURLToPath } from "node:url";

import { look } from "./support/look.mjs";
import { chooseNewPassword, enter, enterAccount, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();

// A page with a fault does not keep the next one from being looked at. Each fault is told once, with all its pages.
const faults = new Map();

async function seen(page, name) {
  for (const { where, fault } of await look(page, name)) faults.set(fault, [...(faults.get(fault) ?? []), where]);
}

afterEach(() => {
  const found = Array.from(faults, ([fault, places]) => `${fault}, on ${places.join(", ")}`);
  faults.clear();
  assert.deepEqual(found, []);
});

test("before the sign-in", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  await seen(page, "sign-in");
  await page.goto(`${demo.voice}/sign-in?tenant=wickedsprockets`);
  await seen(page, "sign-in-portal");
  if (process.env.UPDATE_SHOTS === "1") {
    await page.emulateMedia({ colorScheme: "light" });
    await page.screenshot({ path: fileURLToPath(new URL("../../docs/sign-in.png", import.meta.url)) });
  }
  await signIn(page, "201-wickedsprockets", "wrong");
  await page.getByRole("alert").waitFor();
  await seen(page, "sign-in-wrong");
  await page.getByRole("link", { name: "Add your company" }).click();
  await reads(page, "Which company?");
  await seen(page, "company");
  await page.getByRole("button", { name: "Sign In", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await seen(page, "company-empty");
});

test("where it does not go on", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/nothing/here`);
  await seen(page, "not-found");
  await page.goto(`${demo.issuer}/authorize?client_id=nobody`);
  await seen(page, "bad-request");
  await page.goto(`${demo.issuer}/login`);
  for (let guess = 1; guess <= 5; guess++) await signIn(page, "777-wickedsprockets", `wrong ${guess}`);
  await reads(page, "Too many attempts");
  await seen(page, "wait");
  await page.goto(demo.voice);
  await signIn(page, "maria@wickedsprockets.example", demo.password("maria@wickedsprockets.example"));
  await reads(page, "Access denied");
  await seen(page, "not-entitled");
});

test("an account", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await seen(page, "account");
  await page.goto(`${demo.issuer}/account/settings`);
  await seen(page, "account-settings");
  await page.getByRole("button", { name: "Change Password" }).click();
  await page.getByRole("alert").waitFor();
  await seen(page, "account-settings-empty");
  await page.goto(`${demo.issuer}/login?fresh=1`);
  await signIn(page, "201-other-company", demo.password("201-other-company"));
  await page.waitForURL((url) => url.pathname === "/account");
  await page.goto(`${demo.issuer}/login/choose`);
  await seen(page, "choose");
  await page.goto(`${demo.issuer}/logout`);
  await reads(page, "Sign out of");
  await seen(page, "confirm-sign-out");
  await page.getByRole("button", { name: "Sign out" }).click();
  await reads(page, "You are signed out");
  await seen(page, "signed-out");
});

test("the console", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  await seen(page, "console");
  await page.getByRole("link", { name: "New account" }).click();
  await seen(page, "new-account");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("alert").waitFor();
  await seen(page, "new-account-empty");
  await page.getByLabel("Name", { exact: true }).fill("Bartholomäus Featherstonehaugh-Winterbottom");
  await page.getByLabel("Username").fill("bartholomaeus.featherstonehaugh");
  await page.getByLabel(/^Email/).fill("bartholomaeus.featherstonehaugh-winterbottom@wickedsprockets.example");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("status").getByText("An invitation was sent").waitFor();
  await page.getByRole("link", { name: "New account" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Nobody Withoutmail");
  await page.getByLabel("Username").fill("no.mail");
  await page.getByRole("button", { name: "Create account" }).click();
  await reads(page, "Temporary password");
  await seen(page, "password-shown");
  const temporary = await page.locator("#secret").textContent();
  await page.getByRole("link", { name: "Back to accounts" }).click();
  await seen(page, "console-long-names");
  await page.getByRole("searchbox").fill("nobody");
  await page.getByRole("button", { name: "Search" }).click();
  await seen(page, "console-no-match");

  const newcomer = await here.visitor();
  await newcomer.page.goto(`${demo.issuer}/login`);
  await signIn(newcomer.page, "no.mail@wickedsprockets", temporary);
  await reads(newcomer.page, "Choose a new password");
  await seen(newcomer.page, "must-change");
  await chooseNewPassword(newcomer.page, "short");
  await newcomer.page.getByRole("alert").waitFor();
  await seen(newcomer.page, "must-change-short");
  await chooseNewPassword(newcomer.page, "three yellow submarines");
  await newcomer.page.waitForURL((url) => url.pathname === "/account");
  await seen(newcomer.page, "account-without-apps");
});

for (const [portal, pages] of [
  ["voice", [["/", "Phone"], ["/calls", "Calls"], ["/team", "Team"], ["/settings", "Settings"]]],
  ["crm", [["/", "Dashboard"], ["/requests", "Requests"], ["/documentation", "Documentation"], ["/settings", "Settings"]]],
]) {
  test(`the portal ${portal}`, async () => {
    const { demo } = here;
    const { page } = await here.visitor();
    await enter(page, demo[portal], "201-wickedsprockets", demo.password("201-wickedsprockets"));
    for (const [path, title] of pages) {
      await page.goto(`${demo[portal]}${path}`);
      await reads(page, title);
      await seen(page, `${portal}-${title.toLowerCase()}`);
    }
    await page.goto(`${demo[portal]}/no-such-page`);
    await seen(page, `${portal}-not-found`);
    await page.goto(`${demo[portal]}/settings`);
    await page.getByRole("button", { name: "Sign Out" }).filter({ visible: true }).click();
    await reads(page, "You are signed out");
    await seen(page, `${portal}-signed-out`);
  });
}
