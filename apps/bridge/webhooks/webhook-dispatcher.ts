import { decodeEvent, publicEventTypes, webhookDeliveryRequested } from '#libs/events';
import type { JsonObject } from '#libs/kernel';
import type { Database } from '#libs/platform/database';
import type { Batch, ReceivedRecord } from '#libs/platform/kafka';
import type { Logger } from '#libs/platform/observability';
import { classifyTemporalError, describeTemporalError } from '#libs/platform/temporal';
import { recordDeliveries, type DeliveryRef, type PublicEvent } from '#libs/webhooks';
import { WEBHOOK, webhookIdOf, type WebhookInput } from '#workflows';
import { OutageLog } from '../dispatch/outage-log.js';
import { Patience } from '../dispatch/patience.js';
import type { WorkflowDelivery } from '../dispatch/workflow-delivery.js';

const SLICE = 200;
const CALLS_AT_ONCE = 16;
const PATIENCE_MS = 5_000;
const BEAT_MS = 1_000;
const PUBLIC: ReadonlySet<string> = new Set(publicEventTypes);

/**
 * Brings public events to the workflows that tell receivers. For each slice of a batch: put on record who is told, start
 * a workflow for each delivery, commit the place. A crash in between repeats both: an event has one delivery for each
 * subscription, and a delivery one workflow (design, rule 2). What cannot be decoded is the other consumer's to bury.
 */
export class WebhookDispatcher {
  private readonly log: OutageLog;

  constructor(
    private readonly database: Database,
    private readonly delivery: WorkflowDelivery,
    private readonly logger: Logger,
  ) {
    this.log = new OutageLog('what webhooks need', logger);
  }

  /** Handles a batch as far as it can; what it leaves uncommitted comes again. */
  async handle(batch: Batch): Promise<void> {
    // a failed beat shows in isOurs(), where the work looks
    const beat = (): void => void batch.heartbeat().catch(() => undefined);
    const timer = setInterval(beat, BEAT_MS);
    try {
      for (let from = 0; from < batch.records.length; from += SLICE) {
        if (!batch.isOurs() || batch.isStopping()) return;
        const slice = batch.records.slice(from, from + SLICE);
        if (!(await this.workPatiently(batch, slice))) return;
        await batch.commit(slice.at(-1)!.offset + 1n);
      }
    } finally {
      clearInterval(timer);
    }
  }

  private async workPatiently(batch: Batch, records: readonly ReceivedRecord[]): Promise<boolean> {
    const patience = new Patience(batch, PATIENCE_MS);
    for (let failures = 0; ; failures++) {
      try {
        await this.work(records);
        this.log.passed();
        return true;
      } catch (error) {
        this.log.failed(describeTemporalError(error), { err: error });
        if (!(await patience.lasts(failures))) return false;
      }
    }
  }

  private async work(records: readonly ReceivedRecord[]): Promise<void> {
    const decoded = records.flatMap((record) => understood(record) ?? []);
    const told = decoded.filter(({ type }) => PUBLIC.has(type));
    const asked = decoded.flatMap((event): DeliveryRef[] =>
      event.type === webhookDeliveryRequested.type
        ? [{ tenant: event.tenant, deliveryId: event.data['deliveryId'] as string }]
        : [],
    );
    const deliveries = [...(await recordDeliveries(this.database, told)), ...asked];
    for (let i = 0; i < deliveries.length; i += CALLS_AT_ONCE)
      await Promise.all(deliveries.slice(i, i + CALLS_AT_ONCE).map((one) => this.start(one)));
  }

  private async start({ tenant, deliveryId }: DeliveryRef): Promise<void> {
    const input: WebhookInput = { tenant, deliveryId };
    try {
      await this.delivery.startWorkflow(tenant, WEBHOOK, webhookIdOf(tenant, deliveryId), input);
    } catch (error) {
      if (classifyTemporalError(error) !== 'permanent') throw error;
      // it stays on record as pending, and can be sent again by a person
      this.logger.error({ err: error, tenant, deliveryId }, 'the engine refuses a delivery');
    }
  }
}

function understood({ headers, value }: ReceivedRecord): PublicEvent | null {
  // cheaper than decoding what nobody is told of
  const type = headers['ce_type'] ?? '';
  if (!PUBLIC.has(type) && type !== webhookDeliveryRequested.type) return null;
  try {
    const event = decodeEvent(headers, value);
    if (!event.partitionkey.startsWith(`${event.tenantid}/`)) return null;
    const time = Date.parse(event.time ?? '');
    return { id: event.id, tenant: event.tenantid, type, time, data: event.data as JsonObject };
  } catch {
    return null;
  }
}
