// Signing in by mail, a forgotten password, an invitation: with a mail server and the portals of the demonstration.
import assert from "node:assert/strict";
import { test } from "node:test";

import { startMailing } from "./support/demo.mjs";
import { look } from "./support/look.mjs";
import { arrives, enterAccount, heading, person, reads } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world(startMailing);

test("a link brings the browser that asked to its portal, with no further click", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(demo.crm);
  await page.getByLabel("Username or email").fill("maria@wickedsprockets.example");
  await page.getByRole("button", { name: "Sign in with email" }).click();
  await reads(page, "Check your email");
  const { link } = await demo.mails.take("maria@wickedsprockets.example", "Sign in to");
  await page.goto(link);
  await arrives(page, demo.crm);
  assert.equal((await person(page)).company, "Wicked Sprockets");
});

test("the code from the mail does the same, typed with spaces", async () => {
  const { demo } = here;
  await demo.forward(61);
  const { page } = await here.visitor();
  await page.goto(demo.crm);
  await page.getByLabel("Username or email").fill("maria@wickedsprockets.example");
  await page.getByRole("button", { name: "Sign in with email" }).click();
  await reads(page, "Check your email");
  const { code } = await demo.mails.take("maria@wickedsprockets.example", "Sign in to");
  await page.getByLabel("Code from the email").fill(`${code.slice(0, 3)} ${code.slice(3)}`);
  await page.getByRole("button", { name: "Continue" }).click();
  await arrives(page, demo.crm);
});

test("in another browser a link has one button, and the tab that asked stays signed out", async () => {
  const { demo } = here;
  await demo.forward(61);
  const { page: asker } = await here.visitor();
  await asker.goto(`${demo.issuer}/login`);
  await asker.getByLabel("Username or email").fill("maria@wickedsprockets.example");
  await asker.getByRole("button", { name: "Sign in with email" }).click();
  await reads(asker, "Check your email");
  const { link } = await demo.mails.take("maria@wickedsprockets.example", "Sign in to");
  const { page: other } = await here.visitor();
  await other.goto(link);
  await reads(other, "Sign in to Wicked Sprockets");
  assert.ok(!other.url().includes("sbl"), "the address has lost what it carried");
  await other.getByRole("button", { name: "Sign in on this device" }).click();
  await other.waitForURL((url) => url.pathname === "/account");
  await asker.goto(`${demo.issuer}/account`);
  await reads(asker, "Sign in");
  await other.goto(link);
  await reads(other, "This link no longer works");
});

test("the page for the code says what is wrong, and sends another mail after a minute", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.clock.install();
  const grace = "grace@wickedsprockets.example";
  const seen = async (name) => assert.deepEqual(await look(page, name), []);
  const type = async (code) => {
    await page.getByLabel("Code from the email").fill(code);
    await page.getByRole("button", { name: "Continue" }).click();
  };
  const alert = async (words) => {
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    assert.match(await page.title(), /^Error: /);
  };
  await page.goto(demo.crm);
  await page.getByLabel("Username or email").fill(grace);
  await page.getByRole("button", { name: "Sign in with email" }).click();
  await page.getByText(`If ${grace} has an account, we sent a link and a code. They work for 15 minutes.`).waitFor();
  await seen("email-code");
  await type("");
  await alert("Enter the code from the email.");
  await seen("email-code-empty");
  const { code: old } = await demo.mails.take(grace, "Sign in to");
  await type(old === "000000" ? "000001" : "000000");
  await alert("That code is not right, or it was tried too often.");
  await seen("email-code-wrong");
  const again = page.getByRole("button", { name: "Send again" });
  assert.ok(await again.isDisabled(), "nobody is too early");
  await page.getByText(/^Send again in \d+ seconds\.$/).waitFor();
  await page.clock.fastForward(60_000); // but where the clock of the browser is fast
  await again.click();
  await alert("An email was sent less than a minute ago.");
  await seen("email-code-too-soon");
  await demo.forward(60);
  await page.clock.fastForward(60_000);
  await again.click();
  await page.getByRole("status").getByText("Another email is on its way. Only the newest link and code work.").waitFor();
  await seen("email-code-again");
  const { code } = await demo.mails.take(grace, "Sign in to");
  await type(old);
  await alert("That code is not right, or it was tried too often.");
  await type(code);
  await arrives(page, demo.crm);
  assert.match((await person(page)).name, /Grace/);
});

test("a forgotten password is replaced by a link, and the old one is dead", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login`);
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await reads(page, "Reset your password");
  await page.getByLabel("Username or email").fill("201-wickedsprockets");
  await page.getByRole("button", { name: "Send reset link" }).click();
  await reads(page, "Check your email");
  const line = demo.said.split("\n").find((l) => l.includes("201-wickedsprockets"));
  const address = line.match(/\S+@\S+/)[0];
  const { link } = await demo.mails.take(address, "Set a new password");
  await page.goto(link);
  await reads(page, "Set a new password");
  await page.getByLabel("New password", { exact: true }).fill("a quiet marble tugboat");
  await page.getByRole("button", { name: "Change Password" }).click();
  await page.waitForURL((url) => url.pathname === "/account");
  const { text } = await demo.mails.take(address, "Your password was changed");
  assert.ok(text.includes("201-wickedsprockets"));
  const { page: again } = await here.visitor();
  await enterAccount(again, demo.issuer, "201-wickedsprockets", "a quiet marble tugboat");
});

test("an administrator makes an account, and its owner comes in by the invitation", async () => {
  const { demo } = here;
  const { page: admin } = await here.visitor();
  await enterAccount(admin, demo.issuer, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  await admin.getByRole("link", { name: "New account" }).click();
  await admin.getByLabel("Name", { exact: true }).fill("Nina New");
  await admin.getByLabel("Username", { exact: true }).fill("290");
  await admin.getByLabel(/^Email/).fill("nina@wickedsprockets.example");
  await admin.getByRole("button", { name: "Create account" }).click();
  await admin.getByRole("status").getByText("An invitation was sent to 290-wickedsprockets.").waitFor();
  const { link } = await demo.mails.take("nina@wickedsprockets.example", "Welcome to");
  const { page } = await here.visitor();
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in on this device" }).click();
  await page.waitForURL((url) => url.pathname === "/account");
  assert.match(await heading(page).textContent(), /Nina/);
});
