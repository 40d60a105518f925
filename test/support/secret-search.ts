import { sql } from 'kysely';
import type { Database } from '#libs/platform/database';

/** Forms in which a secret could stand somewhere. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // base64 shifts with its place in a longer text: the middle of each of three shifts is looked for
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(4, -4),
  );
  return [secret, JSON.stringify(secret).slice(1, -1), bytes.toString('hex'), ...shifted];
}

/** Where secrets stand that should stand nowhere: names of the texts that hold one in any form. */
export function holdersOf(secrets: readonly string[], texts: Readonly<Record<string, string>>): string[] {
  const forms = secrets.flatMap(formsOf);
  return Object.entries(texts)
    .filter(([, text]) => forms.some((form) => text.includes(form)))
    .map(([name]) => name);
}

/** Every row of every table as text, by table; bytes are hexadecimal. */
export async function wholeDatabase(admin: Database): Promise<Record<string, string>> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`.execute(admin);
  const tables: Record<string, string> = {};
  for (const { name } of rows) {
    const { rows: found } = await sql<{
      text: string;
    }>`SELECT to_jsonb(t)::text AS text FROM ${sql.table(name)} t`.execute(admin);
    tables[`table ${name}`] = found.map((row) => row.text).join('\n');
  }
  return tables;
}
