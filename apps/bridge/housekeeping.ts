import { sql } from 'kysely';
import type { Database } from '#libs/platform/database';
import type { Logger } from '#libs/platform/observability';
import { expireLinks } from './expired-links.js';

const PORTION = 1_000;
// longer than Kafka keeps a record (14 days) and a dead letter is usually replayed
const INBOX_DAYS = 30;

/** Keeps the tables of the event log small, and lets one-time links expire. Each part is safe to repeat and to run in several bridges at once. */
export async function keepHouse(database: Database, today: Date, logger: Logger): Promise<void> {
  await sql`SELECT keep_outbox_partitions(${today.toISOString().slice(0, 10)}::date)`.execute(database);
  const keys = await deleteInPortions(() => expireIdempotencyKeys(database));
  const inbox = await deleteInPortions(() => expireInbox(database));
  const deliveries = await deleteInPortions(() => expireDeliveries(database));
  const links = await expireLinks(database);
  const signIns = await deleteInPortions(() => expireSignIns(database));
  await sql`SELECT forget_limits()`.execute(database);
  await sql`SELECT forget_ceremonies()`.execute(database);
  if (keys + inbox + links + deliveries + signIns > 0)
    logger.info({ idempotencyKeys: keys, inbox, links, deliveries, signIns }, 'deleted what is too old');
}

/** Small portions, so that no lock lasts and no transaction grows. */
async function deleteInPortions(portion: () => Promise<bigint>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const count = Number(await portion());
    deleted += count;
    if (count < PORTION) return deleted;
  }
}

/** Idempotency keys hold for seven days; the policy shows the bridge no younger ones. */
async function expireIdempotencyKeys(database: Database): Promise<bigint> {
  const { numAffectedRows } = await sql`
    DELETE FROM idempotency_keys WHERE (tenant_id, caller, key) IN (
      SELECT tenant_id, caller, key FROM idempotency_keys WHERE created_at < now() - interval '7 days' LIMIT ${PORTION}
    )`.execute(database);
  return numAffectedRows ?? 0n;
}

async function expireInbox(database: Database): Promise<bigint> {
  const { numAffectedRows } = await sql`
    DELETE FROM inbox WHERE (consumer, tenant_id, event_id) IN (
      SELECT consumer, tenant_id, event_id FROM inbox WHERE taken_at < now() - ${INBOX_DAYS} * interval '1 day' LIMIT ${PORTION}
    )`.execute(database);
  return numAffectedRows ?? 0n;
}

/** How deliveries of webhooks went is kept for 30 days; the policy shows the bridge no younger ones. */
async function expireDeliveries(database: Database): Promise<bigint> {
  const { numAffectedRows } = await sql`
    DELETE FROM webhook_deliveries WHERE (tenant_id, id) IN (
      SELECT tenant_id, id FROM webhook_deliveries WHERE ended_at < now() - interval '30 days' LIMIT ${PORTION}
    )`.execute(database);
  return numAffectedRows ?? 0n;
}

/** Sign-ins that nobody finished, and sessions a month after they ended; the policies show the bridge no younger ones. */
async function expireSignIns(database: Database): Promise<bigint> {
  const flows = await sql`
    DELETE FROM sign_in_flows WHERE (tenant_id, token_hash) IN (
      SELECT tenant_id, token_hash FROM sign_in_flows WHERE expires_at < now() LIMIT ${PORTION})`.execute(database);
  const sessions = await sql`
    DELETE FROM sessions WHERE (tenant_id, id) IN (
      SELECT tenant_id, id FROM sessions WHERE expires_at < now() - interval '30 days' LIMIT ${PORTION})`.execute(
    database,
  );
  // both are under a portion, or there is another round
  const most = Math.max(Number(flows.numAffectedRows ?? 0n), Number(sessions.numAffectedRows ?? 0n));
  return BigInt(most);
}
