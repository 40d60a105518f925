import { randomBytes } from 'node:crypto';
import { newId } from '#libs/kernel';
import type { Things } from './things.js';

// What service levels, on-call schedules and planned work are about.

/** Somebody with an account, by their stable name. */
export async function personSubject(things: Things): Promise<string> {
  const { id } = await things.person();
  const found = things.admin.selectFrom('people').select('subject').where('id', '=', id);
  return (await found.executeTakeFirstOrThrow()).subject;
}

export async function onCallSchedule(things: Things): Promise<string> {
  return (await onCallScheduleOf(things)).id;
}

/** A schedule in which one person is always on call. */
export async function onCallScheduleOf(things: Things): Promise<{ id: string; person: string }> {
  const [id, person] = [newId(), await personSubject(things)];
  const by = `customer_admin@${things.tenant}`;
  const turn = { startsOn: '2026-01-05', endsOn: null, handoverAt: '08:00', turnDays: 7, hours: null };
  await things.admin
    .insertInto('oncall_schedules')
    .values({ tenant_id: things.tenant, id, name: `Nights ${id}`, rest_hours: 11, version: 1, created_by: by })
    .execute();
  const version = { tenant_id: things.tenant, schedule_id: id, version: 1, timezone: 'Europe/Berlin', set_by: by };
  const layers = JSON.stringify([{ id: '0', people: [person], ...turn }]);
  await things.admin
    .insertInto('oncall_versions')
    .values({ ...version, counts_from: '2026-01-01T00:00:00Z', layers })
    .execute();
  return { id, person };
}

export async function onCallOverride(things: Things): Promise<string> {
  const { id: schedule_id, person } = await onCallScheduleOf(things);
  const span = { from_at: '2030-01-01T08:00:00Z', to_at: '2030-01-02T08:00:00Z' };
  const row = { tenant_id: things.tenant, id: newId(), schedule_id, person, ...span, entered_by: person };
  await things.admin.insertInto('oncall_overrides').values(row).execute();
  return row.id;
}

/** A swap that was proposed to somebody. */
export async function onCallSwap(things: Things, taker: string): Promise<string> {
  const { id: schedule_id, person: giver } = await onCallScheduleOf(things);
  const gives = { gives_from: '2030-01-01T08:00:00Z', gives_to: '2030-01-02T08:00:00Z' };
  const row = { tenant_id: things.tenant, id: newId(), schedule_id, giver, taker, ...gives, proposed_by: giver };
  await things.admin.insertInto('oncall_swaps').values(row).execute();
  return row.id;
}

export async function team(things: Things): Promise<string> {
  const row = { tenant_id: things.tenant, id: newId(), set_by: `customer_admin@${things.tenant}` };
  const content = { name: `Network ${row.id}`, members: [await personSubject(things)] };
  await things.admin
    .insertInto('teams')
    .values({ ...row, ...content })
    .execute();
  return row.id;
}

/** An address for calendar programs. */
export async function calendarFeed(things: Things, owner: string): Promise<string> {
  const row = { tenant_id: things.tenant, id: newId(), owner, token_hash: randomBytes(32) };
  await things.admin.insertInto('oncall_feeds').values(row).execute();
  return row.id;
}

/** A tier with a policy of the tenant's own. */
export async function slaPolicy(things: Things): Promise<string> {
  const tier = `tier-${newId().slice(-12)}`;
  const body = JSON.stringify({ lines: [{ targets: { resolution: 60 }, calendar: 'always' }] });
  const row = { tenant_id: things.tenant, tier, version: 1, body, counts_from: new Date(0), saved_by: 'x' };
  await things.admin.insertInto('sla_policies').values(row).execute();
  return tier;
}

export async function slaCalendar(things: Things): Promise<string> {
  const name = `office-${newId().slice(-12)}`;
  const content = { timezone: 'Europe/Berlin', weekly: { mon: [['08:00', '18:00']] }, holidays: [], dates: {} };
  const body = JSON.stringify({ ...content, region: null, confirmed: [] });
  const row = { tenant_id: things.tenant, name, version: 1, body, counts_from: new Date(0), saved_by: 'x' };
  await things.admin.insertInto('sla_calendars').values(row).execute();
  return name;
}

/** A ticket of planned work with a date that the customer proposed. */
export async function dateProposal(
  things: Things,
  side: 'msp' | 'customer' = 'customer',
): Promise<{ id: string; proposal: string }> {
  const [id, proposal] = [await plannedTicket(things), newId()];
  const row = { tenant_id: things.tenant, id: proposal, ticket_id: id, date: '2030-01-01T12:00:00Z', side };
  await things.admin
    .insertInto('ticket_date_proposals')
    .values({ ...row, reason: 'After the move.', proposed_by: `customer_admin@${things.tenant}` })
    .execute();
  return { id, proposal };
}

export async function plannedTicket(things: Things): Promise<string> {
  const id = await things.ticket();
  await things.admin.updateTable('tickets').set({ work_class: 'project' }).where('id', '=', id).execute();
  return id;
}
