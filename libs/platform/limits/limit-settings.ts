import { sql } from 'kysely';
import type { Transaction } from '../database/index.js';
import {
  BOUNDS,
  CALL_CLASSES,
  HOLDERS,
  type RateLimit,
  type RateName,
  type SlotName,
  type UsualLimits,
} from './limit-table.js';
import { LimitsSenseless } from './limit.errors.js';

/** All limits of a tenant, its own and the usual ones together. */
export type TenantLimits = UsualLimits;

/** Those that a tenant has for itself; what is left out is as usual. */
export interface OwnLimits {
  readonly rates: Readonly<Partial<Record<RateName, RateLimit>>>;
  readonly slots: Readonly<Partial<Record<SlotName, number>>>;
}

export interface StoredLimits {
  readonly tenant: string;
  readonly limits: TenantLimits;
  readonly own: readonly (RateName | SlotName)[];
  readonly setBy: string | null;
  readonly setAt: Date | null;
}

/** The whole of a tenant's limits. Throws `LimitsSenseless` naming each fault. */
export function sensibleLimits(own: OwnLimits, usual: UsualLimits): TenantLimits {
  const limits = { rates: { ...usual.rates, ...own.rates }, slots: { ...usual.slots, ...own.slots } };
  const faults = [
    ...Object.entries(limits.rates).flatMap(([name, limit]) => faultsOfRate(name, limit)),
    ...Object.entries(limits.slots).flatMap(([name, most]) => outOf(name, 'calls under way', most, BOUNDS.underWay)),
    ...CALL_CLASSES.flatMap((callClass) => contradictions(limits, callClass)),
    ...(limits.slots['under_way.key'] > limits.slots['under_way.tenant']
      ? [fault('under_way.key', 'A key may not have more calls under way than its tenant.')]
      : []),
  ];
  if (faults.length === 0) return limits;
  // the first of a limit's faults: the others mostly follow from it
  const errors = faults.filter(({ path }, index) => faults.findIndex((other) => other.path === path) === index);
  throw new LimitsSenseless(errors.map(({ message }) => message).join(' '), { errors });
}

function faultsOfRate(name: string, { perSecond, most }: RateLimit) {
  return [
    ...outOf(name, 'calls a second', perSecond, BOUNDS.rate),
    ...outOf(name, 'calls in one go', most, BOUNDS.burst),
    ...(most / perSecond > BOUNDS.secondsToFill
      ? [fault(name, `${name} would take over ${BOUNDS.secondsToFill} s to fill: raise the calls a second.`)]
      : []),
  ];
}

/** A part that may do more than the whole says nothing. */
function contradictions({ rates }: TenantLimits, callClass: (typeof CALL_CLASSES)[number]) {
  const holders = HOLDERS.slice(0, -1).map((part, index) => [part, HOLDERS[index + 1]!] as const);
  return holders.flatMap(([part, whole]) => {
    const [one, all] = [rates[`${callClass}.${part}`], rates[`${callClass}.${whole}`]];
    if (one.perSecond <= all.perSecond && one.most <= all.most) return [];
    return [fault(`${callClass}.${part}`, `${callClass}.${part} may not be above ${callClass}.${whole}.`)];
  });
}

function outOf(name: string, what: string, value: number, { least, most }: { least: number; most: number }) {
  // what is no number is out of every range
  return value >= least && value <= most ? [] : [fault(name, `${name}: ${what} must be from ${least} to ${most}.`)];
}

function fault(path: string, message: string) {
  return { path, code: 'senseless', message };
}

/** The limits of each of these tenants, in the order of their ids. */
export async function readLimits(
  tx: Transaction,
  tenants: readonly string[],
  usual: UsualLimits,
): Promise<StoredLimits[]> {
  const rows = await tx
    .selectFrom('tenant_limits')
    .selectAll()
    .where('tenant_id', 'in', tenants)
    .orderBy('name')
    .execute();
  return [...tenants].sort().map((tenant) => {
    const own = rows.filter((row) => row.tenant_id === tenant);
    const rates = { ...usual.rates };
    const slots = { ...usual.slots };
    for (const { name, per_second: perSecond, most } of own) {
      if (perSecond === null) slots[name as SlotName] = most;
      else rates[name as RateName] = { perSecond, most };
    }
    const last = own[0];
    const names = own.map(({ name }) => name as RateName | SlotName);
    return { tenant, limits: { rates, slots }, own: names, setBy: last?.set_by ?? null, setAt: last?.set_at ?? null };
  });
}

/** Replaces a tenant's own limits. They hold from the next lease on, within two seconds. Throws `LimitsSenseless`. */
export async function putLimits(
  tx: Transaction,
  tenant: string,
  own: OwnLimits,
  { usual, setBy }: { readonly usual: UsualLimits; readonly setBy: string },
): Promise<StoredLimits> {
  sensibleLimits(own, usual);
  const rows = [
    ...Object.entries(own.rates).map(([name, { perSecond, most }]) => ({ name, per_second: perSecond, most })),
    ...Object.entries(own.slots).map(([name, most]) => ({ name, per_second: null, most })),
  ];
  await tx.deleteFrom('tenant_limits').where('tenant_id', '=', tenant).execute();
  if (rows.length > 0)
    await tx
      .insertInto('tenant_limits')
      .values(rows.map((row) => ({ ...row, tenant_id: tenant, set_by: setBy, set_at: sql<Date>`now()` })))
      .execute();
  return (await readLimits(tx, [tenant], usual))[0]!;
}
