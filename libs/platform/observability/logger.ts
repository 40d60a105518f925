import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { redactFields, redactText, withoutHidden } from './redaction.js';

export type Logger = PinoLogger;

/** A line about an answered call has fixed fields and no secret; looking each one through costs more than writing it. */
const ANSWERED = '"msg":"answered"}\n';

/**
 * Structured log on standard output, or where `destination` says. Three nets for secrets: fields by their name at any depth,
 * texts and errors by the forms of secrets, and every line by the values that are in use (`hideFromLogs`).
 */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name: service,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    // errors are made plain by redactFields, with their causes
    serializers: { err: (error: unknown) => error },
    formatters: { log: redactFields },
    hooks: {
      logMethod: redactMessage,
      streamWrite: (line: string) => (line.endsWith(ANSWERED) ? line : withoutHidden(line)),
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Without a message of its own a line would take the error's as it is. */
function redactMessage(this: Logger, args: unknown[], method: (...args: never[]) => void): void {
  const texts = args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg));
  const [first] = args;
  if (args.length === 1 && first instanceof Error) texts.push(redactText(first.message));
  method.apply(this, texts as never[]);
}
