import { pino } from 'pino';
import { startBridge, type RunningBridge } from '../../../apps/bridge/create-bridge.js';
import { newId } from '#libs/kernel';
import { offboardingSubmitted, planApproved, type EventData, type EventDefinition } from '#libs/events';
import type { Config, MasterKeysConfig } from '#libs/platform/config';
import { inTenants, json, openDatabase, type Database } from '#libs/platform/database';
import type { EventLog } from '#libs/platform/kafka';
import { appendEvent, type EventOrigin } from '#libs/platform/outbox';
import type { TemporalClient } from '#libs/platform/temporal';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { newTopicPrefix, openEventLog } from '../../support/kafka.js';
import { testSigningKeyFile } from '../../support/signing-key.js';
import { testMasterKeys } from '../../support/master-keys.js';
import { openPayloads, type TestPayloads } from '../../support/payloads.js';
import { newTaskQueue, openTemporal, temporalTestConfig } from '../../support/temporal.js';
import { testStack } from '../../support/test-stack.js';

export const TENANT = 'muster';

export interface ServerPorts {
  readonly kafka?: number;
  readonly temporal?: number;
  readonly postgres?: number;
}

/** A database, a topic prefix and a task queue that belong to one test file, with the tenants `msp`, `muster` and `acme`. */
export class BridgeFixture {
  private readonly bridges = new Set<RunningBridge>();

  private constructor(
    readonly database: TestDatabase,
    readonly api: Database,
    readonly eventLog: EventLog,
    readonly temporal: TemporalClient,
    readonly payloads: TestPayloads,
    private readonly masterKeys: MasterKeysConfig,
    readonly prefix: string,
    readonly taskQueue: string,
  ) {}

  static async create(): Promise<BridgeFixture> {
    const database = await createTestDatabase();
    const prefix = newTopicPrefix();
    const taskQueue = newTaskQueue();
    const api = openDatabase({ url: database.urlFor('api'), poolSize: 8 }, 'test-api');
    const tenants = [
      { id: 'msp', kind: 'msp', name: 'MSP', time_zone: 'Europe/Berlin' },
      { id: TENANT, kind: 'customer', name: 'Muster', time_zone: 'Europe/Berlin' },
      { id: 'acme', kind: 'customer', name: 'Acme', time_zone: 'Europe/Vienna' },
    ] as const;
    await database.admin
      .insertInto('tenants')
      .values([...tenants])
      // a migration makes the MSP's
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const masterKeys = testMasterKeys();
    const payloads = openPayloads(database.urlFor('worker'), masterKeys);
    const temporal = await openTemporal(taskQueue, payloads.dataConverter);
    return new BridgeFixture(database, api, openEventLog(prefix), temporal, payloads, masterKeys, prefix, taskQueue);
  }

  config({ kafka, temporal, postgres }: ServerPorts = {}): Config {
    const url = new URL(this.database.urlFor('bridge'));
    if (postgres !== undefined) url.host = `127.0.0.1:${postgres}`;
    return {
      database: { url: url.href, poolSize: 6 },
      kafka: { brokers: kafka === undefined ? testStack().kafkaBrokers : [`127.0.0.1:${kafka}`], prefix: this.prefix },
      temporal: temporalTestConfig(this.taskQueue, temporal),
      http: { host: '127.0.0.1', port: 0, bodyLimitBytes: 1_048_576 },
      secretsFile: null,
      masterKeys: this.masterKeys,
      temporalUiOrigin: null,
      publicUrl: 'http://127.0.0.1:1',
      cores: 24,
      signingKeyFile: testSigningKeyFile(),
      reconcileSeconds: 30,
      watchdogSeconds: 60,
      logLevel: 'silent',
    };
  }

  async startBridge(ports: ServerPorts = {}): Promise<RunningBridge> {
    const bridge = await startBridge(this.config(ports), {
      logger: pino({ level: process.env['BRIDGE_TEST_LOG'] ?? 'silent' }),
    });
    this.bridges.add(bridge);
    return bridge;
  }

  async stopBridge(bridge: RunningBridge): Promise<void> {
    this.bridges.delete(bridge);
    await bridge.stop();
  }

  /** Commits an event of a request, as the API does. Gives its id. */
  append<Definition extends EventDefinition>(
    definition: Definition,
    requestId: string,
    data: EventData<Definition>,
    given: Partial<EventOrigin> = {},
  ): Promise<string> {
    const tenant = given.tenant ?? TENANT;
    const origin = {
      tenant,
      aggregate: `request/${requestId}`,
      correlationId: requestId,
      causationId: null,
      ...given,
    };
    return inTenants(this.api, [tenant], (tx) => appendEvent(tx, definition, origin, data));
  }

  /** The event that submits a seeded request. Gives its id. */
  async submit(requestId: string): Promise<string> {
    const { submitted_event_id: id } = await this.database.admin
      .selectFrom('requests')
      .select('submitted_event_id')
      .where('id', '=', requestId)
      .executeTakeFirstOrThrow();
    return this.append(offboardingSubmitted, requestId, { requestId }, { id });
  }

  /** Records an approval of a seeded request's first plan, without its event. */
  async seedApproval(requestId: string): Promise<EventData<typeof planApproved>> {
    const told = { revision: 1, planHash: 'a'.repeat(64), decidedBy: 'approver@muster', reason: null };
    const decisionId = newId();
    const row = {
      tenant_id: TENANT,
      request_id: requestId,
      id: decisionId,
      revision: told.revision,
      plan_hash: told.planHash,
      decision: 'approve' as const,
      decided_by: told.decidedBy,
      reason: told.reason,
    };
    await this.database.admin.insertInto('decisions').values(row).execute();
    return { requestId, decisionId, ...told };
  }

  /** Approves a seeded request's first plan, as the API does. Gives the event's id, which is the decision's. */
  async approve(requestId: string): Promise<string> {
    const told = await this.seedApproval(requestId);
    return this.append(planApproved, requestId, told, { id: told.decisionId, causationId: told.decisionId });
  }

  /** A request, and with `run` its run. */
  async seedRequest({ id = newId(), runId = null as string | null, tenant = TENANT } = {}): Promise<string> {
    const request = {
      tenant_id: tenant,
      id,
      type: 'offboarding',
      status: 'planning',
      subject: 'erika',
      body: json({}),
      requested_by: 'test',
      submitted_event_id: newId(),
      run_id: runId,
    };
    await this.database.admin.insertInto('requests').values(request).execute();
    if (runId !== null) {
      const run = {
        tenant_id: tenant,
        id: runId,
        process: 'offboarding',
        workflow_id: `${tenant}/offboarding/${id}`,
        request_id: id,
        subject: 'erika',
        status: 'completed',
        plan: json({}),
      };
      await this.database.admin.insertInto('runs').values(run).execute();
    }
    return id;
  }

  /** Unsent rows of the outbox. */
  async unsent(): Promise<number> {
    const { count } = await this.database.admin
      .selectFrom('outbox')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('sent_at', 'is', null)
      .executeTakeFirstOrThrow();
    return count;
  }

  /** What the bridge has not read yet, over all partitions. */
  async lag(topics: readonly string[]): Promise<number> {
    const places = await this.eventLog.places('stellwerk-bridge', topics);
    return places.reduce((sum, { next, end }) => sum + Number(end - next), 0);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.bridges].map((bridge) => bridge.stop()));
    await Promise.all([this.eventLog.stop(), this.temporal.stop(), this.payloads.stop(), this.api.destroy()]);
    await this.database.drop();
  }
}
