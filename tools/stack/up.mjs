// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockHolder } from '../setup/lock.mjs';
import { profilePlaces } from '../setup/places.mjs';
import { Progress } from '../setup/progress.mjs';
import { ensureInstalled, ensureTools } from '../setup/steps.mjs';
import { assertTools } from './doctor.mjs';
import { joinStack } from './join.mjs';
import { stackLock } from './owners.mjs';
import { profileBase } from './ports.mjs';

/**
 * Sets up what is missing, then leaves the servers to a supervisor in the background.
 * @param {string} profile
 */
export async function bringUp(profile) {
  const places = profilePlaces(profile);
  const progress = new Progress();
  await assertTools({ forTests: profile !== 'dev' });
  await ensureInstalled(progress);
  await ensureTools(progress, { testServer: profile !== 'dev' });
  const owner = lockHolder(stackLock(places));
  if (owner) {
    printAddresses(
      (await joinStack(places, owner.pid, profileBase(profile))).addresses,
      `Already running (pid ${owner.pid}).`,
    );
    return true;
  }
  await progress.step('PostgreSQL, Kafka, Temporal', () => startInBackground(profile));
  const running = lockHolder(stackLock(places));
  if (!running) throw new Error('The supervisor ended.');
  printAddresses(
    (await joinStack(places, running.pid, profileBase(profile))).addresses,
    `Running in the background (pid ${running.pid}). Stop with: npm run stack -- down`,
  );
  return true;
}

/**
 * Starts the supervisor as a process of its own and waits until it says that all is ready.
 * @param {string} profile
 */
export async function startInBackground(profile) {
  const { logs } = profilePlaces(profile);
  mkdirSync(logs, { recursive: true });
  const logFile = join(logs, 'supervisor.log');
  writeFileSync(logFile, '');
  const out = openSync(logFile, 'a');
  const script = fileURLToPath(new URL('background.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, profile], { detached: true, stdio: ['ignore', out, out, 'ipc'] });
  closeSync(out);
  /** @type {{ error?: string }} */
  const answer = await new Promise((settle) => {
    child.once('message', (message) => settle(/** @type {{ error?: string }} */ (message)));
    child.once('exit', (code, signal) =>
      settle({ error: `The supervisor ended (${signal ?? code}).\n${readFileSync(logFile, 'utf8').slice(-2000)}` }),
    );
  });
  if (answer.error) throw new Error(answer.error);
  child.disconnect();
  child.unref();
}

/** @param {import('./stack.mjs').Addresses} addresses @param {string} headline */
function printAddresses({ postgresUrl, kafkaBrokers, temporalAddress, temporalNamespace, temporalUi }, headline) {
  console.log(headline);
  console.log(`  PostgreSQL   ${withoutPassword(postgresUrl)}`);
  console.log(`  Kafka        ${kafkaBrokers.join(', ')}`);
  console.log(`  Temporal     ${temporalAddress}, namespace ${temporalNamespace}`);
  if (temporalUi) console.log(`  Temporal UI  ${temporalUi}`);
}

/** @param {string} url */
export function withoutPassword(url) {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.href;
}
