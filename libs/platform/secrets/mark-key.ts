import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { AppError } from '#libs/kernel';
import type { Database } from '../database/index.js';
import type { KeyRing } from './keys/index.js';
import { SealedValues } from './sealed-values.js';

const OWNER = 'sign-in-marks';
const NAME = 'key';

/** Nobody has set this installation up: there is no tenant of the MSP. */
export class NoInstallation extends AppError {
  readonly code = 'installation.missing';
  readonly title = 'There is no MSP yet';
  readonly kind = 'unavailable';
}

/**
 * The key by which names are marked that are counted but not kept: 256 random bits, drawn once for all instances, sealed by
 * the master key. The first who asks reads it. What is given throws `NoInstallation`, or what `SealedValues` throws.
 */
export function storedMarkKey(database: Database, keys: KeyRing): () => Promise<Buffer> {
  return storedKey(database, keys, { owner: OWNER, name: NAME });
}

/** A key of the whole installation, drawn and sealed as `storedMarkKey` says; which one, owner and name say. */
export function storedKey(
  database: Database,
  keys: KeyRing,
  place: { readonly owner: string; readonly name: string },
): () => Promise<Buffer> {
  const sealed = new SealedValues(database, keys);
  let known: Promise<Buffer> | null = null;
  return () =>
    (known ??= read(database, sealed, place).catch((error: unknown) => {
      known = null;
      throw error;
    }));
}

async function read(
  database: Database,
  sealed: SealedValues,
  { owner, name }: { readonly owner: string; readonly name: string },
): Promise<Buffer> {
  const { rows } = await sql<{ msp: string | null }>`SELECT msp_tenant() AS msp`.execute(database);
  const msp = rows[0]?.msp;
  if (msp == null) throw new NoInstallation('Make the first owner: npm run owner -- create.');
  const text = await sealed.sealOnce(msp, owner, name, () => randomBytes(32).toString('base64url'));
  return Buffer.from(text, 'base64url');
}
