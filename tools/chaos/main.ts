import process from 'node:process';
import { readDevelopment } from '../demo/development.js';
import { readOptions } from './options.js';
import { play, type ChaosResult } from './play.js';
import { Processes } from './processes.js';

/**
 * `npm run chaos`: kills parts of a running system at random under load, waits until it is at rest and judges from what
 * the receivers recorded. Exits 0 only when nothing is lost, nothing happened twice, and no more was repeated than was
 * under way at the kills. Environment: STELLWERK_DEV_JSON, STELLWERK_RUN_DIR, STELLWERK_PROFILE.
 */
const began = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);

try {
  const options = readOptions(process.argv.slice(2));
  const developmentFile = needed('STELLWERK_DEV_JSON');
  const result = await play(options, {
    development: readDevelopment(developmentFile),
    processes: new Processes(developmentFile, needed('STELLWERK_RUN_DIR')),
    profile: needed('STELLWERK_PROFILE'),
    say,
  });
  const { complaints, repeated, ...figures } = result;
  for (const effect of repeated) say(`repeated: ${effect}`);
  for (const complaint of complaints.slice(0, 50)) say(complaint);
  const ok = isWell(result, options.rolling);
  console.log(JSON.stringify({ chaos: options.rolling ? 'rolling' : 'kills', ok, ...figures }));
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.error(error);
  console.log(JSON.stringify({ chaos: 'failed', ok: false, failure: String(error) }));
  process.exitCode = 1;
}

/** A rolling restart shows to nobody but by a connection that has to be made again. */
function isWell({ complaints, serverErrors }: ChaosResult, rolling: boolean): boolean {
  return complaints.length === 0 && (!rolling || serverErrors === 0);
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}; npm run chaos does.`);
  return value;
}
