import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  offboardingSubmitted,
  planApproved,
  planApprovedV2,
  planRejected,
  reinstatementSubmitted,
  requestRefused,
  topics,
  type EventData,
  type EventDefinition,
} from '#libs/events';
import { newId, systemClock } from '#libs/kernel';
import type { LogRecord } from '#libs/platform/kafka';
import { decodeMessage } from '#libs/platform/temporal';
import { workflowIdOf } from '#workflows';
import { eventually } from '../../support/eventually.js';
import { BridgeFixture, TENANT } from './bridge-fixture.js';

let fixture: BridgeFixture;

beforeAll(async () => {
  fixture = await BridgeFixture.create();
  await fixture.startBridge();
});
afterAll(() => fixture.stop());

const handleOf = (requestId: string) =>
  fixture.temporal.client.workflow.getHandle(workflowIdOf(TENANT, 'offboarding', requestId));

async function startedWorkflow(requestId: string) {
  return eventually('the workflow is started', () => handleOf(requestId).describe());
}

async function signalsOf(requestId: string) {
  const history = await handleOf(requestId).fetchHistory();
  await decodeMessage(history, fixture.payloads.codec);
  const { events } = history;
  return (events ?? []).flatMap((event) =>
    event.workflowExecutionSignaledEventAttributes ? [event.workflowExecutionSignaledEventAttributes] : [],
  );
}

/** Waits until everything sent is relayed, read and committed. */
const settled = () =>
  eventually(
    'all is relayed and read',
    async () => (await fixture.unsent()) === 0 && (await fixture.lag(topics)) === 0,
  );

describe('an event that a workflow waits for', () => {
  it('starts the workflow of a submitted request', async () => {
    const requestId = await fixture.seedRequest();
    const eventId = await fixture.submit(requestId);
    const description = await startedWorkflow(requestId);
    expect(description.type).toBe('offboarding');
    expect(description.taskQueue).toBe(fixture.taskQueue);
    await settled();
    const inbox = await fixture.database.admin
      .selectFrom('inbox')
      .selectAll()
      .where('event_id', '=', eventId)
      .execute();
    expect(inbox).toMatchObject([{ consumer: 'bridge', tenant_id: TENANT }]);
  });

  it('starts one workflow when the same event is delivered twice', async () => {
    const requestId = await fixture.seedRequest();
    const eventId = await fixture.submit(requestId);
    const first = await startedWorkflow(requestId);
    await settled();
    // again as it lies in the log, first with its inbox row, then without, as after a crash before that row
    const record = await recordOf(eventId);
    await send([record, record]);
    await settled();
    await fixture.database.admin.deleteFrom('inbox').where('event_id', '=', eventId).execute();
    await send([record]);
    await settled();
    expect((await handleOf(requestId).describe()).runId).toBe(first.runId);
    const { events } = await handleOf(requestId).fetchHistory();
    expect(events?.filter((event) => event.workflowExecutionStartedEventAttributes)).toHaveLength(1);
    expect(await deadLetters()).toEqual([]);
  });

  it('does not start a workflow anew that has ended', async () => {
    const requestId = await fixture.seedRequest();
    const eventId = await fixture.submit(requestId);
    const first = await startedWorkflow(requestId);
    await settled();
    await handleOf(requestId).terminate('by the test');
    await fixture.database.admin.deleteFrom('inbox').where('event_id', '=', eventId).execute();
    await send([await recordOf(eventId)]);
    await settled();
    expect((await handleOf(requestId).describe()).runId).toBe(first.runId);
  });

  it('signals a decision to the workflow of its request, once', async () => {
    const requestId = await fixture.seedRequest();
    await fixture.submit(requestId);
    const eventId = await fixture.approve(requestId);
    await eventually('the signal has arrived', async () => (await signalsOf(requestId)).length > 0);
    await settled();
    await fixture.database.admin.deleteFrom('inbox').where('event_id', '=', eventId).execute();
    await send([await recordOf(eventId)]);
    await settled();
    const signals = await signalsOf(requestId);
    expect(signals.map((signal) => signal.signalName)).toEqual(['decision']);
    const message: unknown = JSON.parse(Buffer.from(signals[0]!.input!.payloads![0]!.data!).toString());
    expect(message).toEqual({
      eventId,
      decision: 'approve',
      revision: 1,
      planHash: 'a'.repeat(64),
      decidedBy: 'approver@muster',
      reason: null,
    });
  });

  it('takes an event that no workflow waits for without a trace', async () => {
    const requestId = await fixture.seedRequest();
    const eventId = await fixture.append(requestRefused, requestId, { requestId, code: 'directory.user_not_found' });
    await settled();
    expect(
      await fixture.database.admin.selectFrom('inbox').selectAll().where('event_id', '=', eventId).execute(),
    ).toEqual([]);
    expect(await deadLetters()).toEqual([]);
  });
});

describe('a signal to a workflow that has ended', () => {
  it('is noted on the timeline of its run, once, and goes no further', async () => {
    const runId = newId();
    const requestId = await fixture.seedRequest({ runId });
    await fixture.submit(requestId);
    await startedWorkflow(requestId);
    await handleOf(requestId).terminate('by the test');
    const eventId = await fixture.approve(requestId);
    await settled();
    await send([await recordOf(eventId)]);
    await settled();
    const timeline = await fixture.database.admin
      .selectFrom('run_timeline')
      .selectAll()
      .where('run_id', '=', runId)
      .execute();
    expect(timeline).toMatchObject([
      {
        tenant_id: TENANT,
        seq: 1,
        kind: 'signal_after_end',
        who: 'bridge',
        data: { signal: 'decision', eventId, type: planApproved.type },
      },
    ]);
    const run = await fixture.database.admin
      .selectFrom('runs')
      .select('timeline_length')
      .where('id', '=', runId)
      .executeTakeFirstOrThrow();
    expect(run.timeline_length).toBe(1);
  });

  it('goes to the dead-letter desk when the request has no run', async () => {
    const requestId = await fixture.seedRequest();
    await fixture.approve(requestId);
    await settled();
    expect(await deadLetters(requestId)).toMatchObject([{ tenant_id: TENANT, code: 'bridge.workflow_missing' }]);
  });

  it('goes to the dead-letter desk when we do not have the request', async () => {
    const requestId = newId();
    await fixture.append(planApproved, requestId, { ...planApproved.sample, requestId });
    await settled();
    expect(await deadLetters(requestId)).toMatchObject([{ tenant_id: TENANT, code: 'bridge.request_unknown' }]);
  });
});

describe('a decision', () => {
  type Told = EventData<typeof planApproved>;
  const forgeries: readonly [string, (told: Told) => Told][] = [
    ['that nobody made', (told) => ({ ...told, decisionId: newId() })],
    ['on another revision', (told) => ({ ...told, revision: 2 })],
    ['on a revision that no column holds', (told) => ({ ...told, revision: 2 ** 40 })],
    ['on another plan', (told) => ({ ...told, planHash: 'b'.repeat(64) })],
    ['by another person', (told) => ({ ...told, decidedBy: 'mallory@muster' })],
    ['for another reason', (told) => ({ ...told, reason: 'a\0b' })],
  ];

  it.each(forgeries)('%s goes to the dead-letter desk, and no workflow hears of it', async (_name, forge) => {
    const { requestId, genuine } = await undecidedRequest();
    const told = forge(genuine);
    await send([plain(planApproved, requestId, told, told.decisionId)]);
    await settled();
    expect(await deadLetters(requestId)).toMatchObject([{ tenant_id: TENANT, code: 'bridge.decision_unknown' }]);
    expect(await signalsOf(requestId)).toEqual([]);
  });

  it('of the other verdict, on another request, of another tenant or under another id is refused too', async () => {
    const { requestId, genuine } = await undecidedRequest();
    const other = await undecidedRequest();
    const elsewhere = await fixture.seedRequest({ tenant: 'acme' });
    await send([
      plain(planRejected, requestId, genuine, genuine.decisionId),
      plain(planApproved, requestId, genuine, newId()),
      // an event of ours, but another one: it must not count as taken
      plain(planApproved, requestId, genuine, other.genuine.decisionId),
      plain(planApproved, other.requestId, { ...genuine, requestId: other.requestId }, genuine.decisionId),
      plain(planApproved, elsewhere, { ...genuine, requestId: elsewhere }, genuine.decisionId, 'acme'),
    ]);
    await settled();
    const codes = async (id: string) => (await deadLetters(id)).map((letter) => letter.code);
    expect(await codes(requestId)).toEqual(Array(3).fill('bridge.decision_unknown'));
    expect(await codes(other.requestId)).toEqual(['bridge.decision_unknown']);
    expect(await codes(elsewhere)).toEqual(['bridge.decision_unknown']);
    await send([plain(planApproved, other.requestId, other.genuine, other.genuine.decisionId)]);
    await eventually('the true one arrives', async () => (await signalsOf(other.requestId)).length === 1);
    expect(await signalsOf(requestId)).toEqual([]);
  });

  it('that waits for its second person is refused as well, and taken once it has effect', async () => {
    const { requestId, genuine } = await undecidedRequest();
    const { requestId: id, decisionId, revision, planHash } = genuine;
    const told = { requestId: id, decisionId, revision, planHash };
    const setEffect = (effective_at: Date | null) =>
      fixture.database.admin.updateTable('decisions').set({ effective_at }).where('id', '=', decisionId).execute();
    await setEffect(null);
    await send([
      plain(planApproved, requestId, genuine, decisionId),
      plain(planApprovedV2, requestId, told, decisionId),
    ]);
    await settled();
    const codes = (await deadLetters(requestId)).map((letter) => letter.code);
    expect(codes).toEqual(Array(2).fill('bridge.decision_unknown'));
    expect(await signalsOf(requestId)).toEqual([]);
    await setEffect(systemClock.now());
    await send([plain(planApprovedV2, requestId, told, decisionId)]);
    await eventually('the true one arrives', async () => (await signalsOf(requestId)).length === 1);
  });

  it('is told by an event of ours that was made with an id of its own', async () => {
    const { requestId, genuine } = await undecidedRequest();
    await fixture.append(planApproved, requestId, genuine, { causationId: genuine.decisionId });
    await eventually('the signal has arrived', async () => (await signalsOf(requestId)).length === 1);
  });

  /** A request whose workflow runs, and a recorded approval that no event tells of yet. */
  async function undecidedRequest() {
    const requestId = await fixture.seedRequest();
    await fixture.submit(requestId);
    await startedWorkflow(requestId);
    return { requestId, genuine: await fixture.seedApproval(requestId) };
  }
});

describe('a submitted event', () => {
  const isRefused = async (record: LogRecord, requestId: string) => {
    await send([record]);
    await settled();
    expect(await deadLetters(undefined, record.key)).toMatchObject([
      { tenant_id: TENANT, code: 'bridge.request_unknown' },
    ]);
    await expect(handleOf(requestId).describe()).rejects.toThrow('not found');
  };

  it('starts nothing for a request that we do not have', async () => {
    const requestId = newId();
    await isRefused(plain(offboardingSubmitted, requestId, { requestId }), requestId);
    await isRefused(plain(offboardingSubmitted, newId(), { requestId: `urn:uuid:${requestId}` }), requestId);
  });

  it('starts nothing for a request that another event submitted', async () => {
    const requestId = await fixture.seedRequest();
    await isRefused(plain(offboardingSubmitted, requestId, { requestId }), requestId);
  });

  it('starts nothing for a request of another process', async () => {
    const requestId = await fixture.seedRequest();
    const { submitted_event_id: eventId } = await rowOf(requestId);
    await isRefused(plain(reinstatementSubmitted, requestId, { requestId, runId: newId() }, eventId), requestId);
  });
});

describe('a record that cannot be delivered', () => {
  const notUtf8 = Buffer.from([0x80, 0x81, 0x00]) as unknown as string;
  const good = async (): Promise<LogRecord & { requestId: string }> => {
    const requestId = await fixture.seedRequest();
    const { submitted_event_id: eventId } = await rowOf(requestId);
    return { ...plain(offboardingSubmitted, requestId, { requestId }, eventId), requestId };
  };
  const cases: readonly [string, (record: LogRecord) => LogRecord, { tenant: string; code: string }][] = [
    [
      'of an unknown version',
      (r) => withHeader(r, 'ce_type', 'de.stellwerk.request.offboarding.submitted.v9'),
      { tenant: TENANT, code: 'event.unknown_version' },
    ],
    [
      'of an unknown type',
      (r) => withHeader(r, 'ce_type', 'com.example.foreign.v1'),
      { tenant: TENANT, code: 'event.unknown_type' },
    ],
    [
      'with broken JSON',
      (r) => ({ ...r, value: Buffer.from('{"requestId":') }),
      { tenant: TENANT, code: 'event.malformed' },
    ],
    [
      'with data that is not UTF-8',
      (r) => ({ ...r, value: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }),
      { tenant: TENANT, code: 'event.malformed' },
    ],
    [
      'with data that breaks the schema',
      (r) => ({ ...r, value: Buffer.from('{"requestId":"7"}') }),
      { tenant: TENANT, code: 'event.invalid_data' },
    ],
    ['without headers', (r) => ({ ...r, headers: {} }), { tenant: 'msp', code: 'event.malformed' }],
    [
      'with a header that is not UTF-8',
      (r) => withHeader(r, 'ce_correlationid', notUtf8),
      { tenant: TENANT, code: 'event.malformed' },
    ],
    [
      'with a NUL in a header',
      (r) => withHeader(r, 'ce_specversion', '1\u0000'),
      { tenant: TENANT, code: 'event.malformed' },
    ],
    [
      'of an unknown tenant',
      (r) => withHeader(r, 'ce_tenantid', 'nobody'),
      { tenant: 'msp', code: 'bridge.tenant_unknown' },
    ],
    [
      'whose key is another tenant’s',
      (r) => withHeader(r, 'ce_tenantid', 'acme'),
      { tenant: 'acme', code: 'bridge.tenant_mismatch' },
    ],
  ];

  it.each(cases)('%s is kept with its bytes, and the next one of its key goes on', async (_name, spoil, expected) => {
    const record = await good();
    const spoiled = spoil(record);
    await send([spoiled, record]);
    await startedWorkflow(record.requestId);
    await settled();
    const [letter, ...more] = await deadLetters(undefined, record.key);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      tenant_id: expected.tenant,
      code: expected.code,
      topic: 'stellwerk.request.v1',
      value: spoiled.value,
    });
    expect(letter!.key).toEqual(Buffer.from(record.key));
  });

  it('keeps the bytes of headers that JSON cannot hold', async () => {
    const record = await good();
    await send([withHeader(record, 'ce_source', notUtf8)]);
    await settled();
    const [letter] = await deadLetters(undefined, record.key);
    expect(letter!.headers).toMatchObject({ ce_source: '\ufffd\ufffd\ufffd', 'ce_source;base64': 'gIEA' });
  });

  it('commits a place in every partition that is not below what is done', async () => {
    const records = await Promise.all(Array.from({ length: 60 }, good));
    await send(
      records.flatMap((record, index) =>
        index % 3 === 0 ? [withHeader(record, 'ce_type', 'com.example.foreign.v1'), record] : [record],
      ),
    );
    await Promise.all(records.map((record) => startedWorkflow(record.requestId)));
    await settled();
    for (const { next, end } of await fixture.eventLog.places('stellwerk-bridge', topics)) expect(next).toBe(end);
  });
});

async function deadLetters(requestId?: string, key?: string) {
  const rows = await fixture.database.admin.selectFrom('dead_letters').selectAll().execute();
  return rows.filter((row) => {
    if (key !== undefined) return row.key?.toString() === key;
    return requestId === undefined || row.key?.toString().endsWith(requestId) === true;
  });
}

/** An event as another system would write it. */
function plain<Definition extends EventDefinition>(
  { type, topic }: Definition,
  requestId: string,
  data: EventData<Definition>,
  id = newId(),
  tenant = TENANT,
): LogRecord {
  const key = `${tenant}/request/${requestId}`;
  const ce = { ce_specversion: '1.0', ce_id: id, ce_source: '/test', ce_type: type, ce_time: '2026-11-22T09:00:00Z' };
  const headers = { ...ce, ce_partitionkey: key, ce_tenantid: tenant, ce_correlationid: requestId, ce_sequence: '1' };
  return { topic, key, headers, value: Buffer.from(JSON.stringify(data)) };
}

function rowOf(requestId: string) {
  return fixture.database.admin
    .selectFrom('requests')
    .selectAll()
    .where('id', '=', requestId)
    .executeTakeFirstOrThrow();
}

function withHeader(record: LogRecord, name: string, value: string): LogRecord {
  return { ...record, headers: { ...record.headers, [name]: value } };
}

async function recordOf(eventId: string): Promise<LogRecord> {
  return fixture.database.admin
    .selectFrom('outbox')
    .select(['topic', 'key', 'headers', 'value'])
    .where('event_id', '=', eventId)
    .executeTakeFirstOrThrow();
}

async function send(records: readonly LogRecord[]): Promise<void> {
  const producer = fixture.eventLog.createProducer();
  await producer.send(records);
  await producer.stop();
}
