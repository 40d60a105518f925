import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import type { Reader } from '#libs/platform/access';
import { json, type Row, type Transaction } from '#libs/platform/database';
import type { TableData } from '../model/data-map/table-data.js';
import { LegalHoldNotFound, PersonStillNeeded } from '../model/privacy.errors.js';

export type LegalHoldRow = Row<'legal_holds'>;
type NamedTable = TableData & { readonly table: string };

/**
 * Something that still needs a person's data; `ref` is the id of the request, run, account, key or hold. `withheld`, without
 * a `ref`: something confidential that the reader may not see.
 */
export interface Need {
  readonly need:
    'open_request' | 'open_run' | 'active_account' | 'active_key' | 'open_alarm' | 'legal_hold' | 'withheld';
  readonly ref: string;
}

/** A row about a person in whole, or what of another row names them. */
export interface PersonRow {
  readonly about: boolean;
  readonly content: Readonly<Record<string, unknown>>;
}

export async function needsOfPerson(tx: Transaction, tenant: string, pattern: string): Promise<readonly Need[]> {
  return (await sql<Need>`SELECT * FROM needs_of_person(${tenant}, ${pattern})`.execute(tx)).rows;
}

/** The MSP's own tenant. */
export async function mspTenant(tx: Transaction): Promise<string> {
  return (await sql<{ msp: string }>`SELECT msp_tenant() AS msp`.execute(tx)).rows[0]!.msp;
}

/** What is looked for: a person's names, but for what has one of the ids that are withheld. */
export interface Search {
  readonly pattern: string;
  readonly withheld: readonly string[];
  readonly limit: number;
}

/** Ids of confidential requests that a reader may not see at this customer, of their runs and rounds. */
export async function hiddenFrom(tx: Transaction, tenant: string, reader: Reader): Promise<readonly string[]> {
  const { subject, decides, confirmsFor } = reader;
  const { rows } = await sql<{ ids: string[] }>`
    SELECT hidden_from(${tenant}, ${subject}, ${decides}, ${confirmsFor.includes(tenant)}) AS ids`.execute(tx);
  return rows[0]!.ids;
}

/** Whether one of the names is of somebody who works for the MSP. */
export async function namesSomebodyOfMsp(tx: Transaction, pattern: string): Promise<boolean> {
  const { rows } = await sql<{ does: boolean }>`SELECT names_of_msp(${pattern}) AS does`.execute(tx);
  return rows[0]!.does;
}

const HOLDS_LOCK = 'legal-holds';

/** An erasure goes on with the holds that were there when it began: one set meanwhile waits for its end. */
export async function shareHolds(tx: Transaction, tenant: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock_shared(hashtextextended(${`${HOLDS_LOCK}/${tenant}`}, 0))`.execute(tx);
}

/** What a table holds of a person, at most `limit` rows. The transaction writes for the tenant. */
export async function rowsOfPerson(
  tx: Transaction,
  tenant: string,
  { table, persons = [], content = [], secret = [], about = undefined }: NamedTable,
  { pattern, withheld, limit }: Search,
): Promise<readonly PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    SELECT * FROM rows_naming(${tenant}, ${table}, ${[...persons, ...content]}::text[], ${secret}::text[], ${about ?? null}, ${pattern}, ${limit}, ${withheld}::text[])`.execute(
    tx,
  );
  return rows;
}

/** The entries of the audit that name a person, the newest first. */
export async function auditOfPerson(
  tx: Transaction,
  tenant: string,
  { pattern, withheld, limit }: Search,
): Promise<readonly PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    SELECT e.object_id ~* ${pattern} AS about,
      jsonb_build_object('id', e.id, 'at', e.at, 'action', e.action, 'outcome', e.outcome, 'object_kind', e.object_kind)
      || CASE WHEN e.object_id ~* ${pattern} THEN jsonb_build_object('object_id', e.object_id, 'reason', e.reason, 'before', e.before, 'after', e.after)
         ELSE '{}' END AS content
    FROM audit_entries e
    WHERE e.tenant_id = ${tenant} AND concat_ws(E'\n', e.actor, e.origin, e.object_id, e.reason, e.before::text, e.after::text) ~* ${pattern}
      AND e.request_id::text <> ALL (${withheld}::text[]) IS NOT FALSE AND e.object_id <> ALL (${withheld}::text[])
    ORDER BY e.id DESC LIMIT ${limit}`.execute(tx);
  return rows;
}

/** Puts an erasure on record, before it is carried out in the same transaction. */
export async function insertErasure(
  tx: Transaction,
  tenant: string,
  { pseudonym, reason, by }: { readonly pseudonym: string; readonly reason: string; readonly by: string },
): Promise<string> {
  const id = newId();
  await tx
    .insertInto('person_erasures')
    .values({ tenant_id: tenant, id, pseudonym, reason, requested_by: by })
    .execute();
  return id;
}

/** Replaces a person in a table; gives how many rows it changed. Throws `PersonStillNeeded` where one is under a legal hold. */
export async function erasePersonIn(
  tx: Transaction,
  tenant: string,
  erasure: string,
  { table, persons = [], content = [], about = undefined }: NamedTable,
  pattern: string,
): Promise<number> {
  const { rows } = await sql<{ changed: number }>`
    SELECT erase_person_in(${tenant}, ${erasure}, ${table}, ${persons}::text[], ${content}::text[], ${about ?? null}, ${pattern}) AS changed`.execute(
    tx,
  );
  const { changed } = rows[0]!;
  if (changed < 0) throw new PersonStillNeeded(UNDER_HOLD, { context: { needs: [{ need: 'legal_hold', ref: '' }] } });
  return changed;
}

export async function recordErased(
  tx: Transaction,
  tenant: string,
  id: string,
  changed: Readonly<Record<string, number>>,
): Promise<void> {
  await tx
    .updateTable('person_erasures')
    .set({ changed: json(changed) })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .execute();
}

/** The holds of a tenant, those in force first, then the newest. */
export function listLegalHolds(tx: Transaction, tenant: string): Promise<LegalHoldRow[]> {
  return tx
    .selectFrom('legal_holds')
    .selectAll()
    .where('tenant_id', '=', tenant)
    .orderBy(sql`ended_at IS NOT NULL`)
    .orderBy('set_at', 'desc')
    .orderBy('id')
    .execute();
}

const UNDER_HOLD =
  'These names also stand in what belongs to somebody under a legal hold. Name the person more closely, or end the hold first.';

/** Waits until erasures that are under way have ended. */
export async function insertLegalHold(
  tx: Transaction,
  tenant: string,
  { person, reason, by }: { readonly person: string | null; readonly reason: string; readonly by: string },
): Promise<LegalHoldRow> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${HOLDS_LOCK}/${tenant}`}, 0))`.execute(tx);
  return tx
    .insertInto('legal_holds')
    .values({ tenant_id: tenant, id: newId(), person: person?.toLowerCase() ?? null, reason, set_by: by })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Throws `LegalHoldNotFound` when there is none in force with this id. */
export async function endLegalHold(
  tx: Transaction,
  tenant: string,
  id: string,
  { reason, by }: { readonly reason: string; readonly by: string },
): Promise<LegalHoldRow> {
  const row = await tx
    .updateTable('legal_holds')
    .set({ ended_at: sql<Date>`now()`, ended_by: by, end_reason: reason })
    .where('tenant_id', '=', tenant)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new LegalHoldNotFound(`${tenant} has no legal hold ${id} in force.`);
  return row;
}
