import { sql } from 'kysely';
import { AppError } from '#libs/kernel';
import { appendAudit, ENGINE } from '../audit/index.js';
import { inTenants, type Database } from '../database/index.js';
import { KeyRingUnavailable, MasterKeysInvalid, type KeyRing } from './keys/index.js';
import {
  countWrapped,
  exchangeWrapping,
  rowsToRewrap,
  WRAPPED_TABLES,
  type KeyCount,
  type WrappedRow,
  type WrappedTable,
} from './rotation.store.js';

/** How far a rotation is. */
export interface RotationProgress {
  readonly table: string;
  readonly done: number;
  readonly of: number;
}

/** A row that could not be taken along, and why. */
export interface LeftRow {
  readonly table: string;
  /** Its primary key. */
  readonly at: readonly (string | number)[];
  readonly reason: string;
}

export interface RotationResult {
  /** The master key that wraps everything now, but for what is left. */
  readonly keyId: string;
  /** A rotation that had begun was taken up; no new master key was made. */
  readonly resumed: boolean;
  readonly rewrapped: number;
  readonly left: readonly LeftRow[];
}

/** Which master keys there are, and what still needs which. */
export interface KeyStatus {
  readonly current: string;
  readonly counts: readonly KeyCount[];
  /** Master keys that are needed and not there: what they wrapped cannot be opened. */
  readonly missing: readonly string[];
  /** Older master keys that nothing needs any more. */
  readonly removable: readonly string[];
}

/** Somebody else exchanges the master key at this moment: two at once would each make a new one. */
export class RotationUnderWay extends AppError {
  readonly code = 'secrets.rotation_under_way';
  readonly title = 'The master key is being exchanged already';
  readonly kind = 'conflict';
}

export interface RotationOptions {
  /** Rows at a time. */
  readonly batch?: number;
  /** Makes a new master key although an older one is still needed: after a leak, where some rows cannot be taken along. */
  readonly newKey?: boolean;
}

const BATCH = 200;
const AT_ONCE = 8;

/**
 * Exchanges the master key: makes a new one, or takes up a rotation that was interrupted, and wraps every data key by it.
 * Each row is exchanged by itself and conditionally, so it may be killed at any point, and a row that somebody changes
 * meanwhile keeps the change. `told` hears of each batch.
 *
 * Throws `KeyRingUnavailable` when the ring goes away: begin again later. Throws `MasterKeyNotOurs` where a person has to put
 * the new key in place, and `RotationUnderWay`.
 */
export function rotateMasterKey(
  database: Database,
  ring: KeyRing,
  told: (progress: RotationProgress) => void,
  { batch = BATCH, newKey = false }: RotationOptions = {},
): Promise<RotationResult> {
  return alone(database, () => rotate({ database, ring, batch, told }, newKey));
}

/** Held by a session of its own, so that it ends with whoever holds it, however that ends. */
async function alone<T>(database: Database, work: () => Promise<T>): Promise<T> {
  return database.connection().execute(async (session) => {
    const { rows } = await sql<{
      got: boolean;
    }>`SELECT pg_try_advisory_lock(hashtext('rotate_master_key')) AS got`.execute(session);
    if (!rows[0]!.got) throw new RotationUnderWay('Wait until the other rotation has ended, then look at the status.');
    try {
      return await work();
    } finally {
      await sql`SELECT pg_advisory_unlock(hashtext('rotate_master_key'))`.execute(session);
    }
  });
}

async function rotate(work: Omit<Work, 'keyId'>, newKey: boolean): Promise<RotationResult> {
  const { database, ring } = work;
  const [present, known] = [await ring.current(), await ring.ids()];
  // what a lost key wrapped can never be taken along, and does not hold up a new one
  const isBehind = ({ keyId }: KeyCount): boolean => keyId !== present && known.includes(keyId);
  const counts = await countWrapped(database);
  const resumed = !newKey && counts.some(isBehind);
  const keyId = resumed ? present : await ring.renew(counts.map((count) => count.keyId));
  const left: LeftRow[] = [];
  let rewrapped = 0;
  for (const table of WRAPPED_TABLES) {
    const result = await rewrapTable({ ...work, keyId }, table);
    rewrapped += result.rewrapped;
    left.push(...result.left);
  }
  await putOnRecord(database, { keyId, resumed, rewrapped, left: left.length });
  return { keyId, resumed, rewrapped, left };
}

/** What needs which master key. Throws `KeyRingUnavailable`. */
export async function statusOfKeys(database: Database, ring: KeyRing): Promise<KeyStatus> {
  const [current, counts, known] = [await ring.current(), await countWrapped(database), await ring.ids()];
  const needed = new Set(counts.map(({ keyId }) => keyId));
  return {
    current,
    counts,
    missing: [...needed].filter((keyId) => !known.includes(keyId)),
    removable: known.filter((keyId) => keyId !== current && !needed.has(keyId)),
  };
}

interface Work {
  readonly database: Database;
  readonly ring: KeyRing;
  readonly keyId: string;
  readonly batch: number;
  readonly told: (progress: RotationProgress) => void;
}

async function rewrapTable(work: Work, table: WrappedTable): Promise<{ rewrapped: number; left: LeftRow[] }> {
  const { database, keyId, batch, told } = work;
  const counts = await countWrapped(database);
  const of = counts.reduce((sum, row) => sum + (row.table === table.name && row.keyId !== keyId ? row.count : 0), 0);
  const left: LeftRow[] = [];
  let rewrapped = 0;
  let after: WrappedRow | null = null;
  for (;;) {
    const rows: readonly WrappedRow[] = await rowsToRewrap(database, table, keyId, after, batch);
    if (rows.length === 0) return { rewrapped, left };
    for (let i = 0; i < rows.length; i += AT_ONCE) {
      const results = await Promise.all(rows.slice(i, i + AT_ONCE).map((row) => rewrapRow(work, table, row)));
      for (const result of results) {
        if (result === 'rewrapped') rewrapped += 1;
        else if (result !== 'changed') left.push(result);
      }
    }
    after = rows.at(-1)!;
    told({ table: table.name, done: rewrapped, of });
  }
}

/** A row that was changed meanwhile is wrapped by whoever changed it; if by the old key, the next rotation finds it. */
async function rewrapRow(
  { database, ring }: Work,
  table: WrappedTable,
  row: WrappedRow,
): Promise<'rewrapped' | 'changed' | LeftRow> {
  try {
    const next = await ring.rewrap(row, row.additional);
    return (await exchangeWrapping(database, table, row, next)) ? 'rewrapped' : 'changed';
  } catch (error) {
    const isOfRow =
      error instanceof AppError && !(error instanceof KeyRingUnavailable || error instanceof MasterKeysInvalid);
    if (!isOfRow) throw error;
    return { table: table.name, at: row.at, reason: error.message };
  }
}

/** At the MSP, whose master key it is. An installation without an MSP has nowhere to put it yet. */
async function putOnRecord(
  database: Database,
  after: { keyId: string; resumed: boolean; rewrapped: number; left: number },
) {
  const { rows } = await sql<{ tenant: string | null }>`SELECT msp_tenant() AS tenant`.execute(database);
  const tenant = rows[0]?.tenant;
  if (!tenant) return;
  await inTenants(database, [tenant], (tx) =>
    appendAudit(tx, tenant, {
      action: 'master_key.rotated',
      actor: ENGINE,
      object: { kind: 'master_key', id: after.keyId },
      outcome: after.left > 0 ? 'failed' : 'done',
      after,
    }),
  );
}
