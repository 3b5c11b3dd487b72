// What an administrator does for people: accounts, passwords, locks.
import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseNewPassword, enterAccount, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();

/** The administrator in the console of his company. */
async function administrator() {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  await reads(page, "Accounts");
  return page;
}

/** The table's row for an account. */
function row(page, username) {
  return page.getByRole("row").filter({ has: page.getByText(username, { exact: true }) });
}

test("from the front door an administrator lands in the console and an agent at his apps", async () => {
  const { demo } = here;
  for (const [name, heading] of [["200-wickedsprockets", "Accounts"], ["201-wickedsprockets", /^Hello/]]) {
    const { page } = await here.visitor();
    await page.goto(demo.issuer);
    await signIn(page, name, demo.password(name));
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  }
});

test("who signs in as an administrator lands in the console of his own company", async () => {
  const page = await administrator();
  await page.getByText("Wicked Sprockets").first().waitFor();
  await row(page, "201-wickedsprockets").waitFor();
  assert.equal(await page.getByText("other-company").count(), 0, "nobody of another company is listed");
});

test("an agent has no console", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, "201-wickedsprockets", demo.password("201-wickedsprockets"));
  assert.equal(await page.getByRole("link", { name: "Admin console" }).count(), 0);
  const answer = await page.goto(`${demo.issuer}/admin`);
  assert.ok([403, 404].includes(answer.status()), `status ${answer.status()}`);
});

test("a new account gets a password that is shown once and replaced at the first sign-in", async () => {
  const { demo } = here;
  const page = await administrator();
  await page.getByRole("link", { name: "New account" }).click();
  await reads(page, "New account");
  await page.getByLabel("Name", { exact: true }).fill("Nadia Brandt");
  await page.getByLabel("Username").fill("305");
  await page.getByLabel("Agent").check();
  assert.ok(await page.getByRole("group", { name: "Portals" }).getByLabel(/Voice/).isChecked(), "portals are ticked");
  await page.getByRole("button", { name: "Create account" }).click();
  await reads(page, "Temporary password for 305-wickedsprockets");
  const temporary = await page.locator("#secret").textContent();
  await page.getByRole("link", { name: "Back to accounts" }).click();
  await row(page, "305-wickedsprockets").waitFor();
  assert.equal(await page.getByText(temporary).count(), 0, "it is shown once");

  const nadia = await here.visitor();
  await nadia.page.goto(demo.voice);
  await signIn(nadia.page, "305-wickedsprockets", temporary);
  await chooseNewPassword(nadia.page, "quiet marble tugboat");
  await nadia.page.waitForURL(`${demo.voice}/**`);
  await reads(nadia.page, "Phone");

  const again = await here.visitor();
  await again.page.goto(demo.voice);
  await signIn(again.page, "305-wickedsprockets", temporary);
  await again.page.getByRole("alert").waitFor();
  await signIn(again.page, "305-wickedsprockets", "quiet marble tugboat");
  await again.page.waitForURL(`${demo.voice}/**`);
});

test("a username that is taken is refused, and what was typed stays", async () => {
  const page = await administrator();
  await page.getByRole("link", { name: "New account" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Somebody Else");
  await page.getByLabel("Username").fill("201");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("alert").getByText("Another account has this username. Choose another.").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Somebody Else");
  assert.match(await page.title(), /^Error: /);
});

test("a password that an administrator sets ends the person's sessions and has to be replaced", async () => {
  const { demo } = here;
  const person = await here.visitor();
  await enterAccount(person.page, demo.issuer, "201-wickedsprockets", demo.password("201-wickedsprockets"));

  const page = await administrator();
  await row(page, "201-wickedsprockets").getByRole("link", { name: /^New password/ }).click();
  await reads(page, "New password for 201-wickedsprockets?");
  await page.getByRole("button", { name: "Make a new password" }).click();
  await reads(page, "Temporary password for 201-wickedsprockets");
  const temporary = await page.locator("#secret").textContent();

  await person.page.goto(`${demo.issuer}/account`);
  await reads(person.page, "Sign in");
  await signIn(person.page, "201-wickedsprockets", temporary);
  await chooseNewPassword(person.page, temporary);
  await person.page.getByRole("alert").getByText("Your new password is the same as the old one. Choose another.").waitFor();
  await chooseNewPassword(person.page, "seven green kettles");
  await person.page.waitForURL((url) => url.pathname === "/account");
});

test("a locked account is out at once and stays out until it is unlocked", async () => {
  const { demo } = here;
  const person = await here.visitor();
  const [name, password] = ["maria@wickedsprockets.example", demo.password("maria@wickedsprockets.example")];
  await enterAccount(person.page, demo.issuer, name, password);

  const page = await administrator();
  const maria = page.getByRole("row", { name: /maria@/ });
  await maria.getByRole("link", { name: /^Lock/ }).click();
  await page.getByText("The person is signed out everywhere at once").waitFor();
  await page.getByRole("button", { name: "Lock" }).click();
  await page.getByRole("status").getByText(/is locked and signed out everywhere\.$/).waitFor();

  await person.page.goto(`${demo.issuer}/account`);
  await reads(person.page, "Sign in");
  await signIn(person.page, name, password);
  await person.page.getByRole("alert").waitFor();

  await maria.getByRole("button", { name: /^Unlock/ }).click();
  await page.getByRole("status").getByText(/is unlocked and can sign in again\.$/).waitFor();
  await signIn(person.page, name, password);
  await person.page.waitForURL((url) => url.pathname === "/account");
});

test("the console finds an account by a part of its name", async () => {
  const page = await administrator();
  await page.getByRole("searchbox").fill("maria");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("row", { name: /maria@/ }).waitFor();
  assert.equal(await row(page, "201-wickedsprockets").count(), 0);

  await page.getByRole("searchbox").fill("nobody at all");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No account matches “nobody at all”.").waitFor();
});
