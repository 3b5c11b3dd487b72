// Signing in by a provider that others wrote: the first time, the next time, without scripts, by the keyboard, and what it looks like.
import assert from "node:assert/strict";
import { test } from "node:test";

import { startDemo } from "./support/demo.mjs";
import { connector, signInThere, startForeign } from "./support/foreign.mjs";
import { look } from "./support/look.mjs";
import { arrives, enterAccount, person, reads, signIn } from "./support/steps.mjs";
import { world } from "./support/world.mjs";

const ADA = "201-wickedsprockets";
const DIRECTORY = "11111111-2222-3333-4444-555555555555";
const COMPANY = { tenant: "wickedsprockets", company: "Wicked Sprockets" };

/** A demo whose Wicked Sprockets come in by three providers. */
async function startWithProviders() {
  const demo = await startDemo();
  const at = (name) => [`${demo.issuer}/upstream/${name}/callback`];
  const directory = (name, tid) =>
    startForeign({ callbacks: at(name), path: `/${tid}/v2.0`, claims: { tid, oid: "one-person" } });
  const [google, entra, foreign] = await Promise.all([
    startForeign({ callbacks: at("google-wicked"), claims: { hd: "wicked.example" } }),
    directory("entra-wicked", DIRECTORY),
    directory("foreign-wicked", DIRECTORY.replaceAll("1", "9")),
  ]);
  const declare = (name, kind, label, { issuer }, more) =>
    demo.apply(connector({ ...COMPANY, name, kind, label, issuer, more }));
  await declare("google-wicked", "google", "Google", google, 'domains = ["wicked.example"]');
  await declare("entra-wicked", "entra", "Office 365", entra);
  await declare("foreign-wicked", "entra", "Another directory", foreign, `directories = ["${DIRECTORY}"]`);
  const stop = demo.stop.bind(demo);
  demo.stop = () => Promise.all([stop(), ...[google, entra, foreign].map((provider) => provider.stop())]);
  return demo;
}

const here = world(startWithProviders);

async function seen(page, name) {
  assert.deepEqual(await look(page, name), []);
}

/** From the sign-in page of a portal to the provider. */
async function toProvider(page, label) {
  await page.getByRole("link", { name: "Other ways to sign in" }).click();
  await page.getByLabel("Company name or code").fill("wickedsprockets");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("link", { name: `Sign in with ${label}` }).click();
}

test("the first time: the company, the provider, the account, and one button that names both", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(demo.crm);
  await toProvider(page, "Google");
  await reads(page, "Foreign");
  await signInThere(page, "ada@wicked.example");
  await reads(page, "Connect Google to your account");
  await page.getByText("You are signed in to Google as ada@wicked.example.").waitFor();
  await signIn(page, ADA, demo.password(ADA));
  await reads(page, "Connect Google to your account");
  await page.getByText(`ada@wicked.example signs in to ${ADA}`).waitFor();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await arrives(page, demo.crm);
  assert.equal((await person(page)).username, ADA);
});

test("the next time it takes a person straight in, and then it is put first", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(demo.voice);
  await toProvider(page, "Google");
  await signInThere(page, "ada@wicked.example");
  await arrives(page, demo.voice);
  assert.equal((await person(page)).username, ADA);
  await page.goto(`${demo.issuer}/account`);
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await page.goto(`${demo.issuer}/login?tenant=wickedsprockets`);
  const first = page.locator("main a, main button").first();
  assert.match(await first.innerText(), /Sign in with Google\s+Last used/);
  // The chooser knows from where he comes; he has chosen an account, so it isn't asked for there.
  await page.goto(`${demo.issuer}/login/choose`);
  await page.getByRole("link", { name: /Ada.*Google/ }).click();
  await page.waitForURL(`${demo.issuer}/account**`);
});

test("without scripts, and by the keyboard alone", async () => {
  const { demo } = here;
  const { page } = await here.visitor({ javaScriptEnabled: false });
  await page.goto(`${demo.issuer}/login?tenant=wickedsprockets`);
  await page.getByRole("link", { name: "Sign in with Office 365" }).focus();
  await page.keyboard.press("Enter");
  await reads(page, "Foreign");
  await page.getByLabel("Your name here").fill("anna@wicked.example");
  await page.keyboard.press("Enter");
  await reads(page, "Connect Office 365 to your account");
  await page.getByLabel("Username or email").fill("maria@wickedsprockets");
  await page.getByLabel("Password", { exact: true }).fill(demo.password("maria@wickedsprockets"));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Connect", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("Connected. Next time it takes you straight in.").waitFor();
  await page.getByRole("button", { name: /^Disconnect/ }).click();
  await page.getByText("Disconnected.").waitFor();
});

test("another directory, another domain, another browser: nobody is in", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login?tenant=wickedsprockets`);
  await page.getByRole("link", { name: "Sign in with Another directory" }).click();
  await signInThere(page, "eve@other.example");
  await page.getByRole("alert").getByText("does not allow this Another directory account").waitFor();
  // What comes back is this browser's, and once.
  let brought;
  page.on("request", (request) => {
    if (request.url().includes("/upstream/google-wicked/callback")) brought = request.url();
  });
  await page.getByRole("link", { name: "Sign in with Google" }).click();
  await signInThere(page, "ada@wicked.example");
  await page.waitForURL(`${demo.issuer}/account**`);
  const { page: thief } = await here.visitor();
  await thief.goto(`${demo.issuer}/login`);
  for (const who of [thief, page]) {
    await who.goto(brought);
    await who.getByRole("alert").getByText("Your sign-in took too long. Start again.").waitFor();
  }
  await thief.goto(`${demo.issuer}/account`);
  await reads(thief, "Sign in");
});

test("its pages", async () => {
  const { demo } = here;
  const { page } = await here.visitor();
  await page.goto(`${demo.issuer}/login/ways`);
  await seen(page, "ways");
  await page.goto(`${demo.issuer}/login?tenant=wickedsprockets`);
  await seen(page, "sign-in-providers");
  await page.getByRole("link", { name: "Sign in with Google" }).click();
  await signInThere(page, "new@wicked.example");
  await reads(page, "Connect Google to your account");
  await seen(page, "connect-sign-in");
  await signIn(page, ADA, demo.password(ADA));
  await page.getByRole("button", { name: "Connect", exact: true }).waitFor();
  await seen(page, "connect");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForURL(`${demo.issuer}/account**`);
  const { page: owner } = await here.visitor();
  await enterAccount(owner, demo.issuer, ADA, demo.password(ADA));
  await owner.goto(`${demo.issuer}/account/security`);
  await seen(owner, "security-connected");
});
