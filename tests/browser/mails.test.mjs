// The mails of a demonstration: where nothing is sent, everything is shown.
import assert from "node:assert/strict";
import { test } from "node:test";

import { reads } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();

test("the demonstration says where its mails are", () => {
  const { demo } = here;
  assert.ok(demo.said.includes(`${demo.issuer}/dev/mail   (nothing is sent)`), demo.said);
});

test("a mail is shown as a mail program would and as text, and its link works from there", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  await page.getByLabel("Username or email").fill("maria@wickedsprockets.example");
  await page.getByRole("button", { name: "Sign in with email" }).click();
  await reads(page, "Check your email");
  await page.goto(`${demo.issuer}/dev/mail`);
  const mail = page.locator("article").filter({ hasText: "to maria@wickedsprockets.example" });
  await mail.filter({ hasText: "Sign in to" }).waitFor();
  assert.match(await mail.locator("pre").textContent(), /http\S+\/m\/\S+/);
  const shown = mail.frameLocator("iframe");
  await shown.locator("h1").waitFor();
  await shown.locator("a").first().click();
  await page.waitForURL((url) => url.pathname === "/account");
});
