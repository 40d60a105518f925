import pg from 'pg';
import { testStack } from './test-stack.js';

/** Temporal's own databases on our PostgreSQL server. */
const DATABASES = ['temporal', 'temporal_visibility'];

/** Tables of Temporal's own databases that hold this text, in any column, bytes included. */
export async function engineTablesWith(text: string): Promise<string[]> {
  const found = await Promise.all(DATABASES.map((name) => tablesWith(name, Buffer.from(text))));
  return found.flat();
}

async function tablesWith(database: string, text: Buffer): Promise<string[]> {
  const url = new URL(testStack().postgresUrl);
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const { rows } = await client.query<{ table: string; column: string; type: string }>(
      `SELECT table_name AS table, column_name AS column, data_type AS type FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type IN ('bytea', 'text', 'character varying', 'jsonb')`,
    );
    const holders = new Set<string>();
    for (const { table, column, type } of rows) {
      const value = type === 'bytea' ? `"${column}"` : `convert_to("${column}"::text, 'UTF8')`;
      const { rowCount } = await client.query(
        `SELECT FROM "${table}" WHERE position($1::bytea IN ${value}) > 0 LIMIT 1`,
        [text],
      );
      if ((rowCount ?? 0) > 0) holders.add(`${database}.${table}`);
    }
    return [...holders].sort();
  } finally {
    await client.end();
  }
}
