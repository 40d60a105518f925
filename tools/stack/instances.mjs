// @ts-check

/** @typedef {'api' | 'bridge' | 'worker'} AppName */
/**
 * @typedef {object} Instance one process of a program
 * @property {AppName} app
 * @property {string} name of its pid, hold and log files: `api`, then `api-2`
 * @property {number} number counted from 1
 */

/** In the order in which they are stopped, and restarted one after the other. */
const APPS = /** @type {const} */ (['api', 'bridge', 'worker']);
export const MOST_INSTANCES = 2;

/**
 * The processes that run with so many instances of each program.
 * @param {number} count
 * @returns {Instance[]}
 */
export function instancesOf(count) {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return APPS.flatMap((app) =>
    numbers.map((number) => ({ app, number, name: number === 1 ? app : `${app}-${number}` })),
  );
}

/** The names of all processes that there may be. */
export function appNames() {
  return instancesOf(MOST_INSTANCES).map(({ name }) => name);
}

/** @param {Instance} instance @param {import('./ports.mjs').Ports} ports */
export function portOf({ app, number }, ports) {
  return number === 1 ? ports[app] : ports[`${app}2`];
}

/**
 * How many instances of each program to run: what was asked for, else `STELLWERK_INSTANCES`, else one.
 * @param {string | undefined} asked
 * @param {NodeJS.ProcessEnv} [env]
 * @throws when that is no number from 1 to 2
 */
export function readInstances(asked, env = process.env) {
  const text = asked ?? (env.STELLWERK_INSTANCES || '1');
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MOST_INSTANCES)
    throw new Error(`The number of instances (--instances, STELLWERK_INSTANCES) must be 1 or 2, but is "${text}".`);
  return count;
}
