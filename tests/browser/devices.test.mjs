// What people do for themselves beside their password: other devices, an email address, language and theme.
import assert from "node:assert/strict";
import { test } from "node:test";

import { startMailing } from "./support/demo.mjs";
import { look } from "./support/look.mjs";
import { enterAccount, reads } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world(startMailing);
const [ADA, JONAS, PETRA] = ["201-wickedsprockets", "201-other-company", "200-other-company"];
const FIREFOX = { userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };
const SAFARI = {
  userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
};

async function seen(page, name) {
  assert.deepEqual(await look(page, name), []);
}

async function notice(page, words) {
  await page.getByRole("status").filter({ hasText: words }).waitFor();
}

async function alert(page, words) {
  await page.getByRole("alert").filter({ hasText: words }).waitFor();
  assert.match(await page.title(), /^Error: /);
}

/** Somebody signed in at the provider, in a browser of his own. */
async function at(who, options) {
  const { page } = await here.visitor(options);
  await enterAccount(page, here.demo.issuer, who, here.demo.password(who));
  return page;
}

const themeOf = (page) => page.locator("html").getAttribute("data-theme");

test("one device is signed out, then all the others", async () => {
  const { demo } = here;
  const page = await at(ADA);
  const [firefox, safari] = [await at(ADA, FIREFOX), await at(ADA, SAFARI)];
  await page.goto(`${demo.issuer}/account/security`);
  const devices = page.locator("section").filter({ has: page.getByRole("heading", { name: "Signed-in devices" }) });
  assert.equal(await devices.getByRole("listitem").count(), 3);
  await seen(page, "security-devices");
  await devices.getByRole("button", { name: /^Sign out.*Firefox/ }).click();
  await notice(page, "Signed out there.");
  assert.equal(await devices.getByRole("listitem").count(), 2);
  await seen(page, "security-signed-out");
  await firefox.goto(`${demo.issuer}/account`);
  await reads(firefox, "Sign in");
  await safari.goto(`${demo.issuer}/account`);
  await reads(safari, "Hello, Ada");
  const again = await at(ADA, FIREFOX);
  await page.goto(`${demo.issuer}/account/security`);
  await devices.getByRole("button", { name: "Sign out everywhere else" }).click();
  await notice(page, "Signed out there.");
  assert.equal(await devices.getByRole("listitem").count(), 1);
  await devices.getByText("This device").waitFor();
  assert.equal(await devices.getByRole("button").count(), 0);
  for (const other of [safari, again]) {
    await other.goto(`${demo.issuer}/account`);
    await reads(other, "Sign in");
  }
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Hello, Ada");
});

test("who has no address adds one with a code, and signs in by mail", async () => {
  const { demo } = here;
  const to = "petra@other-company.example";
  const page = await at(PETRA);
  await page.goto(`${demo.issuer}/account/settings`);
  await page.getByRole("button", { name: "EN – English" }).first().click();
  await page.getByText("No email address yet.").waitFor();
  await seen(page, "settings-no-address");
  const send = async (address) => {
    await page.getByLabel("New email address").fill(address);
    await page.getByRole("button", { name: "Send a code" }).click();
  };
  await send("");
  await alert(page, "Enter the new email address.");
  await send("petra");
  await alert(page, "Enter an address such as name@company.com.");
  await seen(page, "settings-address-wrong");
  await send(to);
  await reads(page, "Confirm your email");
  const { code } = await demo.mails.take(to, "confirms your email address");
  await page.getByLabel("Verification code").fill(code);
  await page.getByRole("button", { name: "Confirm" }).click();
  await notice(page, "Your email address is changed.");
  await page.getByText(to).waitFor();
  await seen(page, "settings-address-saved");
  const { page: next } = await here.visitor();
  await next.goto(`${demo.issuer}/login`);
  await next.getByLabel("Username or email").fill(to);
  await next.getByRole("button", { name: "Sign in with email" }).click();
  await next.goto((await demo.mails.take(to, "")).link);
  await next.waitForURL((url) => url.pathname === "/admin");
});

test("the language of the settings follows to another browser, and may be the company's again", async () => {
  const { demo } = here;
  const page = await at(ADA);
  await page.goto(`${demo.issuer}/account/settings`);
  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await page.getByRole("button", { name: "Save language" }).click();
  await reads(page, "Einstellungen");
  await seen(page, "settings-german");
  const other = await at(ADA);
  await reads(other, "Guten Tag, Ada");
  await page.getByRole("combobox", { name: "Sprache" }).selectOption("Sprache des Unternehmens");
  await page.getByRole("button", { name: "Sprache speichern" }).click();
  await reads(page, "Settings");
  await other.goto(`${demo.issuer}/account`);
  await reads(other, "Hello, Ada");
});

for (const scripts of [true, false]) {
  test(`the theme of the settings is kept in this browser, scripts ${scripts ? "on" : "off"}`, async () => {
    const { demo } = here;
    const page = await at(ADA, { javaScriptEnabled: scripts });
    await page.goto(`${demo.issuer}/account/settings`);
    const theme = page.getByRole("combobox", { name: "Theme" });
    assert.equal(await theme.inputValue(), "system");
    for (const [label, value] of [["Dark", "dark"], ["Light", "light"], ["As the system", "system"], ["Dark", "dark"]]) {
      await theme.selectOption(label);
      await page.getByRole("button", { name: "Save theme" }).click();
      await page.locator(`html[data-theme="${value}"]`).waitFor();
      await reads(page, "Settings");
      assert.equal(await theme.inputValue(), value);
    }
    await page.goto(`${demo.issuer}/account`);
    assert.equal(await themeOf(page), "dark");
    const background = await page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
    assert.ok(background.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 90), `dark: ${background}`);
  });
}
