import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { json, type Row, type Transaction } from '#libs/platform/database';
import { deletionOrder, keptByLaw } from '../model/offboarding.model.js';
import type { OffboardingRef } from './offboarding.store.js';

export type ErasureRow = Row<'tenant_erasures'>;
export type KeptRow = Row<'tenant_erasure_kept'>;

/** Entries wait here for the chain until they are in it: the bridge empties it. */
const EMPTIES_ITSELF = 'audit_waiting';

/** An erasure: a record of the MSP's, under its tenant. */
export interface BegunErasure {
  readonly home: string;
  readonly id: string;
  /** Of the event that starts its workflow. */
  readonly eventId: string;
}

/** Begins the erasure of a customer in the transaction that writes for it. Nobody goes back from here. */
export async function beginErasure(tx: Transaction, { tenant, id }: OffboardingRef): Promise<BegunErasure> {
  const erasure = newId();
  const eventId = newId();
  const { rows } = await sql<{ home: string }>`
    SELECT begin_erasure_of_tenant(${tenant}, ${id}, ${erasure}, ${eventId}, ${json(keptByLaw())}::jsonb) AS home`.execute(
    tx,
  );
  return { home: rows[0]!.home, id: erasure, eventId };
}

/** Ids of the legal holds that are in force, on the customer or on anybody there. */
export async function holdsInForce(tx: Transaction, tenant: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('legal_holds')
    .select('id')
    .where('tenant_id', '=', tenant)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Every table that carries a tenant, by the database's own catalogue, in an order in which rows can be deleted. */
export async function tablesOfTenants(tx: Transaction): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`.execute(tx);
  const { rows: references } = await sql<{ from: string; to: string }>`
    SELECT f.relname AS "from", t.relname AS "to" FROM pg_constraint c
      JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid WHERE c.contype = 'f'`.execute(tx);
  return deletionOrder(
    tables.map(({ name }) => name),
    references,
  );
}

/** The tables that are emptied at once: all but those that the law keeps. */
export async function erasableTables(tx: Transaction, home: string, id: string): Promise<string[]> {
  const kept = (await keptOf(tx, home, id)).map(({ kept_table }) => kept_table);
  return (await tablesOfTenants(tx)).filter((table) => !kept.includes(table) && table !== EMPTIES_ITSELF);
}

/** Deletes at most `limit` rows of a table; gives how many. The transaction writes for the MSP. */
export async function eraseRowsOf(
  tx: Transaction,
  { home, id }: { readonly home: string; readonly id: string },
  table: string,
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ n: string | number }>`
    SELECT erase_tenant_rows(${home}, ${id}, ${table}, ${limit}) AS n`.execute(tx);
  return Number(rows[0]!.n);
}

export function readErasure(tx: Transaction, home: string, id: string): Promise<ErasureRow> {
  return tx
    .selectFrom('tenant_erasures')
    .selectAll()
    .where('tenant_id', '=', home)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

/** One of the MSP's erasures. */
export function findErasure(tx: Transaction, home: string, id: string): Promise<ErasureRow | undefined> {
  return tx
    .selectFrom('tenant_erasures')
    .selectAll()
    .where('tenant_id', '=', home)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The MSP's erasures, the newest first. */
export function listErasures(tx: Transaction, home: string): Promise<ErasureRow[]> {
  return tx
    .selectFrom('tenant_erasures')
    .selectAll()
    .where('tenant_id', '=', home)
    .orderBy('begun_at', 'desc')
    .limit(200)
    .execute();
}

/** What the law keeps of a customer, the earliest first. */
export function keptOf(tx: Transaction, home: string, id: string): Promise<KeptRow[]> {
  return tx
    .selectFrom('tenant_erasure_kept')
    .selectAll()
    .where('tenant_id', '=', home)
    .where('erasure_id', '=', id)
    .orderBy('keep_until')
    .orderBy('kept_table')
    .execute();
}
