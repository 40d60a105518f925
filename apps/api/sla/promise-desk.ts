import { promiseChanged } from '#libs/events';
import { newId, type Json } from '#libs/kernel';
import {
  ALWAYS_NAME,
  CalendarDateInvalid,
  calendarError,
  calendarFaults,
  calendarFor,
  findCalendar,
  findSlaPolicy,
  insertCalendar,
  insertSlaChange,
  insertSlaPolicy,
  isZone,
  listCalendars,
  listSlaChanges,
  listSlaPolicies,
  movesOf,
  policiesFor,
  policyFaults,
  presentInstant,
  setTier,
  SlaCalendarNotFound,
  SlaPolicyInvalid,
  SlaTierUnknown,
  tierOf,
  type Draft,
  type NamedCalendar,
  type NewSlaChange,
  type SlaPolicy,
} from '#libs/sla';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, setTenants, type Database, type Transaction } from '#libs/platform/database';
import { appendEvent, type OutboxHint } from '#libs/platform/outbox';
import { listedTenants, type Writer } from '../access/caller.js';
import { LARGEST_PAGE } from '../http/page.query.js';
import type { ConfirmHolidaysDto } from './holidays.dto.js';
import type { NamedCalendarDto, SlaPolicyDto, TierDto } from './promise.dto.js';
import {
  calendarView,
  changeView,
  movesView,
  policyView,
  tierView,
  type ChangesView,
  type MovesView,
  type NamedCalendarsView,
  type NamedCalendarView,
  type SlaPoliciesView,
  type SlaPolicyView,
  type TierView,
} from './promise.view.js';

/** Open tickets that a preview looks at. */
const MOST_LOOKED_AT = 500;

/** What is promised: calendars, policies of tiers, which tier a customer has. Each saving is a version that open tickets follow. */
export class PromiseDesk {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Throws `TenantNotFound`. */
  calendars(actor: Actor, tenant: string | undefined): Promise<NamedCalendarsView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => ({
      items: (await listCalendars(tx, tenants, LARGEST_PAGE)).map(calendarView),
    }));
  }

  /** Throws `SlaCalendarNotFound`. */
  calendar(tenant: string, name: string, version: number | undefined): Promise<NamedCalendarView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await findCalendar(tx, tenant, name, version ?? null);
      if (!row) throw calendarNotFound(name);
      return calendarView(row);
    });
  }

  /** Saves the next version. Throws one of `CALENDAR_ERRORS`. */
  async putCalendar({ actor, tenant }: Writer, name: string, body: NamedCalendarDto): Promise<NamedCalendarView> {
    const view = await inTenants(this.database, [tenant], async (tx) => {
      const countsFrom = await instantOf(tx, body.countsFrom);
      const saving = { countsFrom, by: actor.subject };
      const { before, row } = await insertCalendar(tx, tenant, name, (last) => calendarOf(body, last), saving);
      const change = { kind: 'calendar', name, reason: body.reason ?? null, countsFrom } as const;
      await changed(tx, tenant, change, actor, before?.body ?? null, row.body);
      return calendarView(row);
    });
    this.hint.give();
    return view;
  }

  /** A person's word on a year: its dates replace that year's. Throws `SlaCalendarNotFound` or `CalendarDateInvalid`. */
  async confirmHolidays({ actor, tenant }: Writer, name: string, body: ConfirmHolidaysDto): Promise<NamedCalendarView> {
    const view = await inTenants(this.database, [tenant], async (tx) => {
      const countsFrom = await instantOf(tx, body.countsFrom);
      const at = new Date(await presentInstant(tx)).toISOString();
      const next = (last: NamedCalendar | undefined): NamedCalendar => {
        if (!last) throw calendarNotFound(name);
        return withHolidays(last, body, { by: actor.subject, at });
      };
      const { before, row } = await insertCalendar(tx, tenant, name, next, { countsFrom, by: actor.subject });
      const change = { kind: 'calendar', name, reason: `Holidays of ${body.year}.`, countsFrom } as const;
      await changed(tx, tenant, change, actor, before?.body ?? null, row.body);
      return calendarView(row);
    });
    this.hint.give();
    return view;
  }

  /** What saving it would move. Throws one of `CALENDAR_ERRORS`. */
  previewCalendar(writer: Writer, name: string, body: NamedCalendarDto): Promise<MovesView> {
    return this.preview(writer, body.countsFrom, async (tx) => {
      const before = await findCalendar(tx, writer.tenant, name);
      const calendar = calendarOf(body, before?.body as NamedCalendar | undefined);
      return { owner: writer.tenant, kind: 'calendar', name, calendar };
    });
  }

  /** Throws `TenantNotFound`. */
  policies(actor: Actor, tenant: string | undefined): Promise<SlaPoliciesView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => ({
      items: (await listSlaPolicies(tx, tenants, LARGEST_PAGE)).map(policyView),
    }));
  }

  /** Throws `SlaTierUnknown`. */
  policy(tenant: string, tier: string, version: number | undefined): Promise<SlaPolicyView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const row = await findSlaPolicy(tx, tenant, tier, version ?? null);
      if (!row) throw tierUnknown(tier);
      return policyView(row);
    });
  }

  /** Saves the next version. Throws `SlaPolicyInvalid`. */
  async putPolicy({ actor, tenant }: Writer, tier: string, body: SlaPolicyDto): Promise<SlaPolicyView> {
    const view = await inTenants(this.database, [tenant], async (tx) => {
      const countsFrom = await instantOf(tx, body.countsFrom);
      const policy = await policyOf(tx, tenant, body, countsFrom);
      const saving = { countsFrom, by: actor.subject };
      const { before, row } = await insertSlaPolicy(tx, tenant, tier, policy, saving);
      const change = { kind: 'policy', name: tier, reason: body.reason ?? null, countsFrom } as const;
      await changed(tx, tenant, change, actor, before?.body ?? null, row.body);
      return policyView(row);
    });
    this.hint.give();
    return view;
  }

  /** What saving it would move. Throws `SlaPolicyInvalid`. */
  previewPolicy(writer: Writer, tier: string, body: SlaPolicyDto): Promise<MovesView> {
    const { tenant } = writer;
    return this.preview(writer, body.countsFrom, async (tx, at) => {
      const policy = await policyOf(tx, tenant, body, new Date(at));
      return { owner: tenant, kind: 'policy', tier, policy };
    });
  }

  tier(tenant: string): Promise<TierView> {
    return inTenants(this.database, [tenant], async (tx) => tierView(tenant, await tierOf(tx, tenant)));
  }

  /** Throws `SlaTierUnknown` for one that neither the customer nor the MSP has a policy for. */
  async putTier({ actor, tenant }: Writer, { tier, ...body }: TierDto): Promise<TierView> {
    const reason = body.reason ?? null;
    const view = await inTenants(this.database, [tenant], async (tx) => {
      await requireTier(tx, tenant, tier);
      const before = await tierOf(tx, tenant);
      const row = await setTier(tx, tenant, tier, actor.subject);
      const change = {
        kind: 'tier',
        name: tier ?? 'none',
        reason,
        countsFrom: await instantOf(tx, undefined),
      } as const;
      await changed(tx, tenant, change, actor, { tier: before?.tier ?? null }, { tier });
      return tierView(tenant, row);
    });
    this.hint.give();
    return view;
  }

  /** What another tier would move. Throws `SlaTierUnknown`. */
  previewTier(writer: Writer, { tier }: TierDto): Promise<MovesView> {
    return this.preview(writer, undefined, async (tx) => {
      await requireTier(tx, writer.tenant, tier);
      return { owner: writer.tenant, kind: 'tier', tier };
    });
  }

  /** Throws `TenantNotFound`. */
  changes(actor: Actor, tenant: string | undefined): Promise<ChangesView> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => ({
      items: (await listSlaChanges(tx, tenants, LARGEST_PAGE)).map(changeView),
    }));
  }

  /** What the MSP promises is looked at for every customer that the caller sees. */
  private preview(
    { actor, tenant }: Writer,
    from: string | undefined,
    draft: (tx: Transaction, at: number) => Promise<Draft>,
  ): Promise<MovesView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const at = (await instantOf(tx, from)).getTime();
      const drafted = await draft(tx, at);
      const isOfAll = actor.kind === 'msp' && tenant === actor.home;
      const tenants = isOfAll ? actor.sees : [tenant];
      if (isOfAll) await setTenants(tx, tenants);
      return movesView(at, await movesOf(tx, tenants, drafted, at, MOST_LOOKED_AT));
    });
  }
}

/** Nothing counts from before it was saved. */
async function instantOf(tx: Transaction, asked: string | undefined): Promise<Date> {
  const now = await presentInstant(tx);
  return new Date(Math.max(now, asked === undefined || asked === null ? now : Date.parse(asked)));
}

/** A year stays confirmed as long as its holidays are what somebody confirmed. */
function calendarOf(body: NamedCalendarDto, before: NamedCalendar | undefined): NamedCalendar {
  const { timezone, weekly, dates, region } = body;
  const holidays = body.holidays ?? [];
  const confirmed = (before?.confirmed ?? []).filter(({ year }) => isSameYear(year, before!.holidays, holidays));
  const place = region ? { country: region.country, state: region.state ?? null, place: region.place ?? null } : null;
  const calendar = { timezone, weekly, holidays, dates: dates ?? {}, region: place, confirmed };
  const faults = calendarFaults(calendar, isZone);
  if (faults.length > 0) throw calendarError(faults, '');
  return calendar;
}

function withHolidays(
  last: NamedCalendar,
  { year, dates }: ConfirmHolidaysDto,
  word: { readonly by: string; readonly at: string },
): NamedCalendar {
  const isOf = (date: string): boolean => date.startsWith(`${year}-`);
  const strange = dates.findIndex((date) => !isOf(date));
  if (strange >= 0) {
    const message = `${dates[strange]} is not in ${year}.`;
    throw new CalendarDateInvalid(message, { errors: [{ path: `dates.${strange}`, code: 'date_invalid', message }] });
  }
  const faults = calendarFaults({ ...last, holidays: dates }, isZone);
  if (faults.length > 0) throw calendarError(faults, '');
  const holidays = [...last.holidays.filter((date) => !isOf(date)), ...dates].sort();
  const confirmed = [...last.confirmed.filter((one) => one.year !== year), { year, ...word }];
  return { ...last, holidays, confirmed };
}

function isSameYear(year: number, one: readonly string[], other: readonly string[]): boolean {
  const of = (dates: readonly string[]): string =>
    [...new Set(dates)]
      .filter((date) => date.startsWith(`${year}-`))
      .sort()
      .join();
  return of(one) === of(other);
}

async function policyOf(tx: Transaction, tenant: string, body: SlaPolicyDto, at: Date): Promise<SlaPolicy> {
  const { rules, availability } = body;
  const lines = body.lines.map(({ type, priority, targets, calendar }) => ({
    ...(type === undefined || type === null ? {} : { type }),
    ...(priority === undefined || priority === null ? {} : { priority }),
    ...{ targets, calendar },
  }));
  const policy = { lines, ...(rules ? { rules } : {}), ...(availability ? { availability } : {}) };
  const named = new Set([...lines, ...(availability ? [availability] : [])].map(({ calendar }) => calendar));
  const known = new Set([ALWAYS_NAME]);
  for (const name of named) if (await calendarFor(tx, tenant, name, at)) known.add(name);
  const errors = policyFaults(policy, (name) => known.has(name));
  if (errors.length > 0) throw new SlaPolicyInvalid(errors.map(({ message }) => message).join(' '), { errors });
  return policy;
}

async function requireTier(tx: Transaction, tenant: string, tier: string | null): Promise<void> {
  if (tier === null) return;
  if ((await policiesFor(tx, tenant, tier, await instantOf(tx, undefined))).length === 0) throw tierUnknown(tier);
}

/** A version is saved: open tickets follow, and it is on record. */
async function changed(
  tx: Transaction,
  tenant: string,
  change: Omit<NewSlaChange, 'id' | 'eventIds'>,
  { subject: actor }: Actor,
  before: unknown,
  after: unknown,
): Promise<void> {
  const [changeId, eventId] = [newId(), newId()];
  const { kind } = change;
  await insertSlaChange(tx, tenant, { ...change, id: changeId, eventIds: [eventId] }, actor);
  const origin = { tenant, aggregate: `sla_change/${changeId}`, correlationId: changeId, causationId: null };
  await appendEvent(tx, promiseChanged, { ...origin, id: eventId }, { changeId, kind });
  const object = { kind: `sla_${kind}`, id: change.name };
  const values = { before: before as Json, after: after as Json, reason: change.reason };
  await appendAudit(tx, tenant, { action: `sla_${kind}.saved`, actor, object, ...values });
}

function calendarNotFound(name: string): SlaCalendarNotFound {
  return new SlaCalendarNotFound(`There is no calendar ${name} here. GET /v1/sla/calendars lists them.`);
}

function tierUnknown(tier: string): SlaTierUnknown {
  return new SlaTierUnknown(`There is no policy for the tier ${tier} here. GET /v1/sla/policies lists them.`);
}
