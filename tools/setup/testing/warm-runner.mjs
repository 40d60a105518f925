// @ts-check
import { createRequire } from 'node:module';

/**
 * Jest's test runner, kept warm: the spec files that one Jest process takes share what they import. Reading and linking
 * the platform anew for each file (some 1,500 modules) took longer than most files' tests. What a file declares and
 * runs stays its own: its tests, hooks, timeouts, console and environment variables. Nothing here mocks modules; a
 * project whose tests did would have to use Jest's own runner.
 *
 * It reaches into Jest 30 (pinned exactly) in two places, `resetTests` and `keep`; both stop the run with a sentence when
 * they do not find what they know.
 */

const require = createRequire(import.meta.url);
// the runner that Jest takes when none is named
const runnerFile = require.resolve('jest-circus/runner');
const initializerFile = runnerFile.replace(/runner\.js$/, 'jestAdapterInit.js');
/** @type {Runner} */
const runWithCircus = require(runnerFile).default;

/**
 * @typedef {Record<string | symbol, any>} Globals
 * @typedef {{ global: Globals, teardown(): Promise<void> }} Environment
 * @typedef {{
 *   requireInternalModule(path: string): unknown,
 *   restoreAllMocks(): void,
 *   enterTestCode(): void,
 *   teardown(): void,
 *   getSourceMaps(): Map<string, string>,
 * }} Runtime
 * @typedef {(globalConfig: unknown, config: { id: string }, environment: Environment, runtime: Runtime, testPath: string, send?: unknown) => Promise<unknown>} Runner
 * @typedef {{ environment: Environment, runtime: Runtime, resetTests: () => void }} Warm
 */

/** One per project. @type {Map<string, Warm>} */
const kept = new Map();

/** @type {Runner} */
export default async function runWarm(globalConfig, config, environment, runtime, testPath, send) {
  const warm = kept.get(config.id) ?? keep(config.id, environment, runtime);
  warm.resetTests();
  // after a file's last test Jest refuses `import()`, which the next file may use while it loads
  warm.runtime.enterTestCode();
  // where Jest collects what this file prints, and looks up where its lines come from
  warm.environment.global.console = environment.global.console;
  const sourceMaps = warm.runtime.getSourceMaps();
  if (runtime !== warm.runtime) runtime.getSourceMaps().get = (file) => sourceMaps.get(file);
  const variables = warm.environment.global.process.env;
  const before = { ...variables };
  try {
    return await runWithCircus(globalConfig, config, warm.environment, warm.runtime, testPath, send);
  } finally {
    warm.runtime.restoreAllMocks();
    for (const name of Object.keys(variables)) if (!(name in before)) delete variables[name];
    Object.assign(variables, before);
  }
}

/**
 * Keeps the first file's environment and modules for those that follow: Jest takes both down after each file.
 * @param {string} id @param {Environment} environment @param {Runtime} runtime
 * @returns {Warm}
 */
function keep(id, environment, runtime) {
  environment.teardown = () => Promise.resolve();
  runtime.teardown = () => undefined;
  runtime.requireInternalModule(initializerFile);
  const warm = { environment, runtime, resetTests: testsOf(environment.global) };
  kept.set(id, warm);
  return warm;
}

/**
 * Gives what empties Jest's register of tests and hooks and of those who listen to them, as it is before the first file.
 * @param {Globals} global
 */
function testsOf(global) {
  const key = Object.getOwnPropertySymbols(global).find(({ description }) => description === 'JEST_STATE_SYMBOL');
  const listeners = global[Symbol.for('EVENT_HANDLERS')];
  if (!key || !Array.isArray(listeners) || global[key].rootDescribeBlock.children.length > 0)
    throw new Error('Jest keeps its tests elsewhere now: tools/setup/testing/warm-runner.mjs has to follow.');
  const first = { ...global[key] };
  const own = [...listeners];
  return () => {
    const root = { ...first.rootDescribeBlock, children: [], hooks: [], tests: [] };
    global[key] = {
      ...first,
      currentDescribeBlock: root,
      rootDescribeBlock: root,
      describeRetryOptions: new WeakMap(),
      unhandledErrors: [],
      unhandledRejectionErrorByPromise: new Map(),
      unhandledRejectionErrorByPromiseByHook: new WeakMap(),
      unhandledRejectionErrorByPromiseTarget: new WeakMap(),
    };
    listeners.splice(0, listeners.length, ...own);
  };
}
