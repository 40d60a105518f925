// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { forget, remember } from './pidfile.mjs';
import { stepBack } from './priority.mjs';

/**
 * @typedef {object} ServerSpec
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {NodeJS.ProcessEnv} [env] the whole environment; this process's own when left out
 * @property {string} [cwd]
 * @property {number} [port] shown by `status`
 * @property {() => Promise<void>} ready resolves when the server answers rightly, rejects while it does not
 * @property {number} [readyWithinMs]
 * @property {NodeJS.Signals} [stopSignal]
 * @property {boolean} [background] nobody waits for it: it gets less processor time while others want it
 * @property {number} [graceMs] how long a stop may take before SIGKILL
 */

/** @typedef {'starting' | 'ready' | 'restarting' | 'held' | 'stopping' | 'stopped'} ServerCondition */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
/** A server that ran this long counts as healthy again: the next death is a first attempt. */
const STEADY_MS = 60_000;
const ORDERLY = 'exit code 0';
const LOG_LIMIT_BYTES = 20_000_000;

/** One server process: started, watched, restarted when it dies, stopped. */
export class ManagedServer {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /** @type {Promise<void>} */
  #ended = Promise.resolve();
  #startedAt = 0;
  #restarts = 0;
  #attempt = 0;
  /** @type {ServerCondition} */
  #condition = 'stopped';
  #spec;
  #places;
  #log;
  #changed;

  /**
   * @param {ServerSpec} spec
   * @param {{ places: import('../setup/places.mjs').ProfilePlaces, log: (line: string) => void, changed: () => void }} surroundings
   */
  constructor(spec, { places, log, changed }) {
    this.#spec = spec;
    this.#places = places;
    this.#log = log;
    this.#changed = changed;
  }

  get name() {
    return this.#spec.name;
  }

  get pid() {
    return this.#child?.pid;
  }

  get condition() {
    return this.#condition;
  }

  describe() {
    return {
      pid: this.pid ?? null,
      condition: this.#condition,
      port: this.#spec.port ?? null,
      startedAt: this.#startedAt ? new Date(this.#startedAt).toISOString() : null,
      restarts: this.#restarts,
      log: this.#logFile,
    };
  }

  /** Starts the process and waits until it is ready. */
  async start() {
    this.#rotateLog();
    this.#spawn();
    try {
      await this.#waitReady();
    } catch (error) {
      await this.stop(true);
      throw error;
    }
    this.#setCondition('ready');
    void this.#watch();
  }

  /** @param {boolean} force SIGKILL at once */
  async stop(force = false) {
    this.#setCondition('stopping');
    const child = this.#child;
    if (child) {
      child.kill(force ? 'SIGKILL' : (this.#spec.stopSignal ?? 'SIGTERM'));
      const timer = setTimeout(() => child.kill('SIGKILL'), this.#spec.graceMs ?? 10_000);
      await this.#ended;
      clearTimeout(timer);
    }
    this.#setCondition('stopped');
  }

  /** Ends the process with the signal and waits for its end; the watch then restarts it. @param {NodeJS.Signals} signal */
  async kill(signal) {
    const child = this.#child;
    const ended = this.#ended;
    child?.kill(signal);
    await ended;
  }

  /** Stops the process orderly, and waits until the restarted one is ready. */
  async restart() {
    const before = this.#restarts;
    await this.kill(this.#spec.stopSignal ?? 'SIGTERM');
    while (this.#restarts === before || this.#condition !== 'ready') await sleep(50);
  }

  #spawn() {
    const { name, command, args, env, cwd, stopSignal, background } = this.#spec;
    const out = openSync(this.#logFile, 'a', 0o600);
    // A session of its own: Ctrl-C in the terminal reaches the owner only, who stops the servers in their order.
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', out, out], detached: true });
    closeSync(out);
    this.#child = child;
    this.#startedAt = performance.now();
    this.#ended = new Promise((settle) => {
      const finish = (/** @type {string} */ how) => {
        this.#child = undefined;
        this.#howEnded = how;
        forget(this.#places.run, name);
        settle();
      };
      child.once('error', (error) => finish(error.message));
      child.once('exit', (code, signal) => finish(signal ? `signal ${signal}` : `exit code ${code}`));
    });
    if (child.pid !== undefined) remember(this.#places.run, name, child.pid, stopSignal);
    if (child.pid !== undefined && background) stepBack(child.pid);
    this.#setCondition(this.#restarts === 0 ? 'starting' : 'restarting');
  }

  #howEnded = '';

  async #waitReady() {
    const limit = this.#spec.readyWithinMs ?? 60_000;
    const deadline = performance.now() + limit;
    /** @type {unknown} */
    let last;
    while (performance.now() < deadline) {
      if (!this.#child) throw new Error(`${this.name} ended while starting (${this.#howEnded}).\n${this.#logTail()}`);
      try {
        // A check that hangs must not outlive the deadline.
        return await within(this.#spec.ready(), 5000);
      } catch (error) {
        last = error;
      }
      await sleep(150);
    }
    throw new Error(
      `${this.name} was not ready within ${limit / 1000} s: ${last instanceof Error ? last.message : last}\n${this.#logTail()}`,
    );
  }

  async #watch() {
    for (;;) {
      await this.#ended;
      if (this.#isStopping()) return;
      if (performance.now() - this.#startedAt > STEADY_MS) this.#attempt = 0;
      // It was told to end (a rolling restart): no sign of trouble, so no longer pause.
      const orderly = this.#howEnded === ORDERLY;
      if (!orderly) this.#attempt += 1;
      this.#restarts += 1;
      const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, this.#attempt - 1));
      this.#log(
        orderly
          ? `${this.name} ended, starting again`
          : `${this.name} died (${this.#howEnded}), restarting, attempt ${this.#attempt}`,
      );
      this.#setCondition('restarting');
      await sleep(delay);
      await this.#whileHeld();
      if (this.#isStopping()) return;
      await this.#revive();
    }
  }

  async #revive() {
    const from = performance.now();
    this.#spawn();
    try {
      await this.#waitReady();
      if (this.#isStopping()) return;
      this.#setCondition('ready');
      this.#log(`${this.name} is back (${((performance.now() - from) / 1000).toFixed(1)} s)`);
    } catch (error) {
      if (this.#isStopping()) return;
      this.#log(error instanceof Error ? error.message : String(error));
      // Alive but not ready: ended, so that the next attempt begins anew.
      this.#child?.kill('SIGKILL');
      await this.#ended;
    }
  }

  /** A file `<name>.hold` beside the pid file keeps a dead server down, for tests of an outage. */
  async #whileHeld() {
    const hold = join(this.#places.run, `${this.name}.hold`);
    if (!existsSync(hold)) return;
    this.#log(`${this.name} stays down while ${this.name}.hold is there`);
    this.#setCondition('held');
    while (existsSync(hold) && !this.#isStopping()) await sleep(100);
  }

  #isStopping() {
    return this.#condition === 'stopping' || this.#condition === 'stopped';
  }

  /** @param {ServerCondition} condition */
  #setCondition(condition) {
    this.#condition = condition;
    this.#changed();
  }

  get #logFile() {
    return join(this.#places.logs, `${this.name}.log`);
  }

  #rotateLog() {
    if (!existsSync(this.#logFile) || statSync(this.#logFile).size < LOG_LIMIT_BYTES) return;
    rmSync(`${this.#logFile}.1`, { force: true });
    renameSync(this.#logFile, `${this.#logFile}.1`);
  }

  #logTail() {
    const lines = existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-15) : [];
    return [`The end of ${this.#logFile}:`, ...lines.map((line) => `  ${line.slice(0, 400)}`)].join('\n');
  }
}

/**
 * @template T
 * @param {Promise<T>} work
 * @param {number} ms
 * @returns {Promise<T>}
 */
async function within(work, ms) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, /** @type {Promise<never>} */ (late)]);
  } finally {
    clearTimeout(timer);
  }
}
