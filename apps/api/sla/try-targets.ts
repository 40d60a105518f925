import { EndBeforeStart, whatIfOver } from '#libs/sla';
import type { Actor } from '#libs/platform/access';
import { inTenants, type Database } from '#libs/platform/database';
import { listedTenants } from '../access/caller.js';
import type { WhatIfDto } from './promise.dto.js';
import { shareView, type WhatIfView } from './promise.view.js';

const MOST_TICKETS = 5_000;

/** Targets are tried on tickets that were closed, by everything that happened to them. */
export class TryTargets {
  constructor(private readonly database: Database) {}

  /** Throws `TenantNotFound` or `EndBeforeStart`. */
  async execute(actor: Actor, tenant: string | undefined, body: WhatIfDto): Promise<WhatIfView> {
    const tenants = listedTenants(actor, tenant);
    const [from, to] = [new Date(body.from), new Date(body.to)];
    if (to <= from) {
      const message = `The span ends at ${body.to}, before it begins at ${body.from}.`;
      throw new EndBeforeStart(message, { errors: [{ path: 'to', code: 'before_start', message }] });
    }
    const filter = { from, to, type: body.type ?? null, priority: body.priority ?? null };
    const { tickets, more, shares } = await inTenants(this.database, tenants, (tx) =>
      whatIfOver(tx, tenants, filter, body.targets, MOST_TICKETS),
    );
    return { tickets, more, shares: shares.map(shareView) };
  }
}
