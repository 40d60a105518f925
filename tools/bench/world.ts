import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { migrate } from '#libs/platform/database';
import { seedAgreement } from '../sandbox/seed-demo.js';
import { cpuOf, serverPid } from './cpu.js';
import { Program, type ProgramOptions } from './program.js';
import type { BenchServers } from './servers.js';

export const TENANT = 'muster';

/** The pool of a program, ours and a floor's alike. */
export const POOL = 10;

type Role = 'api' | 'bridge' | 'worker';
type Server = 'postgres' | 'kafka' | 'temporal';

/** A database, a customer and names of its own on the running servers. */
export class World {
  private readonly programs = new Set<Program>();

  private constructor(
    readonly servers: BenchServers,
    readonly name: string,
    readonly databaseUrl: string,
    /** A pool as the superuser. */
    readonly database: pg.Pool,
    /** API keys of the customer. */
    readonly keys: Readonly<Record<'requester' | 'approver', string>>,
    private readonly folder: string,
  ) {}

  static async create(servers: BenchServers): Promise<World> {
    const name = `bench_${randomBytes(5).toString('hex')}`;
    await migrate({ adminUrl: servers.postgresUrl, name, rolePassword: servers.databaseRolePassword });
    const url = new URL(servers.postgresUrl);
    url.pathname = `/${name}`;
    const database = new pg.Pool({ connectionString: url.href, max: 4 });
    database.on('error', () => undefined);
    const keys = { requester: newApiKey(), approver: newApiKey() };
    await seed(database, keys);
    const folder = mkdtempSync(join(tmpdir(), 'stellwerk-bench-'));
    writeFileSync(join(folder, 'master.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    writeFileSync(join(folder, 'signing.pem'), pem, { mode: 0o600 });
    writeFileSync(join(folder, 'secrets.json'), JSON.stringify({ [TENANT]: { bench: 'none' } }), { mode: 0o600 });
    return new World(servers, name, url.href, database, keys, folder);
  }

  get taskQueue(): string {
    return this.name;
  }

  /** The environment of one of our programs. Topics and groups carry the world's name. */
  env(role: Role): NodeJS.ProcessEnv {
    const url = new URL(this.databaseUrl);
    Object.assign(url, { username: `stellwerk_${role}`, password: this.servers.databaseRolePassword });
    return {
      ...process.env,
      NODE_OPTIONS: '',
      STELLWERK_DATABASE_URL: url.href,
      STELLWERK_DATABASE_POOL: String(POOL),
      STELLWERK_KAFKA_BROKERS: this.servers.kafkaBrokers.join(','),
      STELLWERK_KAFKA_TOPIC_PREFIX: `${this.name}.`,
      STELLWERK_TEMPORAL_ADDRESS: this.servers.temporalAddress,
      STELLWERK_TEMPORAL_NAMESPACE: this.servers.temporalNamespace,
      STELLWERK_TASK_QUEUE: this.taskQueue,
      STELLWERK_SECRETS_FILE: join(this.folder, 'secrets.json'),
      STELLWERK_MASTER_KEY_FILE: join(this.folder, 'master.key'),
      STELLWERK_SIGNING_KEY_FILE: join(this.folder, 'signing.pem'),
      STELLWERK_HTTP_HOST: '127.0.0.1',
    };
  }

  /** Starts a program; `stop` ends it if nobody did before. */
  async start(
    name: string,
    script: string,
    env: NodeJS.ProcessEnv,
    how: Partial<Pick<ProgramOptions, 'readyPath' | 'background'>> = {},
  ): Promise<Program> {
    const program = await Program.start({
      ...{ name, script, env, readyPath: '/health/ready', logs: this.folder },
      ...profiled(name),
      ...how,
    });
    this.programs.add(program);
    return program;
  }

  startApp(role: Role, how: Pick<ProgramOptions, 'background'> = {}): Promise<Program> {
    return this.start(role, `apps/${role}/main.js`, this.env(role), how);
  }

  /** CPU time by process since the begin, in milliseconds: our programs by name, and the servers named. */
  cpuClock(programs: Readonly<Record<string, Program>>, servers: readonly Server[]): () => Record<string, number> {
    const pids: Record<string, number> = {};
    for (const [name, program] of Object.entries(programs)) pids[name] = program.pid;
    for (const name of servers) pids[name] = serverPid(this.servers.runDir, name);
    const read = (): [string, number][] => Object.entries(pids).map(([name, pid]) => [name, pid ? cpuOf([pid]) : 0]);
    const before = new Map(read());
    return () => Object.fromEntries(read().map(([name, used]) => [name, used - before.get(name)!]));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.programs].map((program) => program.stop()));
    await this.database.end();
    const admin = new pg.Client({ connectionString: this.servers.postgresUrl });
    await admin.connect();
    await admin.query(`DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
    await admin.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** With BENCH_PROFILE=<program> that program writes a CPU profile into the working directory when it ends. */
function profiled(name: string): { nodeWords: readonly string[] } | object {
  return process.env['BENCH_PROFILE'] === name
    ? { nodeWords: ['--cpu-prof', `--cpu-prof-name=${name}.cpuprofile`] }
    : {};
}

async function seed(database: pg.Pool, keys: Readonly<Record<string, string>>): Promise<void> {
  await database.query(`INSERT INTO tenants (id, kind, name, time_zone) VALUES ($1, 'customer', $1, 'Europe/Berlin')`, [
    TENANT,
  ]);
  await seedAgreement(database, TENANT, TENANT);
  for (const [role, key] of Object.entries(keys)) {
    await database.query(
      `INSERT INTO api_keys (tenant_id, id, role, subject, name, key_hash) VALUES ($1, $2, $3, $4, 'bench', $5)`,
      [TENANT, newId(), role, `${role}@${TENANT}`, hashOfApiKey(key)],
    );
  }
  // hundreds of leavers within an hour would each wait for a second person
  await database.query(
    `INSERT INTO tenant_settings (tenant_id, accounts_per_hour, last_administrator, set_by) VALUES ($1, 100000, 'refuse', 'bench')`,
    [TENANT],
  );
  // one key stands for all callers
  await database.query(
    `INSERT INTO tenant_limits (tenant_id, name, per_second, most, set_by)
     SELECT $1, class || '.' || holder, 20000, 100000, 'bench' FROM unnest('{read,write,expensive}'::text[]) class, unnest('{key,person,tenant}'::text[]) holder
     UNION ALL SELECT $1, 'under_way.' || holder, NULL, 2000, 'bench' FROM unnest('{key,tenant}'::text[]) holder`,
    [TENANT],
  );
  // what a system's settings mean is its connector's business, and that one is replaced
  await database.query(
    `INSERT INTO systems (tenant_id, name, kind, config)
     VALUES ($1, 'directory', 'ldap', '{}'), ($1, 'mail', 'smtp', '{}'), ($1, 'hooks', 'http', '{}')`,
    [TENANT],
  );
}
