// Wrong passwords, the wait they bring, and how it ends.
import assert from "node:assert/strict";
import { test } from "node:test";

import { enterAccount, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const here = world();
const WAIT = 15 * 60;

/** Five wrong passwords. Returns the answer to the last. */
async function guessFiveTimes(page, issuer, name) {
  await page.goto(`${issuer}/login`);
  for (let guess = 1; guess <= 4; guess++) {
    await signIn(page, name, `wrong ${guess}`);
    await page.getByRole("alert").getByText("Your username or password is not right.").waitFor();
    assert.equal(await page.getByLabel("Username or email").inputValue(), name, "the name stays");
    assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "", "the password does not");
  }
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await signIn(page, name, "wrong 5");
  return answered;
}

test("five wrong passwords bring a wait that the right one does not end, and fifteen minutes do", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const [name, password] = ["201-wickedsprockets", demo.password("201-wickedsprockets")];
  const answer = await guessFiveTimes(page, demo.issuer, name);

  await reads(page, "Too many attempts");
  assert.equal(answer.status(), 429);
  const seconds = Number(answer.headers()["retry-after"]);
  assert.ok(seconds > WAIT - 60 && seconds <= WAIT, `Retry-After: ${seconds}`);
  await page.getByText(/^Try again in 15 minutes \(at \d\d:\d\d.*\)\.$/).waitFor();
  await page.getByText(/^14:\d\d$/).waitFor();

  await page.getByRole("link", { name: "Back to sign in" }).click();
  const refused = page.waitForResponse((answer) => answer.request().method() === "POST");
  await signIn(page, name, password);
  assert.equal((await refused).status(), 429);
  await reads(page, "Too many attempts");

  await demo.forward(WAIT);
  await page.getByRole("link", { name: "Back to sign in" }).click();
  await signIn(page, name, password);
  await page.waitForURL((url) => url.pathname === "/account");
});

test("a name that nobody has brings the same wait", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  const answer = await guessFiveTimes(page, demo.issuer, "999-wickedsprockets");
  assert.equal(answer.status(), 429);
  await reads(page, "Too many attempts");
});

test("guesses of a stranger do not keep out the browser that the person always uses", async () => {
  const { demo } = here;
  const own = await here.visitor();
  await enterAccount(own.page, demo.issuer, "201-other-company", demo.password("201-other-company"));
  // The company's language is German, and that of its people with it.
  await own.page.getByRole("button", { name: "Abmelden" }).filter({ visible: true }).click();
  await reads(own.page, /^(You are signed out|Sie sind abgemeldet)$/);

  const stranger = await here.visitor();
  const answer = await guessFiveTimes(stranger.page, demo.issuer, "201-other-company");
  assert.equal(answer.status(), 429);

  await enterAccount(own.page, demo.issuer, "201-other-company", demo.password("201-other-company"));
});

test("an administrator ends the wait", async () => {
  const { demo } = here;
  const waiting = await here.visitor();
  const name = "maria@wickedsprockets.example";
  await guessFiveTimes(waiting.page, demo.issuer, name);
  await reads(waiting.page, "Too many attempts");

  const admin = await here.visitor();
  await enterAccount(admin.page, demo.issuer, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  const row = admin.page.getByRole("row", { name: /maria@/ });
  await row.getByText(/^Waiting until /).waitFor();
  await row.getByRole("button", { name: /^Unlock/ }).click();
  await admin.page.getByRole("status").getByText(/is unlocked and can sign in again\.$/).waitFor();

  await waiting.page.getByRole("link", { name: "Back to sign in" }).click();
  await signIn(waiting.page, name, demo.password(name));
  await waiting.page.waitForURL((url) => url.pathname === "/account");
});

test("a session ends after four hours without activity", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await enterAccount(page, demo.issuer, "200-wickedsprockets", demo.password("200-wickedsprockets"));
  await demo.forward(4 * 60 * 60 - 60);
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Hello, ");
  await demo.forward(4 * 60 * 60 + 60);
  await page.goto(`${demo.issuer}/account`);
  await reads(page, "Sign in");
});
