import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate, migrationsFingerprint, openDatabase, type Database } from '#libs/platform/database';
import { testStack } from './test-stack.js';

/** One template per set of migrations: checkouts side by side do not meet in it. */
const TEMPLATE = `stellwerk_test_template_${migrationsFingerprint()}`;

export type AppRole = 'api' | 'bridge' | 'worker' | 'keeper' | 'founder';

/** A database of one test file, cloned from the migrated template. */
export interface TestDatabase {
  /** As the superuser: sees every row. */
  readonly adminUrl: string;
  urlFor(role: AppRole): string;
  /** A pool as the superuser, closed by `drop`. */
  readonly admin: Database;
  drop(): Promise<void>;
}

async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: testStack().postgresUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Clones the template; the first caller of a run migrates it, under a lock, the others wait. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { postgresUrl: adminUrl, databaseRolePassword: rolePassword } = testStack();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(async (client) => {
    await client.query(`SELECT pg_advisory_lock(hashtext('stellwerk.test.template'))`);
    await migrate({ adminUrl, name: TEMPLATE, rolePassword });
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER stellwerk_owner`);
  });
  const url = (user?: string): string => {
    const address = new URL(adminUrl);
    address.pathname = `/${name}`;
    if (user) Object.assign(address, { username: user, password: rolePassword });
    return address.href;
  };
  const admin = openDatabase({ url: url(), poolSize: 3 }, 'test');
  return {
    adminUrl: url(),
    urlFor: (role) => url(`stellwerk_${role}`),
    admin,
    drop: async () => {
      await admin.destroy();
      await asAdmin((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}
