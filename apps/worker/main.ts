import { DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '#libs/platform/config';
import { createLogger, stopOnSignal } from '#libs/platform/observability';
import { logRefusals } from '#libs/platform/outgoing';
import { startWorker } from './create-worker.js';

const config = loadConfig();
const logger = createLogger('worker', config.logLevel);
logRefusals(logger);
// one owner reacts to signals: stopOnSignal
Runtime.install({
  shutdownSignals: [],
  logger: new DefaultLogger('WARN', (entry) => logger.warn({ temporal: entry.meta }, entry.message)),
});

const worker = await startWorker(config, { logger });
logger.info({ taskQueue: config.temporal.taskQueue }, 'worker is polling');
stopOnSignal(logger, worker);
worker.failed.catch((error: unknown) => {
  logger.fatal({ err: error }, 'worker failed');
  process.exit(1);
});
