// The program under test, in a folder of its own and with a clock that a test can move.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { DEADLINE, until } from "./deadline.mjs";

const BINARY = process.env.IDP_BINARY ?? fileURLToPath(new URL("../../../target/debug/idp", import.meta.url));

/** Ports that nobody uses: all are held until all are known. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

export class Program {
  #folder;
  #clock;
  #child;
  #moved = 0;
  #said = "";

  constructor(folder) {
    this.#folder = folder;
    this.#clock = join(folder, "clock");
  }

  /** Where it keeps everything. */
  get folder() {
    return this.#folder;
  }

  /** Everything it wrote so far. */
  get said() {
    return this.#said;
  }

  #spawn(args, env) {
    const own = { PATH: process.env.PATH, HOME: this.#folder, TZ: "UTC" };
    return spawn(BINARY, args, { cwd: this.#folder, env: { ...own, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Starts it, and waits until these addresses answer. */
  async start(args, addresses, env = {}) {
    this.#child = this.#spawn(args, { ...env, IDP_TESTING_CLOCK: this.#clock });
    this.#child.on("error", (error) => (this.#said += `${error}\n`));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.#said += text));
    }
    for (const address of addresses) {
      await until(address, async () => {
        if (this.#child.exitCode !== null || this.#child.pid === undefined) throw new Error(`idp ${args[0]} ended:\n${this.#said}`);
        return fetch(address).then((answer) => answer.ok, () => false);
      }).catch((error) => {
        throw new Error(`${error.message}\n${this.#said}`);
      });
    }
  }

  /** Runs a command of the program, with the clock of this machine, and returns what it says. */
  async command(...args) {
    const child = this.#spawn(args, {});
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`idp ${args.join(" ")} ended with ${code}:\n${said}`);
    return said;
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

  async stop() {
    if (this.#child?.pid !== undefined && this.#child.exitCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      const late = setTimeout(() => this.#child.kill("SIGKILL"), DEADLINE);
      await ended;
      clearTimeout(late);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
