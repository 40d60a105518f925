import { DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '#libs/platform/config';
import { createLogger, stopOnSignal } from '#libs/platform/observability';
import { startWorker } from '../../apps/worker/create-worker.js';
import { MemorySystem } from './memory-system.js';

/** By entry, in milliseconds since 1970. */
export type FirstLooks = Readonly<Record<string, number>>;

/** The shipped worker with a system in memory behind every building block. Asked by message, it tells what was counted. */
const config = loadConfig();
const logger = createLogger('worker', config.logLevel);
Runtime.install({
  shutdownSignals: [],
  logger: new DefaultLogger('WARN', (entry) => logger.warn({ temporal: entry.meta }, entry.message)),
});

const system = new MemorySystem();
const worker = await startWorker(config, { logger, blocks: system.blocks(), facts: system.facts() });
process.on('message', (question) => {
  if (question === 'counts') process.send?.(system.counts());
  if (question === 'first looks') process.send?.(Object.fromEntries(system.firstLooks));
});
stopOnSignal(logger, worker);
worker.failed.catch((error: unknown) => {
  logger.fatal({ err: error }, 'worker failed');
  process.exit(1);
});
