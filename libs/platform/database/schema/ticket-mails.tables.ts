import type { Problem } from '#libs/kernel';
import type { ColumnType, Generated } from 'kysely';
import type { At, JsonColumn, MaybeAt, NullableJson } from './columns.js';

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

export interface TicketMailSettingsTable {
  tenant_id: string;
  unknown_senders: 'quarantine' | 'triage' | 'refuse';
  muted: Generated<string[]>;
  set_by: string;
  set_at: At;
}
export interface TicketMailboxesTable {
  tenant_id: string;
  id: string;
  name: string;
  host: string;
  port: number;
  encryption: 'tls' | 'starttls' | 'none';
  ca_pem: string | null;
  user_name: string;
  secret_ref: string;
  folder: string;
  done_folder: string | null;
  authserv_id: string | null;
  enabled: Generated<boolean>;
  changed_by: string;
  created_at: At;
  changed_at: At;
  leased_by: string | null;
  leased_until: MaybeAt;
  read_at: MaybeAt;
  failure: string | null;
}
export interface IncomingMailsTable {
  tenant_id: string;
  id: string;
  fingerprint: Buffer;
  source: 'smtp' | 'imap';
  mailbox_id: string | null;
  received_at: At;
  message_id: string | null;
  refs: Generated<string[]>;
  envelope_from: string | null;
  recipients: string[];
  from_address: string | null;
  from_name: string | null;
  subject: string;
  text: string;
  new_text: string;
  attachments: ColumnType<unknown, string | undefined, string>;
  size: number;
  proof: JsonColumn<unknown>;
  proven: boolean;
  outcome: 'opened' | 'commented' | 'noted' | 'ignored' | 'quarantined' | 'refused' | 'rejected';
  reason: string | null;
  ticket_id: string | null;
  entry_sequence: number | null;
  decided_by: string | null;
  decided_at: MaybeAt;
}
export interface IncomingMailOriginalsTable {
  tenant_id: string;
  mail_id: string;
  original: Buffer;
}

/** Mails about tickets, out and in. */
export interface TicketMailsTables {
  ticket_mails: TicketMailsTable;
  ticket_mail_attempts: TicketMailAttemptsTable;
  ticket_mail_templates: TicketMailTemplatesTable;
  ticket_mail_settings: TicketMailSettingsTable;
  ticket_mailboxes: TicketMailboxesTable;
  incoming_mails: IncomingMailsTable;
  incoming_mail_originals: IncomingMailOriginalsTable;
}
