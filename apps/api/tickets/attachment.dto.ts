import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { AttachmentRow } from '#libs/tickets';
import { IsLine } from '../http/text.decorators.js';

/** What a file is called, and who sees it. */
export class AttachmentQuery {
  @ApiProperty({ maxLength: 400, example: 'error.png', description: 'Of a path only the last part is kept.' })
  @IsLine(400)
  readonly name!: string;

  @ApiPropertyOptional({ enum: ['true', 'false'], default: 'false', description: 'For the MSP alone.' })
  @IsOptional()
  @IsIn(['true', 'false'])
  readonly internal?: 'true' | 'false';
}

@ApiSchema({ name: 'TicketAttachment' })
export class AttachmentView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ format: 'uuid' })
  readonly ticketId!: string;
  @ApiProperty({ type: 'integer', description: 'The entry of the ticket that it came with.' })
  readonly sequence!: number;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ description: 'By what its bytes are; whatever a browser could run is application/octet-stream.' })
  readonly type!: string;
  @ApiProperty({ type: 'integer', description: 'Bytes.' })
  readonly size!: number;
  @ApiProperty({ description: 'In hexadecimal digits.' })
  readonly sha256!: string;
  @ApiProperty({ description: 'Seen by the customer.' })
  readonly public!: boolean;
  @ApiProperty()
  readonly addedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly addedAt!: string;
}

@ApiSchema({ name: 'TicketAttachments' })
export class AttachmentsView {
  @ApiProperty({ type: [AttachmentView] })
  readonly items!: AttachmentView[];
}

export function attachmentView(row: AttachmentRow): AttachmentView {
  return {
    ...{ id: row.id, ticketId: row.ticket_id, sequence: row.entry_sequence, name: row.name, type: row.type },
    ...{ size: row.size, sha256: row.sha256.toString('hex'), public: row.public, addedBy: row.added_by },
    addedAt: row.added_at.toISOString(),
  };
}

const NOT_ASCII = /[^\x20-\x7e]|["\\%]/g;
const NOT_IN_VALUE = /['()*]/g;

/** The header that has a file saved under its name and never shown (RFC 6266, 8187). */
export function dispositionOf(name: string): string {
  const escaped = encodeURIComponent(name).replace(
    NOT_IN_VALUE,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${name.replace(NOT_ASCII, '_')}"; filename*=UTF-8''${escaped}`;
}
