// A close look at a page: accessibility in light and dark, windows of every width, and pictures for people to look at.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import axe from "axe-core";

import { width } from "./steps.mjs";

const SHOTS = fileURLToPath(new URL("../shots/", import.meta.url));
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
const WIDTHS = [320, 360, 768, 1024, 1280];

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
    return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join(" ")}`);
  } finally {
    await debug.detach();
  }
}

/** Looks at a page closely, keeps pictures of it, leaves it as it was, and returns what is wrong with it. */
export async function look(page, name) {
  await mkdir(SHOTS, { recursive: true });
  const before = page.viewportSize();
  const found = [];
  for (const [scheme, size, label] of [["light", WIDE, "light"], ["dark", WIDE, "dark"], ["light", PHONE, "phone"]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize(size);
    for (const fault of await violations(page)) found.push({ where: `${name}-${label}`, fault });
    await page.screenshot({ path: `${SHOTS}${name}-${label}.png`, fullPage: true });
  }
  for (const size of WIDTHS) {
    await page.setViewportSize({ width: size, height: 800 });
    const { inner, needed } = await width(page);
    if (needed > inner) found.push({ where: name, fault: `needs ${needed} px at ${inner} px and scrolls sideways` });
  }
  for (const part of ["h1", "main"]) {
    if ((await page.locator(part).count()) !== 1) found.push({ where: name, fault: `has not one ${part}` });
  }
  await page.setViewportSize(before);
  return found;
}
