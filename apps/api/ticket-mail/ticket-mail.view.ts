import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  MAIL_KINDS,
  MAIL_LANGUAGES,
  MAIL_OUTCOMES,
  type IncomingMailRow,
  type MailboxRow,
  type SenderProof,
  type TriedMailRow,
} from '#libs/tickets';
import type { Page } from '../http/cursor.js';
import { TicketMailSettingsDto } from './ticket-mail.dto.js';

const TEXT_OR_NULL = { type: String, nullable: true } as const;
const ID_OR_NULL = { ...TEXT_OR_NULL, format: 'uuid' } as const;
const TIME = { type: String, format: 'date-time' } as const;
const TIME_OR_NULL = { ...TIME, nullable: true } as const;

@ApiSchema({ name: 'MailCheck' })
export class MailCheckView {
  @ApiProperty({ description: 'As RFC 8601 names results.', example: 'pass' })
  readonly result!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly domain!: string | null;
}

@ApiSchema({ name: 'SenderProof', description: 'Who a mail is from, as far as that can be proven.' })
export class SenderProofView {
  @ApiProperty({ description: 'The address in From is whoever sent it.' })
  readonly proven!: boolean;
  @ApiProperty()
  readonly why!: string;
  @ApiProperty({ type: MailCheckView })
  readonly spf!: MailCheckView;
  @ApiProperty({ type: [MailCheckView] })
  readonly dkim!: readonly MailCheckView[];
  @ApiProperty({ type: MailCheckView })
  readonly dmarc!: MailCheckView;
  @ApiProperty({ type: MailCheckView })
  readonly arc!: MailCheckView;
}

@ApiSchema({ name: 'MailAttachment' })
export class MailAttachmentView {
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ description: 'As the mail says.' })
  readonly type!: string;
  @ApiProperty({ type: 'integer' })
  readonly bytes!: number;
}

@ApiSchema({ name: 'IncomingMail' })
export class IncomingMailView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ enum: ['smtp', 'imap'] })
  readonly source!: string;
  @ApiProperty(TIME)
  readonly receivedAt!: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'As the mail says; `proof` tells whether it is so.' })
  readonly from!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly fromName!: string | null;
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty({ description: 'What of it is new.' })
  readonly newText!: string;
  @ApiProperty({ type: [MailAttachmentView] })
  readonly attachments!: readonly MailAttachmentView[];
  @ApiProperty({ type: 'integer', description: 'Bytes of the whole.' })
  readonly size!: number;
  @ApiProperty({ type: SenderProofView })
  readonly proof!: SenderProofView;
  @ApiProperty({ enum: MAIL_OUTCOMES })
  readonly outcome!: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'Why.' })
  readonly reason!: string | null;
  @ApiProperty(ID_OR_NULL)
  readonly ticketId!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly decidedBy!: string | null;
  @ApiProperty(TIME_OR_NULL)
  readonly decidedAt!: string | null;
}

@ApiSchema({ name: 'IncomingMailPage' })
export class IncomingMailPageView implements Page<IncomingMailView> {
  @ApiProperty({ type: [IncomingMailView] })
  readonly items!: IncomingMailView[];
  @ApiProperty(TEXT_OR_NULL)
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'TicketMail', description: 'A mail about a ticket that went out, or did not.' })
export class TicketMailView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ enum: MAIL_KINDS })
  readonly kind!: string;
  @ApiProperty()
  readonly to!: string;
  @ApiProperty({ enum: MAIL_LANGUAGES })
  readonly language!: string;
  @ApiProperty({ enum: ['requested', 'sent', 'refused', 'no_mail_system', 'given_up', 'suppressed', 'bounced'] })
  readonly status!: string;
  @ApiProperty({ type: 'integer', description: 'How often a server was tried.' })
  readonly attempts!: number;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, description: 'Why it did not arrive.' })
  readonly problem!: object | null;
  @ApiProperty(TIME)
  readonly requestedAt!: string;
  @ApiProperty(TIME_OR_NULL)
  readonly endedAt!: string | null;
}

@ApiSchema({ name: 'MailsOfTicket', description: 'The oldest first, 200 of each at most.' })
export class MailsOfTicketView {
  @ApiProperty({ type: [TicketMailView] })
  readonly outgoing!: TicketMailView[];
  @ApiProperty({ type: [IncomingMailView] })
  readonly incoming!: IncomingMailView[];
}

@ApiSchema({ name: 'TicketMailSettingsShown' })
export class TicketMailSettingsView extends TicketMailSettingsDto {
  @ApiProperty({
    ...TEXT_OR_NULL,
    description: 'The customer’s own address of the helpdesk; null: the helpdesk has none.',
  })
  readonly address!: string | null;
}

@ApiSchema({ name: 'TicketMailText' })
export class MailTextView {
  @ApiProperty({ enum: MAIL_KINDS })
  readonly kind!: string;
  @ApiProperty({ enum: MAIL_LANGUAGES })
  readonly language!: string;
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty()
  readonly body!: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'Whose text it is; null: Stellwerk’s own.' })
  readonly from!: string | null;
  @ApiProperty({ type: 'integer', nullable: true })
  readonly version!: number | null;
  @ApiProperty({ type: [String], description: 'What it may hold in double braces.' })
  readonly placeholders!: readonly string[];
}

@ApiSchema({ name: 'TicketMailTexts' })
export class MailTextsView {
  @ApiProperty({ type: [MailTextView] })
  readonly items!: MailTextView[];
}

@ApiSchema({ name: 'TicketMailPreview' })
export class MailPreviewView {
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty()
  readonly text!: string;
  @ApiProperty()
  readonly html!: string;
}

@ApiSchema({ name: 'Mailbox' })
export class MailboxView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty()
  readonly host!: string;
  @ApiProperty({ type: 'integer' })
  readonly port!: number;
  @ApiProperty({ enum: ['tls', 'starttls', 'none'] })
  readonly encryption!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly caPem!: string | null;
  @ApiProperty()
  readonly userName!: string;
  @ApiProperty()
  readonly secretRef!: string;
  @ApiProperty()
  readonly folder!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly doneFolder!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly authservId!: string | null;
  @ApiProperty()
  readonly enabled!: boolean;
  @ApiProperty({ ...TIME_OR_NULL, description: 'When it was last read to its end.' })
  readonly readAt!: string | null;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'Why it cannot be read.' })
  readonly failure!: string | null;
}

@ApiSchema({ name: 'Mailboxes' })
export class MailboxesView {
  @ApiProperty({ type: [MailboxView] })
  readonly items!: MailboxView[];
}

export function incomingMailView(row: IncomingMailRow): IncomingMailView {
  const { spf, dkim, dmarc, arc, proven, why } = row.proof as SenderProof;
  const { result, domain } = dmarc;
  return {
    ...{ id: row.id, tenant: row.tenant_id, source: row.source, receivedAt: row.received_at.toISOString() },
    ...{ from: row.from_address, fromName: row.from_name, subject: row.subject, newText: row.new_text },
    ...{ attachments: row.attachments as MailAttachmentView[], size: row.size, outcome: row.outcome },
    proof: { proven, why, spf, dkim, dmarc: { result, domain }, arc },
    ...{ reason: row.reason, ticketId: row.ticket_id, decidedBy: row.decided_by },
    decidedAt: row.decided_at?.toISOString() ?? null,
  };
}

export function ticketMailView(row: TriedMailRow): TicketMailView {
  return {
    ...{ id: row.id, kind: row.kind, to: row.recipient, language: row.language, status: row.status },
    ...{ attempts: row.attempts, problem: row.problem, requestedAt: row.requested_at.toISOString() },
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

export function mailboxView(row: MailboxRow): MailboxView {
  return {
    ...{ id: row.id, tenant: row.tenant_id, name: row.name, host: row.host, port: row.port, caPem: row.ca_pem },
    ...{ encryption: row.encryption, userName: row.user_name, secretRef: row.secret_ref, folder: row.folder },
    ...{ doneFolder: row.done_folder, authservId: row.authserv_id, enabled: row.enabled, failure: row.failure },
    readAt: row.read_at?.toISOString() ?? null,
  };
}
