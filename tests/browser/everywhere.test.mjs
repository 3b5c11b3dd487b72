// The same sign-in with the keyboard alone, on a phone, in the dark, without scripts, on a slow line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "node:http";

import { enter, enterAccount, fits, focused, person, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();

async function press(page, ...keys) {
  const places = [];
  for (const key of keys) {
    await page.keyboard.press(key);
    places.push(await focused(page));
  }
  return places;
}

test("the keyboard alone signs in, in the order in which one reads", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(demo.voice);
  await reads(page, "Sign in");
  assert.equal(await focused(page), "Username or email", "one can type at once");
  assert.deepEqual(
    await press(page, "Tab", "Tab", "Tab", "Tab"),
    ["Password", "Show password", "Sign In", "Sign in with email"],
  );
  const back = await press(page, ...Array(8).fill("Shift+Tab"));
  assert.deepEqual(back.slice(0, 5), ["Sign In", "Show password", "Password", "Username or email", "Theme: system. Change to dark"]);
  assert.match(back.slice(5).join(), /^.*Deutsch,.*English,Skip to content$/);
  await page.keyboard.press("Enter");
  assert.deepEqual(await press(page, "Tab"), ["Username or email"], "the link skips the header");

  await page.keyboard.type("201-wickedsprockets");
  await press(page, "Tab");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.match(await focused(page), /^There is a problem/, "the problem has the focus");
  assert.match((await press(page, "Tab"))[0], /^Your username or password is not right/);
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "Username or email", "the problem leads to its field");
  await press(page, "Tab");
  await page.keyboard.type(demo.password("201-wickedsprockets"));
  await page.keyboard.press("Enter");
  await page.waitForURL(`${demo.voice}/**`);
  assert.equal((await person(page)).username, "201-wickedsprockets");
});

test("the button shows the password and hides it again", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  const field = page.getByLabel("Password", { exact: true });
  await field.fill("seven green kettles");
  await page.getByRole("button", { name: "Show password" }).click();
  assert.equal(await field.getAttribute("type"), "text");
  await page.getByRole("button", { name: "Hide password" }).click();
  assert.equal(await field.getAttribute("type"), "password");
});

test("a phone in the dark without scripts signs in at one portal, opens the other and signs out", async () => {
  const { demo } = here;
  const { page } = await here.visitor({
    viewport: { width: 360, height: 740 }, colorScheme: "dark", javaScriptEnabled: false, hasTouch: true, isMobile: true,
  });
  await page.goto(demo.voice);
  await reads(page, "Sign in");
  assert.equal(await page.getByRole("button", { name: "Show password" }).count(), 0, "what needs a script is not shown");
  const field = page.getByLabel("Username or email");
  assert.ok(await field.evaluate((input) => parseFloat(getComputedStyle(input).fontSize) >= 16), "no zoom on focus");
  for (const control of [field, page.getByLabel("Password", { exact: true }), page.getByRole("button", { name: "Sign In", exact: true })]) {
    assert.ok((await control.boundingBox()).height >= 44, "large enough for a thumb");
  }
  await fits(page, "sign-in");
  await signIn(page, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await page.waitForURL(`${demo.voice}/**`);
  await reads(page, "Phone");
  await fits(page, "voice");

  await page.goto(demo.crm);
  await reads(page, "Dashboard");
  await fits(page, "crm");
  await page.locator("details.menu summary").filter({ visible: true }).tap();
  await page.getByRole("button", { name: "Sign Out" }).filter({ visible: true }).tap();
  await reads(page, "You are signed out");
  await page.goto(demo.voice);
  await reads(page, "Sign in");
});

test("a narrow menu closes as it is left, and by Escape", async () => {
  const { demo } = here;
  const { page } = await here.visitor({ viewport: { width: 360, height: 740 } });
  await enterAccount(page, demo.issuer, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  const button = page.locator("details.menu summary");
  const isOpen = () => page.locator("details.menu").evaluate((menu) => menu.open);
  await button.focus();
  await page.keyboard.press("Enter");
  assert.ok(await isOpen());
  await page.keyboard.press("Tab");
  assert.ok(await isOpen(), "what is in it can be reached");
  await page.keyboard.press("Escape");
  assert.ok(!(await isOpen()));
  assert.ok(await button.evaluate((summary) => summary === document.activeElement));
  await page.keyboard.press("Enter");
  const last = page.locator("details.menu .sheet").getByRole("button", { name: "Sign Out" });
  await last.focus();
  await page.keyboard.press("Tab");
  assert.ok(!(await isOpen()), "behind its last button the page goes on");
  await button.click();
  const [address, foot] = [page.url(), await page.locator("footer").boundingBox()];
  await page.mouse.click(5, foot.y + 5);
  assert.equal(page.url(), address);
  assert.ok(!(await isOpen()), "a click elsewhere");
});

test("who goes back after signing out does not see what was there", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enter(page, demo.voice, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await page.getByRole("button", { name: "Sign Out" }).filter({ visible: true }).click();
  await reads(page, "You are signed out");
  await page.goBack();
  await reads(page, "Sign in");
  assert.equal(new URL(page.url()).origin, demo.issuer);
});

/** What comes over the line for an address, compressed as for a browser. */
function load(address) {
  return new Promise((resolve, reject) => {
    request(address, { headers: { "accept-encoding": "gzip, deflate, br, zstd" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk) => (bytes += chunk.length));
      answer.on("end", () => resolve({ status: answer.statusCode, bytes }));
    }).on("error", reject).end();
  });
}

test("the sign-in page is light: at most five requests, 20 KB in all, 8 KB of them scripts", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const requests = [];
  page.on("request", (sent) => requests.push(sent.url()));
  await page.goto(`${demo.issuer}/login`);
  const icon = await page.locator("link[rel=icon]").evaluate((link) => link.href);
  // A browser without a window loads no icon. What an authenticator would be asked comes after the page is there.
  const all = [...new Set([...requests, icon])].filter((address) => !address.endsWith("/login/passkey"));
  assert.ok(all.length <= 5, all.join("\n"));
  const loaded = await Promise.all(all.map(load));
  assert.ok(loaded.every(({ status }) => status === 200));
  const sum = (parts) => parts.reduce((total, { bytes }) => total + bytes, 0);
  assert.ok(sum(loaded) <= 20 * 1024, `${sum(loaded)} bytes in all`);
  const scripts = loaded.filter((_, index) => all[index].endsWith(".js"));
  assert.ok(sum(scripts) <= 8 * 1024, `${sum(scripts)} bytes of scripts`);
});
