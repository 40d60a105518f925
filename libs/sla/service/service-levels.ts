import { canonicalJson, type JsonObject } from '#libs/kernel';
import { json, type Transaction } from '#libs/platform/database';
import { presentInstant } from '../store/present-instant.js';
import {
  ALWAYS_NAME,
  ALWAYS_VERSION,
  calendarsNeeded,
  serviceCalendarOf,
  settingOf,
  type CalendarVersion,
  type PolicyVersion,
  type TicketSetting,
} from '../model/index.js';
import { calendarFor, policiesFor, tierOf } from '../store/promise.store.js';
import { factsOf } from '../store/ticket-facts.store.js';
import { explainedNow } from './ticket-levels.js';

/** What of a ticket decides on what it is promised. */
export interface Promised {
  readonly type: string;
  readonly priority: string;
  /** A planned ticket’s agreed date. */
  readonly agreedAt: Date | null;
}

/** A closed ticket. */
interface Closed {
  readonly tenant_id: string;
  readonly id: string;
  readonly type: string;
  readonly priority: string;
}

/** What service levels do for tickets: the port of `libs/tickets` that apps pass. */
export const serviceLevels = {
  /** What holds for a ticket now, as an entry of kind `targets` keeps it, and whether that is something else than before. */
  async settingFor(
    tx: Transaction,
    tenant: string,
    promised: Promised,
  ): Promise<{ readonly setting: JsonObject; differsFrom(before: JsonObject | undefined): boolean }> {
    const setting = await settingNow(tx, tenant, promised);
    const isAnything = Object.values(setting.why).some(({ kind }) => kind !== 'none');
    return {
      setting: setting as unknown as JsonObject,
      // a new version that says the same is no news for a ticket
      differsFrom: (before) =>
        before === undefined ? isAnything : essenceOf(before) !== essenceOf(setting as unknown as JsonObject),
    };
  },

  /** Keeps what the clocks say at closing, with everything that they are computed from. The first counts. */
  async freeze(tx: Transaction, ticket: Closed): Promise<void> {
    const { tenant_id, id, type, priority } = ticket;
    const facts = await factsOf(tx, tenant_id, id);
    const clocks = await explainedNow(tx, facts);
    await tx
      .insertInto('sla_verdicts')
      .values({ tenant_id, ticket_id: id, type, priority, clocks: json(clocks), inputs: json({ facts }) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  },
};

/** What holds for a ticket of a customer now, and why. */
export async function settingNow(
  tx: Transaction,
  tenant: string,
  { type, priority, agreedAt }: Promised,
): Promise<TicketSetting> {
  const at = new Date(await presentInstant(tx));
  const tier = (await tierOf(tx, tenant))?.tier ?? null;
  const policies = tier === null ? [] : await policiesFor(tx, tenant, tier, at);
  const ticket = { type, priority, agreedAt: agreedAt?.getTime() ?? null };
  return settingOf(policies, await calendarsOf(tx, tenant, policies, ticket, at), ticket);
}

/** Every calendar that the ticket’s lines name, as it counts for the customer. */
export async function calendarsOf(
  tx: Transaction,
  tenant: string,
  policies: readonly PolicyVersion[],
  ticket: { readonly type: string; readonly priority: string },
  at: Date,
): Promise<ReadonlyMap<string, CalendarVersion>> {
  const calendars = new Map<string, CalendarVersion>([[ALWAYS_NAME, ALWAYS_VERSION]]);
  for (const name of calendarsNeeded(policies, ticket)) {
    if (calendars.has(name)) continue;
    const found = await calendarFor(tx, tenant, name, at);
    // a policy cannot be saved without its calendars, and none is ever deleted
    if (!found) throw new Error(`The policy of ${tenant} names a calendar that there is none of.`);
    const source = { name, tenant: found.tenant, version: found.version };
    calendars.set(name, { source, calendar: serviceCalendarOf(found.calendar) });
  }
  return calendars;
}

function essenceOf({ targets, rules }: JsonObject): string {
  return canonicalJson([targets, rules]);
}
