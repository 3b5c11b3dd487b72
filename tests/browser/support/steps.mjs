// What people do on the pages, found the way people find it: by labels and words.
import assert from "node:assert/strict";

/** The one heading of the page. */
export function heading(page) {
  return page.locator("h1");
}

/** Waits until the page has this heading. */
export async function reads(page, words) {
  await heading(page).filter({ hasText: words }).waitFor();
}

/** Fills in and sends the sign-in form that is open. */
export async function signIn(page, name, password) {
  await page.getByLabel("Username or email").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign In", exact: true }).click();
}

/** Opens a portal as a stranger and signs in on the way. */
export async function enter(page, portal, name, password) {
  await page.goto(portal);
  await reads(page, "Sign in");
  await signIn(page, name, password);
  await page.waitForURL(`${portal}/**`);
}

/** Signs in at the provider itself and ends on `/account` or in the console. */
export async function enterAccount(page, issuer, name, password) {
  await page.goto(`${issuer}/login`);
  await signIn(page, name, password);
  await page.waitForURL((url) => ["/account", "/admin"].includes(url.pathname));
}

/** Waits until the browser is at a portal, and the portal has let it in. */
export async function arrives(page, portal) {
  await page.waitForURL(`${portal}/**`);
  await page.getByRole("region", { name: "Signed in as" }).waitFor();
}

/** Who a portal's start page says is signed in. */
export async function person(page) {
  const card = page.getByRole("region", { name: "Signed in as" });
  const facts = await card.locator("dd").allTextContents();
  return { name: await card.locator("b").textContent(), username: facts[0], company: facts[1] };
}

/** Changes a temporary password that was just used. */
export async function chooseNewPassword(page, password) {
  await reads(page, "Choose a new password");
  await page.getByLabel("New password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Change Password" }).click();
}

/** Where the keyboard is: the accessible label of the focused element, or its text. */
export function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent.trim();
  });
}

/** The width there is, and the width that the page needs. */
export function width(page) {
  return page.evaluate(() => ({
    inner: document.documentElement.clientWidth,
    needed: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
  }));
}

/** The page fits the window: nothing has to be scrolled sideways. */
export async function fits(page, what) {
  const { inner, needed } = await width(page);
  assert.ok(needed <= inner, `${what} scrolls sideways: ${needed} px in ${inner} px`);
}
