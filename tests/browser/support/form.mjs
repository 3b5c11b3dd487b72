// A browser without a window: follows redirects, keeps cookies, fills in forms. For tests whose subject is the client.
import assert from "node:assert/strict";

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#38": "&", "#60": "<", "#62": ">", "#34": '"', "#39": "'" };
const plain = (text) => text.replace(/&(#?\w+);/g, (entity, name) => ENTITIES[name] ?? entity);

/** The attributes of a tag. */
function attributes(tag) {
  return Object.fromEntries(Array.from(tag.matchAll(/([\w-]+)="([^"]*)"/g), ([, name, value]) => [name, plain(value)]));
}

/** The form that goes to `action`: its address and the fields it hides. */
function form(html, action) {
  const found = Array.from(html.matchAll(/<form\b[^>]*>.*?<\/form>/gs), ([text]) => text)
    .find((text) => attributes(text.slice(0, text.indexOf(">"))).action === action);
  assert.ok(found, `no form for ${action} in:\n${html}`);
  const hidden = Array.from(found.matchAll(/<input\b[^>]*>/g), ([tag]) => attributes(tag)).filter(({ type }) => type === "hidden");
  return Object.fromEntries(hidden.map(({ name, value }) => [name, value]));
}

/** One person's cookies at one provider. */
export class FormBrowser {
  #cookies = new Map();
  #issuer;

  constructor(issuer) {
    this.#issuer = issuer;
  }

  /** Opens an address and follows it. Ends on a page of the provider, or where it would leave the provider. */
  async open(address, init = {}) {
    let [next, request] = [new URL(address, this.#issuer), init];
    while (next.origin === this.#issuer) {
      const cookie = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join("; ");
      const answer = await fetch(next, { ...request, redirect: "manual", headers: { ...request.headers, cookie } });
      for (const line of answer.headers.getSetCookie()) this.#keep(line);
      const location = answer.headers.get("location");
      if (location === null) return { url: next, status: answer.status, html: await answer.text() };
      [next, request] = [new URL(location, next), {}];
    }
    return { url: next };
  }

  #keep(line) {
    const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
    if (/;\s*max-age=0\b/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }

  /** Fills in the page's form for `action` and sends it. */
  submit(page, action, fields) {
    const body = new URLSearchParams({ ...form(page.html, action), ...fields });
    return this.open(action, { method: "POST", body, headers: { origin: this.#issuer } });
  }

  /** Opens an authorization request, signs in on the way, and returns where the client gets its answer. */
  async authorize(address, identifier, password) {
    const page = await this.open(address);
    if (page.html === undefined) return page.url;
    const { url, html } = await this.submit(page, "/login", { identifier, password });
    assert.equal(html, undefined, `still at the provider:\n${html}`);
    return url;
  }
}
