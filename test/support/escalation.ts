import { inTenants, type Database } from '#libs/platform/database';
import { ALWAYS, type Chain, type ClockRules, type Targets, type Trigger } from '#libs/sla/model';
import { insertChain, insertTriggers } from '#libs/sla';
import { lockTicket, openTicket, retarget, type ServiceLevels, type TicketRow } from '#libs/tickets';
import { servedIdOf, slaNewsSignal, type ServedInput } from '#workflows';
import { newId, type JsonObject } from '#libs/kernel';
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
      levelsOf(targets),
    );
    return ticket;
  });
}

/** Says that other targets hold from now on. */
export function retargeted(
  database: Database,
  { tenant_id: tenant, id }: TicketRow,
  targets: Targets,
): Promise<boolean> {
  const by = { subject: 'olga@msp', kind: 'msp' } as const;
  return inTenants(database, [tenant], async (tx) =>
    retarget(tx, (await lockTicket(tx, tenant, id))!, levelsOf(targets), by, 'It was rated too high.'),
  );
}

/** Service levels that promise this. */
export function levelsOf(targets: Targets): ServiceLevels {
  const setting = { targets, rules: RULES } as unknown as JsonObject;
  return { settingFor: () => Promise.resolve({ setting, differsFrom: () => true }), freeze: () => Promise.resolve() };
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
