import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { inTenants, type Database, type Row, type Transaction } from '../database/index.js';

const NONCE = 12;
const TAG = 16;

function encrypt(key: Buffer, plain: Buffer, additional: Buffer): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additional);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, sealed: Buffer, additional: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE)).setAAD(additional);
  decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
}

/**
 * Values that must survive a crash but be read by nobody else, such as a password drawn for a reset. AES-256-GCM with a
 * data key per value, wrapped by the master key; tenant, owner and name are the additional data, so that a row copied
 * elsewhere does not open.
 */
export class SealedValues {
  constructor(
    private readonly database: Database,
    private readonly masterKey: Buffer,
  ) {}

  /** The value sealed under this name; `make` draws it when there is none. Two callers at once get the same value. */
  async sealOnce(tenant: string, owner: string, name: string, make: () => string): Promise<string> {
    const place = { tenant_id: tenant, owner, name };
    const additional = Buffer.from(JSON.stringify([tenant, owner, name]));
    const kept = (await this.find(place)) ?? (await this.keep(place, additional, make()));
    return decrypt(decrypt(this.masterKey, kept.wrapped_key, additional), kept.ciphertext, additional).toString();
  }

  private find(place: Place): Promise<Sealed | undefined> {
    return inTenants(this.database, [place.tenant_id], (tx) => select(tx, place));
  }

  private keep(place: Place, additional: Buffer, value: string): Promise<Sealed> {
    const dataKey = randomBytes(32);
    const row = {
      ...place,
      wrapped_key: encrypt(this.masterKey, dataKey, additional),
      ciphertext: encrypt(dataKey, Buffer.from(value), additional),
    };
    return inTenants(this.database, [place.tenant_id], async (tx) => {
      await tx
        .insertInto('sealed_values')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return (await select(tx, place))!;
    });
  }
}

type Place = Pick<Row<'sealed_values'>, 'tenant_id' | 'owner' | 'name'>;
type Sealed = Pick<Row<'sealed_values'>, 'wrapped_key' | 'ciphertext'>;

function select(tx: Transaction, place: Place): Promise<Sealed | undefined> {
  return tx
    .selectFrom('sealed_values')
    .select(['wrapped_key', 'ciphertext'])
    .where('tenant_id', '=', place.tenant_id)
    .where('owner', '=', place.owner)
    .where('name', '=', place.name)
    .executeTakeFirst();
}
