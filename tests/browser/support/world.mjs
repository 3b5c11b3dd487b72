// What a file of tests stands on: one server, one browser, and visitors that are checked and sent home after every test.
import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";

import { startBrowser, Visitor } from "./browser.mjs";
import { startDemo } from "./demo.mjs";

class World {
  #start;
  #browser;
  #visitors = [];

  constructor(start) {
    this.#start = start;
  }

  async begin() {
    [this.demo, this.#browser] = await Promise.all([this.#start(), startBrowser()]);
  }

  /** A person with a fresh browser. `options` are those of a browser context. */
  async visitor(options) {
    const visitor = await Visitor.arrive(this.#browser, options);
    this.#visitors.push(visitor);
    return visitor;
  }

  async everybodyLeaves() {
    const visitors = this.#visitors.splice(0);
    await Promise.all(visitors.map((visitor) => visitor.leave()));
    assert.deepEqual(visitors.flatMap((visitor) => visitor.complaints), [], "the browser complained");
  }

  async end() {
    await this.#browser?.close();
    await this.demo?.stop();
  }
}

/** A world for the file that calls this, around a demo or what else is started. It is there once the first test runs. */
export function world(start = startDemo) {
  const world = new World(start);
  before(() => world.begin());
  afterEach(() => world.everybodyLeaves());
  after(() => world.end());
  return world;
}
