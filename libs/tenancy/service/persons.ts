import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { eraseFromAudit } from '#libs/platform/audit';
import type { Reader } from '#libs/platform/access';
import type { Transaction } from '#libs/platform/database';
import { DATA_MAP, tablesWithPersons } from '../model/data-map/data-map.js';
import { namesOfPerson, patternOfNames, type PersonNames } from '../model/person.model.js';
import { PersonNamesInvalid, PersonStillNeeded } from '../model/privacy.errors.js';
import {
  auditOfPerson,
  erasePersonIn,
  hiddenFrom,
  insertErasure,
  mspTenant,
  namesSomebodyOfMsp,
  needsOfPerson,
  recordErased,
  rowsOfPerson,
  shareHolds,
  type Need,
  type PersonRow,
  type Search,
} from '../store/privacy.store.js';

/** So many rows of a table go into a person's export at most; it says where there are more. */
const MOST_ROWS = 10_000;
const TOLD_NEEDS = 20;

/** What is known of a person in one table. */
export interface PersonTable {
  readonly table: string;
  readonly holds: string;
  readonly rows: readonly PersonRow[];
  /** Whether `rows` are all there are. */
  readonly complete: boolean;
}

/** Everything that is known of a person at a customer (GDPR Art. 15 and 20), but for confidential requests that the reader may not see. */
export async function collectPerson(
  tx: Transaction,
  tenant: string,
  person: PersonNames,
  reader: Reader,
): Promise<PersonTable[]> {
  const pattern = patternOfNames(namesOfPerson(tenant, await mspTenant(tx), person));
  await giveTime(tx);
  const search = { pattern, withheld: await hiddenFrom(tx, tenant, reader), limit: MOST_ROWS + 1 };
  const found: PersonTable[] = [];
  for (const table of Object.keys(DATA_MAP)) {
    const rows = await rowsIn(tx, tenant, table, search);
    if (rows.length === 0) continue;
    const { holds } = DATA_MAP[table]!;
    found.push({ table, holds, rows: rows.slice(0, MOST_ROWS), complete: rows.length <= MOST_ROWS });
  }
  return found;
}

function rowsIn(tx: Transaction, tenant: string, table: string, search: Search): Promise<readonly PersonRow[]> {
  if (table === 'audit_entries') return auditOfPerson(tx, tenant, search);
  const data = DATA_MAP[table]!;
  if ([...(data.persons ?? []), ...(data.content ?? [])].length === 0) return Promise.resolve([]);
  return rowsOfPerson(tx, tenant, { table, ...data }, search);
}

/** An erasure as it was carried out. */
export interface CarriedOutErasure {
  readonly id: string;
  /** Stands wherever the person was named. */
  readonly pseudonym: string;
  /** Rows that were changed, by table. */
  readonly changed: Readonly<Record<string, number>>;
}

/** Who erases, why, and what forgets accounts that are known by marks alone; it gives how many rows that were. */
export interface ErasureOrder {
  readonly reader: Reader;
  readonly reason: string;
  readonly forgetAccounts: (tx: Transaction, accounts: readonly string[]) => Promise<number>;
}

/**
 * Replaces a person by a pseudonym in everything of a customer's, the audit included, in the caller's transaction, which
 * writes for the tenant. Throws `PersonStillNeeded` with what needs the person, or `PersonNamesInvalid`.
 */
export async function erasePerson(
  tx: Transaction,
  tenant: string,
  person: PersonNames,
  { reader, reason, forgetAccounts }: ErasureOrder,
): Promise<CarriedOutErasure> {
  const by = reader.subject;
  const msp = await mspTenant(tx);
  const names = namesOfPerson(tenant, msp, person);
  const pattern = patternOfNames(names);
  await giveTime(tx);
  await shareHolds(tx, tenant);
  if (tenant !== msp && (await namesSomebodyOfMsp(tx, pattern)))
    throw new PersonNamesInvalid(
      'One of these names is of somebody who works for the MSP, and answers for what they did. Leave it out.',
    );
  await requireNotNeeded(tx, tenant, pattern, reader);
  const pseudonym = `person-${randomBytes(6).toString('hex')}`;
  const id = await insertErasure(tx, tenant, { pseudonym, reason, by });
  const changed: Record<string, number> = {};
  for (const data of tablesWithPersons()) {
    const rows = await erasePersonIn(tx, tenant, id, data, pattern);
    if (rows > 0) changed[data.table] = rows;
  }
  // whoever else is named has an account elsewhere
  const places = await forgetAccounts(
    tx,
    names.filter((name) => name.endsWith(`@${tenant}`)),
  );
  if (places > 0) changed['sign_in_places'] = places;
  const entries = await eraseFromAudit(tx, tenant, names, pseudonym, by, reason);
  if (entries > 0) changed['audit_entries'] = entries;
  await recordErased(tx, tenant, id, changed);
  return { id, pseudonym, changed };
}

async function requireNotNeeded(tx: Transaction, tenant: string, pattern: string, reader: Reader): Promise<void> {
  const all = await needsOfPerson(tx, tenant, pattern);
  if (all.length === 0) return;
  const hidden = await hiddenFrom(tx, tenant, reader);
  const shown = all.filter(({ ref }) => !hidden.includes(ref));
  const needs: readonly Need[] = shown.length > 0 ? shown : [{ need: 'withheld', ref: '' }];
  const kinds = [...new Set(needs.map(({ need }) => need))].join(', ');
  const context = { needs: needs.slice(0, TOLD_NEEDS).map(({ need, ref }) => ({ need, ref })) };
  throw new PersonStillNeeded(`Close what still needs the person first: ${kinds}.`, { context });
}

/** Every row of the customer is looked through: more than a call usually may take. */
async function giveTime(tx: Transaction): Promise<void> {
  await sql`SET LOCAL statement_timeout = '120s'`.execute(tx);
}
