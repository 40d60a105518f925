import type { Transaction } from '#libs/platform/database';
import type { TargetKind, TicketFact } from '../model/index.js';
import { whatIf, type WhatIfShare } from '../model/what-if.model.js';

export type { WhatIfShare } from '../model/what-if.model.js';

/** Which tickets: closed in a span, of all types and priorities or of one. */
export interface PastFilter {
  readonly from: Date;
  readonly to: Date;
  readonly type: string | null;
  readonly priority: string | null;
}

/** Reads `most` tickets at most, those closed last first. */
export async function whatIfOver(
  tx: Transaction,
  tenants: readonly string[],
  { from, to, type, priority }: PastFilter,
  proposed: Readonly<Partial<Record<TargetKind, number>>>,
  most: number,
): Promise<{ readonly tickets: number; readonly more: boolean; readonly shares: readonly WhatIfShare[] }> {
  const rows = await tx
    .selectFrom('sla_verdicts')
    .select(['type', 'priority', 'inputs'])
    .where('tenant_id', 'in', [...tenants, ''])
    .where('frozen_at', '>=', from)
    .where('frozen_at', '<', to)
    .$if(type !== null, (query) => query.where('type', '=', type!))
    .$if(priority !== null, (query) => query.where('priority', '=', priority!))
    .orderBy('frozen_at', 'desc')
    .limit(most + 1)
    .execute();
  const past = rows.slice(0, most).map((row) => ({
    ...{ type: row.type, priority: row.priority },
    facts: (row.inputs as { readonly facts: readonly TicketFact[] }).facts,
  }));
  return { tickets: past.length, more: rows.length > most, shares: whatIf(past, proposed) };
}
