import { AppError } from '#libs/kernel';
import type { Batch, ReceivedRecord } from '#libs/platform/kafka';
import type { Logger } from '#libs/platform/observability';
import { classifyTemporalError, describeTemporalError } from '#libs/platform/temporal';
import type { Order } from './admission.js';
import { DispatchFailed, EngineFailed, EngineRefused, WorkflowMissing } from './bridge-errors.js';
import type { Burial, DeadLetterStore } from './dead-letter.store.js';
import type { DispatchStore } from './dispatch.store.js';
import { Gate } from './gate.js';
import { inKeyOrder } from './key-order.js';
import { OutageLog } from './outage-log.js';
import { Patience } from './patience.js';
import { recognise, type Telling } from './recognition.js';
import { eventRef, SliceReader, type SliceContext } from './slice-context.js';
import type { Suspects } from './suspects.js';
import type { WorkflowDelivery } from './workflow-delivery.js';

const SLICE = 200;
const CALLS_AT_ONCE = 64;
const PATIENCE_MS = 5_000;
const BEAT_MS = 1_000;

/** How a record ended. `open`: not yet; it comes again. */
type Outcome =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'open' }
  | { readonly kind: 'taken'; readonly order: Order }
  | { readonly kind: 'after_end'; readonly order: Order }
  | { readonly kind: 'buried'; readonly error: AppError };

/**
 * Brings the events of a partition to Temporal, side by side but in order per key. For each slice of a batch: read the
 * inbox, call Temporal, write the inbox rows, commit the place below which all are done (design, rule 2). A crash
 * anywhere in between repeats calls, which Temporal and the workflows recognise.
 */
export class Dispatcher {
  private readonly gate = new Gate(CALLS_AT_ONCE);
  private readonly reader: SliceReader;
  private readonly engineLog: OutageLog;
  private readonly databaseLog: OutageLog;

  constructor(
    private readonly store: DispatchStore,
    private readonly deadLetters: DeadLetterStore,
    private readonly delivery: WorkflowDelivery,
    private readonly suspects: Suspects,
    private readonly logger: Logger,
  ) {
    this.reader = new SliceReader(store);
    this.engineLog = new OutageLog('Temporal', logger);
    this.databaseLog = new OutageLog('PostgreSQL', logger);
  }

  /** Handles a batch as far as it can; what it leaves uncommitted comes again. */
  async handle(batch: Batch): Promise<void> {
    for (let from = 0; from < batch.records.length; from += SLICE) {
      if (!batch.isOurs() || batch.isStopping()) return;
      const slice = batch.records.slice(from, from + SLICE);
      const done = await withHeartbeat(batch, () => this.work(batch, slice));
      if (done > 0) await batch.commit(slice[done - 1]!.offset + 1n);
      if (done < slice.length) return;
    }
  }

  /** Gives how many records from the first on are done. */
  private async work(batch: Batch, records: readonly ReceivedRecord[]): Promise<number> {
    const patience = new Patience(batch, PATIENCE_MS);
    const context = await this.persist(patience, () => this.reader.read(batch, patience, records));
    if (!context) return 0;
    const outcomes = await inKeyOrder(
      records,
      (index) => this.settle(context, index),
      (outcome) => outcome.kind === 'open',
    );
    const recorded = await this.persist(patience, () => this.record(context, records, outcomes).then(() => true));
    if (!recorded) return 0;
    const open = outcomes.findIndex((outcome) => outcome.kind === 'open');
    return open === -1 ? records.length : open;
  }

  private async settle(context: SliceContext, index: number): Promise<Outcome> {
    const admission = context.admissions[index]!;
    if (admission.kind === 'nothing') return admission;
    if (admission.kind === 'refused') return { kind: 'buried', error: admission.error };
    const { order } = admission;
    if (context.taken.has(eventRef(order))) return { kind: 'nothing' };
    const telling = recognised(order, context);
    if (telling instanceof AppError) return { kind: 'buried', error: telling };
    const outcome = await this.deliverPatiently(context, order, telling);
    if (outcome.kind === 'taken') context.taken.add(eventRef(order));
    return outcome;
  }

  private async deliverPatiently({ batch, patience }: SliceContext, order: Order, telling: Telling): Promise<Outcome> {
    for (let failures = 0; batch.isOurs(); failures++) {
      try {
        const outcome = await this.gate.pass(() => this.deliver(order, telling));
        this.suspects.succeeded(order.record);
        this.engineLog.passed();
        patience.refresh();
        return outcome;
      } catch (error) {
        const why = describeTemporalError(error);
        if (classifyTemporalError(error) === 'permanent')
          return { kind: 'buried', error: new EngineRefused(why, { cause: error }) };
        if (this.suspects.failed(order.record, error))
          return { kind: 'buried', error: new EngineFailed(why, { cause: error }) };
        this.engineLog.failed(why, { tenant: order.tenant, eventId: order.eventId });
        if (!(await patience.lasts(failures))) break;
      }
    }
    return { kind: 'open' };
  }

  private async deliver(order: Order, telling: Telling): Promise<Outcome> {
    if (telling.does === 'start') await this.delivery.start(order, telling);
    else if ((await this.delivery.signal(order, telling)) === 'ended') return { kind: 'after_end', order };
    return { kind: 'taken', order };
  }

  /** Everything that must be in the database before the place moves on. Safe to repeat as a whole. */
  private async record(
    context: SliceContext,
    records: readonly ReceivedRecord[],
    outcomes: readonly Outcome[],
  ): Promise<void> {
    await this.store.recordTaken(outcomes.flatMap((outcome) => (outcome.kind === 'taken' ? [outcome.order] : [])));
    const burials: Burial[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      const error =
        outcome.kind === 'buried'
          ? outcome.error
          : outcome.kind === 'after_end'
            ? await this.noteAfterEnd(outcome.order)
            : null;
      if (error) burials.push({ record: records[index]!, tenant: tenantOf(records[index]!, context), error });
    }
    await this.deadLetters.bury(burials);
    for (const { record, tenant, error } of burials) {
      const { topic, partition, offset } = record;
      this.logger.warn(
        { tenant, topic, partition, offset: Number(offset), code: error.code, reason: error.message },
        'an event went to the dead-letter desk',
      );
    }
  }

  private async noteAfterEnd(order: Order): Promise<AppError | null> {
    const signal = (order.act.does === 'start' ? '' : order.act.signal) ?? '';
    if (await this.store.recordAfterEnd(order, signal)) return null;
    return new WorkflowMissing(
      `The workflow of request ${order.requestId} has ended or never began, and the request has no run.`,
    );
  }

  /** Tries until PostgreSQL answers; null when patience ends first. */
  private async persist<T>(patience: Patience, work: () => Promise<T>): Promise<T | null> {
    for (let failures = 0; ; failures++) {
      try {
        const result = await work();
        this.databaseLog.passed();
        return result;
      } catch (error) {
        this.databaseLog.failed(String(error), { err: error });
        if (!(await patience.lasts(failures))) return null;
      }
    }
  }
}

/** A fault of ours on one event is its dead letter: thrown, it would come again and hold up its partition for ever. */
function recognised(order: Order, { facts }: SliceContext): Telling | AppError {
  try {
    return recognise(order, facts);
  } catch (error) {
    return error instanceof AppError ? error : new DispatchFailed(String(error), { cause: error });
  }
}

/** Dead letters belong to the tenant that the header names; where there is no such tenant, to the MSP. */
function tenantOf(record: ReceivedRecord, { tenants, msp }: SliceContext): string {
  const named = record.headers['ce_tenantid'];
  return named !== undefined && tenants.has(named) ? named : msp;
}

async function withHeartbeat<T>(batch: Batch, work: () => Promise<T>): Promise<T> {
  // a failed beat shows in isOurs(), where the work looks
  const beat = (): void => void batch.heartbeat().catch(() => undefined);
  beat();
  const timer = setInterval(beat, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
