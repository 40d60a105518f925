import { sql } from 'kysely';
import { hashOfApiKey, type Actor, type Role } from '#libs/platform/access';
import { Gathering, type Database, type Reply } from '#libs/platform/database';
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

const MOST_AT_ONCE = 100;

/** Finds out who calls. Asked at each call: a revoked key ends at once. */
export class Actors {
  private readonly lookUps: Gathering<string, Holder | undefined>;

  constructor(private readonly database: Database) {
    this.lookUps = new Gathering({ most: MOST_AT_ONCE }, (hashes) => this.find(hashes));
  }

  /** The holder of the key in an `Authorization` header. Throws `KeyMissing` or `KeyInvalid`. */
  async holderOf(header: string | undefined): Promise<Actor> {
    if (header === undefined || header.trim() === '')
      throw new KeyMissing('Send your key as `Authorization: Bearer <key>`.');
    const key = BEARER.exec(header)?.[1];
    const holder = key === undefined ? undefined : await this.lookUps.ask(hashOfApiKey(key).toString('hex'));
    if (!holder) throw new KeyInvalid('The key is unknown or was revoked. Ask your administrator for a new one.');
    const { key_id: caller, tenant_id: home, tenant_kind: kind, role, subject, sees } = holder;
    return { subject, role, kind, home, sees, caller };
  }

  /** Calls that arrive together share one question, each key once. */
  private async find(hashes: readonly string[]): Promise<Reply<Holder | undefined>[]> {
    const asked = [...new Set(hashes)];
    const { rows } = await sql<Holder & { hash: string }>`
      SELECT a.hash, h.*, CASE h.tenant_kind WHEN 'msp' THEN ARRAY(SELECT id FROM tenants_of_msp() ORDER BY id) ELSE ARRAY[h.tenant_id] END AS sees
      FROM unnest(${asked}::text[]) AS a (hash) CROSS JOIN LATERAL holder_of_key(decode(a.hash, 'hex')) h`.execute(
      this.database,
    );
    const holders = new Map(rows.map((row) => [row.hash, row]));
    return hashes.map((hash) => ({ answer: holders.get(hash) }));
  }
}
