import { loadConfig } from '#libs/platform/config';
import { createLogger, stopOnSignal } from '#libs/platform/observability';
import { logRefusals } from '#libs/platform/outgoing';
import { SigningKeysInvalid, SigningKeysMissing } from '#libs/platform/secrets';
import { startBridge } from './create-bridge.js';

/** The supervisor starts the process again after this exit code (EX_SOFTWARE of sysexits.h). */
const EXIT_STUCK = 70;
/** The configuration has to be mended first (EX_CONFIG). */
const EXIT_CONFIG = 78;

const config = loadConfig();
const logger = createLogger('bridge', config.logLevel);
logRefusals(logger);
const bridge = await startBridge(config, { logger }).catch((error: unknown) => {
  if (!(error instanceof SigningKeysMissing || error instanceof SigningKeysInvalid)) throw error;
  logger.fatal({ err: error, code: error.code }, error.message);
  process.exit(EXIT_CONFIG);
});
logger.info({ healthPort: bridge.healthPort }, 'bridge has started');
stopOnSignal(logger, bridge);
bridge.failed.catch((error: unknown) => {
  logger.fatal({ err: error }, 'bridge cannot go on; it ends to be started again');
  process.exit(EXIT_STUCK);
});
