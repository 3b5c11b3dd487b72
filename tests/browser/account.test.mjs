// What people do for themselves: their password.
import assert from "node:assert/strict";
import { test } from "node:test";

import { enter, enterAccount, person, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();

async function changePassword(page, current, next, confirmed = next) {
  await page.getByLabel("Current password").fill(current);
  await page.getByLabel("New password", { exact: true }).fill(next);
  await page.getByLabel("Confirm new password").fill(confirmed);
  await page.getByRole("button", { name: "Change Password" }).click();
}

test("who changes his password stays signed in here and is signed out everywhere else", async () => {
  const { demo } = here;
  const name = "201-wickedsprockets";
  const password = demo.password(name);
  const elsewhere = await here.visitor();
  await enter(elsewhere.page, demo.crm, name, password);

  const { page } = await here.visitor();
  await enter(page, demo.voice, name, password);
  await page.goto(`${demo.voice}/settings`);
  await page.getByRole("link", { name: "Change password" }).click();
  await reads(page, "Settings");
  await changePassword(page, "not this one", "seven green kettles");
  await page.getByRole("alert").getByText("Your current password is not right. Check it and try again.").waitFor();
  await changePassword(page, password, "seven green kettles", "seven green kettle");
  await page.getByRole("alert").getByText("The two new passwords are not the same.").waitFor();
  await changePassword(page, password, "seven green kettles");
  await page.getByRole("status").getByText("Your password was changed. You stay signed in here.").waitFor();

  await page.goto(demo.voice);
  assert.equal((await person(page)).username, name);
  await elsewhere.page.goto(demo.crm);
  await reads(elsewhere.page, "Sign in");
  await signIn(elsewhere.page, name, password);
  await elsewhere.page.getByRole("alert").getByText("Your username or password is not right.").waitFor();
  await signIn(elsewhere.page, name, "seven green kettles");
  await elsewhere.page.waitForURL(`${demo.crm}/**`);
});

test("a password that everybody knows, or a short one, is refused with a reason", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const password = demo.password("maria@wickedsprockets.example");
  await enterAccount(page, demo.issuer, "maria@wickedsprockets.example", password);
  await page.goto(`${demo.issuer}/account/settings`);
  await changePassword(page, password, "password1");
  await page.getByRole("alert").getByText("This password is easy to guess: a known one, or a name of yours. Choose another.").waitFor();
  await changePassword(page, password, "k7#xQ");
  await page.getByRole("alert").getByText(/^Your new password is too short\./).waitFor();
  assert.match(await page.title(), /^Error: /);
});

test("who signs out of his account page lands on the sign-in, which says so", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, "maria@wickedsprockets.example", demo.password("maria@wickedsprockets.example"));
  await page.getByRole("button", { name: "Sign out" }).filter({ visible: true }).click();
  await page.getByText("You are signed out").first().waitFor();
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Sign in");
});
