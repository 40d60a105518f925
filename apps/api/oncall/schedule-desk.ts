import type { Json } from '#libs/kernel';
import { isZone } from '#libs/sla';
import {
  archiveSchedule,
  findOverride,
  findSchedule,
  gapsIn,
  insertNextVersion,
  insertOverride,
  insertSchedule,
  listSchedules,
  lockSchedule,
  OnCallNameTaken,
  OnCallPersonUnknown,
  overridesOf,
  OverrideNotFound,
  presentInstant,
  recordOf,
  scheduleFaults,
  ScheduleInvalid,
  ScheduleNotFound,
  shiftsOf,
  unknownPeople,
  USUAL_REST_HOURS,
  withdrawOverride,
  type ScheduleContent,
  type ScheduleRow,
} from '#libs/oncall';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, isUniqueViolation, type Database, type Transaction } from '#libs/platform/database';
import type { CallKey } from '#libs/platform/idempotency';
import type { FindTenant } from '../access/access.decorators.js';
import { listedTenants, type Writer } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import { createOnce } from '../tenants/tenancy-record.js';
import type { OverrideDto, ScheduleDto } from './schedule.dto.js';
import {
  overrideView,
  scheduleHeadView,
  scheduleView,
  type OverrideView,
  type SchedulesView,
  type ScheduleView,
} from './schedule.view.js';
import { spanOf } from './spans.js';

const DAY_MS = 86_400_000;
const SHOWN_DAYS = 14;

/** Schedules of who is on call: saved as versions that count from now or later. */
export class ScheduleDesk {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound`. */
  list(actor: Actor, tenant: string | undefined): Promise<SchedulesView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => ({
      items: (await listSchedules(tx, tenants, LARGEST_PAGE)).map(scheduleHeadView),
    }));
  }

  /** Throws `ScheduleNotFound`. */
  one(actor: Actor, id: string): Promise<ScheduleView> {
    return inTenants(this.database, actor.sees, async (tx) => {
      const row = await findSchedule(tx, actor.sees, id);
      if (!row) throw scheduleNotFound(id);
      return shown(tx, row);
    });
  }

  /** Throws `ScheduleInvalid`, `OnCallPersonUnknown`, `OnCallNameTaken` and what an idempotent call throws. */
  create(call: CallKey, { actor, tenant }: Writer, body: ScheduleDto): Promise<ScheduleView> {
    return createOnce(this.database, call, async (tx) => {
      const { content, countsFrom } = await this.contentOf(tx, tenant, body);
      const row = await insertSchedule(tx, tenant, content, countsFrom, actor.subject).catch(nameTaken(body.name));
      await onRecord(tx, row, 'oncall_schedule.created', actor, { after: content as unknown as Json });
      return shown(tx, row);
    });
  }

  /** Saves the next version. Throws as `create`, and `ScheduleNotFound`. */
  put({ actor, tenant }: Writer, id: string, body: ScheduleDto): Promise<ScheduleView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const before = await required(tx, tenant, id);
      const { content, countsFrom } = await this.contentOf(tx, tenant, body);
      const row = await insertNextVersion(tx, before, content, countsFrom, actor.subject).catch(nameTaken(body.name));
      await onRecord(tx, row, 'oncall_schedule.changed', actor, { after: content as unknown as Json });
      return shown(tx, row);
    });
  }

  /** Throws `ScheduleNotFound`. */
  archive({ actor, tenant }: Writer, id: string): Promise<void> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await required(tx, tenant, id);
      await archiveSchedule(tx, row);
      await onRecord(tx, row, 'oncall_schedule.archived', actor, { before: { name: row.name } });
    });
  }

  /** Throws `ScheduleNotFound`, `SpanInvalid`, `OnCallPersonUnknown` and what an idempotent call throws. */
  override(call: CallKey, { actor, tenant }: Writer, id: string, body: OverrideDto): Promise<OverrideView> {
    const { person, reason = null } = body;
    const span = spanOf(body);
    return createOnce(this.database, call, async (tx) => {
      const schedule = await required(tx, tenant, id);
      await requirePeople(tx, tenant, [person], () => 'person');
      const row = await insertOverride(tx, tenant, { scheduleId: id, person, ...span, reason }, actor.subject);
      const view = overrideView(row);
      await onRecord(tx, schedule, 'oncall_override.entered', actor, { after: view as unknown as Json, reason });
      return view;
    });
  }

  /** Throws `OverrideNotFound`. */
  withdraw({ actor, tenant }: Writer, id: string): Promise<void> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await findOverride(tx, [tenant], id);
      if (!row) throw overrideNotFound(id);
      if (!(await withdrawOverride(tx, tenant, id, actor.subject))) return;
      const object = { kind: 'oncall_override', id };
      const before = overrideView(row) as unknown as Json;
      await appendAudit(tx, tenant, { action: 'oncall_override.withdrawn', actor: actor.subject, object, before });
    });
  }

  private async contentOf(
    tx: Transaction,
    tenant: string,
    body: ScheduleDto,
  ): Promise<{ readonly content: ScheduleContent; readonly countsFrom: Date }> {
    const layers = body.layers.map(({ endsOn, hours, ...layer }, index) => ({
      ...{ ...layer, id: String(index), endsOn: endsOn ?? null, hours: hours ?? null },
    }));
    const { name, timezone } = body;
    const errors = scheduleFaults({ timezone, layers, overrides: [] }, isZone);
    if (errors.length > 0) throw new ScheduleInvalid(errors.map(({ message }) => message).join(' '), { errors });
    const people = layers.flatMap((layer) => layer.people);
    await requirePeople(tx, tenant, people, (person) => {
      const layer = layers.findIndex((one) => one.people.includes(person));
      return `layers.${layer}.people.${layers[layer]!.people.indexOf(person)}`;
    });
    const content = { name, timezone, layers, restHours: body.restHours ?? USUAL_REST_HOURS };
    const now = await presentInstant(tx);
    // what is past stays what it was
    const countsFrom = new Date(Math.max(now, body.countsFrom === undefined ? now : Date.parse(body.countsFrom)));
    return { content, countsFrom };
  }
}

/** Whose a schedule is. Throws `ScheduleNotFound`. */
export const tenantOfSchedule: FindTenant = async (tx, tenants, id) => {
  const row = await findSchedule(tx, tenants, id);
  if (!row) throw scheduleNotFound(id);
  return row.tenant_id;
};

/** Whose a span is. Throws `OverrideNotFound`. */
export const tenantOfOverride: FindTenant = async (tx, tenants, id) => {
  const row = await findOverride(tx, tenants, id);
  if (!row) throw overrideNotFound(id);
  return row.tenant_id;
};

/** Throws `OnCallPersonUnknown` for the first without an active account; `pathOf` says where in the body they stand. */
export async function requirePeople(
  tx: Transaction,
  tenant: string,
  subjects: readonly string[],
  pathOf: (subject: string) => string,
): Promise<void> {
  const unknown = await unknownPeople(tx, tenant, subjects);
  if (unknown.length === 0) return;
  const errors = [...new Set(unknown)].map((subject) => ({
    ...{ path: pathOf(subject), code: 'unknown' },
    message: `Nobody with an active account at ${tenant} is ${subject}. GET /v1/people lists them.`,
  }));
  throw new OnCallPersonUnknown(errors.map(({ message }) => message).join(' '), { errors });
}

/** The schedule, locked. Throws `ScheduleNotFound`. */
export async function required(tx: Transaction, tenant: string, id: string): Promise<ScheduleRow> {
  const row = await lockSchedule(tx, tenant, id);
  if (!row) throw scheduleNotFound(id);
  return row;
}

/** What to throw instead of the database’s word that a name stands there already. */
export function nameTaken(name: string): (error: unknown) => never {
  return (error) => {
    if (!isUniqueViolation(error)) throw error;
    const message = `There is one that is called ${name}. Choose another name.`;
    throw new OnCallNameTaken(message, { errors: [{ path: 'name', code: 'taken', message }] });
  };
}

export function scheduleNotFound(id: string): ScheduleNotFound {
  return new ScheduleNotFound(`There is no schedule ${id}, or you may not see it.`);
}

async function shown(tx: Transaction, row: ScheduleRow): Promise<ScheduleView> {
  const now = await presentInstant(tx);
  const record = await recordOf(tx, row, now);
  const [from, to] = [now, now + SHOWN_DAYS * DAY_MS];
  const gaps = gapsIn(shiftsOf(record, from, to), from, to);
  return scheduleView(row, record, await overridesOf(tx, row.tenant_id, row.id, now), gaps);
}

function overrideNotFound(id: string): OverrideNotFound {
  return new OverrideNotFound(`There is no such span ${id}, or you may not see it.`);
}

async function onRecord(
  tx: Transaction,
  { tenant_id, id }: ScheduleRow,
  action: string,
  actor: Actor,
  more: { readonly before?: Json; readonly after?: Json; readonly reason?: string | null },
): Promise<void> {
  await appendAudit(tx, tenant_id, { action, actor: actor.subject, object: { kind: 'oncall_schedule', id }, ...more });
}
