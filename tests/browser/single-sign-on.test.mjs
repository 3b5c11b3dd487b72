// One sign-in for both portals, one sign-out for both, and who is who in between.
import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "./support/deadline.mjs";
import { enter, enterAccount, heading, person, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();

test("who signed in at the Voice Portal opens the CRM Portal without a second sign-in, as the same person", async () => {
  const { demo } = here;
  const { page, context } = await here.visitor();
  await enter(page, demo.voice, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await reads(page, "Phone");
  const atVoice = await person(page);
  assert.equal(atVoice.username, "201-wickedsprockets");
  assert.equal(atVoice.company, "Wicked Sprockets");

  const asked = [];
  context.on("response", (answer) => {
    if (new URL(answer.url()).pathname.startsWith("/login")) asked.push(answer.url());
  });
  await page.goto(demo.crm);
  await reads(page, "Dashboard");
  assert.deepEqual(await person(page), atVoice);
  assert.deepEqual(asked, [], "no sign-in page on the way");
});

for (const [from, to] of [["voice", "crm"], ["crm", "voice"]]) {
  test(`who signs out at ${from} is out at ${to} within a second`, async () => {
    const { demo } = here;
    const visitor = await here.visitor();
    const { page } = visitor;
    await enter(page, demo[from], "201-wickedsprockets", demo.password("201-wickedsprockets"));
    const other = await visitor.tab();
    await other.goto(demo[to]);
    await person(other);

    await page.getByRole("button", { name: "Sign Out" }).filter({ visible: true }).click();
    await reads(page, "You are signed out");
    // As the browser of the other tab, without following: its portal leads a stranger to the sign-in.
    await until(`out at ${to}`, async () => {
      const answer = await other.request.get(demo[to], { maxRedirects: 0, headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" } });
      return answer.status() === 303 && answer.headers().location.startsWith("/sign-in");
    }, 1000);
    await other.reload();
    await reads(other, "Sign in");
    await page.goto(`${demo.issuer}/account`);
    await reads(page, "Sign in");
  });
}

test("an account without a part in the Voice Portal is told so and goes on to the CRM Portal", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(demo.voice);
  await signIn(page, "maria@wickedsprockets.example", demo.password("maria@wickedsprockets.example"));
  await reads(page, "Access denied: you do not have access to Voice Portal");
  await page.getByText("Ask the administrator of Wicked Sprockets").waitFor();
  await page.getByRole("link", { name: "Use another account" }).waitFor();

  await page.getByRole("link", { name: "CRM Portal" }).click();
  await reads(page, "Dashboard");
  assert.match((await person(page)).name, /Maria/);
});

test("an extension alone leads to the company step, which signs in and remembers the company", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const password = demo.password("201-wickedsprockets");
  await page.goto(demo.voice);
  await signIn(page, "201", password);
  await reads(page, "Which company?");
  assert.equal(await page.getByLabel("Account").inputValue(), "201");

  await page.getByLabel("Company name or code").fill("no-such-company");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign In", exact: true }).click();
  await page.getByRole("alert").getByText("We could not find a company and account that match. Check both.").waitFor();

  await page.getByLabel("Company name or code").fill("wickedsprockets");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign In", exact: true }).click();
  await page.waitForURL(`${demo.voice}/**`);
  assert.equal((await person(page)).username, "201-wickedsprockets");

  await page.getByRole("button", { name: "Sign Out" }).filter({ visible: true }).click();
  await reads(page, "You are signed out");
  await page.getByRole("link", { name: "Sign in" }).click();
  await signIn(page, "201", password);
  await page.waitForURL(`${demo.voice}/**`);
  assert.equal((await person(page)).username, "201-wickedsprockets", "the company was remembered");
});

test("the entry of a company takes an extension alone", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/t/wickedsprockets`);
  await page.getByRole("banner").getByText("Wicked Sprockets").waitFor();
  await signIn(page, "201", demo.password("201-wickedsprockets"));
  await page.waitForURL((url) => url.pathname === "/account");
  await page.getByRole("main").getByText("201-wickedsprockets").waitFor();
});

test("the same extension at another company is another person, and neither password opens the other", async () => {
  const { demo } = here;
  const one = await here.visitor();
  await enter(one.page, demo.voice, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  const wicked = await person(one.page);

  const two = await here.visitor();
  await two.page.goto(demo.voice);
  await signIn(two.page, "201-other-company", demo.password("201-wickedsprockets"));
  await two.page.getByRole("alert").getByText("Your username or password is not right.").waitFor();
  await signIn(two.page, "201-other-company", demo.password("201-other-company"));
  await two.page.waitForURL(`${demo.voice}/**`);
  const other = await person(two.page);
  assert.equal(other.username, "201-other-company");
  assert.notEqual(other.company, wicked.company);
  assert.notEqual(other.name, wicked.name);
});

test("of two accounts in one browser a person chooses, and removes one", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await page.goto(`${demo.issuer}/login?fresh=1`);
  await signIn(page, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  await page.waitForURL((url) => ["/account", "/admin"].includes(url.pathname));

  await page.goto(demo.voice);
  await reads(page, "Choose an account");
  assert.equal(await page.locator(".account").count(), 2);
  await page.getByRole("button", { name: /201-wickedsprockets/ }).first().click();
  await page.waitForURL(`${demo.voice}/**`);
  assert.equal((await person(page)).username, "201-wickedsprockets");

  await page.goto(`${demo.voice}/sign-in?prompt=select_account`);
  await reads(page, "Choose an account");
  await page.getByRole("button", { name: /200-wickedsprockets/ }).first().click();
  await page.waitForURL(`${demo.voice}/**`);
  assert.equal((await person(page)).username, "200-wickedsprockets");

  await page.goto(`${demo.voice}/sign-in?prompt=select_account`);
  await page.getByRole("button", { name: "Remove 201-wickedsprockets" }).click();
  await until("one account is left", async () => (await page.locator(".account").count()) === 1);
});

test("two tabs that began to sign in at the same time both get in", async () => {
  const { demo } = here;
  const visitor = await here.visitor();
  const tabs = [visitor.page, await visitor.tab()];
  await tabs[0].goto(demo.voice);
  await tabs[1].goto(demo.crm);
  for (const tab of tabs) await reads(tab, "Sign in");
  await signIn(tabs[0], "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await tabs[0].waitForURL(`${demo.voice}/**`);
  await signIn(tabs[1], "201-wickedsprockets", demo.password("201-wickedsprockets"));
  await tabs[1].waitForURL(`${demo.crm}/**`);
  assert.deepEqual(await person(tabs[1]), await person(tabs[0]));
});

test("a request that is not set up correctly stays at the provider and gives a reference", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const query = new URLSearchParams({ client_id: "nobody", response_type: "code", scope: "openid", redirect_uri: "https://evil.example/" });
  const answer = await page.goto(`${demo.issuer}/authorize?${query}`);
  assert.equal(answer.status(), 400);
  assert.equal(new URL(page.url()).origin, demo.issuer);
  assert.equal(await heading(page).textContent(), "This sign-in request is not set up correctly");
  assert.match(await page.locator(".reference code").textContent(), /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
});
