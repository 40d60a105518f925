import type { Problem } from '#libs/kernel';
import type { ColumnType } from 'kysely';
import type { At, MaybeAt, NullableJson } from './columns.js';

export interface MailedLinkKeysTable {
  tenant_id: string;
  id: string;
  public_key: Buffer;
  created_at: At;
}

export interface MailedLinksTable {
  tenant_id: string;
  id: string;
  purpose: string;
  object_id: string;
  recipient: string;
  language: 'de' | 'en' | null;
  token_hash: Buffer;
  created_at: At;
  expires_at: ColumnType<Date, Date | string, Date | string>;
  used_at: MaybeAt;
  revoked_at: MaybeAt;
}

export interface MailsTable {
  tenant_id: string;
  id: string;
  template: string;
  recipient: string;
  language: 'de' | 'en';
  status: 'sent' | 'refused' | 'no_mail_system';
  sent_by: string | null;
  message_id: string | null;
  problem: NullableJson<Problem>;
  at: At;
}

export interface MailsTables {
  mailed_link_keys: MailedLinkKeysTable;
  mailed_links: MailedLinksTable;
  mails: MailsTable;
}
