import {
  doubleBookings,
  findSchedule,
  gapsIn,
  listSchedules,
  onCallOf,
  peopleOf,
  presentInstant,
  recordOf,
  shiftsOf,
  shortRests,
  type Shift,
} from '#libs/oncall';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { listedTenants } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import { callOutsAround } from './call-outs.js';
import { scheduleNotFound } from './schedule-desk.js';
import type { ShiftsQuery } from './schedule.dto.js';
import {
  doubleBookingView,
  gapView,
  shiftView,
  shortRestView,
  type OnCallNowListView,
  type ShiftsView,
} from './schedule.view.js';
import { spanOf } from './spans.js';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 14;

/** Who was, is and will be on call, computed from the schedules. */
export class Shifts {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound`. */
  now(actor: Actor, tenant: string | undefined): Promise<OnCallNowListView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => {
      const at = await presentInstant(tx);
      const items = [];
      for (const row of await listSchedules(tx, tenants, LARGEST_PAGE)) {
        const { now, next } = onCallOf(await recordOf(tx, row, at), at);
        const who = { now: now && shiftView(now), next: next && shiftView(next) };
        items.push({ schedule: row.id, tenant: row.tenant_id, name: row.name, ...who });
      }
      return { items };
    });
  }

  /** Shifts of a span with what is wrong with them. Throws `ScheduleNotFound` or `SpanInvalid`. */
  of(actor: Actor, id: string, query: ShiftsQuery): Promise<ShiftsView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const { from, to } = await askedSpan(tx, query);
      const row = await findSchedule(tx, actor.sees, id);
      if (!row) throw scheduleNotFound(id);
      const record = await recordOf(tx, row, from);
      const shifts = shiftsOf(record, from, to);
      const others = await shiftsOfOthers(tx, row.tenant_id, id, { from, to });
      const bookings = [...others].flatMap(([other, theirs]) =>
        doubleBookings({ [id]: shifts, [other]: theirs }).map((one) => doubleBookingView(one, other)),
      );
      const callOuts = await callOutsAround(tx, row.tenant_id, { from, to });
      const rests = shortRests(callOuts, shifts, peopleOf(record), record.restHours);
      return {
        shifts: shifts.map(shiftView),
        gaps: gapsIn(shifts, from, to).map(gapView),
        doubleBookings: bookings,
        shortRests: rests.map(shortRestView),
      };
    });
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

async function askedSpan(tx: Transaction, query: ShiftsQuery): Promise<Span> {
  const from = query.from ?? new Date(await presentInstant(tx)).toISOString();
  const to = query.to ?? new Date(Date.parse(from) + USUAL_DAYS * DAY_MS).toISOString();
  const span = spanOf({ from, to });
  return { from: span.from.getTime(), to: span.to.getTime() };
}

/** Shifts by the tenant’s other schedules, by their ids. */
async function shiftsOfOthers(
  tx: Transaction,
  tenant: string,
  id: string,
  { from, to }: Span,
): Promise<ReadonlyMap<string, readonly Shift[]>> {
  const others = (await listSchedules(tx, [tenant], LARGEST_PAGE)).filter((row) => row.id !== id);
  const shifts = new Map<string, readonly Shift[]>();
  for (const row of others) shifts.set(row.id, shiftsOf(await recordOf(tx, row, from), from, to));
  return shifts;
}
