// The program under test: `idp demo` in a folder of its own, on free ports, with a clock that a test can move.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { DEADLINE, until } from "./deadline.mjs";

const BINARY = process.env.IDP_BINARY ?? fileURLToPath(new URL("../../../target/debug/idp", import.meta.url));

/** Ports that nobody uses: all are held until all are known. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

class Demo {
  #folder;
  #clock;
  #child;
  #moved = 0;
  #said = "";

  constructor(folder, ports) {
    [this.issuer, this.voice, this.crm] = ports.map((port) => `http://localhost:${port}`);
    this.#folder = folder;
    this.#clock = join(folder, "clock");
    const [idp, voice, crm] = ports.map(String);
    const args = ["demo", "--folder", join(folder, "demo"), "--port", idp, "--voice-port", voice, "--crm-port", crm];
    this.#child = spawn(BINARY, args, {
      env: { PATH: process.env.PATH, HOME: folder, TZ: "UTC", IDP_TESTING_CLOCK: this.#clock },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.on("error", (error) => (this.#said += `${error}\n`));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.#said += text));
    }
  }

  /** Everything it wrote so far. */
  get said() {
    return this.#said;
  }

  async ready() {
    for (const address of [`${this.issuer}/.well-known/openid-configuration`, `${this.voice}/assets/icon.svg`, `${this.crm}/assets/icon.svg`]) {
      await until(address, async () => {
        if (this.#child.exitCode !== null || this.#child.pid === undefined) throw new Error(`idp demo ended:\n${this.#said}`);
        return fetch(address).then((answer) => answer.ok, () => false);
      }).catch((error) => {
        throw new Error(`${error.message}\n${this.#said}`);
      });
    }
  }

  /** The password of a demo account: the last word of its line in what the demo prints. */
  password(account) {
    const line = this.#said.split("\n").find((line) => line.split(/\s+/).includes(account));
    if (line === undefined) throw new Error(`the demo names no ${account}:\n${this.#said}`);
    return line.trim().split(/\s+/).at(-1);
  }

  /** Moves the clock of the provider forward. There is no way back. */
  async forward(seconds) {
    this.#moved += seconds;
    await writeFile(this.#clock, String(this.#moved));
  }

  /** What the provider takes for now, in milliseconds. */
  now() {
    return Date.now() + this.#moved * 1000;
  }

  /** Runs a command of the program on the demo's own files. */
  async command(...args) {
    const child = spawn(BINARY, args, { cwd: this.#folder, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`idp ${args.join(" ")} ended with ${code}:\n${said}`);
    return said;
  }

  /** Declares companies, accounts and clients, as an operator does beside the running server. */
  async apply(text) {
    const [config, file] = [join(this.folder, "idp.toml"), join(this.folder, "apply.toml")];
    await writeFile(config, `[server]
public_url = "${this.issuer}"
[database]
url = "sqlite:${join(this.folder, "idp.db")}"
[secrets]
master_key_file = "${join(this.folder, "master.key")}"
`);
    await writeFile(file, text);
    await this.command("--config", config, "apply", file);
  }

  /** The demo's own folder. */
  get folder() {
    return join(this.#folder, "demo");
  }

  async stop() {
    if (this.#child.pid !== undefined && this.#child.exitCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      const late = setTimeout(() => this.#child.kill("SIGKILL"), DEADLINE);
      await ended;
      clearTimeout(late);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Starts a demo and waits until it and its two portals answer. */
export async function startDemo() {
  const folder = await mkdtemp(join(tmpdir(), "switchboard-browser-"));
  const demo = new Demo(folder, await freePorts(3));
  try {
    await demo.ready();
  } catch (error) {
    await demo.stop();
    throw error;
  }
  return demo;
}
