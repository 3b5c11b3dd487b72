// `idp demo`, on free ports, showing its mails or sending them.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Mailbox } from "./mailbox.mjs";
import { freePorts, Program } from "./program.mjs";

class Demo extends Program {
  async begin({ mailing }) {
    if (mailing) this.mails = await Mailbox.open(this.folder);
    const ports = await freePorts(3);
    [this.issuer, this.voice, this.crm] = ports.map((port) => `http://localhost:${port}`);
    const [idp, voice, crm] = ports.map(String);
    const args = ["demo", "--folder", this.#own, "--port", idp, "--voice-port", voice, "--crm-port", crm];
    const icons = [this.voice, this.crm].map((portal) => `${portal}/assets/icon.svg`);
    const answering = [`${this.issuer}/.well-known/openid-configuration`, ...icons];
    await (mailing ? this.start([...args, "--send-mail"], answering, this.#mail) : this.start(args, answering));
  }

  get #mail() {
    return {
      IDP__MAIL__URL: this.mails.url,
      IDP__MAIL__FROM: "Switchboard <no-reply@switchboard.example>",
      IDP__OUTBOUND__EXTRA_CA: JSON.stringify([this.mails.certificate]),
    };
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
[outbound]
allow = ["127.0.0.0/8", "::1/128"]
`);
    await writeFile(file, text);
    await this.command("--config", config, "apply", file);
  }

  async stop() {
    this.mails?.close();
    await super.stop();
  }
}

/** Starts a demo and waits until it and its two portals answer. */
export function startDemo() {
  return begun({ mailing: false });
}

/** The same, with a mail server that takes its mails. */
export function startMailing() {
  return begun({ mailing: true });
}

async function begun(options) {
  const demo = new Demo(await mkdtemp(join(tmpdir(), "switchboard-browser-")));
  try {
    await demo.begin(options);
  } catch (error) {
    await demo.stop();
    throw error;
  }
  return demo;
}
