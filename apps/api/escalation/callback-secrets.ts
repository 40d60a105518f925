import { sql } from 'kysely';
import { inTenants, type Database } from '#libs/platform/database';
import { nameOfSecret, SecretMissing, unsealSecret, type KeyRing, type SecretSource } from '#libs/platform/secrets';

type Sealed = Parameters<typeof unsealSecret>[2];

/**
 * What providers sign their answers with: in the database, else in a second source. Only secrets named `callback-…` can be
 * read here. A use is not on record by itself, or whoever calls without a right could fill the audit; the act is.
 */
export class CallbackSecrets implements SecretSource {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly second: SecretSource | null,
  ) {}

  /** Throws `SecretMissing`. */
  async resolve(tenant: string, reference: string): Promise<string> {
    const name = nameOfSecret(reference);
    const sealed = await inTenants(this.database, [tenant], async (tx) => {
      const { rows } = await sql<Sealed>`SELECT * FROM secret_of_callback(${tenant}, ${name})`.execute(tx);
      return rows[0];
    });
    if (sealed) return unsealSecret(this.keys, tenant, sealed);
    if (this.second) return this.second.resolve(tenant, reference);
    throw new SecretMissing(`${reference} of ${tenant} is not known. Set it by PUT /v1/secrets/${name}.`);
  }
}
