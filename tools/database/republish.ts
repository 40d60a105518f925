import { parseArgs } from 'node:util';
import { topics } from '#libs/events';
import { republish } from '#libs/platform/outbox';
import { onInstallation } from './installation.js';

/**
 * Publishes a period of the outbox again: `--from <instant> --to <instant> [--topic <name>]`, instants in ISO 8601 with `Z`
 * or an offset. Environment: STELLWERK_DATABASE_URL, as the bridge's role.
 */
const usage = `--from <instant> --to <instant> [--topic <${topics.join(' | ')}>], e.g. --from 2026-11-22T09:30Z`;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

try {
  console.log(await publish());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function publish(): Promise<string> {
  const { values } = parseArgs({
    options: { from: { type: 'string' }, to: { type: 'string' }, topic: { type: 'string' } },
  });
  const { topic } = values;
  if (topic !== undefined && !topics.includes(topic)) throw new Error(`No topic is called "${topic}". ${usage}`);
  const period = { from: instant('--from', values.from), to: instant('--to', values.to), ...(topic ? { topic } : {}) };
  const count = await onInstallation({ name: 'republish', role: 'stellwerk_bridge' }, (database) =>
    republish(database, period),
  );
  return `${count} events will be sent again, in their order and with their ids`;
}

function instant(name: string, text: string | undefined): Date {
  if (text === undefined || !INSTANT.test(text)) throw new Error(`${name} needs an instant with its zone: ${usage}`);
  const value = new Date(text);
  if (Number.isNaN(value.getTime())) throw new Error(`${name}: no calendar has ${text}.`);
  return value;
}
