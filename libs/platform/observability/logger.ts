import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** Structured log on standard output. Fields that may hold a secret are cut, whatever their depth up to three. */
export function createLogger(service: string, level: string): Logger {
  const secret = ['authorization', 'password', 'secret', 'apiKey', 'key', 'bindPassword'];
  return pino({
    name: service,
    level,
    redact: { paths: secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[cut]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
