import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { endSecret, listSecrets, putSecret, sealSecret, type KeyRing } from '#libs/platform/secrets';
import { listedTenants, type Writer } from '../access/caller.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import { SecretNotFound } from './secret.errors.js';
import { secretNameView, type SecretNamePageView, type SecretNameView } from './secret.view.js';

const LIST = 'secrets';

/** Customers' secrets: they go in here, and only activities take them out. */
export class SecretDesk {
  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
  ) {}

  /** By customer and name. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<SecretNamePageView> {
    const tenants = listedTenants(actor, tenant);
    const after = readPlace(cursor);
    const found = await inTenants(this.database, tenants, (tx) => listSecrets(tx, tenants, after, limit + 1));
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = found.length > limit && last ? writeCursor([LIST, last.tenant, last.name]) : null;
    return { items: page.map(secretNameView), nextCursor };
  }

  /** The value counts from the next use on; the one before is gone. Throws `KeyRingUnavailable`. */
  async put({ actor, tenant }: Writer, name: string, value: string): Promise<SecretNameView> {
    const sealed = await sealSecret(this.keys, tenant, name, value);
    return inTenants(this.database, [tenant], async (tx) => {
      const secret = await putSecret(tx, { tenant, name, by: actor.subject }, sealed);
      const { version } = secret;
      await appendAudit(tx, tenant, {
        action: 'secret.set',
        actor: actor.subject,
        object: { kind: 'secret', id: name },
        after: { version },
      });
      return secretNameView(secret);
    });
  }

  /** Throws `SecretNotFound`. */
  async remove({ actor, tenant }: Writer, name: string): Promise<void> {
    await inTenants(this.database, [tenant], async (tx) => {
      const version = await endSecret(tx, tenant, name, actor.subject);
      if (version === null) throw new SecretNotFound(`${tenant} has no secret ${name}.`);
      const object = { kind: 'secret', id: name };
      await appendAudit(tx, tenant, { action: 'secret.removed', actor: actor.subject, object, before: { version } });
    });
  }
}

function readPlace(cursor: string | undefined): readonly [tenant: string, name: string] {
  if (cursor === undefined) return ['', ''];
  const [list, tenant, name, ...rest] = readCursor(cursor);
  const isOurs = list === LIST && typeof tenant === 'string' && typeof name === 'string';
  if (!isOurs || rest.length > 0) throw invalidCursor();
  return [tenant, name];
}
