import { json, inTenants, type Database } from '#libs/platform/database';
import { ALWAYS, type Chain, type ClockRules, type Targets, type Trigger } from '#libs/sla/model';
import { insertChain, insertTriggers } from '#libs/sla';
import { openTicket, type TicketRow } from '#libs/tickets';
import { servedIdOf, slaNewsSignal, type ServedInput } from '#workflows';
import { newId } from '#libs/kernel';
import type { ProcessHarness } from './process-harness.js';
import { eventually } from './eventually.js';

export const RULES: ClockRules = {
  onChange: 'recompute',
  onReopen: 'continue',
  statusIsResponse: false,
  pausingStatuses: ['waiting_for_customer', 'waiting_for_third_party', 'on_hold'],
};

/** Targets around the clock, in seconds; what is left out has none. */
export function targetsOf(seconds: { response?: number; update?: number; resolution?: number }): Targets {
  const target = (one: number | undefined) =>
    one === undefined ? null : { kind: 'minutes' as const, minutes: one / 60, calendar: ALWAYS };
  return {
    first_response: target(seconds.response),
    update: target(seconds.update),
    resolution: target(seconds.resolution),
  };
}

const BY = { subject: 'requester@muster', kind: 'customer' } as const;

/** Opens a ticket with targets of its own, as if its policy said so. */
export function openTicketWith(database: Database, tenant: string, targets: Targets): Promise<TicketRow> {
  return inTenants(database, [tenant], async (tx) => {
    const ticket = await openTicket(
      tx,
      tenant,
      {
        ...{ type: 'incident', subject: 'The mail system is down', description: null, impact: 'high', urgency: 'high' },
        ...{ tags: [], requester: BY.subject, contactId: null },
      },
      BY,
    );
    await retarget(tx as never, ticket, targets);
    return ticket;
  });
}

/** What holds from now on. */
export async function retarget(
  database: Pick<Database, 'insertInto'>,
  { tenant_id, id: ticket_id }: TicketRow,
  targets: Targets,
  sequence = 2,
): Promise<void> {
  const by = { by: 'olga@msp', by_kind: 'msp', public: false, kind: 'targets' };
  await database
    .insertInto('ticket_entries')
    .values({ tenant_id, ticket_id, sequence, ...by, body: 'It was rated too high.', change: json({ targets, rules: RULES }) })
    .execute();
}

/** Says which chains of the MSP's start when. */
export async function putChains(
  database: Database,
  chains: Readonly<Record<string, Chain>>,
  triggers: readonly Trigger[],
): Promise<void> {
  await inTenants(database, ['msp'], async (tx) => {
    for (const [name, chain] of Object.entries(chains)) await insertChain(tx, 'msp', { name, chain }, 'owner@msp');
    await insertTriggers(tx, 'msp', triggers, 'owner@msp');
  });
}

/** The workflow of a ticket, as the bridge starts it. */
export function watch({ temporal, config }: ProcessHarness, { tenant_id: tenant, id }: TicketRow) {
  return temporal.workflow.start('sla', {
    workflowId: servedIdOf(tenant, 'sla', id),
    taskQueue: config.temporal.taskQueue,
    args: [{ tenant, id } satisfies ServedInput],
  });
}

/** Tells the workflow that something happened, as the bridge does. */
export async function tellNews({ temporal }: ProcessHarness, { tenant_id, id }: TicketRow): Promise<void> {
  await temporal.workflow.getHandle(servedIdOf(tenant_id, 'sla', id)).signal(slaNewsSignal, { eventId: newId() });
}

export const marksOfTicket = (database: Database, { id }: TicketRow) =>
  database.selectFrom('sla_marks').selectAll().where('ticket_id', '=', id).orderBy('due_at').execute();

export const escalationsOf = (database: Database, { id }: TicketRow) =>
  database.selectFrom('escalations').selectAll().where('ticket_id', '=', id).orderBy('started_at').execute();

/** Waits for an escalation of a ticket that is so. */
export const escalationThat = (database: Database, ticket: TicketRow, status: string) =>
  eventually(`an escalation is ${status}`, async () => {
    const rows = await escalationsOf(database, ticket);
    return rows.find((row) => row.status === status) ?? Promise.reject(new Error(JSON.stringify(rows)));
  });

export async function timelineOf(database: Database, escalationId: string): Promise<string[]> {
  const rows = await database
    .selectFrom('escalation_entries')
    .select(['kind'])
    .where('escalation_id', '=', escalationId)
    .orderBy('sequence')
    .execute();
  return rows.map(({ kind }) => kind);
}
