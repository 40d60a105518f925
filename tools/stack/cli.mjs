// @ts-check
import { rmSync } from 'node:fs';
import { fromDocker } from '../setup/external.mjs';
import { lockHolder } from '../setup/lock.mjs';
import { profilePlaces } from '../setup/places.mjs';
import { composeDown } from './compose.mjs';
import { printDoctor } from './doctor.mjs';
import { end, remembered, stopLeftovers } from './pidfile.mjs';
import { portsFrom, profileBase } from './ports.mjs';
import { republish } from './republish.mjs';
import { rollingRestart } from './rolling-restart.mjs';
import { printStatus } from './status.mjs';
import { ownerLocks } from './owners.mjs';
import { bringUp } from './up.mjs';

const usage = `npm run stack -- <command> [--profile <name>]

  up      sets up what is missing and starts PostgreSQL, Kafka, Temporal and its UI in the background
  down    stops them, and what npm start runs on them
  status  shows each server: process, port, memory, restarts
  doctor  names each missing tool and the command that installs it
  reset   stops everything and deletes its data
  rolling-restart  restarts api, bridge and worker one process at a time
  republish --from <instant> --to <instant> [--topic <name>]
          publishes a period's events again, e.g. after a topic was deleted`;

/** @type {Record<string, (profile: string, words: string[]) => Promise<boolean>>} */
const commands = {
  up: bringUp,
  down,
  status: printStatus,
  doctor: printDoctor,
  reset,
  'rolling-restart': (profile) => rollingRestart(profile),
  republish,
};
/** Commands that take further words of their own. */
const withWords = ['republish'];

await main(process.argv.slice(2));

/** @param {string[]} words */
async function main(words) {
  const flag = words.indexOf('--profile');
  const profile = flag === -1 ? 'dev' : (words.splice(flag, 2)[1] ?? 'dev');
  const [name = '', ...more] = words;
  const command = commands[name];
  if (!command || (more.length > 0 && !withWords.includes(name)) || !/^[a-z][a-z0-9-]*$/.test(profile)) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  try {
    process.exitCode = (await command(profile, more)) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/** @param {string} profile */
async function down(profile) {
  const places = profilePlaces(profile);
  let stopped = false;
  // The programs of npm start first: they use the servers.
  for (const { title, file } of ownerLocks(places)) {
    const owner = lockHolder(file);
    if (!owner) continue;
    console.log(`Stopping ${title} (pid ${owner.pid}) …`);
    await end(owner, 'SIGTERM', 90_000);
    stopped = true;
  }
  await stopLeftovers(places.run, remembered(places.run), console.log);
  if (fromDocker()) await composeDown({ places, ports: portsFrom(profileBase(profile)), volumes: false });
  console.log(stopped ? 'Stopped.' : 'Nothing was running.');
  return true;
}

/** @param {string} profile */
async function reset(profile) {
  await down(profile);
  const places = profilePlaces(profile);
  if (fromDocker()) await composeDown({ places, ports: portsFrom(profileBase(profile)), volumes: true });
  for (const path of [
    places.data,
    places.run,
    places.config,
    places.logs,
    places.state,
    places.secrets,
    ...madeBySeed(places.base),
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
  console.log(`Deleted the data under ${places.base}. Servers given by address keep theirs.`);
  return true;
}

/** What only makes sense together with the deleted data. @param {string} base */
function madeBySeed(base) {
  return ['dev.json', 'secrets.json', 'master.key', 'signing.pem', 'apps.json', 'sandbox', 'identity'].map(
    (name) => `${base}/${name}`,
  );
}
