import type { At, MaybeAt } from './columns.js';

export interface TicketAttachmentsTable {
  tenant_id: string;
  id: string;
  ticket_id: string;
  entry_sequence: number;
  name: string;
  type: string;
  size: number;
  sha256: Buffer;
  public: boolean;
  added_by: string;
  added_at: At;
}
export interface TicketAttachmentChunksTable {
  tenant_id: string;
  attachment_id: string;
  seq: number;
  bytes: Buffer;
}
export interface TicketTimeEntriesTable {
  tenant_id: string;
  id: string;
  ticket_id: string;
  technician: string;
  kind: 'work' | 'call_out' | 'travel';
  from_at: At;
  to_at: MaybeAt;
  billable: boolean;
  note: string | null;
  recorded_by: string;
  recorded_at: At;
  withdrawn_by: string | null;
  withdrawn_at: MaybeAt;
  withdrawn_reason: string | null;
}

export interface TicketLinksTable {
  tenant_id: string;
  id: string;
  ticket_id: string;
  kind: 'relates' | 'blocks' | 'duplicates' | 'caused_by' | 'merged_into' | 'split_from' | 'device' | 'alert';
  other_id: string | null;
  external_id: string | null;
  label: string | null;
  linked_by: string;
  linked_at: At;
}
export interface TicketWatchersTable {
  tenant_id: string;
  ticket_id: string;
  subject: string;
  added_by: string;
  added_at: At;
}

/** What comes with tickets: files, time, links and watchers. */
export interface TicketDeskTables {
  ticket_attachments: TicketAttachmentsTable;
  ticket_attachment_chunks: TicketAttachmentChunksTable;
  ticket_time_entries: TicketTimeEntriesTable;
  ticket_links: TicketLinksTable;
  ticket_watchers: TicketWatchersTable;
}
