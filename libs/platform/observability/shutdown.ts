import type { Logger } from './logger.js';

/** Something that lives long; its owner starts and stops it. */
export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Runs `stop` once on SIGTERM or SIGINT and ends the process; a second signal ends it at once. One owner per process
 * calls this, so that nothing else reacts to signals.
 */
export function stopOnSignal(logger: Logger, service: Stoppable): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'stopping');
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}
