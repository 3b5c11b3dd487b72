// Theme and language: chosen with one click, kept, and whole.
import assert from "node:assert/strict";
import { test } from "node:test";

import { englishLeft } from "./support/language.mjs";
import { enter, enterAccount, reads } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();

const themeOf = (page) => page.locator("html").getAttribute("data-theme");
const themeButton = (page) => page.getByRole("button", { name: /^Theme: / }).filter({ visible: true });

/** One click on the half circle; with scripts, until the server has heard of it. */
async function nextTheme(page, path) {
  const heard = page.waitForResponse((answer) => new URL(answer.url()).pathname === path);
  await themeButton(page).click();
  await heard;
}

for (const scripts of [true, false]) {
  test(`the theme goes from dark to light to system and is kept, scripts ${scripts ? "on" : "off"}`, async () => {
    const { demo } = here;
    const { page, context } = await here.visitor({ javaScriptEnabled: scripts });
    await page.goto(`${demo.issuer}/login`);
    assert.equal(await themeOf(page), "system");
    for (const [theme, label] of [
      ["dark", "Theme: dark. Change to light"], ["light", "Theme: light. Change to system"],
      ["system", "Theme: system. Change to dark"], ["dark", "Theme: dark. Change to light"],
    ]) {
      await nextTheme(page, "/ui/theme");
      await page.getByRole("button", { name: label }).waitFor();
      assert.equal(await themeOf(page), theme);
    }
    await page.close();
    const later = await context.newPage();
    const answer = await later.goto(`${demo.issuer}/login`);
    assert.match(await answer.text(), /data-theme="dark"/, "the server writes it, so that nothing flashes");
    const background = await later.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
    assert.ok(background.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 90), `dark: ${background}`);
  });
}

test("with scripts the theme changes without a reload, and what was typed stays", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  await page.getByLabel("Username or email").fill("201-wicked");
  await nextTheme(page, "/ui/theme");
  assert.equal(await page.getByLabel("Username or email").inputValue(), "201-wicked");
  assert.equal(await themeOf(page), "dark");
});

test("a portal keeps its theme, too", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enter(page, demo.voice, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await nextTheme(page, "/theme");
  await page.reload();
  assert.equal(await themeOf(page), "dark");
  await page.goto(`${demo.voice}/settings`);
  await page.getByRole("button", { name: "Light", exact: true, pressed: false }).click();
  await page.getByRole("button", { name: "Light", exact: true, pressed: true }).waitFor();
});

for (const scripts of [true, false]) {
  test(`a switch to German is kept on the next visit, scripts ${scripts ? "on" : "off"}`, async () => {
    const { demo } = here;
    const { page, context } = await here.visitor({ javaScriptEnabled: scripts });
    await page.goto(`${demo.issuer}/login`);
    await reads(page, "Sign in");
    await page.getByRole("button", { name: "Deutsch" }).click();
    await reads(page, "Anmelden");
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    await page.close();
    const later = await context.newPage();
    await later.goto(`${demo.issuer}/login`);
    await reads(later, "Anmelden");
    await later.getByRole("button", { name: "English" }).click();
    await reads(later, "Sign in");
  });
}

test("a portal in German asks for a German sign-in", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enter(page, demo.crm, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await page.getByTitle("Deutsch").filter({ visible: true }).click();
  await reads(page, "Übersicht");
  await page.getByRole("button", { name: "Abmelden" }).filter({ visible: true }).click();
  await reads(page, "Sie sind abgemeldet");
  await page.getByRole("link", { name: "Anmelden" }).click();
  await reads(page, "Anmelden");
});

test("the pages in German have no English words left", async () => {
  const { demo } = here;
  const { page } = await here.visitor({ locale: "de-DE" });
  const german = async (what) => {
    assert.equal(await page.locator("html").getAttribute("lang"), "de", what);
    assert.deepEqual(await englishLeft(page), [], what);
  };
  await page.goto(demo.voice);
  await german("sign-in");
  await page.getByRole("button", { name: "Anmelden", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await german("sign-in, empty");
  await page.getByRole("link", { name: "Bei einem anderen Unternehmen anmelden" }).click();
  await german("company");
  await page.goto(`${demo.issuer}/nothing/here`);
  await german("not found");
  for (const path of ["/help", "/forgot", "/m", "/reset"]) {
    await page.goto(`${demo.issuer}${path}`);
    await german(path);
  }
  await page.goto(`${demo.issuer}/login`);
  await page.getByLabel("Benutzername oder E-Mail-Adresse").fill("200-wickedsprockets");
  await page.getByLabel("Passwort", { exact: true }).fill(demo.password("200-wickedsprockets"));
  await page.getByRole("button", { name: "Anmelden", exact: true }).click();
  await page.waitForURL((url) => url.pathname === "/admin");
  await page.getByRole("button", { name: "Deutsch" }).filter({ visible: true }).click();
  await german("console");
  for (const path of ["/admin/accounts/new", "/account", "/account/settings", "/logout"]) {
    await page.goto(`${demo.issuer}${path}`);
    await german(path);
  }
});

test("the language of an account follows it to another browser", async () => {
  const { demo } = here;
  const [name, password] = ["maria@wickedsprockets.example", demo.password("maria@wickedsprockets.example")];
  const one = await here.visitor();
  await enterAccount(one.page, demo.issuer, name, password);
  await reads(one.page, "Hello, ");
  await one.page.getByRole("button", { name: "Deutsch" }).filter({ visible: true }).click();
  await reads(one.page, "Guten Tag, ");

  const two = await here.visitor();
  await enterAccount(two.page, demo.issuer, name, password);
  await reads(two.page, "Guten Tag, ");
});
