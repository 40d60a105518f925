import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { DateProposalRow } from '#libs/tickets';
import { IsInstant } from '../http/instant.decorator.js';
import { IsText } from '../http/text.decorators.js';

const TIME = { format: 'date-time' } as const;

@ApiSchema({ name: 'TicketDateToPropose' })
export class ProposeDateDto {
  @ApiProperty({ ...TIME, description: 'By when the work is done.' })
  @IsInstant()
  readonly date!: string;

  @ApiProperty({ maxLength: 2000, description: 'The other side sees it.' })
  @IsText(2000)
  readonly reason!: string;
}

@ApiSchema({ name: 'TicketDateAnswer' })
export class DateAnswerDto {
  @ApiProperty({ enum: ['agreed', 'refused'] })
  @IsIn(['agreed', 'refused'])
  readonly answer!: 'agreed' | 'refused';
}

@ApiSchema({ name: 'TicketDateProposal' })
export class DateProposalView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty(TIME)
  readonly date!: string;
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty({ enum: ['msp', 'customer'], description: 'Who proposed it; the other side answers.' })
  readonly side!: string;
  @ApiProperty({ enum: ['proposed', 'agreed', 'refused', 'replaced'] })
  readonly status!: string;
  @ApiProperty()
  readonly proposedBy!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly answeredBy!: string | null;
}

@ApiSchema({ name: 'TicketDateProposals' })
export class DateProposalsView {
  @ApiProperty({ type: [DateProposalView], description: 'The newest first; 200 at most.' })
  readonly items!: DateProposalView[];
}

export function dateProposalView(row: DateProposalRow): DateProposalView {
  const { id, reason, side, status, proposed_by: proposedBy, answered_by: answeredBy } = row;
  return { id, date: row.date.toISOString(), reason, side, status, proposedBy, answeredBy };
}
