import { readFileSync } from 'node:fs';

/** The servers of this test run, as `npm test` started them. */
export interface TestStack {
  /** URL of PostgreSQL's superuser. */
  readonly postgresUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** Script that starts the time-skipping Temporal server: `<script> <port>`. */
  readonly timeSkippingServer: string;
  /** Root below which Debian's slapd is unpacked. */
  readonly slapdRoot: string;
  /** Root below which Debian's Samba is unpacked, and an empty domain to copy. */
  readonly sambaRoot: string;
  readonly sambaTemplate: string;
  /** Root below which Debian's IMAP server is unpacked. */
  readonly dovecotRoot: string;
  /** Program of the browser. */
  readonly chromium: string;
  /** `dev.json` of the programs under test (suites `e2e` and `chaos`). */
  readonly devJson: string;
  /** Folder of the pid files, one per server. */
  readonly runDir: string;
  /** Password of the programs' database roles, which all databases of a server share. */
  readonly databaseRolePassword: string;
}

/** Reads the stack's description. Throws with the command that makes one. */
export function testStack(): TestStack {
  const file = process.env['STELLWERK_TEST_STACK'];
  if (!file) throw new Error('STELLWERK_TEST_STACK is not set. Run the tests by: npm test -- --only integration');
  return JSON.parse(readFileSync(file, 'utf8')) as TestStack;
}
