import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { offboardingSubmitted } from '#libs/events';
import { newId } from '#libs/kernel';
import type { Batch, ReceivedRecord } from '#libs/platform/kafka';
import type { Order } from './admission.js';
import type { Burial, DeadLetterStore } from './dead-letter.store.js';
import type { DispatchStore } from './dispatch.store.js';
import { Dispatcher } from './dispatcher.js';
import type { Telling } from './recognition.js';
import { Suspects } from './suspects.js';
import type { WorkflowDelivery } from './workflow-delivery.js';

const UNAVAILABLE = Object.assign(new Error('down'), { code: 14, details: 'down', metadata: {} });
const TOO_LARGE = Object.assign(new Error('blob'), { code: 3, details: 'Blob data size exceeds limit.', metadata: {} });

function record(offset: number, key: string, fields: Partial<ReceivedRecord> = {}): ReceivedRecord {
  const requestId = newId();
  const headers = {
    ce_specversion: '1.0',
    ce_id: newId(),
    ce_source: '/test',
    ce_type: offboardingSubmitted.type,
    ce_time: '2026-11-22T09:00:00Z',
    ce_partitionkey: `muster/${key}`,
    ce_tenantid: 'muster',
    ce_correlationid: requestId,
    ce_sequence: '1',
  };
  const value = Buffer.from(JSON.stringify({ requestId }));
  return {
    topic: 't',
    partition: 0,
    offset: BigInt(offset),
    key: Buffer.from(key),
    value,
    headers,
    undecodable: {},
    ...fields,
  };
}

/** A request that our own code stumbles over. */
const STUMBLING = {
  get process(): never {
    throw new TypeError('a defect of ours');
  },
};

/**
 * A dispatcher whose servers are ours. `fault` says how Temporal answers for a record, `stumbles` at which record our own
 * code fails; it waits for nothing.
 */
function dispatcher(
  records: readonly ReceivedRecord[],
  fault: (offset: bigint) => Error | null,
  taken: readonly string[] = [],
  stumbles: bigint | null = null,
) {
  const seen = { started: [] as bigint[], inbox: [] as bigint[], buried: [] as Burial[], commits: [] as bigint[] };
  let failed = false;
  const store = {
    tenants: () => Promise.resolve({ ids: new Set(['muster']), msp: 'msp' }),
    taken: () => Promise.resolve(new Set(taken)),
    facts: (orders: readonly Order[]) =>
      Promise.resolve({
        requests: new Map(
          orders.map(({ requestId, eventId, record: { offset } }) => [
            `muster/${requestId}`,
            offset === stumbles ? STUMBLING : { process: 'offboarding', submittedEventId: eventId, workflowId: null },
          ]),
        ),
      }),
    recordTaken: (orders: readonly Order[]) =>
      Promise.resolve(void seen.inbox.push(...orders.map((order) => order.record.offset))),
  } as unknown as DispatchStore;
  const deadLetters = {
    bury: (burials: readonly Burial[]) => Promise.resolve(void seen.buried.push(...burials)),
  } as unknown as DeadLetterStore;
  const delivery = {
    start: (_order: Order, { input }: Extract<Telling, { does: 'start' }>) => {
      const { eventId } = input as { eventId: string };
      const { offset } = records.find((record) => record.headers['ce_id'] === eventId)!;
      const error = fault(offset);
      failed ||= error === UNAVAILABLE;
      if (error) return Promise.reject(error);
      return Promise.resolve(void seen.started.push(offset));
    },
  } as unknown as WorkflowDelivery;
  const batch: Batch = {
    topic: 't',
    partition: 0,
    records,
    heartbeat: () => Promise.resolve(),
    isOurs: () => true,
    isStopping: () => failed,
    commit: (offset) => Promise.resolve(void seen.commits.push(offset)),
  };
  return {
    seen,
    handle: () => new Dispatcher(store, deadLetters, delivery, new Suspects(), pino({ level: 'silent' })).handle(batch),
  };
}

describe('Dispatcher', () => {
  it('commits the place below which all are done, and nothing above it', async () => {
    const records = [record(10, 'a'), record(11, 'b'), record(12, 'c'), record(13, 'b'), record(14, 'd')];
    const { seen, handle } = dispatcher(records, (offset) => (offset === 11n ? UNAVAILABLE : null));
    await handle();
    expect(seen.commits).toEqual([11n]);
    // what is done above the place has its inbox row; what follows the open one in its key has not begun
    expect(seen.inbox).toEqual([10n, 12n, 14n]);
    expect(seen.started).not.toContain(13n);
  });

  it('commits nothing when the first one waits', async () => {
    const { seen, handle } = dispatcher([record(1, 'a'), record(2, 'b')], (offset) =>
      offset === 1n ? UNAVAILABLE : null,
    );
    await handle();
    expect(seen.commits).toEqual([]);
  });

  it('buries what Temporal refuses and goes on, also in its key', async () => {
    const { seen, handle } = dispatcher([record(1, 'a'), record(2, 'a')], (offset) =>
      offset === 1n ? TOO_LARGE : null,
    );
    await handle();
    expect(seen.buried).toMatchObject([
      {
        tenant: 'muster',
        error: { code: 'bridge.engine_refused', message: 'INVALID_ARGUMENT: Blob data size exceeds limit.' },
      },
    ]);
    expect(seen.started).toEqual([2n]);
    expect(seen.commits).toEqual([3n]);
  });

  it('buries what our own code stumbles over and goes on, because it would come again for ever', async () => {
    const records = [record(1, 'a'), record(2, 'b'), record(3, 'a')];
    const { seen, handle } = dispatcher(records, () => null, [], 1n);
    await handle();
    expect(seen.buried).toMatchObject([{ tenant: 'muster', error: { code: 'bridge.dispatch_failed' } }]);
    expect(seen.started).toEqual([2n, 3n]);
    expect(seen.commits).toEqual([4n]);
  });

  it('does not call Temporal again for what the inbox holds, nor twice for one event', async () => {
    const known = record(1, 'a');
    const twice = record(2, 'b');
    const { seen, handle } = dispatcher([known, twice, { ...twice, offset: 3n }], () => null, [
      `muster/${known.headers['ce_id']}`,
    ]);
    await handle();
    expect(seen.started).toEqual([2n]);
    expect(seen.commits).toEqual([4n]);
  });

  it('commits slice by slice, so that little comes again after a crash', async () => {
    const records = Array.from({ length: 450 }, (_, index) => record(index, `k${index}`));
    const { seen, handle } = dispatcher(records, () => null);
    await handle();
    expect(seen.commits).toEqual([200n, 400n, 450n]);
  });
});
