// `idp serve` as somebody operates it who has a mail server: configuration, master key, commands.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Mailbox } from "./mailbox.mjs";
import { freePorts, Program } from "./program.mjs";

class Operated extends Program {
  async begin() {
    this.mails = await Mailbox.open(this.folder);
    const [listen, management] = await freePorts(2);
    this.issuer = `http://localhost:${listen}`;
    await writeFile(join(this.folder, "master.key"), randomBytes(32).toString("hex"), { mode: 0o600 });
    await writeFile(this.#config, `[server]
public_url = "${this.issuer}"
listen = "127.0.0.1:${listen}"
management = "127.0.0.1:${management}"
[database]
url = "sqlite:${join(this.folder, "idp.db")}"
[secrets]
master_key_file = "${join(this.folder, "master.key")}"
[outbound]
extra_ca = ["${this.mails.certificate}"]
[mail]
url = "${this.mails.url}"
from = "Switchboard <no-reply@switchboard.example>"
`);
    await this.start(["--config", this.#config, "serve", "--migrate"], [`${this.issuer}/.well-known/openid-configuration`]);
  }

  get #config() {
    return join(this.folder, "idp.toml");
  }

  /** Runs a command on this server's configuration. */
  operate(...args) {
    return this.command("--config", this.#config, ...args);
  }

  /** The same, by a configuration that does not name the mail server's certificate. */
  async operateTrustingNobody(...args) {
    const file = join(this.folder, "trusting-nobody.toml");
    const text = await readFile(this.#config, "utf8");
    await writeFile(file, text.replace(/^extra_ca.*$/m, ""));
    return this.command("--config", file, ...args);
  }

  /** Declares companies, policies and the rest. */
  async apply(text) {
    const file = join(this.folder, "apply.toml");
    await writeFile(file, text);
    return this.operate("apply", file);
  }

  async stop() {
    this.mails?.close();
    await super.stop();
  }
}

/** Starts a mail server and the provider that sends by it. */
export async function startOperated() {
  const operated = new Operated(await mkdtemp(join(tmpdir(), "switchboard-operated-")));
  try {
    await operated.begin();
  } catch (error) {
    await operated.stop();
    throw error;
  }
  return operated;
}
