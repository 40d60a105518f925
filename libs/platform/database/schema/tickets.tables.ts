import type { Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt, NullableJson } from './columns.js';

export interface TicketNumbersTable {
  tenant_id: string;
  last: number;
}
export interface PriorityMatricesTable {
  tenant_id: string;
  matrix: JsonColumn<unknown>;
  set_by: string;
  set_at: At;
}
export interface TicketsTable {
  tenant_id: string;
  id: string;
  number: number;
  type: string;
  work_class: string;
  subject: string;
  description: string | null;
  impact: string;
  urgency: string;
  priority: string;
  status: Generated<string>;
  status_reason: string | null;
  team: string | null;
  technician: string | null;
  tags: Generated<string[]>;
  requester: string | null;
  contact_id: string | null;
  opened_by: string;
  opened_at: At;
  changed_at: At;
  resolved_at: MaybeAt;
  closed_at: MaybeAt;
  agreed_at: MaybeAt;
  merged_into: string | null;
}
export interface TicketEntriesTable {
  tenant_id: string;
  ticket_id: string;
  sequence: number;
  at: At;
  kind: string;
  public: boolean;
  by: string;
  by_kind: string;
  body: string | null;
  change: NullableJson<unknown>;
}

export interface TicketDateProposalsTable {
  tenant_id: string;
  id: string;
  ticket_id: string;
  date: At;
  reason: string;
  side: string;
  status: Generated<string>;
  proposed_by: string;
  proposed_at: At;
  answered_by: string | null;
  answered_at: MaybeAt;
}

/** Tickets and what happened to them. */
export interface TicketsTables {
  ticket_numbers: TicketNumbersTable;
  priority_matrices: PriorityMatricesTable;
  tickets: TicketsTable;
  ticket_entries: TicketEntriesTable;
  ticket_date_proposals: TicketDateProposalsTable;
}
