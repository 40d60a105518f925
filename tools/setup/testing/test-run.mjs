// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, ensureTools, settleAll, toolsAreCached } from '../steps.mjs';
import { lockHolder, withLock } from '../lock.mjs';
import { profilePlaces, root } from '../places.mjs';
import { startApplications } from '../../stack/apps.mjs';
import { assertTools } from '../../stack/doctor.mjs';
import { keptSecret, writeJson } from '../../stack/files.mjs';
import { buildIfNeeded } from '../../stack/run-all.mjs';
import { stackLock } from '../../stack/owners.mjs';
import { remembered, stopLeftovers } from '../../stack/pidfile.mjs';
import { profileBase } from '../../stack/ports.mjs';
import { startStack } from '../../stack/stack.mjs';
import { startInBackground } from '../../stack/up.mjs';
import { proveRequirements } from './prove-requirements.mjs';
import { runSuite } from './run-suite.mjs';

/** @typedef {import('./suites.mjs').Suite} Suite */
/** @typedef {{ suite: Suite, seconds: number, passed: number, failed: number, notes: string[], notRun?: string[] }} SuiteResult */

const PROFILE = 'test';

/** One run of `npm test`: sets up, runs the suites on one stack, stops what it started. */
export class TestRun {
  /** @type {SuiteResult[]} */
  results = [];
  /** Wall-clock seconds of set-up steps; suites that ran beside them are counted with the suites as well. */
  setupSeconds = 0;
  /** Wall-clock seconds of all suites. */
  testSeconds = 0;
  #places = profilePlaces(PROFILE);
  /** @type {import('../../stack/stack.mjs').Stack | undefined} */
  #stack;
  /** @type {import('../../stack/apps.mjs').Applications | undefined} */
  #apps;
  #progress;
  #request;
  #signal;

  /**
   * @param {{ progress: import('../progress.mjs').Progress, request: import('./suites.mjs').TestRequest, signal: AbortSignal }} options
   */
  constructor({ progress, request, signal }) {
    this.#progress = progress;
    this.#request = request;
    this.#signal = signal;
  }

  async execute() {
    const { suites } = this.#request;
    await this.#settingUp(() => ensureInstalled(this.#progress));
    const early = suites.filter(({ needs }) => needs === 'nothing');
    const servers = suites.filter(({ needs }) => needs === 'servers');
    const programs = suites.filter(({ needs }) => needs === 'programs');
    // Types, lint and pure tests run while Go builds and Maven fetches; where there is nothing to build, two at a time.
    const lanes = toolsAreCached() ? 2 : 1;
    const [tools] = await Promise.all([
      outcome(servers.length + programs.length > 0 ? this.#settingUp(() => this.#prepareTools()) : Promise.resolve()),
      this.#runAll(early, lanes),
    ]);
    await this.#withStack([...servers, ...programs], tools, async () => {
      await this.#runAll(servers);
      await this.#withPrograms(programs);
    });
    this.#proveRequirements();
  }

  /** After the suites, because it asks which of their tests passed. */
  #proveRequirements() {
    if (!this.results.some(({ suite }) => suite.kind === 'jest')) return;
    const suite = /** @type {Suite} */ ({ name: 'requirements', kind: 'check', needs: 'nothing', alone: false });
    const counts = proveRequirements(this.results, this.#logs, this.#request.isWhole);
    this.results.push({ suite, seconds: 0, ...counts });
  }

  /** Stops programs and servers; with `--keep` the servers stay. */
  async stop() {
    await this.#apps?.stop();
    await this.#stack?.stop();
    this.#apps = undefined;
    this.#stack = undefined;
  }

  async #prepareTools() {
    await assertTools({ forTests: true });
    await ensureTools(this.#progress);
  }

  /**
   * @param {Suite[]} suites
   * @param {{ error?: Error }} tools
   * @param {() => Promise<void>} work
   */
  async #withStack(suites, tools, work) {
    if (suites.length === 0) return;
    const wait = (/** @type {string} */ text) => this.#tellOnce(text);
    // A second run in this clone would empty the servers under the first one.
    await withLock(join(this.#places.base, 'test-run.lock'), wait, async () => {
      await this.#onServers(suites, tools, work);
      await this.stop();
    });
  }

  /**
   * @param {Suite[]} suites
   * @param {{ error?: Error }} tools
   * @param {() => Promise<void>} work
   */
  async #onServers(suites, tools, work) {
    try {
      if (tools.error) throw tools.error;
      await this.#settingUp(() => settleAll([buildIfNeeded(this.#progress), this.#startServers()]));
    } catch (error) {
      this.#cannotRun(suites, error);
      return;
    }
    await work();
  }

  async #startServers() {
    if (!lockHolder(stackLock(this.#places))) {
      await stopLeftovers(this.#places.run, remembered(this.#places.run), (line) => this.#progress.line(`    ${line}`));
      // Every run begins with empty servers; logs and results of the last one stay until then.
      for (const dir of [this.#places.data, this.#places.config, this.#places.logs, join(this.#places.base, 'sandbox')])
        rmSync(dir, { recursive: true, force: true });
      if (this.#request.keep) await this.#progress.step('servers, which stay', () => startInBackground(PROFILE));
    }
    const log = (/** @type {string} */ line) => this.#progress.line(`    ${line}`);
    this.#stack = await startStack({
      profile: PROFILE,
      portBase: profileBase(PROFILE),
      log,
      progress: this.#progress,
      signal: this.#signal,
    });
    writeJson(this.#stackFile, this.#describeStack(this.#stack));
  }

  /** @param {Suite[]} suites */
  async #withPrograms(suites) {
    const stack = this.#stack;
    if (suites.length === 0 || !stack) return;
    try {
      // Lost runs are noticed within seconds instead of half a minute.
      process.env.STELLWERK_RECONCILE_SECONDS ??= '5';
      await this.#settingUp(async () => {
        const log = (/** @type {string} */ line) => this.#progress.line(`    ${line}`);
        this.#apps = await startApplications({
          stack,
          progress: this.#progress,
          log,
          signal: this.#signal,
          portBase: profileBase(PROFILE),
        });
      });
    } catch (error) {
      this.#cannotRun(suites, error);
      return;
    }
    await this.#runAll(suites);
  }

  /**
   * Takes the suites in their order.
   * @param {Suite[]} suites
   * @param {number} [lanes] how many run at a time
   */
  async #runAll(suites, lanes = 1) {
    const from = performance.now();
    const waiting = [...suites];
    const lane = async () => {
      for (let suite = waiting.shift(); suite; suite = waiting.shift()) await this.#run(suite);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    this.testSeconds += (performance.now() - from) / 1000;
  }

  /** @param {Suite} suite */
  async #run(suite) {
    this.#signal.throwIfAborted();
    const { instances } = suite;
    // Only where it is needed: other suites kill the one worker there is.
    if (instances) await this.#settingUp(async () => this.#apps?.grow(instances));
    const from = performance.now();
    const options = {
      logs: this.#logs,
      testStack: this.#stackFile,
      print: (/** @type {string} */ text) => this.#progress.line(text),
    };
    const counts = await this.#progress.step(
      suite.name,
      (report) => runSuite(suite, { ...options, report }),
      ({ failed, notRun = [] }) => failed + notRun.length > 0,
    );
    const { passed, failed, notRun = [] } = counts;
    this.#progress.line(`    ${suite.name}: ${notRun.length > 0 ? 'NOT RUN' : `${passed} passed, ${failed} failed`}`);
    this.results.push({ suite, seconds: (performance.now() - from) / 1000, ...counts });
  }

  /** @param {Suite[]} suites @param {unknown} error */
  #cannotRun(suites, error) {
    if (this.#signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    this.#progress.line(reason);
    for (const suite of suites)
      this.results.push({
        suite,
        seconds: 0,
        passed: 0,
        failed: 1,
        notes: [`${suite.name} could not run: ${reason.split('\n')[0]}`],
      });
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  async #settingUp(work) {
    const from = performance.now();
    try {
      return await work();
    } finally {
      this.setupSeconds += (performance.now() - from) / 1000;
    }
  }

  #told = '';

  /** @param {string} text */
  #tellOnce(text) {
    if (text !== this.#told) this.#progress.line(`  ${text}`);
    this.#told = text;
  }

  get #logs() {
    return join(root, '.stellwerk', 'test', 'results');
  }

  get #stackFile() {
    return join(this.#places.base, 'stack.json');
  }

  /** What tests read by STELLWERK_TEST_STACK. @param {import('../../stack/stack.mjs').Stack} stack */
  #describeStack({ addresses, caches, ports, places }) {
    return {
      profile: PROFILE,
      portBase: ports.api,
      ...addresses,
      ...caches,
      api: `http://127.0.0.1:${ports.api}`,
      ports,
      dist: join(root, 'dist'),
      runDir: places.run,
      logsDir: places.logs,
      supervisor: places.run,
      state: places.state,
      devJson: join(places.base, 'dev.json'),
      databaseRolePassword: keptSecret(places.secrets, 'databaseRoles'),
    };
  }
}

/** @param {Promise<unknown>} work @returns {Promise<{ error?: Error }>} */
async function outcome(work) {
  try {
    await work;
    return {};
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
