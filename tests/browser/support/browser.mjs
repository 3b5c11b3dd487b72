// Chromium as Debian packages it, and people who use it. Each visitor has a fresh profile, and whatever the browser
// complains about while he looks around fails the test.
import { chromium } from "playwright-core";

import { DEADLINE } from "./deadline.mjs";

const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Starts the browser. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ARGUMENTS,
    timeout: 2 * DEADLINE,
  });
}

/** A person with a browser of his own. */
export class Visitor {
  /** What the browser complained about. */
  complaints = [];

  /** `isOffered`: after a link, a passkey is offered to him. Others have said “not now” before. */
  static async arrive(browser, { isOffered = false, ...options } = {}) {
    const context = await browser.newContext({
      locale: "en-GB", timezoneId: "Europe/Berlin", viewport: { width: 1280, height: 800 }, reducedMotion: "reduce",
      colorScheme: "light", ...options,
    });
    context.setDefaultTimeout(DEADLINE);
    context.setDefaultNavigationTimeout(DEADLINE);
    if (!isOffered) await context.addCookies([{ name: "idp_no_offer", value: "1", domain: "localhost", path: "/" }]);
    const visitor = new Visitor(context);
    visitor.page = await context.newPage();
    return visitor;
  }

  constructor(context) {
    this.context = context;
    const answers = new Map();
    context.on("response", (answer) => answers.set(answer.url(), answer));
    context.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "localhost") this.complaints.push(`a request left for ${request.url()}`);
    });
    context.on("console", (message) => {
      if (message.type() !== "error") return;
      // A page that is answered 403 or 429 on purpose is reported like a picture that is missing.
      const isPage = answers.get(message.location().url)?.request().isNavigationRequest();
      if (isPage && message.text().startsWith("Failed to load resource")) return;
      this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => this.complaints.push(String(error.error())));
  }

  /** Another tab of the same browser. */
  tab() {
    return this.context.newPage();
  }

  leave() {
    return this.context.close();
  }
}
