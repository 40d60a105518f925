import { loadConfig } from '#libs/platform/config';
import { createLogger, stopOnSignal } from '#libs/platform/observability';
import { startApi } from './create-api.js';

const config = loadConfig();
const logger = createLogger('api', config.logLevel);
stopOnSignal(logger, await startApi(config, { logger }));
