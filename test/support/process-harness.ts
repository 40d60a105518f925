import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection, Client as TemporalClient, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { newId, systemClock } from '#libs/kernel';
import { createLogger, type Logger } from '#libs/platform/observability';
import type { Config } from '#libs/platform/config';
import type { StepOutcome } from '#libs/process/model';
import { draftOf, type RequestBody, type Submission } from '#libs/requests';
import { DEFAULT_OFFBOARDING_STEPS, type OffboardingBody, type ReinstatementBody } from '#libs/requests/model';
import {
  actSignal,
  decisionSignal,
  REWORK,
  reworkIdOf,
  workflowIdOf,
  type PlannedRunInput,
  type ProcessName,
  type ReworkInput,
} from '#workflows';
import type { RunAct } from '#libs/process/model';
import { openDatabase, type Database } from '#libs/platform/database';
import type { OutboxHint } from '#libs/platform/outbox';
import type { ActDto } from '../../apps/api/acts/act.dto.js';
import { GiveAct } from '../../apps/api/acts/give-act.js';
import { startWorker, type RunningWorker } from '../../apps/worker/create-worker.js';
import { startSandbox, type Sandbox } from '../../tools/sandbox/index.js';
import { completeKeys, demoSecrets, seedDemo } from '../../tools/sandbox/seed-demo.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import { openPayloads, type TestPayloads } from './payloads.js';
import { testSigningKeyFile } from './signing-key.js';
import { testStack } from './test-stack.js';
import { mspActor } from './actor.factory.js';

/** The customer of the tests, unless one names another: its directory is an OpenLDAP. */
export const TENANT = 'muster';
/** The customer whose directory is an Active Directory. */
export const DOMAIN_TENANT = 'nordlicht';

const NO_HINT = { give: () => undefined } as unknown as OutboxHint;

/** STELLWERK_TEST_LOG=info shows what the programs under test log. */
const LOG_LEVEL = process.env['STELLWERK_TEST_LOG'] ?? 'silent';
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const BUNDLE = join(process.cwd(), 'dist', 'workflows', 'bundle.js');

/** Our database, the demo customers' real systems and a worker, on a Temporal server of choice. */
export interface ProcessHarness {
  /** The customer that requests are made for. */
  readonly tenant: string;
  readonly config: Config;
  readonly database: TestDatabase;
  /** The database as the API sees it. */
  readonly api: Database;
  readonly sandbox: Sandbox;
  readonly temporal: TemporalClient;
  readonly payloads: TestPayloads;
  /** An orderly restart; kills of real processes are in `test/chaos`. */
  restartWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  submit(body: Partial<OffboardingBody> & { user: string }): Promise<SubmittedRequest>;
  reinstate(body: Partial<ReinstatementBody> & { runId: string; user: string }): Promise<SubmittedRequest>;
  /** A request of any type as the API draws it, at an instant of choice (now) and without a template. */
  requestOf(submission: Submission, at?: Date): Promise<SubmittedRequest>;
  stop(): Promise<void>;
}

/** A request whose workflow was started, with what tests do to it. */
export class SubmittedRequest {
  constructor(
    private readonly harness: Parts,
    readonly id: string,
    readonly handle: WorkflowHandle,
  ) {}

  row() {
    return this.harness.database.admin
      .selectFrom('requests')
      .selectAll()
      .where('id', '=', this.id)
      .executeTakeFirstOrThrow();
  }

  async status(...statuses: string[]) {
    return eventually(`request is ${statuses.join(' or ')}`, async () => {
      const row = await this.row();
      return statuses.includes(row.status)
        ? row
        : Promise.reject(new Error(`it is ${row.status} ${JSON.stringify(row.problem ?? row.waiting_for)}`));
    });
  }

  /** Decides as the API does: conditional on the row, then by signal. */
  async decide(decision: 'approve' | 'reject', reason: string | null = null): Promise<void> {
    await (
      await this.decideUntold(decision, reason)
    )();
  }

  /** Decides; the workflow hears of it when the function that it gives is called. */
  async decideUntold(decision: 'approve' | 'reject', reason: string | null = null): Promise<() => Promise<void>> {
    const {
      tenant_id: tenant,
      plan_revision: revision,
      plan_hash: planHash,
      run_id: runId,
    } = await this.status('awaiting_approval');
    const decidedBy = 'approver@muster';
    const id = newId();
    const { admin } = this.harness.database;
    const status = decision === 'approve' || runId ? 'approved' : 'rejected';
    await admin
      .insertInto('decisions')
      .values({
        tenant_id: tenant,
        request_id: this.id,
        id,
        revision,
        plan_hash: planHash!,
        decision,
        decided_by: decidedBy,
        reason,
      })
      .execute();
    await admin.updateTable('requests').set({ status }).where('id', '=', this.id).execute();
    const message = { eventId: newId(), decision, revision, planHash: planHash!, decidedBy, reason };
    return () => this.handle.signal(decisionSignal, message);
  }

  /** Gives an act as the API does, and tells the workflow as the bridge does. */
  async giveAct(wish: Partial<ActDto> & Pick<ActDto, 'act'>, subject = 'operator@msp'): Promise<void> {
    await (
      await this.giveUntold(wish, subject)
    )();
  }

  /** Gives an act; the workflow hears of it when the function that it gives is called, as after an outage. */
  async giveUntold(
    wish: Partial<ActDto> & Pick<ActDto, 'act'>,
    subject = 'operator@msp',
  ): Promise<() => Promise<void>> {
    const { tenant } = this.harness;
    const actor = mspActor('operator', subject, [tenant]);
    const call = { tenant, caller: actor.caller, key: newId(), fingerprint: randomBytes(32) };
    const body = { reason: 'The customer asked for it.', verifiedCall: 'Frau Roth, called back', ...wish } as ActDto;
    const { id } = await new GiveAct(this.harness.api, NO_HINT).execute(call, { actor, tenant }, this.id, body);
    const row = await this.harness.database.admin
      .selectFrom('acts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const message = row.message as RunAct;
    return 'rework' in message
      ? () => this.startRework(id, row.run_id!)
      : () => this.handle.signal(actSignal, { eventId: id, recorded: true, act: message });
  }

  private async startRework(actId: string, runId: string): Promise<void> {
    const { temporal, config, tenant } = this.harness;
    await temporal.workflow.start(REWORK, {
      workflowId: reworkIdOf(tenant, actId),
      taskQueue: config.temporal.taskQueue,
      args: [{ tenant, requestId: this.id, runId } satisfies ReworkInput],
    });
  }

  act(act: RunAct, eventId = newId()): Promise<void> {
    return this.handle.signal(actSignal, { eventId, by: 'operator@msp', act });
  }

  async run() {
    const { run_id: id } = await eventually('the run exists', async () =>
      (await this.row()).run_id ? this.row() : null,
    );
    return this.harness.database.admin.selectFrom('runs').selectAll().where('id', '=', id!).executeTakeFirstOrThrow();
  }

  async runIs(...statuses: string[]) {
    return eventually(`the run is ${statuses.join(' or ')}`, async () => {
      const run = await this.run();
      return statuses.includes(run.status)
        ? run
        : Promise.reject(new Error(`it is ${run.status} ${JSON.stringify(run.waiting_for)}`));
    });
  }

  async steps() {
    const { id } = await this.run();
    return this.harness.database.admin
      .selectFrom('run_steps')
      .selectAll()
      .where('run_id', '=', id)
      .orderBy('position')
      .execute();
  }

  async outcomes(): Promise<Record<string, StepOutcome | null>> {
    return Object.fromEntries((await this.steps()).map((step) => [step.step_id, step.outcome as StepOutcome | null]));
  }

  async timeline() {
    const { id } = await this.run();
    return this.harness.database.admin
      .selectFrom('run_timeline')
      .selectAll()
      .where('run_id', '=', id)
      .orderBy('seq')
      .execute();
  }

  async events(): Promise<{ type: string; data: Record<string, unknown> }[]> {
    const rows = await this.harness.database.admin.selectFrom('outbox').selectAll().orderBy('id').execute();
    return rows
      .filter((row) => row.headers['ce_correlationid'] === this.id)
      .map((row) => ({
        type: row.headers['ce_type']!,
        data: JSON.parse(row.value.toString()) as Record<string, unknown>,
      }));
  }
}

export interface HarnessOptions {
  /** Address of another Temporal server than the run's, e.g. the time-skipping one. */
  readonly temporalAddress?: string;
  readonly temporalNamespace?: string;
  readonly withoutWorker?: boolean;
  /** Another customer; that of the domain has its domain controller started, too. */
  readonly tenant?: string;
  /** Takes what the worker logs. */
  readonly logger?: Logger;
}

/** Starts a harness; the test file stops it. */
export async function startProcessHarness(options: HarnessOptions = {}): Promise<ProcessHarness> {
  const stack = testStack();
  const { tenant = TENANT } = options;
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-test-'));
  const [database, sandbox] = await Promise.all([
    createTestDatabase(),
    startSandbox({
      dir: join(dir, 'sandbox'),
      port: 0,
      slapdRoot: stack.slapdRoot,
      samba: tenant === DOMAIN_TENANT ? stack : undefined,
    }),
  ]);
  await seedDemo(database.adminUrl, sandbox.description, completeKeys({}));
  const config = configFor(dir, database, sandbox, options);
  const api = openDatabase({ url: database.urlFor('api'), poolSize: 4 }, 'test-api');
  const payloads = openPayloads(database.urlFor('bridge'), config.masterKeys);
  const connection = await Connection.connect({ address: config.temporal.address });
  const temporal = new TemporalClient({
    connection,
    namespace: config.temporal.namespace,
    dataConverter: payloads.dataConverter,
  });
  const logger = options.logger ?? createLogger('test', LOG_LEVEL);
  let worker: RunningWorker | null = options.withoutWorker
    ? null
    : await startWorker(config, { logger, bundlePath: BUNDLE });
  const stopWorker = async (): Promise<void> => {
    await worker?.stop();
    worker = null;
  };
  const start = (process: ProcessName, body: RequestBody) =>
    startRequest({ database, api, temporal, config, tenant }, process, body);
  return {
    tenant,
    config,
    database,
    api,
    sandbox,
    temporal,
    payloads,
    stopWorker,
    restartWorker: async () => {
      await stopWorker();
      worker = await startWorker(config, { logger, bundlePath: BUNDLE });
    },
    submit: (body) =>
      start('offboarding', {
        type: 'offboarding',
        lastWorkingAt: 'now',
        startsAt: systemClock.now().toISOString(),
        steps: DEFAULT_OFFBOARDING_STEPS,
        reference: null,
        notify: null,
        ...body,
      }),
    reinstate: (body) =>
      start('reinstatement', {
        type: 'reinstatement',
        startsAt: systemClock.now().toISOString(),
        overwrite: [],
        reason: null,
        ...body,
      }),
    requestOf: (submission, at = systemClock.now()) => {
      const { body } = draftOf(submission, { at, timeZone: 'Europe/Berlin', template: null });
      return start(submission.type, body);
    },
    stop: async () => {
      await stopWorker();
      await connection.close();
      await payloads.stop();
      await sandbox.stop();
      await api.destroy();
      await database.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function configFor(dir: string, database: TestDatabase, sandbox: Sandbox, options: HarnessOptions): Config {
  const stack = testStack();
  const secretsFile = join(dir, 'secrets.json');
  const masterKeyFile = join(dir, 'master.key');
  writeFileSync(secretsFile, JSON.stringify(demoSecrets(sandbox.description)), { mode: 0o600 });
  writeFileSync(masterKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const own = randomBytes(5).toString('hex');
  return {
    database: { url: database.urlFor('worker'), poolSize: 10 },
    kafka: { brokers: stack.kafkaBrokers, prefix: `test-${own}.` },
    temporal: {
      address: options.temporalAddress ?? stack.temporalAddress,
      namespace: options.temporalNamespace ?? stack.temporalNamespace,
      tls: false,
      apiKey: null,
      taskQueue: `test-${own}`,
    },
    http: { host: '127.0.0.1', port: 0, bodyLimitBytes: 262_144 },
    secretsFile,
    masterKeys: { file: masterKeyFile, text: null, vault: null },
    temporalUiOrigin: null,
    publicUrl: 'http://127.0.0.1:1',
    cores: 24,
    signingKeyFile: testSigningKeyFile(),
    reconcileSeconds: 2,
    watchdogSeconds: 60,
    logLevel: LOG_LEVEL,
    ticketMail: { address: 'support@helpdesk.example', receiver: null },
  };
}

type Parts = Pick<ProcessHarness, 'database' | 'api' | 'temporal' | 'config' | 'tenant'>;

/** Puts a request in place as the API does and starts its workflow as the bridge does. */
async function startRequest(parts: Parts, process: ProcessName, body: RequestBody): Promise<SubmittedRequest> {
  const { tenant } = parts;
  const id = newId();
  const eventId = newId();
  await parts.database.admin
    .insertInto('requests')
    .values({
      tenant_id: tenant,
      id,
      type: process,
      status: 'planning',
      subject: body.user,
      body: JSON.stringify(body),
      requested_by: 'requester@muster',
      submitted_event_id: eventId,
    })
    .execute();
  const handle = await parts.temporal.workflow.start(process, {
    workflowId: workflowIdOf(tenant, process, id),
    taskQueue: parts.config.temporal.taskQueue,
    args: [{ tenant, requestId: id, eventId } satisfies PlannedRunInput],
    // a reconciler that looks in between starts it, too
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  // Taken only now, as by the bridge: a reconciler that found it taken and not started would call it lost.
  await parts.database.admin
    .insertInto('inbox')
    .values({ consumer: 'bridge', tenant_id: tenant, event_id: eventId })
    .execute();
  return new SubmittedRequest(parts, id, handle);
}
