import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { appendAudit } from '#libs/platform/audit';
import type { Row, Transaction } from '#libs/platform/database';
import { seal, unseal, type KeyRing } from '#libs/platform/secrets';
import type { Subscriber } from '../model/index.js';
import { newWebhookSecret } from '../service/webhook-signature.js';
import { TooManyWebhooks } from '../service/webhook-errors.js';

export type SubscriptionRow = Row<'webhook_subscriptions'>;
const MOST_OF_A_TENANT = 100;

/** What a person asks for. */
export interface SubscriptionWish {
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly description: string | null;
}

export async function insertSubscription(
  tx: Transaction,
  tenant: string,
  wish: SubscriptionWish,
  by: string,
): Promise<SubscriptionRow> {
  // one at a time: the limit is of what is there
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`stellwerk.webhooks.${tenant}`}, 0))`.execute(tx);
  const count = sql<number>`count(*)`.as('count');
  const existing = await tx.selectFrom('webhook_subscriptions').select(count).where('tenant_id', '=', tenant).execute();
  if (Number(existing[0]!.count) >= MOST_OF_A_TENANT)
    throw new TooManyWebhooks(`${tenant} has ${MOST_OF_A_TENANT} webhooks already. Remove one.`);
  const { url, eventTypes, description } = wish;
  const row = await tx
    .insertInto('webhook_subscriptions')
    .values({ tenant_id: tenant, id: newId(), url, event_types: [...eventTypes], description, created_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
  await auditOf(tx, row, 'webhook.created', by, { after: summaryOf(row) });
  return row;
}

/** Changes a subscription; switching it on again forgets how long it failed. Undefined when there is none. */
export async function changeSubscription(
  tx: Transaction,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  { url, eventTypes, description, enabled }: SubscriptionWish & { readonly enabled: boolean },
  by: string,
): Promise<SubscriptionRow | undefined> {
  const before = await findSubscription(tx, tenant, id, { lock: true });
  if (!before) return undefined;
  const isOn = before.disabled_because === null;
  const state = enabled ? (isOn ? {} : { failing_since: null }) : {};
  const disabled_because = enabled ? null : (before.disabled_because ?? 'person');
  const after = await tx
    .updateTable('webhook_subscriptions')
    .set({ url, event_types: [...eventTypes], description, disabled_because, ...state, changed_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await auditOf(tx, after, 'webhook.changed', by, { before: summaryOf(before), after: summaryOf(after) });
  return after;
}

/** Removes a subscription with its secrets and deliveries; what is under way ends. Gives whether there was one. */
export async function deleteSubscription(tx: Transaction, tenant: string, id: string, by: string): Promise<boolean> {
  const before = await findSubscription(tx, tenant, id, { lock: true });
  if (!before) return false;
  await tx.deleteFrom('webhook_subscriptions').where('tenant_id', '=', tenant).where('id', '=', id).execute();
  await auditOf(tx, before, 'webhook.deleted', by, { before: summaryOf(before) });
  return true;
}

export function findSubscription(
  tx: Transaction,
  tenant: string,
  id: string,
  { lock = false } = {},
): Promise<SubscriptionRow | undefined> {
  return tx
    .selectFrom('webhook_subscriptions')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
}

/** By tenant and id, the oldest first. */
export function listSubscriptions(
  tx: Transaction,
  tenants: readonly string[],
  after: readonly [tenant: string, id: string],
  limit: number,
): Promise<SubscriptionRow[]> {
  return tx
    .selectFrom('webhook_subscriptions')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where(sql<boolean>`(tenant_id, id) > (${after[0]}, ${after[1]}::uuid)`)
    .orderBy('tenant_id')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Subscriptions of these tenants that are told of something. */
export async function enabledSubscribers(tx: Transaction, tenants: readonly string[]): Promise<Subscriber[]> {
  const rows = await tx
    .selectFrom('webhook_subscriptions')
    .select(['tenant_id', 'id', 'event_types', 'created_at'])
    .where('tenant_id', 'in', tenants)
    .where('disabled_because', 'is', null)
    .execute();
  return rows.map((row) => ({
    ...{ tenant: row.tenant_id, id: row.id, eventTypes: row.event_types },
    createdAt: row.created_at.getTime(),
  }));
}

/** A secret that was drawn and sealed, ready to be kept; it is shown once. */
export interface DrawnSecret {
  readonly id: string;
  readonly secret: string;
  readonly envelope: Awaited<ReturnType<typeof seal>>;
}

/** Draws and seals a secret. Outside of a transaction: a key ring may be another server. */
export async function drawSecret(keys: KeyRing, tenant: string): Promise<DrawnSecret> {
  const id = newId();
  const secret = newWebhookSecret();
  return { id, secret, envelope: await seal(keys, secret, placeOf(tenant, id)) };
}

/** Keeps a drawn secret; those before it sign along for `overlapHours` more at most. */
export async function keepSecret(
  tx: Transaction,
  subscription: Pick<SubscriptionRow, 'tenant_id' | 'id'>,
  drawn: DrawnSecret,
  overlapHours: number,
): Promise<void> {
  const { tenant_id, id: subscription_id } = subscription;
  await tx
    .updateTable('webhook_secrets')
    .set({ expires_at: sql<Date>`least(expires_at, now() + ${overlapHours}::float8 * interval '1 hour')` })
    .where('tenant_id', '=', tenant_id)
    .where('subscription_id', '=', subscription_id)
    .execute();
  await tx
    .insertInto('webhook_secrets')
    .values({ tenant_id, subscription_id, id: drawn.id, ...drawn.envelope })
    .execute();
}

/** What signs now, the newest first: it alone holds without end (ids of one millisecond are in no order). */
export async function sealedSecrets(tx: Transaction, tenant: string, subscriptionId: string) {
  return tx
    .selectFrom('webhook_secrets')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('subscription_id', '=', subscriptionId)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)]))
    .orderBy('expires_at', (order) => order.desc().nullsFirst())
    .orderBy('id', 'desc')
    .execute();
}

export function openSecrets(keys: KeyRing, rows: Awaited<ReturnType<typeof sealedSecrets>>): Promise<string[]> {
  return Promise.all(rows.map((row) => unseal(keys, row, placeOf(row.tenant_id, row.id))));
}

function placeOf(tenant: string, id: string): readonly string[] {
  return ['webhook', tenant, id];
}

export async function auditOf(
  tx: Transaction,
  { tenant_id, id }: Pick<SubscriptionRow, 'tenant_id' | 'id'>,
  action: `webhook.${string}`,
  actor: string,
  more: { readonly before?: ReturnType<typeof summaryOf>; readonly after?: ReturnType<typeof summaryOf> | object } = {},
): Promise<void> {
  const entry = { action, actor, object: { kind: 'webhook', id }, ...(more as object) };
  await appendAudit(tx, tenant_id, entry);
}

/** Addresses may hold a token in path or query: the audit trail keeps the origin. */
function summaryOf({ url, event_types, disabled_because }: SubscriptionRow) {
  return { origin: new URL(url).origin, eventTypes: event_types, disabledBecause: disabled_because };
}
