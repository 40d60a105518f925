import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { DATA_MAP } from '#libs/tenancy';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

// numbers, instants, ids and flags hold no text; everything else has to be classified
const SILENT =
  /^(uuid|uuid\[\]|integer|bigint|smallint|boolean|double precision|date|timestamp with time zone|timestamp\(3\) with time zone|numeric)$/;

/** Columns in which something about a person could stand, by table. */
async function columnsToClassify(): Promise<Record<string, string[]>> {
  const { rows } = await sql<{ table: string; column: string; type: string }>`
    SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND (c.relname = 'tenants' OR EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id'))
      AND a.attname <> 'tenant_id'`.execute(database.admin);
  const found: Record<string, string[]> = {};
  for (const { table, column, type } of rows) {
    found[table] ??= [];
    if (!SILENT.test(type)) found[table].push(column);
  }
  return Object.fromEntries(Object.entries(found).map(([table, columns]) => [table, columns.sort()]));
}

describe('the map of personal data', () => {
  it('classifies every column of every table that carries a tenant, once: a new one belongs in libs/tenancy/model/data-map', async () => {
    const classified = Object.fromEntries(
      Object.entries(DATA_MAP).map(([table, { persons = [], content = [], plain = [], secret = [] }]) => [
        table,
        [...persons, ...content, ...plain, ...secret].sort(),
      ]),
    );
    expect(classified).toEqual(await columnsToClassify());
  });

  it('says why, wherever rows are left out of an export or of an erasure', () => {
    const reasons = Object.values(DATA_MAP).flatMap(({ notErased, notExported }) => [
      notErased ?? 'given',
      notExported ?? 'given',
    ]);
    expect(reasons.filter((reason) => reason.length < 5)).toEqual([]);
  });
});
