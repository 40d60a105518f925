import { sql } from 'kysely';
import { hashOfApiKey, type Actor, type Role } from '#libs/platform/access';
import type { Database } from '#libs/platform/database';
import { KeyInvalid, KeyMissing } from './access.errors.js';

const BEARER = /^Bearer +([\x21-\x7e]{8,512}) *$/i;

interface Holder {
  readonly key_id: string;
  readonly tenant_id: string;
  readonly tenant_kind: Actor['kind'];
  readonly role: Role;
  readonly subject: string;
  readonly sees: string[];
}

/** Finds out who calls. Asked at each call: a revoked key ends at once. */
export class Actors {
  constructor(private readonly database: Database) {}

  /** The holder of the key in an `Authorization` header. Throws `KeyMissing` or `KeyInvalid`. */
  async holderOf(header: string | undefined): Promise<Actor> {
    if (header === undefined || header.trim() === '')
      throw new KeyMissing('Send your key as `Authorization: Bearer <key>`.');
    const key = BEARER.exec(header)?.[1];
    const holder = key === undefined ? undefined : await this.find(hashOfApiKey(key));
    if (!holder) throw new KeyInvalid('The key is unknown or was revoked. Ask your administrator for a new one.');
    const { key_id: caller, tenant_id: home, tenant_kind: kind, role, subject, sees } = holder;
    return { subject, role, kind, home, sees, caller };
  }

  private async find(hash: Buffer): Promise<Holder | undefined> {
    const { rows } = await sql<Holder>`
      SELECT h.*, CASE h.tenant_kind WHEN 'msp' THEN ARRAY(SELECT id FROM tenants_of_msp() ORDER BY id) ELSE ARRAY[h.tenant_id] END AS sees
      FROM holder_of_key(${hash}) h`.execute(this.database);
    return rows[0];
  }
}
