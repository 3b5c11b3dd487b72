// A foreign OpenID Provider: `oidc-provider` in a process of its own, as a Google or a directory of Entra would be.
// Anybody signs in there by any name; what it tells of him is in its configuration.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { until } from "./deadline.mjs";
import { freePorts } from "./program.mjs";

const SELF = fileURLToPath(import.meta.url);

class Foreign {
  #child;
  #said = "";

  constructor(issuer, child) {
    this.issuer = issuer;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (this.#said += text));
  }

  async answers() {
    await until(this.issuer, () => {
      if (this.#child.exitCode !== null) throw new Error(`the foreign provider ended:\n${this.#said}`);
      return fetch(`${this.issuer}/.well-known/openid-configuration`).then((answer) => answer.ok, () => false);
    });
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    this.#child.kill();
    await once(this.#child, "exit");
  }
}

/** Starts one. `path` is the part of its issuer after the port; `claims` are told of everybody, with his name as `sub`. */
export async function startForeign({ callbacks, path = "", claims = {} }) {
  const [port] = await freePorts(1);
  const issuer = `http://localhost:${port}${path}`;
  const told = JSON.stringify({ port, path, issuer, callbacks, claims });
  const foreign = new Foreign(issuer, spawn(process.execPath, [SELF, told], { stdio: ["ignore", "pipe", "pipe"] }));
  await foreign.answers();
  return foreign;
}

/** The person's sign-in there. */
export async function signInThere(page, name) {
  await page.getByLabel("Your name here").fill(name);
  await page.getByRole("button", { name: "Go on" }).click();
}

/** The document that lets the people of a company come in by it. */
export function connector({ tenant, company, name, kind, label, issuer, more = "" }) {
  return `[[tenants]]
code = "${tenant}"
name = "${company}"
[[tenants.connectors]]
name = "${name}"
kind = "${kind}"
label = "${label}"
issuer = "${issuer}"
client_id = "switchboard"
client_secret = "a secret of the foreign provider"
${more}
`;
}

async function serve({ port, path, issuer, callbacks, claims }) {
  const { default: Provider, interactionPolicy } = await import("oidc-provider");
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }));
  const provider = new Provider(issuer, {
    clients: [{ client_id: "switchboard", client_secret: "a secret of the foreign provider", redirect_uris: callbacks }],
    claims: { openid: ["sub", ...Object.keys(claims)], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a key of the foreign provider"] },
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_, interaction) => `${path}/interaction/${interaction.uid}` },
    findAccount: (_, name) => ({ accountId: name, claims: () => ({ sub: name, email: name, email_verified: true, name, ...claims }) }),
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
  const rest = provider.callback();
  const page = `<!doctype html><html lang="en"><title>Foreign</title><link rel="icon" href="data:,"><h1>Foreign</h1><form method="post">
<label>Your name here <input name="name"></label><button>Go on</button></form>`;
  const server = createServer(async (request, response) => {
    request.originalUrl = request.url;
    request.url = request.url.slice(path.length) || "/";
    if (!request.url.startsWith("/interaction/")) return rest(request, response);
    if (request.method === "GET") return response.setHeader("content-type", "text/html").end(page);
    let body = "";
    for await (const piece of request) body += piece;
    const accountId = new URLSearchParams(body).get("name");
    await provider.interactionFinished(request, response, { login: { accountId }, select_account: {} });
  });
  server.listen(port, "localhost");
}

if (process.argv[1] === SELF) await serve(JSON.parse(process.argv[2]));
