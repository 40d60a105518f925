import { sql } from 'kysely';
import { appendAudit, ENGINE } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { nameOfSecret, SecretMissing, unsealSecret, type KeyRing, type SecretSource } from '#libs/platform/secrets';

type Sealed = Parameters<typeof unsealSecret>[2];

/** What a mailbox is opened by has a name of this form; other secrets the API cannot read. */
export const MAILBOX_SECRET = /^secret:\/\/mailbox-[a-z0-9-]{1,60}$/;

/** The secrets of mailboxes: in the database, else in a second source. Each use is on record. */
export class MailboxSecrets {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly second: SecretSource | null,
  ) {}

  /** Throws `SecretMissing`, also for a reference of another form. */
  async resolve(tenant: string, reference: string): Promise<string> {
    if (!MAILBOX_SECRET.test(reference)) throw new SecretMissing(`${reference} is no secret of a mailbox.`);
    const name = nameOfSecret(reference);
    const sealed = await inTenants(this.database, [tenant], async (tx) => {
      const object = { kind: 'secret', id: name };
      await appendAudit(tx, tenant, { action: 'secret.used', actor: ENGINE, object, reason: 'mailbox' });
      const { rows } = await sql<Sealed>`SELECT * FROM secret_of_mailbox(${tenant}, ${name})`.execute(tx);
      return rows[0];
    });
    if (sealed) return unsealSecret(this.keys, tenant, sealed);
    if (this.second) return this.second.resolve(tenant, reference);
    throw new SecretMissing(`${reference} of ${tenant} is not known. Set it by PUT /v1/secrets/${name}.`);
  }
}
