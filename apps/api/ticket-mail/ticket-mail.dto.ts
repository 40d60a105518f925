import { X509Certificate } from 'node:crypto';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import {
  MAIL_KINDS,
  MAIL_LANGUAGES,
  MAIL_OUTCOMES,
  UNKNOWN_SENDER_POLICIES,
  type MailKind,
  type MailOutcome,
  type TicketMailLanguage,
  type UnknownSenderPolicy,
} from '#libs/tickets';
import { ListQuery } from '../http/page.query.js';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';
import { MAILBOX_SECRET } from './mailbox-secrets.js';

const LONGEST_SUBJECT = 200;
const LONGEST_BODY = 10_000;
const ENCRYPTIONS = ['tls', 'starttls', 'none'] as const;
const FOLDER = 200;

export class IncomingMailQuery extends ListQuery {
  @ApiPropertyOptional({ enum: MAIL_OUTCOMES, description: 'What became of them; `quarantined` wait for a decision.' })
  @IsOptional()
  @IsIn(MAIL_OUTCOMES)
  readonly outcome?: MailOutcome;
}

/** A list that has one page. */
export class TenantQuery {
  @ApiPropertyOptional({ description: 'One tenant; without it, all that you see.' })
  @IsOptional()
  @IsLine(40)
  readonly tenant?: string;
}

@ApiSchema({ name: 'TicketMailSettings' })
export class TicketMailSettingsDto {
  @ApiProperty({
    enum: UNKNOWN_SENDER_POLICIES,
    description:
      'A sender who is nobody of the customer: waits for a decision, becomes a ticket of the MSP’s own, or is refused.',
  })
  @IsIn(UNKNOWN_SENDER_POLICIES)
  readonly unknownSenders!: UnknownSenderPolicy;

  @ApiProperty({ enum: MAIL_KINDS, isArray: true, description: 'Kinds of mails that do not go out.' })
  @IsArray()
  @ArrayUnique()
  @IsIn(MAIL_KINDS, { each: true })
  readonly muted!: MailKind[];
}

@ApiSchema({ name: 'TicketMailTextToSet' })
export class MailTextDto {
  @ApiProperty({ maxLength: LONGEST_SUBJECT, example: 'Ticket {{number}}: {{subject}}' })
  @IsLine(LONGEST_SUBJECT)
  readonly subject!: string;

  @ApiProperty({
    maxLength: LONGEST_BODY,
    description: 'Paragraphs with an empty line between them; placeholders stand in double braces.',
    example: 'Guten Tag {{name}},\n\n{{text}}',
  })
  @IsText(LONGEST_BODY)
  readonly body!: string;
}

@ApiSchema({ name: 'TicketMailToPreview', description: 'Without subject and body: the text that holds.' })
export class PreviewMailDto {
  @ApiProperty({ enum: MAIL_KINDS })
  @IsIn(MAIL_KINDS)
  readonly kind!: MailKind;

  @ApiProperty({ enum: MAIL_LANGUAGES })
  @IsIn(MAIL_LANGUAGES)
  readonly language!: TicketMailLanguage;

  @ApiPropertyOptional({ maxLength: LONGEST_SUBJECT })
  @IsOptional()
  @IsLine(LONGEST_SUBJECT)
  readonly subject?: string;

  @ApiPropertyOptional({ maxLength: LONGEST_BODY })
  @IsOptional()
  @IsText(LONGEST_BODY)
  readonly body?: string;
}

@ApiSchema({ name: 'MailboxToRead' })
export class MailboxDto {
  @ApiProperty({ maxLength: 100, example: 'Helpdesk' })
  @IsLine(100)
  readonly name!: string;

  @ApiProperty({ maxLength: 253, example: 'imap.msp.example' })
  @IsLine(253)
  readonly host!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 65535, example: 993 })
  @IsInt()
  @Min(1)
  @Max(65535)
  readonly port!: number;

  @ApiProperty({ enum: ENCRYPTIONS, description: '`none` on the loopback only.' })
  @IsIn(ENCRYPTIONS)
  readonly encryption!: (typeof ENCRYPTIONS)[number];

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 20_000, description: 'PEM of a CA of its own.' })
  @IsOptional()
  @Rule(
    'isPem',
    (value) => typeof value === 'string' && value.length <= 20_000 && isPem(value),
    'must be a certificate as PEM',
  )
  readonly caPem?: string | null;

  @ApiProperty({ maxLength: 200 })
  @IsLine(200)
  readonly userName!: string;

  @ApiProperty({ pattern: MAILBOX_SECRET.source, example: 'secret://mailbox-helpdesk' })
  @Rule(
    'isMailboxSecret',
    (value) => typeof value === 'string' && MAILBOX_SECRET.test(value),
    'must be secret://mailbox-…',
  )
  readonly secretRef!: string;

  @ApiPropertyOptional({ maxLength: FOLDER, default: 'INBOX' })
  @IsOptional()
  @IsLine(FOLDER)
  readonly folder?: string;

  @ApiPropertyOptional({
    ...{ type: String, nullable: true, maxLength: FOLDER },
    description: 'Where a mail goes that was taken; else it stays and is marked as seen.',
  })
  @IsOptional()
  @IsLine(FOLDER)
  readonly doneFolder?: string | null;

  @ApiPropertyOptional({
    ...{ type: String, nullable: true, maxLength: 253 },
    description: 'Whose `Authentication-Results` are believed: the mail server that delivers into it.',
  })
  @IsOptional()
  @IsLine(253)
  readonly authservId?: string | null;

  @ApiPropertyOptional({ enum: [true, false], default: true })
  @IsOptional()
  @IsBoolean()
  readonly enabled?: boolean;
}

function isPem(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined;
  } catch {
    return false;
  }
}
