import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { runEnded, webhookDisabled } from '#libs/events';
import { newId, systemClock } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { inTenants, openDatabase } from '#libs/platform/database';
import { createLogger } from '#libs/platform/observability';
import type { OutboxHint } from '#libs/platform/outbox';
import { putPolicy, readPlace } from '#libs/platform/outgoing';
import { openKeyRing, type KeyRing } from '#libs/platform/secrets';
import { recordDeliveries } from '#libs/webhooks';
import { webhookIdOf } from '#workflows';
import { AuditActivitiesOnEngine } from '../../apps/worker/activities/audit.activities.js';
import { WebhookDesk } from '../../apps/api/webhooks/webhook-desk.js';
import { startWorker, type RunningWorker } from '../../apps/worker/create-worker.js';
import { BridgeFixture, TENANT } from '../integration/bridge/bridge-fixture.js';
import { RequestFactory } from '../support/api/request.factory.js';
import { eventually } from '../support/eventually.js';
import { WebhookReceiver, type ReceivedMessage } from '../support/webhook-receiver.js';

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });

const OTHER = 'acme';
const BUNDLE = join(process.cwd(), 'dist', 'workflows', 'bundle.js');
const LOG_LEVEL = process.env['STELLWERK_TEST_LOG'] ?? 'silent';
const NO_HINT = { give: () => undefined } as unknown as OutboxHint;

let fixture: BridgeFixture;
let keys: KeyRing;
let desk: WebhookDesk;
let worker: RunningWorker | null;
const receiver = new WebhookReceiver();
/** Another host. */
const elsewhere = new WebhookReceiver('127.0.0.3');

beforeAll(async () => {
  fixture = await BridgeFixture.create();
  keys = openKeyRing(fixture.config().masterKeys);
  desk = new WebhookDesk(fixture.api, keys, NO_HINT);
  await Promise.all([receiver.start(), elsewhere.start()]);
  for (const tenant of [TENANT, OTHER]) await allowThisMachine(tenant);
  await Promise.all([fixture.startBridge(), begin()]);
});
afterAll(async () => {
  await worker?.stop();
  await Promise.all([receiver.stop(), elsewhere.stop()]);
  await fixture.stop();
});

async function begin(): Promise<void> {
  const database = { url: fixture.database.urlFor('worker'), poolSize: 6 };
  const logger = createLogger('test', LOG_LEVEL);
  const options = { logger, bundlePath: BUNDLE, webhookRetrySeconds: [0.1, 0.2, 2, 1] };
  worker = await startWorker({ ...fixture.config(), database }, options);
}

/** One round of the reconciler. */
async function reconcile(): Promise<void> {
  const database = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-audit');
  const { taskQueue } = fixture.config().temporal;
  const logger = createLogger('test', LOG_LEVEL);
  const audit = new AuditActivitiesOnEngine(database, fixture.temporal.client, taskQueue, 30, logger);
  await audit.reconcilePage({ after: null }).finally(() => database.destroy());
}

function allowThisMachine(tenant: string): Promise<unknown> {
  const allowances = ['127.0.0.1', '127.0.0.3'].map((address) => ({
    ...{ ...readPlace(address)!, ports: null, protocols: ['http' as const], reason: 'The test’s receiver.' },
  }));
  const wish = { publicAddresses: 'listed' as const, allowances };
  return inTenants(fixture.api, [tenant], (tx) => putPolicy(tx, tenant, wish, 'owner@msp'));
}

const writerFor = (tenant: string) => {
  const grants = [{ role: 'owner' as const, tenants: [tenant] }];
  const actor = { subject: 'owner@msp', kind: 'msp', home: 'msp', grants, sees: [tenant] } as unknown as Actor;
  return { actor, tenant };
};
const callFor = (tenant: string) => ({ tenant, caller: newId(), key: newId(), fingerprint: randomBytes(32) });

async function subscribe(path: string, tenant = TENANT, url = receiver.url(path)) {
  const made = await desk.create(callFor(tenant), writerFor(tenant), { url, eventTypes: [runEnded.type] });
  return { ...made, secret: made.secret! };
}

/** Something public happens; gives the event's id. */
async function happen(tenant = TENANT, requestId = newId()): Promise<string> {
  return fixture.append(runEnded, requestId, { runId: newId(), requestId, outcome: 'completed' }, { tenant });
}

const deliveriesOf = async (id: string, tenant = TENANT) =>
  (await desk.deliveries(writerFor(tenant).actor, id, { limit: 50 })).items;
const pendingOf = (tenant: string) =>
  fixture.database.admin
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('tenant_id', '=', tenant)
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow();
const ended = (id: string, count = 1, tenant = TENANT) =>
  eventually('the deliveries have ended', async () => {
    const all = await deliveriesOf(id, tenant);
    return all.length >= count && all.every((one) => one.status !== 'pending') ? all : null;
  });
const verified = ({ body, headers }: ReceivedMessage, secret: string): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

describe('a receiver of webhooks', () => {
  it('is told of an event by Standard Webhooks, with ids only', async () => {
    const { id, secret } = await subscribe('/plain');
    const requestId = newId();
    const eventId = await happen(TENANT, requestId);
    const [message] = await receiver.arrived('/plain');
    expect(verified(message!, secret)).toEqual({
      type: runEnded.type,
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      tenant: TENANT,
      data: { runId: expect.any(String), requestId, outcome: 'completed' },
    });
    expect(message!.headers['content-type']).toBe('application/json');
    expect(await ended(id)).toMatchObject([
      { eventId, reason: 'event', status: 'delivered', attempts: [{ attempt: 1, status: 200 }], nextTryAt: null },
    ]);
    await desk.remove(writerFor(TENANT), id);
  });

  it('is told again after a 500, under the same id', async () => {
    const { id, secret } = await subscribe('/flaky');
    receiver.answer = (response) => response.writeHead(receiver.at('/flaky').length < 3 ? 500 : 204).end();
    await happen();
    const messages = await receiver.arrived('/flaky', 3);
    for (const message of messages) verified(message, secret);
    expect(new Set(messages.map((message) => message.headers['webhook-id'])).size).toBe(1);
    expect(new Set(messages.map((message) => message.body)).size).toBe(1);
    const [delivery] = await ended(id);
    expect(delivery!.attempts.map((one) => one.status)).toEqual([500, 500, 204]);
    expect(delivery).toMatchObject({ status: 'delivered', code: null, messageId: messages[0]!.headers['webhook-id'] });
    receiver.answer = (response) => response.end();
    await desk.remove(writerFor(TENANT), id);
  });

  it('that is down while the worker restarts is told when it is back', async () => {
    const { id } = await subscribe('/down');
    await receiver.stop();
    await happen();
    // the first two are over for good: one that ends with its worker is made again
    await eventually('two tries failed', async () => ((await deliveriesOf(id))[0]?.attempts.length ?? 0) > 2);
    await worker!.stop();
    worker = null;
    await receiver.start();
    await begin();
    await receiver.arrived('/down');
    const [delivery] = await ended(id);
    expect(delivery).toMatchObject({ status: 'delivered' });
    expect(delivery!.attempts[0]).toMatchObject({ status: null, code: 'ECONNREFUSED' });
    await desk.remove(writerFor(TENANT), id);
  });

  it('whose message the engine lost is told all the same, from the try that was next', async () => {
    const { id } = await subscribe('/lost');
    await receiver.stop();
    await happen();
    await eventually('two tries failed', async () => ((await deliveriesOf(id))[0]?.attempts.length ?? 0) > 1);
    const [lost] = await deliveriesOf(id);
    await fixture.temporal.client.workflow.getHandle(webhookIdOf(TENANT, lost!.id)).terminate('restored from a backup');
    await receiver.start();
    await sql`UPDATE webhook_deliveries SET next_try_at = now() - interval '20 minutes' WHERE id = ${lost!.id}`.execute(
      fixture.database.admin,
    );
    await reconcile();
    await receiver.arrived('/lost');
    const [delivery] = await ended(id);
    expect(delivery).toMatchObject({ status: 'delivered' });
    const numbers = delivery!.attempts.map(({ attempt }) => attempt);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    await desk.remove(writerFor(TENANT), id);
  });

  it('changes from one secret to the next in its own time', async () => {
    const { id, secret: first } = await subscribe('/rotated');
    const { secret: second } = await desk.rotate(writerFor(TENANT), id, 1);
    await happen();
    const [both] = await receiver.arrived('/rotated');
    verified(both!, first);
    verified(both!, second);
    expect(String(both!.headers['webhook-signature']).split(' ')).toHaveLength(2);
    const { secret: third } = await desk.rotate(writerFor(TENANT), id, 0);
    await happen();
    const last = (await receiver.arrived('/rotated', 2))[1]!;
    verified(last, third);
    for (const old of [first, second]) expect(() => verified(last, old)).toThrow('No matching signature found');
    await desk.remove(writerFor(TENANT), id);
  });

  it('knows a message that is sent again by its id, and a test by its type', async () => {
    const { id, secret } = await subscribe('/again');
    await happen();
    const [first] = await receiver.arrived('/again');
    const [delivery] = await ended(id);
    const call = callFor(TENANT);
    const again = await desk.redeliver(call, writerFor(TENANT), delivery!.id);
    expect(await desk.redeliver(call, writerFor(TENANT), delivery!.id)).toEqual(again);
    const [, second] = await receiver.arrived('/again', 2);
    expect([second!.headers['webhook-id'], second!.body]).toEqual([first!.headers['webhook-id'], first!.body]);
    await ended(id, 2);
    await desk.test(callFor(TENANT), writerFor(TENANT), id);
    const third = (await receiver.arrived('/again', 3))[2]!;
    expect(verified(third, secret)).toMatchObject({ type: 'de.stellwerk.webhook.test.v1', data: { webhookId: id } });
    expect((await ended(id, 3)).map((one) => one.reason)).toEqual(['test', 'redelivery', 'event']);
    await desk.remove(writerFor(TENANT), id);
  });

  it('of one customer never sees another’s event', async () => {
    const ours = await subscribe('/ours');
    const theirs = await subscribe('/theirs', OTHER);
    await happen(TENANT);
    await happen(OTHER);
    await Promise.all([receiver.arrived('/ours'), receiver.arrived('/theirs')]);
    await Promise.all([ended(ours.id), ended(theirs.id, 1, OTHER)]);
    const tenants = (path: string) =>
      receiver.at(path).map(({ body }) => (JSON.parse(body) as { tenant: string }).tenant);
    expect([tenants('/ours'), tenants('/theirs')]).toEqual([[TENANT], [OTHER]]);
    await expect(desk.deliveries(writerFor(OTHER).actor, ours.id, { limit: 1 })).rejects.toMatchObject({
      code: 'webhook.not_found',
    });
    await desk.remove(writerFor(OTHER), theirs.id);
    await desk.remove(writerFor(TENANT), ours.id);
  });

  it('is told nothing of confidential requests, whether the event names request or run', async () => {
    const { id } = await subscribe('/discreet');
    const confidential_until = new Date(systemClock.now().getTime() + 3_600_000);
    const hidden = await RequestFactory.of(TENANT)
      .with({ confidential_until })
      .inStatus('running')
      .withRun('running')
      .in(fixture.database.admin);
    await happen(TENANT, hidden.id);
    const secondData = { runId: hidden.runId, requestId: newId(), outcome: 'failed' as const };
    await fixture.append(runEnded, hidden.id, secondData, { tenant: TENANT });
    const open = await happen();
    await receiver.arrived('/discreet');
    expect((await ended(id)).map((one) => one.eventId)).toEqual([open]);
    expect(receiver.at('/discreet')).toHaveLength(1);
    await desk.remove(writerFor(TENANT), id);
  });

  it('that is gone (410) is told nothing more, on the audit trail and as an event', async () => {
    const { id } = await subscribe('/gone');
    receiver.answer = (response) => response.writeHead(410).end();
    await happen();
    expect(await ended(id)).toMatchObject([{ status: 'failed', code: 'webhook.answered_410' }]);
    receiver.answer = (response) => response.end();
    expect(await desk.one(writerFor(TENANT).actor, id)).toMatchObject({ enabled: false, disabledBecause: 'gone' });
    const { admin } = fixture.database;
    const audited = await admin
      .selectFrom('audit_entries')
      .select(['action', 'actor'])
      .where('object_id', '=', id)
      .orderBy('id')
      .execute();
    expect(audited).toEqual([
      { action: 'webhook.created', actor: 'owner@msp' },
      { action: 'webhook.disabled', actor: 'stellwerk' },
    ]);
    const events = await admin.selectFrom('outbox').selectAll().execute();
    const told = events.filter((row) => row.headers['ce_type'] === webhookDisabled.type);
    const data = told.map((row) => JSON.parse(row.value.toString()) as { subscriptionId: string });
    expect(data.filter((one) => one.subscriptionId === id)).toEqual([{ subscriptionId: id, because: 'gone' }]);
    await desk.remove(writerFor(TENANT), id);
  });

  it('that is slow does not slow others', async () => {
    const slow = await subscribe('/slow');
    const held: (() => void)[] = [];
    receiver.answer = (response) => void held.push(() => response.end());
    for (let i = 0; i < 6; i++) await happen();
    await eventually('it holds all that it gets at once', () => held.length === 4);
    const quick = await subscribe('/quick', TENANT, elsewhere.url('/quick'));
    await happen();
    await elsewhere.arrived('/quick');
    await ended(quick.id);
    expect(held).toHaveLength(4);
    receiver.answer = (response) => response.end();
    held.forEach((release) => release());
    expect(await ended(slow.id, 7)).toHaveLength(7);
    await desk.remove(writerFor(TENANT), quick.id);
    await desk.remove(writerFor(TENANT), slow.id);
  });

  it('that is slow gets four messages at once of a customer, however many webhooks call it, and delays no other customer', async () => {
    const held: (() => void)[] = [];
    receiver.answer = (response) => void held.push(() => response.end());
    const many = await Promise.all(Array.from({ length: 50 }, (_, i) => subscribe(`/tarpit/${i}`)));
    const other = await subscribe('/prompt', OTHER, elsewhere.url('/prompt'));
    await happen();
    await eventually('all are on record, and it holds all that it gets at once', async () => {
      const { count } = await pendingOf(TENANT);
      return held.length === 4 && Number(count) === 50;
    });
    await happen(OTHER);
    await elsewhere.arrived('/prompt');
    await ended(other.id, 1, OTHER);
    // not one of them was let go meanwhile, and none came in between
    expect(held).toHaveLength(4);
    for (const { id } of many) await desk.remove(writerFor(TENANT), id);
    receiver.answer = (response) => response.end();
    held.forEach((release) => release());
    await desk.remove(writerFor(OTHER), other.id);
  });

  it('is reached by allowed ways only (an address inside our network)', async () => {
    const { id } = await subscribe('/inside', TENANT, receiver.url('/inside').replace('127.0.0.1', '127.0.0.2'));
    await happen();
    const [delivery] = await ended(id);
    expect(delivery).toMatchObject({ status: 'failed', code: 'outgoing.not_allowed' });
    expect(delivery!.attempts).toHaveLength(5);
    await desk.remove(writerFor(TENANT), id);
  });
});

describe('an event', () => {
  it('that comes twice is told once', async () => {
    const { id } = await subscribe('/once');
    const bridge = fixture.database.admin;
    const event = {
      id: newId(),
      tenant: TENANT,
      type: runEnded.type,
      time: systemClock.now().getTime() + 1000,
      data: {},
    };
    const first = await recordDeliveries(bridge, [event]);
    expect(first).toHaveLength(1);
    expect(await recordDeliveries(bridge, [event, event])).toEqual([...first, ...first]);
    expect(webhookIdOf(TENANT, first[0]!.deliveryId)).toBe(`${TENANT}/webhook/${first[0]!.deliveryId}`);
    await desk.remove(writerFor(TENANT), id);
  });

  it('that happened before somebody asked for it is not told', async () => {
    const { id } = await subscribe('/later');
    const before = {
      id: newId(),
      tenant: TENANT,
      type: runEnded.type,
      time: systemClock.now().getTime() - 60_000,
      data: {},
    };
    expect(await recordDeliveries(fixture.database.admin, [before])).toEqual([]);
    await desk.remove(writerFor(TENANT), id);
  });
});

describe('a webhook’s secret', () => {
  it('is in the first answer and nowhere else', async () => {
    const call = callFor(TENANT);
    const body = { url: receiver.url('/secret'), eventTypes: [runEnded.type] };
    const { id, secret } = await desk.create(call, writerFor(TENANT), body);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await desk.create(call, writerFor(TENANT), body)).toMatchObject({ id, secret: null });
    const { admin } = fixture.database;
    const tables = ['webhook_secrets', 'webhook_subscriptions', 'idempotency_keys', 'audit_entries', 'outbox'] as const;
    for (const table of tables) {
      const rows = await admin.selectFrom(table).selectAll().execute();
      const raw = Buffer.from(secret!.slice(6), 'base64');
      const text = JSON.stringify(rows, (_key, value: unknown) => value);
      expect(text).not.toContain(secret!.slice(6));
      const bytes = rows.flatMap((row) =>
        Object.values(row).filter((value): value is Buffer => Buffer.isBuffer(value)),
      );
      expect(bytes.some((value) => value.includes(raw))).toBe(false);
    }
    await desk.remove(writerFor(TENANT), id);
  });
});
