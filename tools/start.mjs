// @ts-check
import { parseArgs } from 'node:util';
import { stopCommands } from './setup/command.mjs';
import { presentInstant } from './setup/clock.mjs';
import { Progress } from './setup/progress.mjs';
import { readInstances } from './stack/instances.mjs';
import { runAll } from './stack/run-all.mjs';
import { withoutPassword } from './stack/up.mjs';

// npm start [-- --instances 2] [--profile <name>]: sets up whatever is missing, starts everything, loads the demo
// customers, prints the addresses, keeps running.
const progress = new Progress();
const abort = new AbortController();
const began = performance.now();
/** @type {import('./stack/run-all.mjs').RunningSystem | undefined} */
let system;
let stopRequests = 0;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => void stop());

try {
  progress.line('Stellwerk is starting.');
  const { instances, profile } = parseArgs({
    options: { instances: { type: 'string' }, profile: { type: 'string', default: 'dev' } },
  }).values;
  system = await runAll({ progress, log, signal: abort.signal, profile, instances: readInstances(instances) });
  printAddresses(system.addresses);
} catch (error) {
  // Already told when it was the user who stopped it; every part has been stopped by now.
  if (stopRequests === 0) {
    progress.line(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
if (stopRequests > 0 && !system) progress.line('Stopped.');
else if (stopRequests > 0) await stopSystem(false);

/** @param {string} line */
function log(line) {
  progress.line(`${presentInstant().toISOString().slice(11, 19)} UTC  ${line}`);
}

/** The first request stops everything in order, the second at once. */
async function stop() {
  stopRequests += 1;
  if (stopRequests === 1) {
    progress.line('Stopping …');
    abort.abort(new Error('stopped'));
    stopCommands();
    await stopSystem(false);
  } else if (stopRequests === 2) {
    progress.line('Stopping at once …');
    await stopSystem(true);
  }
}

/** @param {boolean} force */
async function stopSystem(force) {
  // Still starting: the start notices the abort, stops what it started, and comes back here.
  if (!system) return;
  await system.stop({ force });
  progress.line('Stopped.');
  process.exit(0);
}

/** @param {import('./stack/run-all.mjs').RunningSystem['addresses']} addresses */
function printAddresses({
  api,
  apis,
  temporalUi,
  sandbox,
  issuers,
  postgresUrl,
  kafkaBrokers,
  temporalAddress,
  temporalNamespace,
  devJson,
}) {
  const lines = [
    ['API', apis.join(', ')],
    ['API document', `${api}/docs`],
    ['Temporal UI', temporalUi ?? '(of the Temporal given by address)'],
    ['received mail', `${sandbox}/mails`],
    ['issuers', issuers.join(', ')],
    ['PostgreSQL', withoutPassword(postgresUrl)],
    ['Kafka', kafkaBrokers.join(', ')],
    ['Temporal', `${temporalAddress}, namespace ${temporalNamespace}`],
    ['keys', devJson],
  ];
  progress.line(`\nStellwerk runs (started in ${((performance.now() - began) / 1000).toFixed(1)} s).`);
  for (const [name = '', value] of lines) progress.line(`  ${name.padEnd(14)}${value}`);
  progress.line('Ctrl-C stops everything.');
}
