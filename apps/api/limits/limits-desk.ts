import type { Json } from '#libs/kernel';
import type { Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { putLimits, readLimits, type UsualLimits } from '#libs/platform/limits';
import { listedTenants, type Writer } from '../access/caller.js';
import { invalidCursor, readCursor, writeCursor } from '../http/cursor.js';
import type { ListQuery } from '../http/page.query.js';
import { ownLimits, type LimitsDto } from './limits.dto.js';
import { limitsView, type TenantLimitsPageView, type TenantLimitsView } from './limits.view.js';

const LIST = 'limits';

/** The tenants' limits of calls. */
export class LimitsDesk {
  constructor(
    private readonly database: Database,
    private readonly usual: UsualLimits,
  ) {}

  /** Those of every tenant that somebody sees, by the tenant's id. Throws `TenantNotFound` or `InvalidCursor`. */
  async list(actor: Actor, { tenant, cursor, limit }: ListQuery): Promise<TenantLimitsPageView> {
    const after = readPlace(cursor);
    const tenants = [...listedTenants(actor, tenant)].sort().filter((id) => id > after);
    const page = tenants.slice(0, limit);
    if (page.length === 0) return { items: [], nextCursor: null };
    const limits = await inTenants(this.database, page, (tx) => readLimits(tx, page, this.usual));
    const nextCursor = tenants.length > page.length ? writeCursor([LIST, page.at(-1)!]) : null;
    return { items: limits.map(limitsView), nextCursor };
  }

  /** Replaces one tenant's own limits. They hold within two seconds. Throws `LimitsSenseless`. */
  put({ actor, tenant }: Writer, body: LimitsDto): Promise<TenantLimitsView> {
    return inTenants(this.database, [tenant], async (tx) => {
      const before = limitsView((await readLimits(tx, [tenant], this.usual))[0]!);
      const after = limitsView(
        await putLimits(tx, tenant, ownLimits(body), { usual: this.usual, setBy: actor.subject }),
      );
      await appendAudit(tx, tenant, {
        action: 'limits.changed',
        actor: actor.subject,
        object: { kind: 'limits', id: tenant },
        before: ownOf(before),
        after: ownOf(after),
      });
      return after;
    });
  }
}

function ownOf({ limits }: TenantLimitsView): Json {
  return Object.fromEntries(
    limits.filter(({ own }) => own).map(({ name, perSecond, most }) => [name, { perSecond, most }]),
  );
}

function readPlace(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const [name, tenant, ...rest] = readCursor(cursor);
  if (name !== LIST || typeof tenant !== 'string' || rest.length > 0) throw invalidCursor();
  return tenant;
}
