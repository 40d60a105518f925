import { inTenants, type Database, type Row, type Transaction } from '../database/index.js';
import { hideFromLogs } from '../observability/index.js';
import { seal, unseal, type Envelope } from './keys/envelope.js';
import type { KeyRing } from './keys/index.js';

/**
 * Values that must survive a crash but be read by nobody else, such as a password drawn for a reset. AES-256-GCM with a
 * data key per value, wrapped by the master key; tenant, owner and name are the additional data, so that a row copied
 * elsewhere does not open.
 */
export class SealedValues {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
  ) {}

  /** The value sealed under this name; `make` draws it when there is none. Two callers at once get the same value. */
  async sealOnce(tenant: string, owner: string, name: string, make: () => string): Promise<string> {
    const place = { tenant_id: tenant, owner, name };
    return this.open(place, (await this.find(place)) ?? (await this.keep(place, make())));
  }

  /** The value sealed under this name, or null when there is none. */
  async read(tenant: string, owner: string, name: string): Promise<string | null> {
    const place = { tenant_id: tenant, owner, name };
    const kept = await this.find(place);
    return kept ? this.open(place, kept) : null;
  }

  private async open(place: Place, kept: Envelope): Promise<string> {
    const value = await unseal(this.keys, kept, placeOf(place));
    hideFromLogs(value);
    return value;
  }

  private find(place: Place): Promise<Envelope | undefined> {
    return inTenants(this.database, [place.tenant_id], (tx) => select(tx, place));
  }

  private async keep(place: Place, value: string): Promise<Envelope> {
    const row = { ...place, ...(await seal(this.keys, value, placeOf(place))) };
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

/** As it was bound from the beginning: what is kept must still open. */
function placeOf({ tenant_id: tenant, owner, name }: Place): readonly string[] {
  return [tenant, owner, name];
}

function select(tx: Transaction, place: Place): Promise<Envelope | undefined> {
  return tx
    .selectFrom('sealed_values')
    .select(['key_id', 'wrapped_key', 'ciphertext'])
    .where('tenant_id', '=', place.tenant_id)
    .where('owner', '=', place.owner)
    .where('name', '=', place.name)
    .executeTakeFirst();
}
