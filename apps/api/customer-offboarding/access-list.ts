import { createHash } from 'node:crypto';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import type { SigningKeys } from '#libs/platform/secrets';
import { drawAccessDocument, presentOffboarding } from '#libs/tenancy';
import { listedTenants } from '../access/caller.js';
import { SigningKeyMissing } from '../certificates/certificate.errors.js';

/** The list of our access at a customer, as a document. */
export class AccessList {
  constructor(
    private readonly database: Database,
    private readonly keys: SigningKeys | null,
  ) {}

  /** The bytes that are signed. Throws `TenantNotFound` or `OffboardingNotFound`. */
  async document(actor: Actor, tenant: string): Promise<Buffer> {
    const tenants = listedTenants(actor, tenant);
    return inTenants(this.database, tenants, async (tx) => {
      const { id } = await presentOffboarding(tx, tenant);
      return Buffer.from(await drawAccessDocument(tx, { tenant, id }));
    });
  }

  /** The detached signature, on record. Throws `TenantNotFound`, `OffboardingNotFound` or `SigningKeyMissing`. */
  async sign(actor: Actor, tenant: string): Promise<string> {
    const bytes = await this.document(actor, tenant);
    if (!this.keys)
      throw new SigningKeyMissing('Set STELLWERK_SIGNING_KEY_FILE of the api; the list itself can be had.');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const object = { kind: 'tenant', id: tenant };
    await inTenants(this.database, [tenant], (tx) =>
      appendAudit(tx, tenant, { action: 'access_list.signed', actor: actor.subject, object, after: { sha256 } }),
    );
    return this.keys.sign(bytes);
  }

  /** Names the key that signs; null where none does. */
  get keyId(): string | null {
    return this.keys?.published[0]!.kid ?? null;
  }
}
