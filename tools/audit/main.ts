import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { topics } from '#libs/events';
import type { SignatureCheck } from '#libs/platform/audit';
import { loadConfig, type Config } from '#libs/platform/config';
import { createKafkaEventLog } from '#libs/platform/kafka';
import { createLogger } from '#libs/platform/observability';
import { checkSignature, publishedKeysFromPem } from '#libs/platform/secrets';
import { onInstallation } from '../database/installation.js';
import { publishedAnchors } from './published-anchors.js';
import { CANNOT_SAY, verifyCommand } from './verify-command.js';

/**
 * verify [--tenant <id>] [--keys <file.pem>] [--without-kafka]: recomputes the audit and compares it with the anchors that Kafka has.
 * Environment: that of the bridge. The last line is JSON. Exit code 0: intact; 1: somebody tampered with it; 2: it cannot be said
 * (yet), as ever without Kafka's anchors.
 */
const USAGE = 'verify [--tenant <id>] [--keys <file.pem>] [--without-kafka]';
const AUDIT_TOPIC = topics.find((topic) => topic.includes('.audit.'))!;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = CANNOT_SAY;
}

async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      tenant: { type: 'string' },
      // what happens without it since 2026-11-23
      'anchors-from-kafka': { type: 'boolean' },
      'without-kafka': { type: 'boolean' },
      keys: { type: 'string' },
    },
  });
  if (positionals.join(' ') !== 'verify') throw new Error(`Usage: npm run audit -- ${USAGE}`);
  const config = loadConfig();
  const keys = values.keys ?? config.signingKeyFile;
  const anchors = values['without-kafka'] ? null : await anchorsFromKafka(config);
  const check = keys === null ? null : checkBy(keys);
  return onInstallation({ name: 'audit', role: 'stellwerk_bridge', poolSize: 2 }, (database) =>
    verifyCommand(database, { tenant: values.tenant, anchors, check }, (line) => console.log(line)),
  );
}

function checkBy(file: string): SignatureCheck {
  const keys = publishedKeysFromPem(readFileSync(file, 'utf8'));
  return (payload, signature) => checkSignature(keys, payload, signature);
}

async function anchorsFromKafka(config: Config) {
  const log = createKafkaEventLog(config.kafka, createLogger('audit', 'silent'));
  try {
    return await publishedAnchors(log, AUDIT_TOPIC);
  } finally {
    await log.stop();
  }
}
