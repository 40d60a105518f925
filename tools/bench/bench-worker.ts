import { DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '#libs/platform/config';
import { createLogger, stopOnSignal } from '#libs/platform/observability';
import { startWorker } from '../../apps/worker/create-worker.js';
import { MemorySystem } from './memory-system.js';

/** The shipped worker with a system in memory behind every building block. Asked by message, it tells what was counted. */
const config = loadConfig();
const logger = createLogger('worker', config.logLevel);
Runtime.install({
  shutdownSignals: [],
  logger: new DefaultLogger('WARN', (entry) => logger.warn({ temporal: entry.meta }, entry.message)),
});

const system = new MemorySystem();
const worker = await startWorker(config, { logger, blocks: system.blocks() });
process.on('message', () => process.send?.(system.counts()));
stopOnSignal(logger, worker);
worker.failed.catch((error: unknown) => {
  logger.fatal({ err: error }, 'worker failed');
  process.exit(1);
});
