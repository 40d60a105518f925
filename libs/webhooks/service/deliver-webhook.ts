import { sql } from 'kysely';
import { webhookDisabled } from '#libs/events';
import { AppError, systemClock, type JsonObject } from '#libs/kernel';
import { ENGINE } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent } from '#libs/platform/outbox';
import { guardedFetch, type OutgoingGuards } from '#libs/platform/outgoing';
import type { KeyRing } from '#libs/platform/secrets';
import { RETRY_SECONDS, verdictOn, type TryResult, type Verdict } from '../model/index.js';
import { findDelivery, isConfidential, type DeliveryRow } from '../store/delivery.store.js';
import {
  auditOf,
  findSubscription,
  openSecrets,
  sealedSecrets,
  type SubscriptionRow,
} from '../store/subscription.store.js';
import { PlacesAtReceivers } from './receiver-places.js';
import { webhookHeaders } from './webhook-signature.js';

const WHOLE_MS = 15_000;
const ANSWER_BYTES = 256 * 1024;

/** What the workflow is told: it waits and comes again, or ends. `counts`: the wait belongs to a try that was made. */
export type DeliveryStep =
  { readonly kind: 'ended' } | { readonly kind: 'again'; readonly inSeconds: number; readonly counts: boolean };

export interface DeliveryTask {
  readonly tenant: string;
  readonly deliveryId: string;
  /** Counted from 1; the same when the activity is repeated after a crash. */
  readonly attempt: number;
}

interface Loaded {
  readonly delivery: DeliveryRow;
  readonly subscription: SubscriptionRow;
  readonly sealed: Awaited<ReturnType<typeof sealedSecrets>>;
}

/** One try to tell a subscription of an event. A repeat sends the same message, which its id tells the receiver. */
export class DeliverWebhook {
  private readonly places = new PlacesAtReceivers();

  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly guards: OutgoingGuards,
    private readonly schedule: readonly number[] = RETRY_SECONDS,
  ) {}

  async execute(task: DeliveryTask, signal: AbortSignal): Promise<DeliveryStep> {
    const loaded = await inTenants(this.database, [task.tenant], (tx) => this.load(tx, task));
    if (loaded === null) return { kind: 'ended' };
    const turn = this.places.take({ tenant: task.tenant, host: hostOf(loaded.subscription.url) });
    // a receiver that is slow keeps its own messages waiting, not the worker
    if ('inSeconds' in turn) return { kind: 'again', inSeconds: turn.inSeconds, counts: false };
    try {
      return await this.tryOnce(task, loaded, signal);
    } finally {
      turn.free();
    }
  }

  /** Null when nothing is to be sent (any more); a delivery that may not be sent ends here. */
  private async load(tx: Transaction, { tenant, deliveryId }: DeliveryTask): Promise<Loaded | null> {
    const delivery = await findDelivery(tx, tenant, deliveryId);
    if (!delivery || delivery.status !== 'pending') return null;
    const subscription = (await findSubscription(tx, tenant, delivery.subscription_id))!;
    // a test is asked for by a person, who may want to see whether to switch it on again
    const isOff = subscription.disabled_because !== null && delivery.reason !== 'test';
    const isHidden = await isConfidential(tx, tenant, delivery.data as JsonObject);
    if (isOff || isHidden) {
      await endDelivery(tx, delivery, 'failed', isOff ? 'webhook.disabled' : 'webhook.confidential');
      return null;
    }
    return { delivery, subscription, sealed: await sealedSecrets(tx, tenant, subscription.id) };
  }

  private async tryOnce(task: DeliveryTask, loaded: Loaded, signal: AbortSignal): Promise<DeliveryStep> {
    const begun = performance.now();
    const result = await this.send(task.tenant, loaded, signal);
    const durationMs = Math.round(performance.now() - begun);
    return inTenants(this.database, [task.tenant], (tx) => this.record(tx, task, loaded, result, durationMs));
  }

  /** Whatever the receiver does is a result; only our own shutdown is thrown. */
  private async send(
    tenant: string,
    { delivery, subscription, sealed }: Loaded,
    signal: AbortSignal,
  ): Promise<TryResult> {
    const secrets = await openSecrets(this.keys, sealed);
    const body = bodyOf(delivery);
    const timestamp = Math.floor(systemClock.now().getTime() / 1000);
    const headers = webhookHeaders({ id: delivery.message_id, timestamp, body }, secrets);
    const limits = { wholeMs: WHOLE_MS, responseBytes: ANSWER_BYTES, encryptedInPublic: true };
    try {
      const response = await guardedFetch(this.guards.of(tenant), limits)(subscription.url, {
        ...{ method: 'POST', headers: { ...headers, 'user-agent': 'Stellwerk-Webhooks' }, body, signal },
      });
      const after = response.headers.get('retry-after');
      const retryAfterSeconds = after !== null && /^\d{1,9}$/.test(after) ? Number(after) : null;
      return { status: response.status, code: null, retryAfterSeconds };
    } catch (error) {
      signal.throwIfAborted();
      return { status: null, code: codeOf(error), retryAfterSeconds: null };
    }
  }

  private async record(
    tx: Transaction,
    { attempt }: DeliveryTask,
    { delivery }: Loaded,
    result: TryResult,
    durationMs: number,
  ): Promise<DeliveryStep> {
    const { tenant_id, id, subscription_id } = delivery;
    const subscription = await findSubscription(tx, tenant_id, subscription_id, { lock: true });
    // removed while it was sent, and its deliveries with it
    if (!subscription) return { kind: 'ended' };
    const now = await presentTime(tx);
    const isWell = result.status !== null && result.status >= 200 && result.status < 300;
    const failingSince = isWell ? null : (subscription.failing_since ?? now);
    const verdict = verdictOn({
      ...{ attempt, result, failingSince: failingSince?.getTime() ?? null, now: now.getTime() },
      ...{ random: Math.random(), schedule: this.schedule },
    });
    const tried = { status: result.status, code: result.code, duration_ms: durationMs };
    await tx
      .insertInto('webhook_attempts')
      .values({ tenant_id, delivery_id: id, attempt, ...tried })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'delivery_id', 'attempt']).doUpdateSet(tried))
      .execute();
    await noteHealth(tx, subscription, failingSince);
    await settle(tx, delivery, attempt, result, verdict);
    if (verdict.kind === 'failed' && verdict.disable) await disable(tx, subscription, verdict.disable);
    return verdict.kind === 'retry' ? { kind: 'again', inSeconds: verdict.inSeconds, counts: true } : { kind: 'ended' };
  }
}

/** Whoever is called, on whichever port and path. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/\.$/, '');
}

/** What is sent: the event's type, when it happened and its data, which hold ids only. */
function bodyOf({ event_type: type, occurred_at: at, tenant_id: tenant, data }: DeliveryRow): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), tenant, data });
}

function codeOf(error: unknown): string {
  if (error instanceof AppError) return error.code;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'webhook.unreachable';
}

async function presentTime(tx: Transaction): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`SELECT now() AS now`.execute(tx);
  return rows[0]!.now;
}

async function noteHealth(tx: Transaction, row: SubscriptionRow, failingSince: Date | null): Promise<void> {
  if ((row.failing_since === null) === (failingSince === null)) return;
  await tx
    .updateTable('webhook_subscriptions')
    .set({ failing_since: failingSince })
    .where('tenant_id', '=', row.tenant_id)
    .where('id', '=', row.id)
    .execute();
}

async function settle(
  tx: Transaction,
  delivery: DeliveryRow,
  attempts: number,
  { status, code }: TryResult,
  verdict: Verdict,
): Promise<void> {
  const why = verdict.kind === 'delivered' ? null : (code ?? `webhook.answered_${status}`);
  if (verdict.kind !== 'retry') return endDelivery(tx, delivery, verdict.kind, why, attempts);
  const next_try_at = sql<Date>`now() + ${verdict.inSeconds}::float8 * interval '1 second'`;
  await change(tx, delivery).set({ attempts, code: why, next_try_at }).execute();
}

async function endDelivery(
  tx: Transaction,
  delivery: DeliveryRow,
  status: 'delivered' | 'failed',
  code: string | null,
  attempts = delivery.attempts,
): Promise<void> {
  const ended = { ended_at: sql<Date>`now()`, next_try_at: null };
  await change(tx, delivery)
    .set({ status, code, attempts, ...ended })
    .execute();
}

function change(tx: Transaction, { tenant_id, id }: DeliveryRow) {
  return tx.updateTable('webhook_deliveries').where('tenant_id', '=', tenant_id).where('id', '=', id);
}

/** Tells nobody there any more, and that on the audit trail and as an event. */
async function disable(tx: Transaction, row: SubscriptionRow, because: 'gone' | 'failing'): Promise<void> {
  if (row.disabled_because !== null) return;
  const { tenant_id: tenant, id } = row;
  await tx
    .updateTable('webhook_subscriptions')
    .set({ disabled_because: because, changed_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
  await auditOf(tx, row, 'webhook.disabled', ENGINE, { after: { disabledBecause: because } });
  const origin = { tenant, aggregate: `webhook/${id}`, correlationId: id, causationId: null };
  await appendEvent(tx, webhookDisabled, origin, { subscriptionId: id, because });
}
