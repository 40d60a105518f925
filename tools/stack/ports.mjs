// @ts-check
import { createServer } from 'node:net';
import { portHolder } from './port-holder.mjs';

/** Every port's distance from `STELLWERK_PORT_BASE`. Bound to the loopback, all of them. */
export const offsets = {
  api: 0,
  temporalUi: 1,
  postgres: 2,
  kafka: 3,
  kafkaController: 4,
  temporalFrontend: 5,
  temporalHttp: 6,
  temporalHistory: 7,
  temporalHistoryMembership: 8,
  temporalMatching: 9,
  temporalMatchingMembership: 10,
  temporalWorker: 11,
  temporalWorkerMembership: 12,
  temporalFrontendMembership: 13,
  bridge: 14,
  worker: 15,
  api2: 16,
  bridge2: 17,
  worker2: 18,
  ldapMuster: 20,
  ldapsMuster: 21,
  ldapNordlicht: 22,
  ldapsNordlicht: 23,
  smtp: 24,
  sandbox: 25,
  identityMsp: 26,
  identityMuster: 27,
};

/** @typedef {keyof typeof offsets} PortName */
/** @typedef {Record<PortName, number>} Ports */

const DEFAULT_BASE = 20_000;
/** `npm test` lies this far above `npm start`, so that both run side by side. */
export const TEST_SHIFT = 500;
/** How far each profile lies above `dev`; a profile that is not named here needs a base of its own. */
const SHIFTS = /** @type {Record<string, number>} */ ({ dev: 0, bench: 125, chaos: 250, trial: 375, test: TEST_SHIFT });
const WIDTH = 28;

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {number}
 */
export function portBase(env = process.env) {
  const text = env.STELLWERK_PORT_BASE;
  if (text === undefined || text === '') return DEFAULT_BASE;
  const base = Number(text);
  if (!Number.isInteger(base) || base < 1024 || base + TEST_SHIFT + WIDTH > 65_535) {
    throw new Error(
      `STELLWERK_PORT_BASE must be a whole number from 1024 to ${65_535 - TEST_SHIFT - WIDTH}, but is "${text}".`,
    );
  }
  return base;
}

/**
 * The port base of a profile: `test` and the others lie above `dev`, so that all of them run side by side.
 * @param {string} profile
 */
export function profileBase(profile) {
  return portBase() + (SHIFTS[profile] ?? 0);
}

/** @param {number} base @returns {Ports} */
export function portsFrom(base) {
  return /** @type {Ports} */ (
    Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, base + offset]))
  );
}

/**
 * @typedef {{ name: string, port: number, holder?: { name?: string, pid?: number, uid?: number } }} TakenPort
 */

/** A port that is needed is held by somebody else. */
export class PortsTaken extends Error {
  /** @param {TakenPort[]} taken @param {string} variable */
  constructor(taken, variable) {
    super(describeTaken(taken, variable));
    this.name = 'PortsTaken';
    this.taken = taken;
  }
}

/**
 * The message for ports that are taken: which, for what, by whom, and what moves them.
 * @param {TakenPort[]} taken
 * @param {string} variable
 */
export function describeTaken(taken, variable) {
  const lines = taken.map(({ name, port, holder }) => `Port ${port} (${name}) is taken by ${describeHolder(holder)}.`);
  return [...lines, `Stop what holds ${taken.length === 1 ? 'it' : 'them'}, or move all ports with ${variable}.`].join(
    '\n',
  );
}

/** @param {TakenPort['holder']} holder */
function describeHolder(holder) {
  if (holder?.pid !== undefined) return `${holder.name ?? 'a process'} (pid ${holder.pid})`;
  if (holder?.uid !== undefined)
    return `a process of another user (uid ${holder.uid}; only that user and root can see which)`;
  return 'another process (which one could not be found out)';
}

/**
 * Checks that every given port is free on the loopback.
 * @param {Partial<Record<PortName, number>>} ports
 * @param {number} base named in the message
 * @throws {PortsTaken} naming all that are taken at once
 */
export async function assertFree(ports, base) {
  const taken = [];
  for (const [name, port] of Object.entries(ports)) {
    if (!(await isFree(port))) taken.push({ name, port, holder: await portHolder(port) });
  }
  if (taken.length > 0) throw new PortsTaken(taken, `STELLWERK_PORT_BASE (the base is ${base} now)`);
}

/** @param {number} port @returns {Promise<boolean>} */
export function isFree(port) {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => settle(true)));
  });
}
