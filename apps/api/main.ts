import { loadConfig } from '#libs/platform/config';
import { createLogger, stopOnSignal } from '#libs/platform/observability';
import { logRefusals } from '#libs/platform/outgoing';
import { SigningKeysInvalid, SigningKeysMissing } from '#libs/platform/secrets';
import { startApi } from './create-api.js';

/** The configuration has to be mended first (EX_CONFIG of sysexits.h). */
const EXIT_CONFIG = 78;

const config = loadConfig();
const logger = createLogger('api', config.logLevel);
logRefusals(logger);
const api = await startApi(config, { logger, drawsDocument: true }).catch((error: unknown) => {
  if (!(error instanceof SigningKeysMissing || error instanceof SigningKeysInvalid)) throw error;
  logger.fatal({ err: error, code: error.code }, error.message);
  process.exit(EXIT_CONFIG);
});
stopOnSignal(logger, api);
api.failed.catch((error: unknown) => {
  logger.fatal({ err: error }, 'the API must not go on');
  process.exit(EXIT_CONFIG);
});
