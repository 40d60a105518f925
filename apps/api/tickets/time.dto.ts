import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { minutesOf, sumsOf, TIME_KINDS, type TimeEntryRow, type TimeKind, type TimeSums } from '#libs/tickets';
import { IsInstant } from '../http/instant.decorator.js';
import { IsLine, IsText } from '../http/text.decorators.js';

const LONGEST_NOTE = 2_000;
const LONGEST_NAME = 200;

@ApiSchema({ name: 'TicketTimeToStart' })
export class StartTimeDto {
  @ApiProperty({ enum: TIME_KINDS })
  @IsIn(TIME_KINDS)
  readonly kind!: TimeKind;

  @ApiPropertyOptional({ enum: [true, false], default: true })
  @IsOptional()
  @IsBoolean()
  readonly billable?: boolean;

  @ApiPropertyOptional({ maxLength: LONGEST_NOTE })
  @IsOptional()
  @IsText(LONGEST_NOTE)
  readonly note?: string;
}

@ApiSchema({ name: 'TicketTimeToRecord' })
export class RecordTimeDto extends StartTimeDto {
  @ApiPropertyOptional({ maxLength: LONGEST_NAME, description: 'A subject of the MSP; left out: you.' })
  @IsOptional()
  @IsLine(LONGEST_NAME)
  readonly technician?: string;

  @ApiProperty({ format: 'date-time' })
  @IsInstant()
  readonly from!: string;

  @ApiProperty({ format: 'date-time', description: 'Not in the future, and at most 24 hours after `from`.' })
  @IsInstant()
  readonly to!: string;
}

@ApiSchema({ name: 'TicketTimeToStop' })
export class StopTimeDto {
  @ApiPropertyOptional({ maxLength: LONGEST_NOTE, description: 'In the place of the one from the beginning.' })
  @IsOptional()
  @IsText(LONGEST_NOTE)
  readonly note?: string;
}

@ApiSchema({ name: 'TicketTimeToWithdraw' })
export class WithdrawTimeDto {
  @ApiProperty({ maxLength: LONGEST_NOTE })
  @IsText(LONGEST_NOTE)
  readonly reason!: string;
}

const TEXT_OR_NULL = { type: String, nullable: true } as const;
const MINUTES = { type: 'integer', description: 'Minutes.' } as const;

@ApiSchema({ name: 'TicketTime' })
export class TimeEntryView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ format: 'uuid' })
  readonly ticketId!: string;
  @ApiProperty()
  readonly technician!: string;
  @ApiProperty({ enum: TIME_KINDS })
  readonly kind!: string;
  @ApiProperty({ format: 'date-time' })
  readonly from!: string;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'date-time', description: 'Null: it is running.' })
  readonly to!: string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Whole minutes; a begun one counts.' })
  readonly minutes!: number | null;
  @ApiProperty()
  readonly billable!: boolean;
  @ApiProperty(TEXT_OR_NULL)
  readonly note!: string | null;
  @ApiProperty()
  readonly recordedBy!: string;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'date-time' })
  readonly withdrawnAt!: string | null;
}

@ApiSchema({ name: 'TicketTimeSums', description: 'Minutes of what has ended.' })
export class TimeSumsView implements TimeSums {
  @ApiProperty(MINUTES)
  readonly total!: number;
  @ApiProperty(MINUTES)
  readonly billable!: number;
  @ApiProperty(MINUTES)
  readonly work!: number;
  @ApiProperty(MINUTES)
  readonly callOut!: number;
  @ApiProperty(MINUTES)
  readonly travel!: number;
}

@ApiSchema({ name: 'TicketTimes' })
export class TimeEntriesView {
  @ApiProperty({ type: [TimeEntryView] })
  readonly items!: TimeEntryView[];
  @ApiProperty({ type: TimeSumsView })
  readonly minutes!: TimeSumsView;
}

export function timeEntryView(row: TimeEntryRow): TimeEntryView {
  return {
    ...{ id: row.id, ticketId: row.ticket_id, technician: row.technician, kind: row.kind, billable: row.billable },
    ...{ from: row.from_at.toISOString(), to: row.to_at?.toISOString() ?? null, minutes: minutesOf(spanOf(row)) },
    ...{ note: row.note, recordedBy: row.recorded_by, withdrawnAt: row.withdrawn_at?.toISOString() ?? null },
  };
}

export function timeEntriesView(rows: readonly TimeEntryRow[]): TimeEntriesView {
  const minutes = sumsOf(rows.map((row) => ({ ...spanOf(row), kind: row.kind, billable: row.billable })));
  return { items: rows.map(timeEntryView), minutes };
}

function spanOf({ from_at: from, to_at: to }: TimeEntryRow) {
  return { from, to };
}
