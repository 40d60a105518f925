import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ENTRY_KINDS, type TicketEntryRow, type TicketRow } from '#libs/tickets';
import { GRADES, PRIORITIES, STATUSES, TICKET_TYPES, WORK_CLASSES } from '#libs/tickets';
import type { Page } from '../http/cursor.js';

const TEXT_OR_NULL = { type: String, nullable: true } as const;
const TIME = { type: String, format: 'date-time' } as const;

@ApiSchema({ name: 'Ticket' })
export class TicketView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ type: 'integer', description: 'Counted per customer.' })
  readonly number!: number;
  @ApiProperty({ enum: TICKET_TYPES })
  readonly type!: string;
  @ApiProperty({ enum: WORK_CLASSES })
  readonly workClass!: string;
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly description!: string | null;
  @ApiProperty({ enum: GRADES })
  readonly impact!: string;
  @ApiProperty({ enum: GRADES })
  readonly urgency!: string;
  @ApiProperty({ enum: PRIORITIES })
  readonly priority!: string;
  @ApiProperty({ enum: STATUSES })
  readonly status!: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'Why it waits.' })
  readonly statusReason!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly team!: string | null;
  @ApiProperty(TEXT_OR_NULL)
  readonly technician!: string | null;
  @ApiProperty({ type: [String] })
  readonly tags!: readonly string[];
  @ApiProperty(TEXT_OR_NULL)
  readonly requester!: string | null;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'uuid' })
  readonly contactId!: string | null;
  @ApiProperty()
  readonly openedBy!: string;
  @ApiProperty(TIME)
  readonly openedAt!: string;
  @ApiProperty(TIME)
  readonly changedAt!: string;
  @ApiProperty({ ...TIME, nullable: true })
  readonly resolvedAt!: string | null;
  @ApiProperty({ ...TIME, nullable: true })
  readonly closedAt!: string | null;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'uuid', description: 'The ticket that goes on with it.' })
  readonly mergedInto!: string | null;
}

@ApiSchema({ name: 'TicketPage' })
export class TicketPageView implements Page<TicketView> {
  @ApiProperty({ type: [TicketView] })
  readonly items!: TicketView[];
  @ApiProperty(TEXT_OR_NULL)
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'TicketEntry', description: 'Something that happened to a ticket.' })
export class TicketEntryView {
  @ApiProperty({ type: 'integer' })
  readonly sequence!: number;
  @ApiProperty(TIME)
  readonly at!: string;
  @ApiProperty({ enum: ENTRY_KINDS })
  readonly kind!: string;
  @ApiProperty({ description: 'Seen by the customer.' })
  readonly public!: boolean;
  @ApiProperty()
  readonly by!: string;
  @ApiProperty({ enum: ['msp', 'customer', 'machine', 'engine'] })
  readonly byKind!: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'What was said, or why it was done.' })
  readonly body!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, description: 'What changed.' })
  readonly change!: object | null;
}

@ApiSchema({ name: 'TicketEntryPage' })
export class TicketEntryPageView implements Page<TicketEntryView> {
  @ApiProperty({ type: [TicketEntryView] })
  readonly items!: TicketEntryView[];
  @ApiProperty(TEXT_OR_NULL)
  readonly nextCursor!: string | null;
}

export function ticketView(row: TicketRow): TicketView {
  return {
    ...{ id: row.id, tenant: row.tenant_id, number: row.number, type: row.type, workClass: row.work_class },
    ...{ subject: row.subject, description: row.description, impact: row.impact, urgency: row.urgency },
    ...{ priority: row.priority, status: row.status, statusReason: row.status_reason, team: row.team },
    ...{ technician: row.technician, tags: row.tags, requester: row.requester, contactId: row.contact_id },
    ...{ openedBy: row.opened_by, openedAt: row.opened_at.toISOString(), changedAt: row.changed_at.toISOString() },
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    mergedInto: row.merged_into,
  };
}

export function entryView(row: TicketEntryRow): TicketEntryView {
  return {
    ...{ sequence: row.sequence, at: row.at.toISOString(), kind: row.kind, public: row.public, by: row.by },
    ...{ byKind: row.by_kind, body: row.body, change: row.change as object | null },
  };
}
