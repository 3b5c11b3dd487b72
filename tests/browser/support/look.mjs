// A close look at a page: accessibility in light and dark, the narrowest window, and pictures for people to look at.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import axe from "axe-core";

import { fits } from "./steps.mjs";

const SHOTS = fileURLToPath(new URL("../shots/", import.meta.url));
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
const NARROWEST = { width: 320, height: 640 };

/** What axe finds wrong with the page as it is now. It comes in by the debugger, so the page's policy stays as it is. */
async function violations(page) {
  const debug = await page.context().newCDPSession(page);
  const run = async (expression) => {
    const { result, exceptionDetails } = await debug.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  try {
    await run(`${axe.source}; undefined`);
    const found = await run("axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations)");
    return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`);
  } finally {
    await debug.detach();
  }
}

/** Looks at a page closely and leaves it as it was. */
export async function look(page, name) {
  await mkdir(SHOTS, { recursive: true });
  const before = page.viewportSize();
  const found = [];
  for (const [scheme, size, label] of [["light", WIDE, "light"], ["dark", WIDE, "dark"], ["light", PHONE, "phone"]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize(size);
    found.push(...(await violations(page)).map((violation) => `${label}: ${violation}`));
    await page.screenshot({ path: `${SHOTS}${name}-${label}.png`, fullPage: true });
  }
  await page.setViewportSize(NARROWEST);
  await fits(page, name);
  await page.setViewportSize(before);
  assert.deepEqual(found, [], `axe on ${name}`);
  assert.equal(await page.locator("h1").count(), 1, `${name} has one h1`);
  assert.equal(await page.locator("main").count(), 1, `${name} has one main`);
}
