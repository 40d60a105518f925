import { sql } from 'kysely';
import { inTenants, type Database, type Row, type Transaction } from '#libs/platform/database';
import { appendTimeline } from '#libs/process';
import type { ProcessName, ServedWorkflow } from '#workflows';
import type { Order } from './admission.js';
import type { KnownFacts, KnownRequest } from './recognition.js';

const CONSUMER = 'bridge';

export interface KnownTenants {
  readonly ids: ReadonlySet<string>;
  /** The MSP itself: what belongs to no known tenant is its own. */
  readonly msp: string;
}

/** What the dispatcher reads and writes in PostgreSQL, apart from dead letters. */
export class DispatchStore {
  constructor(private readonly database: Database) {}

  async tenants(): Promise<KnownTenants> {
    const rows = await this.database.selectFrom('tenants').select(['id', 'kind']).orderBy('created_at').execute();
    return { ids: new Set(rows.map((row) => row.id)), msp: rows.find((row) => row.kind === 'msp')?.id ?? 'msp' };
  }

  /** Ids of those events, as `<tenant>/<event>`, that were delivered before. */
  async taken(orders: readonly Order[]): Promise<Set<string>> {
    if (orders.length === 0) return new Set();
    const { rows } = await sql<{ tenant_id: string; event_id: string }>`
      SELECT tenant_id, event_id FROM inbox
      WHERE consumer = ${CONSUMER} AND (tenant_id, event_id) IN (SELECT * FROM unnest(${orders.map((order) => order.tenant)}::text[], ${orders.map((order) => order.eventId)}::uuid[]))`.execute(
      this.database,
    );
    return new Set(rows.map((row) => `${row.tenant_id}/${row.event_id}`));
  }

  /** What we hold of the requests and decisions that these orders tell of. */
  async facts(orders: readonly Order[]): Promise<KnownFacts> {
    if (orders.length === 0) return NO_FACTS;
    const deciding = orders.filter((order) => order.act.does === 'decide');
    const acting = orders.filter((order) => order.act.does === 'act');
    return inTenants(this.database, namesIn(orders).tenants, async (tx) => ({
      requests: await readRequests(tx, orders.filter(isOfRequest)),
      decisions: await readDecisions(tx, deciding),
      acts: await readActs(tx, acting),
      oldDecisionEvents: await readOldDecisionEvents(tx, deciding),
      servedEvents: await readServedEvents(tx, orders),
    }));
  }

  /** Writes the inbox rows of delivered events. Safe to repeat. */
  async recordTaken(orders: readonly Order[]): Promise<void> {
    if (orders.length === 0) return;
    await sql`
      INSERT INTO inbox (consumer, tenant_id, event_id)
      SELECT ${CONSUMER}, * FROM unnest(${orders.map((order) => order.tenant)}::text[], ${orders.map((order) => order.eventId)}::uuid[])
      ON CONFLICT DO NOTHING`.execute(this.database);
  }

  /**
   * Notes a signal to an ended workflow on its run's timeline, once: note and inbox row commit together. False when the
   * request has no run.
   */
  async recordAfterEnd(order: Order, signal: string): Promise<boolean> {
    const { tenant, eventId, requestId, record } = order;
    if (order.act.does === 'serve') {
      // what it serves is over, and says so itself
      await this.recordTaken([order]);
      return true;
    }
    return inTenants(this.database, [tenant], async (tx) => {
      const request = await tx
        .selectFrom('requests')
        .select('run_id')
        .where('tenant_id', '=', tenant)
        .where('id', '=', requestId)
        .executeTakeFirst();
      if (!request?.run_id) return false;
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('inbox')
        .values({ consumer: CONSUMER, tenant_id: tenant, event_id: eventId })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 0n) return true;
      const data = { signal, eventId, type: record.headers['ce_type'] };
      await appendTimeline(tx, tenant, request.run_id, [{ kind: 'signal_after_end', who: 'bridge', data }]);
      return true;
    });
  }
}

const NO_FACTS: KnownFacts = {
  requests: new Map(),
  decisions: new Map(),
  acts: new Map(),
  oldDecisionEvents: new Set(),
  servedEvents: new Set(),
};

function isOfRequest({ act }: Order): boolean {
  return act.does !== 'serve';
}

async function readRequests(tx: Transaction, orders: readonly Order[]): Promise<Map<string, KnownRequest>> {
  if (orders.length === 0) return new Map();
  const { tenants, requestIds } = namesIn(orders);
  const rows = await tx
    .selectFrom('requests as q')
    .leftJoin('runs as r', (join) => join.onRef('r.tenant_id', '=', 'q.tenant_id').onRef('r.id', '=', 'q.run_id'))
    .select(['q.tenant_id', 'q.id', 'q.type', 'q.submitted_event_id', 'r.workflow_id'])
    .where('q.tenant_id', 'in', tenants)
    .where('q.id', 'in', requestIds)
    .execute();
  return new Map(
    rows.map((row) => [
      `${row.tenant_id}/${row.id}`,
      {
        process: row.type as ProcessName,
        submittedEventId: row.submitted_event_id,
        workflowId: row.workflow_id,
      },
    ]),
  );
}

async function readDecisions(tx: Transaction, orders: readonly Order[]): Promise<Map<string, Row<'decisions'>>> {
  if (orders.length === 0) return new Map();
  const { tenants, requestIds } = namesIn(orders);
  const rows = await tx
    .selectFrom('decisions')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where('request_id', 'in', requestIds)
    .execute();
  return new Map(rows.map((row) => [`${row.tenant_id}/${row.request_id}/${row.id}`, row]));
}

async function readActs(tx: Transaction, orders: readonly Order[]): Promise<Map<string, Row<'acts'>>> {
  if (orders.length === 0) return new Map();
  const { tenants, requestIds } = namesIn(orders);
  const rows = await tx
    .selectFrom('acts')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .where('request_id', 'in', requestIds)
    .execute();
  return new Map(rows.map((row) => [`${row.tenant_id}/${row.request_id}/${row.id}`, row]));
}

/** Until migration 0004 a decision's event had an id of its own and named the decision as its cause. */
async function readOldDecisionEvents(tx: Transaction, orders: readonly Order[]): Promise<Set<string>> {
  const old = orders.filter(({ act, eventId }) => act.does === 'decide' && act.decisionId !== eventId);
  if (old.length === 0) return new Set();
  const { rows } = await sql<{ tenant_id: string; event_id: string; decision_id: string | null }>`
    SELECT tenant_id, event_id, headers ->> 'ce_causationid' AS decision_id FROM outbox
    WHERE (tenant_id, event_id) IN (SELECT * FROM unnest(${old.map((order) => order.tenant)}::text[], ${old.map((order) => order.eventId)}::uuid[]))`.execute(
    tx,
  );
  return new Set(rows.map((row) => `${row.tenant_id}/${row.event_id}/${row.decision_id}`));
}

/** Where the things are that small workflows serve. Each table holds the ids of its rows' events. */
const SERVED_TABLES = {
  approval: 'approval_rounds',
  handover: 'tenant_exports',
  departure: 'tenant_offboardings',
  alarm: 'alarms',
  invitation: 'invitations',
  erasure: 'tenant_erasures',
  retention: 'tenant_retention',
  ticketMail: 'ticket_mails',
  retargeting: 'sla_changes',
} as const satisfies Record<Exclude<ServedWorkflow, 'sla'>, string>;

async function readServedEvents(tx: Transaction, orders: readonly Order[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const [workflow, table] of Object.entries(SERVED_TABLES)) {
    const acts = orders.flatMap(({ tenant, eventId, act }) =>
      act.does === 'serve' && act.workflow === workflow ? [{ tenant, eventId, id: act.id }] : [],
    );
    if (acts.length === 0) continue;
    const { rows } = await sql<{ known: string }>`
      SELECT o.tenant || '/' || ${workflow}::text || '/' || o.id || '/' || o.event AS known
      FROM unnest(${acts.map((act) => act.tenant)}::text[], ${acts.map((act) => act.id)}::uuid[], ${acts.map((act) => act.eventId)}::uuid[]) AS o (tenant, id, event)
      JOIN ${sql.table(table)} t ON t.tenant_id = o.tenant AND t.id = o.id AND o.event = ANY (t.event_ids)`.execute(tx);
    for (const row of rows) found.add(row.known);
  }
  for (const known of await readTicketEvents(tx, orders)) found.add(known);
  return found;
}

/**
 * Much happens to a ticket, so its row holds no ids of events: they are looked up where they were written. An event of more
 * than 7 days ago is no longer there; the reconciler makes up for it.
 */
async function readTicketEvents(tx: Transaction, orders: readonly Order[]): Promise<readonly string[]> {
  const acts = orders.flatMap(({ tenant, eventId, act }) =>
    act.does === 'serve' && act.workflow === 'sla' ? [{ tenant, eventId, id: act.id }] : [],
  );
  if (acts.length === 0) return [];
  const { rows } = await sql<{ known: string }>`
    SELECT o.tenant || '/sla/' || o.id || '/' || o.event AS known
    FROM unnest(${acts.map((act) => act.tenant)}::text[], ${acts.map((act) => act.id)}::uuid[], ${acts.map((act) => act.eventId)}::uuid[]) AS o (tenant, id, event)
    JOIN outbox x ON x.tenant_id = o.tenant AND x.event_id = o.event AND x.key = o.tenant || '/ticket/' || o.id`.execute(
    tx,
  );
  return rows.map(({ known }) => known);
}

function namesIn(orders: readonly Order[]): { tenants: string[]; requestIds: string[] } {
  return {
    tenants: [...new Set(orders.map((order) => order.tenant))],
    requestIds: [...new Set(orders.map((order) => order.requestId))],
  };
}
