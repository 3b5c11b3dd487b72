// `idp demo`, on free ports.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePorts, Program } from "./program.mjs";

class Demo extends Program {
  async begin() {
    const ports = await freePorts(3);
    [this.issuer, this.voice, this.crm] = ports.map((port) => `http://localhost:${port}`);
    const [idp, voice, crm] = ports.map(String);
    const args = ["demo", "--folder", this.#own, "--port", idp, "--voice-port", voice, "--crm-port", crm];
    const icons = [this.voice, this.crm].map((portal) => `${portal}/assets/icon.svg`);
    await this.start(args, [`${this.issuer}/.well-known/openid-configuration`, ...icons]);
  }

  /** What the demo itself writes. */
  get #own() {
    return join(this.folder, "demo");
  }

  /** The password of a demo account: the last word of its line in what the demo prints. */
  password(account) {
    const line = this.said.split("\n").find((line) => line.split(/\s+/).includes(account));
    if (line === undefined) throw new Error(`the demo names no ${account}:\n${this.said}`);
    return line.trim().split(/\s+/).at(-1);
  }

  /** Declares companies, accounts and clients, as an operator does beside the running server. */
  async apply(text) {
    const [config, file] = [join(this.folder, "idp.toml"), join(this.folder, "apply.toml")];
    await writeFile(config, `[server]
public_url = "${this.issuer}"
[database]
url = "sqlite:${join(this.#own, "idp.db")}"
[secrets]
master_key_file = "${join(this.#own, "master.key")}"
`);
    await writeFile(file, text);
    await this.command("--config", config, "apply", file);
  }
}

/** Starts a demo and waits until it and its two portals answer. */
export async function startDemo() {
  const demo = new Demo(await mkdtemp(join(tmpdir(), "switchboard-browser-")));
  try {
    await demo.begin();
  } catch (error) {
    await demo.stop();
    throw error;
  }
  return demo;
}
