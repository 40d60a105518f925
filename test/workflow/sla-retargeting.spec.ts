import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { WorkflowHandle } from '@temporalio/client';
import { newId } from '#libs/kernel';
import { inTenants } from '#libs/platform/database';
import { insertSlaChange, insertSlaPolicy, serviceLevels, setTier, type SlaPolicy } from '#libs/sla';
import { openTicket, type By, type TicketRow } from '#libs/tickets';
import { servedIdOf, type RetargetingInput } from '#workflows';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness } from '../support/process-harness.js';

let harness: ProcessHarness;
beforeAll(async () => void (harness = await startProcessHarness()));
afterAll(() => harness?.stop());

/** EVENT_TYPE_ACTIVITY_TASK_COMPLETED of Temporal’s API; the first is the wait. */
const ACTIVITY_COMPLETED = 12;

const BY: By = { subject: 'requester@muster', kind: 'customer' };
const wish = { type: 'incident', subject: 'No mail', description: null, impact: 'high', urgency: 'high' } as const;
const promise = (resolution: number): SlaPolicy => ({ lines: [{ targets: { resolution }, calendar: 'always' }] });

const opened = (): Promise<TicketRow> =>
  inTenants(harness.api, [TENANT], (tx) =>
    openTicket(tx, TENANT, { ...wish, tags: [], requester: BY.subject, contactId: null }, BY, serviceLevels),
  );

/** Saves a policy of the customer's own as the API does; gives the change that open tickets follow. */
const saved = (resolution: number, reason: string): Promise<string> =>
  inTenants(harness.api, [TENANT], async (tx) => {
    const saving = { countsFrom: new Date(0), by: 'operator@msp' };
    await insertSlaPolicy(tx, TENANT, 'gold', promise(resolution), saving);
    const change = { id: newId(), kind: 'policy', name: 'gold', reason, eventIds: [newId()] } as const;
    return (await insertSlaChange(tx, TENANT, { ...change, countsFrom: new Date(0) }, 'operator@msp')).id;
  });

/** As the bridge starts it. */
const followed = (id: string) =>
  harness.temporal.workflow.start('retargeting', {
    workflowId: servedIdOf(TENANT, 'retargeting', id),
    taskQueue: harness.config.temporal.taskQueue,
    args: [{ tenant: TENANT, id } satisfies RetargetingInput],
  });

async function promised({ id }: TicketRow): Promise<readonly [minutes: number, why: string | null][]> {
  const rows = await harness.database.admin
    .selectFrom('ticket_entries')
    .select(['change', 'body'])
    .where('ticket_id', '=', id)
    .where('kind', '=', 'targets')
    .orderBy('sequence')
    .execute();
  return rows.map(({ change, body }) => [
    (change as { readonly targets: { readonly resolution: { readonly minutes: number } } }).targets.resolution.minutes,
    body,
  ]);
}

/** How often open tickets were looked at. */
async function looksDone(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  const types = (events ?? []).map(({ eventType }) => eventType);
  return types.filter((type) => type === ACTIVITY_COMPLETED).length - 1;
}

describe('a change of what is promised', () => {
  it('reaches every open ticket, once, with the reason, and no ticket that it says nothing new of', async () => {
    await saved(60, 'First of all.');
    await inTenants(harness.api, [TENANT], (tx) => setTier(tx, TENANT, 'gold', 'operator@msp'));
    const tickets = [await opened(), await opened()];
    const change = await saved(120, 'By the new contract.');
    const following = await followed(change);
    await eventually('both tickets follow', async () => {
      for (const ticket of tickets)
        expect(await promised(ticket)).toEqual([
          [60, null],
          [120, 'By the new contract.'],
        ]);
      return true;
    });
    // told, so that what waits for its deadlines looks again
    const { rows: told } = await sql`
      SELECT FROM outbox WHERE headers ->> 'ce_type' = 'de.stellwerk.ticket.targets.changed.v1'`.execute(
      harness.database.admin,
    );
    expect(told).toHaveLength(4);

    const same = await followed(await saved(120, 'The same once more.'));
    await eventually('the change was carried', async () => (await looksDone(same)) === 1);
    const moved = await harness.database.admin
      .selectFrom('sla_changes')
      .select('tickets_moved')
      .orderBy('made_at')
      .execute();
    expect(moved.map(({ tickets_moved }) => tickets_moved)).toEqual([0, 2, 0]);
    for (const ticket of tickets) expect(await promised(ticket)).toHaveLength(2);
    await Promise.all([following, same].map((handle) => handle.terminate('the test has seen it')));
  });
});
