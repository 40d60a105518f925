// @ts-check
import { mkdirSync } from 'node:fs';
import { ManagedServer } from './managed-server.mjs';
import { writeJson } from './files.mjs';

/** @typedef {import('./managed-server.mjs').ServerSpec} ServerSpec */
/** @typedef {import('../setup/places.mjs').ProfilePlaces} ProfilePlaces */

/**
 * Owns the servers it started: starts them, restarts what dies, tells about it, and stops them in reverse order.
 */
export class Supervisor {
  /** @type {ManagedServer[]} */
  #servers = [];
  #stateFile;
  #state;
  #log;
  #places;
  #stopping = false;

  /**
   * @param {{ places: ProfilePlaces, stateFile: string, state: Record<string, unknown>, log: (line: string) => void }} options
   *   `state` is written to `stateFile` together with each server's process id and condition.
   */
  constructor({ places, stateFile, state, log }) {
    this.#places = places;
    this.#stateFile = stateFile;
    this.#state = state;
    this.#log = log;
    for (const dir of [places.run, places.logs, places.config]) mkdirSync(dir, { recursive: true, mode: 0o700 });
    // May be passed through, not read: as root, PostgreSQL can run as another user below it.
    mkdirSync(places.data, { recursive: true, mode: 0o711 });
  }

  /**
   * Starts a server and waits until it is ready.
   * @param {ServerSpec} spec
   * @throws when it ends or is not ready in time; the error carries the end of its log
   */
  async start(spec) {
    if (this.#stopping) throw new Error(`${spec.name} is not started: everything is being stopped`);
    const server = new ManagedServer(spec, { places: this.#places, log: this.#log, changed: () => this.#writeState() });
    this.#servers.push(server);
    await server.start();
  }

  /** @param {Record<string, unknown>} more */
  describe(more) {
    Object.assign(this.#state, more);
    this.#writeState();
  }

  /**
   * Stops every server, the last started first: SIGTERM, then SIGKILL after the server's grace.
   * @param {{ force?: boolean }} [options]
   */
  async stop({ force = false } = {}) {
    this.#stopping = true;
    for (const server of [...this.#servers].reverse()) await server.stop(force);
    this.#writeState();
  }

  /** @param {string} name */
  server(name) {
    const found = this.#servers.find((server) => server.name === name);
    if (!found)
      throw new Error(`This stack runs no server "${name}", only ${this.#servers.map((s) => s.name).join(', ')}.`);
    return found;
  }

  #writeState() {
    writeJson(this.#stateFile, {
      ...this.#state,
      servers: Object.fromEntries(this.#servers.map((s) => [s.name, s.describe()])),
    });
  }
}
