import { readFileSync } from 'node:fs';

/** PostgreSQL, Kafka and Temporal as a bench finds them running. */
export interface BenchServers {
  /** URL of PostgreSQL's superuser. */
  readonly postgresUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** Password of the programs' database roles. */
  readonly databaseRolePassword: string;
  /** Folder of the servers' pid files. */
  readonly runDir: string;
}

/** Reads the description that `tools/bench.mjs` (or `npm test`) wrote. Throws with the command that makes one. */
export function readServers(): BenchServers {
  const file = process.env['STELLWERK_TEST_STACK'];
  if (!file) throw new Error('STELLWERK_TEST_STACK is not set. Start a bench by: npm run bench -- <name>');
  return JSON.parse(readFileSync(file, 'utf8')) as BenchServers;
}
