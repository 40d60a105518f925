import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { completeKeys, demoSecrets, seedDemo, type DemoKeys } from '../../tools/sandbox/seed-demo.js';
import { freePort } from '../../tools/sandbox/directory/free-port.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import { runningSandbox } from './running-sandbox.js';
import { testSigningKeyFile } from './signing-key.js';
import { testStack } from './test-stack.js';
import { startTimeSkipping } from './time-skipping.js';

/** Longer than any walk skips: with each of its rounds the engine's clock would stop. */
const NEVER_RECONCILED = 400 * 86_400;
const LOG_LEVEL = process.env['STELLWERK_TEST_LOG'] ?? 'warn';

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
}

/**
 * The three programs as they are shipped, on a database, topics and master keys of their own, the run's Kafka and sandbox,
 * and an engine whose clock can be put forward.
 */
export interface WholeProduct {
  readonly api: string;
  readonly database: TestDatabase;
  /** Keys of the demo's roles, by tenant. */
  readonly keys: DemoKeys;
  /** Where the master keys stand. */
  readonly masterKeyFile: string;
  /** Runs a command of the product to its end, as operators do. */
  command(name: 'owner' | 'secrets', words: readonly string[]): Promise<CommandResult>;
  /** Puts the engine's clock forward. PostgreSQL's stays: what it decides by its own, a test makes older by as much. */
  skip(span: string): Promise<void>;
  /** A workflow that somebody has to have brought to the engine: once it waits there. */
  workflowWaits(workflowId: string): Promise<void>;
  workflowEnds(workflowId: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it on the sandbox of the programs under test (suite `e2e`); the test file stops it. */
export async function startWholeProduct(): Promise<WholeProduct> {
  const sandbox = await runningSandbox();
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-whole-'));
  const [database, engine] = await Promise.all([createTestDatabase(), startTimeSkipping()]);
  const keys = completeKeys({});
  await seedDemo(database.adminUrl, sandbox, keys);
  writeFileSync(join(dir, 'secrets.json'), JSON.stringify(demoSecrets(sandbox)), { mode: 0o600 });
  const masterKeyFile = join(dir, 'master.key');
  writeFileSync(masterKeyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const api = `http://127.0.0.1:${await freePort()}`;
  const environment = environmentOf(dir, engine, { api, masterKeyFile });
  const programs: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map(ended));
    await engine.teardown();
    await database.drop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const start = async (name: 'api' | 'bridge' | 'worker', port: string): Promise<void> => {
      const own = { STELLWERK_DATABASE_URL: database.urlFor(name), STELLWERK_HTTP_PORT: port };
      const log = join(dir, `${name}.log`);
      const program = run(join('apps', name, 'main.js'), [], { ...environment, ...own });
      programs.push(program);
      for (const stream of [program.stdout!, program.stderr!]) stream.pipe(createWriteStream(log, { flags: 'a' }));
      await eventually(`${name} is ready`, () => isReady(program, port, log), 90);
    };
    // what nobody else takes between the look and the start
    const health = [await freePort(), await freePort()];
    await Promise.all([
      start('api', new URL(api).port),
      start('bridge', String(health[0])),
      start('worker', String(health[1])),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ api, database, keys, masterKeyFile, stop },
    command: (name, words) => {
      const role = name === 'owner' ? 'founder' : 'keeper';
      const own = { ...environment, STELLWERK_DATABASE_URL: database.urlFor(role) };
      return output(run(join('tools', name, 'main.js'), words, own));
    },
    skip: (span) => engine.sleep(span),
    workflowWaits: async (workflowId) => {
      await eventually(`${workflowId} waits`, async () => {
        const { events = [] } = await engine.client.workflow.getHandle(workflowId).fetchHistory();
        return events?.some((event) => event.timerStartedEventAttributes);
      });
    },
    workflowEnds: async (workflowId) => {
      await eventually(`${workflowId} has ended`, async () => {
        const { status } = await engine.client.workflow.getHandle(workflowId).describe();
        return status.name === 'COMPLETED';
      });
    },
  };
}

function environmentOf(
  dir: string,
  engine: TestWorkflowEnvironment,
  { api, masterKeyFile }: { readonly api: string; readonly masterKeyFile: string },
): NodeJS.ProcessEnv {
  const own = randomBytes(5).toString('hex');
  return {
    PATH: process.env['PATH'],
    STELLWERK_KAFKA_BROKERS: testStack().kafkaBrokers.join(','),
    STELLWERK_KAFKA_TOPIC_PREFIX: `whole-${own}.`,
    STELLWERK_TEMPORAL_ADDRESS: engine.address,
    STELLWERK_TEMPORAL_NAMESPACE: 'default',
    STELLWERK_TASK_QUEUE: `whole-${own}`,
    STELLWERK_SECRETS_FILE: join(dir, 'secrets.json'),
    STELLWERK_MASTER_KEY_FILE: masterKeyFile,
    STELLWERK_SIGNING_KEY_FILE: testSigningKeyFile(),
    STELLWERK_PUBLIC_URL: api,
    // suites call far more often than people do
    STELLWERK_CORES: '24',
    STELLWERK_RECONCILE_SECONDS: String(NEVER_RECONCILED),
    STELLWERK_LOG_LEVEL: LOG_LEVEL,
  };
}

function run(script: string, words: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const file = join(process.cwd(), 'dist', script);
  return spawn(process.execPath, ['--enable-source-maps', file, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function isReady(program: ChildProcess, port: string, log: string): Promise<boolean> {
  if (program.exitCode !== null) throw new Error(`it ended: ${readFileSync(log, 'utf8').slice(-2_000)}`);
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
  if (!answer.ok) throw new Error(await answer.text());
  return true;
}

/** What they are in is dropped with their database: nothing is worth waiting for. */
function ended(program: ChildProcess): Promise<unknown> {
  if (program.exitCode !== null || program.signalCode !== null) return Promise.resolve();
  const end = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGKILL');
  return end;
}

async function output(program: ChildProcess): Promise<CommandResult> {
  let text = '';
  for (const stream of [program.stdout!, program.stderr!])
    stream.on('data', (chunk: Buffer) => (text += String(chunk)));
  const code = await new Promise<number | null>((resolve) => program.once('close', resolve));
  return { code, output: text };
}
