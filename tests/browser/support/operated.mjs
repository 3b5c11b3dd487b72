// `idp serve` as somebody operates it who has a mail server: configuration, master key, commands.
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { until } from "./deadline.mjs";
import { freePorts, Program } from "./program.mjs";

const SINK = fileURLToPath(new URL("./sink.mjs", import.meta.url));
const USER = ["switchboard", "p@ss word"];

class Operated extends Program {
  #sink;
  #taken = [];

  async begin() {
    const certificate = join(this.folder, "mail.pem");
    this.#sink = fork(SINK, [certificate, ...USER]);
    const [{ port: mail }] = await once(this.#sink, "message");
    this.#sink.on("message", ({ mail }) => this.#taken.push(mail));
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
extra_ca = ["${certificate}"]
[mail]
url = "smtp://${USER.map(encodeURIComponent).join(":")}@localhost:${mail}"
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

  /** Declares companies, policies and the rest. */
  async apply(text) {
    const file = join(this.folder, "apply.toml");
    await writeFile(file, text);
    return this.operate("apply", file);
  }

  /** The oldest mail to somebody about something that was not taken from here yet, once it is there. */
  mail(to, subject) {
    return until(`a mail to ${to}: ${subject}`, () => {
      const at = this.#taken.findIndex((mail) => mail.to.includes(to) && mail.subject.includes(subject));
      return at >= 0 && this.#taken.splice(at, 1)[0];
    });
  }

  async stop() {
    this.#sink?.disconnect();
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
