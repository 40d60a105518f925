import { DATA_MAP } from './data-map/data-map.js';

/** What comes out of a file of an export, besides the rows of tables. */
export const README_FILE = 'README.md';
export const SCHEMA_FILE = 'schema.json';
export const CREDENTIALS_FILE = 'credentials.json';

/** The tables that an export has, in order. */
export function exportedTables(): readonly string[] {
  return Object.entries(DATA_MAP)
    .filter(([, { notExported }]) => notExported === undefined)
    .map(([table]) => table)
    .sort();
}

export function fileOfTable(table: string): string {
  return `data/${table}.ndjson`;
}

/** The table whose rows a file has; null for the others. */
export function tableOfFile(file: string): string | null {
  return /^data\/([a-z_]+)\.ndjson$/.exec(file)?.[1] ?? null;
}

/** Every file of an export, in the order in which they are written. */
export function filesOfExport(): readonly string[] {
  return [README_FILE, SCHEMA_FILE, CREDENTIALS_FILE, ...exportedTables().map(fileOfTable)];
}

export function readmeOf(tenant: string): string {
  const hidden = Object.entries(DATA_MAP)
    .filter(([, { notExported }]) => notExported !== undefined)
    .map(([table, { notExported }]) => `- ${table}: ${notExported}`);
  return `# Everything of ${tenant}

- \`data/<table>.ndjson\`: one JSON object per line and row, as PostgreSQL's \`to_jsonb\` writes it: instants in RFC 3339, bytes as
  \`\\x\` and hexadecimal digits. What a table's row is stands in \`schema.json\`, as JSON Schemas (draft 2020-12) by table.
- \`credentials.json\`: the customer's own credentials in the clear, by name. Change each of them.
- \`manifest.json\` beside these files: name, rows, size and SHA-256 of each, of the file as it is here and before its encryption.
- The audit's chain: \`data/audit_entries.ndjson\`, \`audit_chain.ndjson\` and \`audit_anchors.ndjson\`.

Left out, with the reason:
${hidden.join('\n')}
`;
}
