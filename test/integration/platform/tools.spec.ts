import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type AppRole, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const PERIOD = ['--from', '2026-01-01T00:00Z', '--to', '2026-01-02T00:00Z'];
const OWNER = ['create', '--name', 'Olga Owner', '--mail', 'olga@msp.example'];

/** Tools that open the database, with words that they understand and the role that each is for. */
const TOOLS: readonly (readonly [script: string, words: readonly string[], role: AppRole])[] = [
  ['owner/main.js', OWNER, 'founder'],
  ['secrets/main.js', ['status'], 'keeper'],
  ['audit/main.js', ['verify', '--without-kafka'], 'bridge'],
  ['database/republish.js', PERIOD, 'bridge'],
];

interface Ended {
  readonly code: number | null;
  readonly told: string;
}

function run(script: string, words: readonly string[], url: string): Promise<Ended> {
  const env = {
    ...{ PATH: process.env['PATH'], STELLWERK_DATABASE_URL: url, STELLWERK_PUBLIC_URL: 'http://127.0.0.1:1' },
    ...{ STELLWERK_KAFKA_BROKERS: '127.0.0.1:1', STELLWERK_TEMPORAL_ADDRESS: '127.0.0.1:1' },
    STELLWERK_MASTER_KEY: `1:${randomBytes(32).toString('base64')}`,
  };
  const child = spawn(process.execPath, [join(process.cwd(), 'dist/tools', script), ...words], { env });
  const told: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => told.push(chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, told: told.join('') }));
  });
}

describe('a tool that opens the database', () => {
  it.each(TOOLS)(
    '%s reads and writes nothing by a role that could go round the walls between tenants, and works by its own',
    async (script, words, role) => {
      const [refused, done] = await Promise.all([
        run(script, words, database.adminUrl),
        run(script, words, database.urlFor(role)),
      ]);
      expect(refused.code).not.toBe(0);
      expect(refused.told).toMatch(/Nothing is read or written as long as .*is a superuser/);
      expect(done.told).not.toMatch(/Nothing is read or written|permission denied|Set STELLWERK_/);
    },
  );
});
