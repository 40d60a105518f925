import type { Transaction } from '#libs/platform/database';
import type { ClockRules, TicketFact, Targets, TicketStatus } from '../model/index.js';
import { WAITING_STATUSES } from '../model/index.js';

const NO_TARGETS: Targets = { first_response: null, update: null, resolution: null };
const USUAL_RULES: ClockRules = {
  onChange: 'proportional',
  onReopen: 'continue',
  statusIsResponse: false,
  pausingStatuses: WAITING_STATUSES,
};

interface Entry {
  readonly at: Date;
  readonly kind: string;
  readonly public: boolean;
  readonly by: string;
  readonly by_kind: string;
  readonly body: string | null;
  readonly change: unknown;
}

/** What happened to a ticket as far as its clocks care, in its order; none when the tenant has no such ticket. */
export async function factsOf(tx: Transaction, tenant: string, ticketId: string): Promise<TicketFact[]> {
  const entries = await tx
    .selectFrom('ticket_entries')
    .select(['at', 'kind', 'public', 'by', 'by_kind', 'body', 'change'])
    .where('tenant_id', '=', tenant)
    .where('ticket_id', '=', ticketId)
    .where('kind', 'in', ['opened', 'comment', 'status', 'targets'])
    .orderBy('sequence')
    .execute();
  return entries.flatMap(factOf);
}

function factOf(entry: Entry): TicketFact[] {
  const at = entry.at.getTime();
  const why = { by: entry.by, ...(entry.body === null || entry.kind === 'comment' ? {} : { reason: entry.body }) };
  switch (entry.kind) {
    case 'opened':
      return [{ kind: 'opened', at, ...why, targets: NO_TARGETS, rules: USUAL_RULES }];
    case 'comment':
      return entry.public && entry.by_kind === 'msp' ? [{ kind: 'answered', at, by: entry.by }] : [];
    case 'status': {
      const { status } = entry.change as { readonly status: { readonly to: TicketStatus } };
      return [{ kind: 'status', at, ...why, status: status.to }];
    }
    default: {
      // with its reasons, which clocks leave alone and readers ask for
      const setting = entry.change as { readonly targets: Targets; readonly rules: ClockRules };
      return [{ ...setting, kind: 'targets', at, ...why }];
    }
  }
}
