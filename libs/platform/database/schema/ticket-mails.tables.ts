import type { Problem } from '#libs/kernel';
import type { Generated } from 'kysely';
import type { At, MaybeAt, NullableJson } from './columns.js';

export interface TicketMailsTable {
  tenant_id: string;
  id: string;
  ticket_id: string;
  kind: 'received' | 'answer' | 'waiting' | 'reminder' | 'closed';
  entry_sequence: number | null;
  closes_at: MaybeAt;
  recipient: string;
  recipient_name: string | null;
  language: 'de' | 'en';
  status: 'requested' | 'sent' | 'refused' | 'no_mail_system' | 'given_up' | 'suppressed' | 'bounced';
  requested_at: At;
  ended_at: MaybeAt;
  sent_by: string | null;
  message_id: string | null;
  problem: NullableJson<Problem>;
  event_ids: Generated<string[]>;
}
export interface TicketMailAttemptsTable {
  tenant_id: string;
  mail_id: string;
  number: number;
  at: At;
  outcome: 'sent' | 'refused' | 'no_mail_system' | 'failed';
  code: string | null;
}
export interface TicketMailTemplatesTable {
  tenant_id: string;
  kind: TicketMailsTable['kind'];
  language: 'de' | 'en';
  version: number;
  subject: string | null;
  body: string | null;
  set_by: string;
  set_at: At;
}

/** Mails about tickets, out and in. */
export interface TicketMailsTables {
  ticket_mails: TicketMailsTable;
  ticket_mail_attempts: TicketMailAttemptsTable;
  ticket_mail_templates: TicketMailTemplatesTable;
}
