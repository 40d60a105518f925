import { createHash } from 'node:crypto';
import { Encrypter } from 'age-encryption';
import { sql } from 'kysely';
import { canonicalJson } from '#libs/kernel';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { DATA_MAP } from '../model/data-map/data-map.js';
import {
  CREDENTIALS_FILE,
  exportedTables,
  filesOfExport,
  README_FILE,
  readmeOf,
  SCHEMA_FILE,
  tableOfFile,
} from '../model/handover.model.js';
import { ExportRecipientInvalid } from '../model/privacy.errors.js';
import {
  exportedColumns,
  exportedFiles,
  handoverPage,
  readExport,
  type ExportedColumn,
} from '../store/handover.store.js';

const PAGE_ROWS = 200;
const CHUNK_BYTES = 256 * 1024;
/** How long a finished export can be had. */
export const AVAILABLE_DAYS = 14;

export interface HandoverRef {
  readonly tenant: string;
  readonly id: string;
}

/** Gives a customer's own credentials in the clear, by name; only an activity has one of these. */
export type CredentialsOf = (tenant: string) => Promise<Readonly<Record<string, string>>>;

/** Throws `ExportRecipientInvalid` unless something can be encrypted to this. */
export function requireRecipient(recipient: string): void {
  try {
    new Encrypter().addRecipient(recipient);
  } catch (cause) {
    throw new ExportRecipientInvalid('Name an age recipient (age1…), as age-keygen -y gives it.', { cause });
  }
}

/**
 * Writes a customer's export file by file, each encrypted as a whole to the receiver's key and stored in pieces: what is in
 * the clear never leaves this process's memory, of which a file of any size takes some pages of rows and a piece.
 */
export class HandoverWriter {
  constructor(
    private readonly database: Database,
    private readonly credentialsOf: CredentialsOf,
  ) {}

  /** Names of the files, in order. */
  files(): readonly string[] {
    return filesOfExport();
  }

  /** Writes one file, anew when a try before did not finish it. `progress` is told after each piece. */
  async write(ref: HandoverRef, file: string, progress: () => void = () => undefined): Promise<void> {
    const { tenant, id } = ref;
    const { recipient, isWritten } = await this.begin(ref, file);
    if (isWritten) return;
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const plain = createHash('sha256');
    const counted = { rows: 0 };
    const source = hashing(this.contentOf(ref, file, counted), plain);
    const encrypted = await encrypter.encrypt(ReadableStream.from(source) as ReadableStream<Uint8Array>);
    const sealed = createHash('sha256');
    let size = 0;
    let seq = 0;
    for await (const bytes of pieces(encrypted)) {
      sealed.update(bytes);
      size += bytes.length;
      const row = { tenant_id: tenant, export_id: id, file, seq: seq++, bytes };
      await inTenants(this.database, [tenant], (tx) => tx.insertInto('tenant_export_chunks').values(row).execute());
      progress();
    }
    const hashes = { plain_sha256: plain.digest('hex'), sha256: sealed.digest('hex') };
    const row = { tenant_id: tenant, export_id: id, file, rows: counted.rows, ...hashes, size };
    await inTenants(this.database, [tenant], (tx) => tx.insertInto('tenant_export_files').values(row).execute());
  }

  /** Closes the export with its manifest, whose hash the releases bind to. A repeat changes nothing. */
  async finish({ tenant, id }: HandoverRef): Promise<void> {
    await inTenants(this.database, [tenant], async (tx) => {
      const files = await exportedFiles(tx, tenant, id);
      const manifest = canonicalJson({
        format: 'stellwerk-handover/1',
        tenant,
        exportId: id,
        files: files.map((one) => ({
          name: `${one.file}.age`,
          rows: one.rows,
          size: one.size,
          sha256: one.sha256,
          plainSha256: one.plain_sha256,
          readAt: one.read_at.toISOString(),
        })),
      });
      await tx
        .updateTable('tenant_exports')
        .set({
          ...{ status: 'ready', manifest, hash: createHash('sha256').update(manifest).digest('hex') },
          ready_at: sql<Date>`now()`,
          available_until: sql<Date>`now() + ${AVAILABLE_DAYS}::int * interval '1 day'`,
        })
        .where('tenant_id', '=', tenant)
        .where('id', '=', id)
        .where('status', '=', 'building')
        .execute();
    });
  }

  /** Takes an export's files away for good; its manifest stays. */
  async discard({ tenant, id }: HandoverRef): Promise<void> {
    await inTenants(this.database, [tenant], async (tx) => {
      const { status } = await readExport(tx, tenant, id);
      if (status !== 'ready') return;
      await tx.deleteFrom('tenant_export_chunks').where('tenant_id', '=', tenant).where('export_id', '=', id).execute();
      await tx
        .updateTable('tenant_exports')
        .set({ status: 'gone' })
        .where('tenant_id', '=', tenant)
        .where('id', '=', id)
        .execute();
    });
  }

  private begin({ tenant, id }: HandoverRef, file: string): Promise<{ recipient: string; isWritten: boolean }> {
    return inTenants(this.database, [tenant], async (tx) => {
      const { recipient, status } = await readExport(tx, tenant, id);
      const isWritten =
        status !== 'building' || (await exportedFiles(tx, tenant, id)).some((known) => known.file === file);
      if (!isWritten)
        await tx
          .deleteFrom('tenant_export_chunks')
          .where('tenant_id', '=', tenant)
          .where('export_id', '=', id)
          .where('file', '=', file)
          .execute();
      return { recipient, isWritten };
    });
  }

  private async *contentOf(ref: HandoverRef, file: string, counted: { rows: number }): AsyncGenerator<Uint8Array> {
    const table = tableOfFile(file);
    if (table !== null) yield* this.linesOf(ref, table, counted);
    else yield Buffer.from(await this.textOf(ref, file));
  }

  /** The rows as of one moment: pages are read in one transaction that sees what was there when it began. */
  private async *linesOf({ tenant, id }: HandoverRef, table: string, counted: { rows: number }) {
    const hidden = DATA_MAP[table]?.secret ?? [];
    const tx = await this.database.startTransaction().setIsolationLevel('repeatable read').execute();
    try {
      await sql`SELECT set_config('stellwerk.tenants', ${tenant}, true)`.execute(tx);
      for (let after: Readonly<Record<string, unknown>> | null = null; ;) {
        const page = await handoverPage(tx as unknown as Transaction, { tenant, id, table }, hidden, after, PAGE_ROWS);
        counted.rows += page.length;
        if (page.length > 0) yield Buffer.from(page.map(({ line }) => `${line}\n`).join(''));
        if (page.length < PAGE_ROWS) return;
        after = page.at(-1)!.place;
      }
    } finally {
      await tx.rollback().execute();
    }
  }

  private async textOf({ tenant }: HandoverRef, file: string): Promise<string> {
    switch (file) {
      case README_FILE:
        return readmeOf(tenant);
      case CREDENTIALS_FILE:
        return `${JSON.stringify(await this.credentialsOf(tenant), null, 1)}\n`;
      case SCHEMA_FILE: {
        const columns = await inTenants(this.database, [tenant], (tx) => exportedColumns(tx, exportedTables()));
        return `${JSON.stringify(schemasOf(columns), null, 1)}\n`;
      }
      default:
        throw new Error(`There is no file ${file} in an export.`);
    }
  }
}

async function* hashing(source: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const bytes of source) {
    hash.update(bytes);
    yield bytes;
  }
}

/** A stream in pieces of an even size. */
async function* pieces(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const bytes of stream) {
    waiting.push(Buffer.from(bytes));
    size += bytes.length;
    if (size < CHUNK_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting);
}

const JSON_TYPES: Readonly<Record<string, object>> = {
  integer: { type: 'integer' },
  bigint: { type: 'integer' },
  smallint: { type: 'integer' },
  boolean: { type: 'boolean' },
  'double precision': { type: 'number' },
  jsonb: {},
  uuid: { type: 'string', format: 'uuid' },
  date: { type: 'string', format: 'date' },
};

/** A JSON Schema of each table's rows. */
function schemasOf(columns: readonly ExportedColumn[]): Record<string, object> {
  const schemas: Record<string, { properties: Record<string, object> }> = {};
  for (const { table_name: table, column_name: name, type, nullable } of columns) {
    if (DATA_MAP[table]?.secret?.includes(name)) continue;
    const about = { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' };
    schemas[table] ??= { ...about, description: DATA_MAP[table]!.holds, properties: {} } as never;
    const one = type.endsWith('[]')
      ? { type: 'array' }
      : type.startsWith('timestamp')
        ? { type: 'string', format: 'date-time' }
        : (JSON_TYPES[type] ?? { type: 'string' });
    schemas[table].properties[name] = nullable && 'type' in one ? { anyOf: [one, { type: 'null' }] } : one;
  }
  return schemas;
}
