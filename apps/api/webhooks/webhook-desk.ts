import { sql } from 'kysely';
import { isId, newId, type Json, type JsonObject } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { keepAnswer, openCall, type CallKey } from '#libs/platform/idempotency';
import type { OutboxHint } from '#libs/platform/outbox';
import type { KeyRing } from '#libs/platform/secrets';
import {
  changeSubscription,
  deleteSubscription,
  drawSecret,
  findDelivery,
  findSubscription,
  insertSubscription,
  keepSecret,
  listAttempts,
  listDeliveries,
  listSubscriptions,
  requestDelivery,
  WebhookDeliveryNotFound,
  WebhookDeliveryPending,
  WebhookNotFound,
  type DeliveryRow,
  type NewDelivery,
} from '#libs/webhooks';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { invalidCursor, readCursor, readPlace, toPage, writeCursor } from '../http/cursor.js';
import type { CursorQuery, ListQuery } from '../http/page.query.js';
import type { CreateWebhookDto, PutWebhookDto } from './webhook.dto.js';
import {
  deliveryView,
  webhookView,
  type CreatedWebhookView,
  type WebhookDeliveryPageView,
  type WebhookDeliveryView,
  type WebhookPageView,
  type WebhookSecretView,
  type WebhookView,
} from './webhook.view.js';

const LIST = 'webhooks';
const DELIVERIES = 'webhook-deliveries';
const NO_ID = '00000000-0000-0000-0000-000000000000';
const OVERLAP_HOURS = 24;
/** What a test message tells: nothing that happened. */
const TEST_TYPE = 'de.stellwerk.webhook.test.v1';

/** Customers' webhooks: who is told of which events, and how that went. */
export class WebhookDesk {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly hint: OutboxHint,
  ) {}

  /** The secret is in the first answer alone. Throws `TooManyWebhooks`, `IdempotencyInProgress` or `IdempotencyKeyReused`. */
  async create(call: CallKey, { actor, tenant }: Writer, body: CreateWebhookDto): Promise<CreatedWebhookView> {
    const drawn = await drawSecret(this.keys, tenant);
    const { url, eventTypes, description = null } = body;
    return this.once<CreatedWebhookView>(call, 201, async (tx) => {
      const row = await insertSubscription(tx, tenant, { url, eventTypes, description }, actor.subject);
      await keepSecret(tx, row, drawn, 0);
      const shown = { ...webhookView(row), secret: drawn.secret };
      // what is kept for repeats must not hold it
      return { shown, kept: { ...shown, secret: null } };
    });
  }

  /** Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<WebhookPageView> {
    const tenants = listedTenants(actor, tenant);
    const after = placeIn(cursor);
    const rows = await inTenants(this.database, tenants, (tx) => listSubscriptions(tx, tenants, after, limit + 1));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = rows.length > limit && last ? writeCursor([LIST, last.tenant_id, last.id]) : null;
    return { items: page.map(webhookView), nextCursor };
  }

  /** Throws `WebhookNotFound`. */
  one(actor: Actor, id: string): Promise<WebhookView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const tenant = await whoseWebhook(tx, actor.sees, id);
      return webhookView((await findSubscription(tx, tenant, id))!);
    });
  }

  /** Throws `WebhookNotFound`. */
  put({ actor, tenant }: Writer, id: string, body: PutWebhookDto): Promise<WebhookView> {
    const { url, eventTypes, enabled, description = null } = body;
    return inTenants(this.database, [tenant], async (tx) => {
      const wish = { url, eventTypes, description, enabled };
      const row = await changeSubscription(tx, { tenant, id }, wish, actor.subject);
      if (!row) throw notFound(id);
      return webhookView(row);
    });
  }

  /** Throws `WebhookNotFound`. */
  async remove({ actor, tenant }: Writer, id: string): Promise<void> {
    const existed = await inTenants(this.database, [tenant], (tx) => deleteSubscription(tx, tenant, id, actor.subject));
    if (!existed) throw notFound(id);
  }

  /** Draws another secret; the one before signs along for a while. Throws `WebhookNotFound`. */
  async rotate({ actor, tenant }: Writer, id: string, overlapHours = OVERLAP_HOURS): Promise<WebhookSecretView> {
    const drawn = await drawSecret(this.keys, tenant);
    await inTenants(this.database, [tenant], async (tx) => {
      const row = await findSubscription(tx, tenant, id, { lock: true });
      if (!row) throw notFound(id);
      await keepSecret(tx, row, drawn, overlapHours);
      const object = { kind: 'webhook', id };
      const entry = { action: 'webhook_secret.rotated', actor: actor.subject, object, after: { overlapHours } };
      await appendAudit(tx, tenant, entry);
    });
    return { secret: drawn.secret };
  }

  /** Sends a message that tells nothing. Throws `WebhookNotFound` and what an idempotent call throws. */
  test(call: CallKey, { actor, tenant }: Writer, id: string): Promise<WebhookDeliveryView> {
    return this.send(call, actor.subject, 'test', async (tx) => {
      if (!(await findSubscription(tx, tenant, id))) throw notFound(id);
      const { rows } = await sql<{ now: Date }>`SELECT now() AS now`.execute(tx);
      const event = { eventId: newId(), eventType: TEST_TYPE, occurredAt: rows[0]!.now, data: { webhookId: id } };
      return { delivery: { tenant, subscriptionId: id, ...event }, messageId: null };
    });
  }

  /**
   * Sends a message again, under the same id, by which the receiver knows it. Throws `WebhookDeliveryNotFound`,
   * `WebhookDeliveryPending` and what an idempotent call throws.
   */
  redeliver(call: CallKey, { actor, tenant }: Writer, id: string): Promise<WebhookDeliveryView> {
    return this.send(call, actor.subject, 'redelivery', async (tx) => {
      const row = await findDelivery(tx, tenant, id);
      if (!row) throw deliveryNotFound(id);
      if (row.status === 'pending') throw new WebhookDeliveryPending('Wait until its tries have ended.');
      return { delivery: again(row), messageId: row.message_id };
    });
  }

  /** The newest first. Throws `WebhookNotFound` or `InvalidCursor`. */
  deliveries(actor: Actor, id: string, { cursor, limit }: CursorQuery): Promise<WebhookDeliveryPageView> {
    const place = readPlace(DELIVERIES, cursor);
    return inTenants(this.database, actor.sees, async (tx) => {
      const tenant = await whoseWebhook(tx, actor.sees, id);
      const rows = await listDeliveries(tx, tenant, id, place, limit + 1);
      const attempts = await listAttempts(
        tx,
        tenant,
        rows.map((row) => row.id),
      );
      const page = toPage(
        DELIVERIES,
        rows,
        limit,
        (row) => ({ at: row.place_at, id: row.id }),
        (row) => deliveryView(row, attempts),
      );
      return { items: [...page.items], nextCursor: page.nextCursor };
    });
  }

  private async send(
    call: CallKey,
    by: string,
    reason: 'test' | 'redelivery',
    find: (tx: Transaction) => Promise<{ readonly delivery: NewDelivery; readonly messageId: string | null }>,
  ): Promise<WebhookDeliveryView> {
    const sent = await this.once<WebhookDeliveryView>(call, 202, async (tx) => {
      const { delivery, messageId } = await find(tx);
      const row = await requestDelivery(tx, delivery, { reason, messageId, by });
      const action = reason === 'test' ? 'webhook.tested' : 'webhook_delivery.repeated';
      const object = { kind: 'webhook', id: delivery.subscriptionId };
      await appendAudit(tx, delivery.tenant, { action, actor: by, object, after: { deliveryId: row.id } });
      const shown = deliveryView(row, []);
      return { shown, kept: shown };
    });
    this.hint.give();
    return sent;
  }

  /** Does something once for each idempotency key; a repeat gets what was kept. */
  private once<Answer>(
    call: CallKey,
    status: number,
    work: (tx: Transaction) => Promise<{ readonly shown: Answer; readonly kept: Answer }>,
  ): Promise<Answer> {
    return this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      if (opened.firstAnswer) return opened.firstAnswer as unknown as Answer;
      const { shown, kept } = await work(tx);
      await keepAnswer(tx, call, status, kept as Json).execute(tx);
      return shown;
    });
  }
}

/** Whose a webhook is. Throws `WebhookNotFound`. */
export const tenantOfWebhook: FindTenant = (tx, tenants, id) => whoseWebhook(tx, tenants, id);

async function whoseWebhook(tx: Transaction, tenants: readonly string[], id: string): Promise<string> {
  const [tenant] = await tenantsHolding(tx, 'webhook_subscriptions', tenants, id);
  if (tenant === undefined) throw notFound(id);
  return tenant;
}

/** Whose a delivery is. Throws `WebhookDeliveryNotFound`. */
export const tenantOfDelivery: FindTenant = async (tx, tenants, id) => {
  const [tenant] = await tenantsHolding(tx, 'webhook_deliveries', tenants, id);
  if (tenant === undefined) throw deliveryNotFound(id);
  return tenant;
};

async function tenantsHolding(
  tx: Transaction,
  table: 'webhook_subscriptions' | 'webhook_deliveries',
  tenants: readonly string[],
  id: string,
): Promise<string[]> {
  const rows = await tx
    .selectFrom(table)
    .select('tenant_id')
    .where('tenant_id', 'in', tenants)
    .where('id', '=', id)
    .execute();
  return rows.map((row) => row.tenant_id);
}

function again(row: DeliveryRow): NewDelivery {
  return {
    ...{ tenant: row.tenant_id, subscriptionId: row.subscription_id, eventId: row.event_id },
    ...{ eventType: row.event_type, occurredAt: row.occurred_at, data: row.data as JsonObject },
  };
}

function placeIn(cursor: string | undefined): readonly [tenant: string, id: string] {
  if (cursor === undefined) return ['', NO_ID];
  const [name, tenant, id, ...rest] = readCursor(cursor);
  const isOurs = name === LIST && typeof tenant === 'string' && typeof id === 'string' && isId(id);
  if (!isOurs || rest.length > 0) throw invalidCursor();
  return [tenant, id];
}

function notFound(id: string): WebhookNotFound {
  return new WebhookNotFound(`There is no webhook ${id}, or you may not see it.`);
}

function deliveryNotFound(id: string): WebhookDeliveryNotFound {
  return new WebhookDeliveryNotFound(`There is no delivery ${id}, or you may not see it.`);
}
