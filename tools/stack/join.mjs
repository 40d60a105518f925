// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson } from './files.mjs';
import { recall } from './pidfile.mjs';
import { portsFrom } from './ports.mjs';
import { isAlive } from '../setup/process-identity.mjs';

const LIMIT_MS = 180_000;

/**
 * Joins a stack that another process owns; waits while that one is still starting it.
 * @param {import('../setup/places.mjs').ProfilePlaces} places
 * @param {number} owner its process id
 * @param {number} portBase what this process was asked for
 */
export async function joinStack(places, owner, portBase) {
  const deadline = performance.now() + LIMIT_MS;
  let state = readJson(places.state);
  while (state?.owner !== owner || !state.addresses) {
    if (!isAlive(owner))
      throw new Error(`Process ${owner}, which was starting the servers, ended before they were ready. Try again.`);
    if (performance.now() > deadline)
      throw new Error(
        `Process ${owner} has not got the servers ready within ${LIMIT_MS / 1000} s. Stop it by: npm run stack -- down`,
      );
    await sleep(250);
    state = readJson(places.state);
  }
  if (state.portBase !== portBase) {
    throw new Error(
      `The servers of this clone already run on the port base ${state.portBase}, not ${portBase}. Stop them by: npm run stack -- down`,
    );
  }
  return {
    addresses: /** @type {import('./stack.mjs').Addresses} */ (state.addresses),
    ports: portsFrom(state.portBase),
    attached: true,
    stop: async () => {},
    servers: remoteControls(places),
  };
}

/** The owner restarts what is ended here. @param {import('../setup/places.mjs').ProfilePlaces} places @returns {import('./stack.mjs').Stack['servers']} */
function remoteControls(places) {
  const pid = (/** @type {string} */ name) => recall(places.run, name)?.pid;
  const kill = async (/** @type {string} */ name, /** @type {NodeJS.Signals} */ signal = 'SIGKILL') => {
    const target = recall(places.run, name);
    if (!target) throw new Error(`No server "${name}" runs here.`);
    process.kill(target.pid, signal);
    while (recall(places.run, name)?.pid === target.pid) await sleep(50);
  };
  return {
    pid,
    kill,
    restart: async (name) => {
      const before = readJson(places.state)?.servers?.[name]?.restarts ?? 0;
      await kill(name, recall(places.run, name)?.stopSignal);
      for (;;) {
        const now = readJson(places.state)?.servers?.[name];
        if (now?.restarts > before && now.condition === 'ready') return;
        await sleep(100);
      }
    },
  };
}
