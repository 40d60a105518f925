import { sql } from 'kysely';
import { newId, type JsonObject } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { chainBegins, type Acknowledgement, type ChainState } from '../model/index.js';
import type { NamedChain } from './chain.store.js';

export type EscalationRow = Row<'escalations'>;
export type EscalationEntryRow = Row<'escalation_entries'>;

export type EscalationCause = 'warning' | 'breach' | 'alert' | 'hand';

export interface NewEscalation {
  readonly ticketId: string;
  readonly chain: NamedChain;
  readonly cause: EscalationCause;
  /** What tells causes of one ticket apart: each starts a chain once. */
  readonly causeKey: string;
  readonly details: JsonObject;
  readonly dueAt: Date;
  readonly by: string;
}

/** Starts a chain, frozen as it is now; undefined when this cause has started it before. */
export function insertEscalation(
  tx: Transaction,
  tenant: string,
  { ticketId, chain, cause, causeKey, details, dueAt, by }: NewEscalation,
): Promise<EscalationRow | undefined> {
  return tx
    .insertInto('escalations')
    .values({
      ...{ tenant_id: tenant, id: newId(), ticket_id: ticketId, chain_tenant: chain.tenant, chain_name: chain.name },
      ...{ chain_version: chain.version, chain: json(chain.chain), cause, cause_key: causeKey },
      ...{ cause_details: json(details), state: json(chainBegins(dueAt.getTime())), due_at: dueAt, started_by: by },
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'ticket_id', 'cause_key']).doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Those of a ticket that have not ended, the first started first. The ticket is locked, and they with it. */
export function goingEscalations(tx: Transaction, tenant: string, ticketId: string): Promise<EscalationRow[]> {
  return tx
    .selectFrom('escalations')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .where('ticket_id', '=', ticketId)
    .where('status', '<>', 'ended')
    .orderBy('started_at')
    .orderBy('id')
    .execute();
}

export function findEscalation(
  tx: Transaction,
  tenants: readonly string[],
  id: string,
): Promise<EscalationRow | undefined> {
  return tx
    .selectFrom('escalations')
    .selectAll()
    .where('tenant_id', 'in', [...tenants, ''])
    .where('id', '=', id)
    .executeTakeFirst();
}

export interface EscalationFilter {
  readonly ticket?: string;
  readonly status?: string;
}

/** The newest first. `place`: microseconds since 1970 and id of the last one shown. */
export function listEscalations(
  tx: Transaction,
  tenants: readonly string[],
  { ticket, status }: EscalationFilter,
  place: { readonly at: number; readonly id: string } | null,
  limit: number,
): Promise<(EscalationRow & { readonly place_at: number })[]> {
  const at = sql<number>`(extract(epoch FROM started_at) * 1000000)::bigint`;
  return tx
    .selectFrom('escalations')
    .selectAll()
    .select(at.as('place_at'))
    .where('tenant_id', 'in', [...tenants, ''])
    .$if(ticket !== undefined, (query) => query.where('ticket_id', '=', ticket!))
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(place !== null, (query) => query.where(sql<boolean>`(${at}, id) < (${place!.at}::bigint, ${place!.id}::uuid)`))
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

type Ref = Pick<EscalationRow, 'tenant_id' | 'id'>;

function change(tx: Transaction, { tenant_id, id }: Ref) {
  return tx.updateTable('escalations').where('tenant_id', '=', tenant_id).where('id', '=', id);
}

/** Keeps how far a chain has come, and its acknowledgement where that has changed. */
export async function saveCourse(
  tx: Transaction,
  row: EscalationRow,
  { state, acknowledged }: { readonly state: ChainState; readonly acknowledged: Acknowledgement | null },
): Promise<void> {
  const lost = { acknowledged_by: null, acknowledged_at: null, acknowledged_via: null, acknowledged_until: null };
  const until = acknowledged?.until ?? null;
  await change(tx, row)
    .set({
      state: json(state),
      status: acknowledged ? 'acknowledged' : 'running',
      ...(acknowledged ? { acknowledged_until: until === null ? null : new Date(until) } : lost),
    })
    .execute();
}

export async function setConference(tx: Transaction, row: Ref, url: string): Promise<void> {
  await change(tx, row).set({ conference_url: url }).execute();
}

export type AcknowledgedVia = 'api' | 'link' | 'sms' | 'voice';

/** Acknowledges a running chain; the first counts: undefined when somebody had, or it has ended. */
export function acknowledge(
  tx: Transaction,
  row: Ref,
  { by, via, minutes }: { readonly by: string; readonly via: AcknowledgedVia; readonly minutes: number | null },
): Promise<EscalationRow | undefined> {
  const until =
    minutes === null ? sql<Date | null>`NULL` : sql<Date | null>`now() + ${minutes}::float8 * interval '1 minute'`;
  return change(tx, row)
    .set({
      ...{ status: 'acknowledged', acknowledged_by: by, acknowledged_via: via },
      ...{ acknowledged_at: sql<Date>`now()`, acknowledged_until: until },
    })
    .where('status', '=', 'running')
    .returningAll()
    .executeTakeFirst();
}

export async function endEscalation(tx: Transaction, row: Ref, reason: string): Promise<void> {
  await change(tx, row)
    .set({ status: 'ended', ended_at: sql<Date>`now()`, end_reason: reason })
    .execute();
}

/** Puts on an escalation's timeline what happened. */
export async function noteEscalation(
  tx: Transaction,
  { tenant_id, id }: Ref,
  { kind, who, data = {} }: { readonly kind: string; readonly who: string; readonly data?: JsonObject },
): Promise<void> {
  await tx
    .insertInto('escalation_entries')
    .values({
      ...{ tenant_id, escalation_id: id, kind, who, data: json(data) },
      sequence: sql<number>`(SELECT coalesce(max(e.sequence), 0) + 1 FROM escalation_entries e
        WHERE e.tenant_id = ${tenant_id} AND e.escalation_id = ${id})`,
    })
    .execute();
}

/** An escalation's timeline, in its order. */
export function entriesOfEscalation(tx: Transaction, { tenant_id, id }: Ref): Promise<EscalationEntryRow[]> {
  return tx
    .selectFrom('escalation_entries')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('escalation_id', '=', id)
    .orderBy('sequence')
    .execute();
}
