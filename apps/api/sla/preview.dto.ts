import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsNumber, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { CHANGE_POLICIES, WEEKDAYS, type ChangePolicy, type ServiceCalendar } from '#libs/sla';
import { IsLine, Rule } from '../http/text.decorators.js';
import { IsInstant } from '../http/instant.decorator.js';

const MOST_INTERVALS = 48;
const MOST_DATES = 2_000;
const MOST_PAUSES = 1_000;
/** Ten years around the clock. */
const LONGEST_MINUTES = 5_256_000;

const INTERVALS = {
  type: 'array',
  maxItems: MOST_INTERVALS,
  items: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'string' } },
  example: [['08:00', '18:00']],
} as const;
const DATES = {
  description: 'Local dates without service, from 00:00 to 24:00.',
  example: ['2026-12-25', '2026-12-26'],
} as const;

function isIntervals(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= MOST_INTERVALS &&
    value.every(
      (one) =>
        Array.isArray(one) && one.length === 2 && one.every((time) => typeof time === 'string' && time.length < 9),
    )
  );
}

function isWeek(value: unknown): boolean {
  return isRecord(value) && Object.entries(value).every(([day, of]) => isWeekday(day) && isIntervals(of));
}

function isHoursByDate(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MOST_DATES && entries.every(([date, of]) => date.length < 12 && isIntervals(of));
}

function isWeekday(day: string): boolean {
  return (WEEKDAYS as readonly string[]).includes(day);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

@ApiSchema({ name: 'ServiceCalendarToUse', description: 'When service is given; all times are local.' })
export class CalendarDto {
  @ApiProperty({ example: 'Europe/Berlin', maxLength: 64, description: 'A time zone of the IANA list.' })
  @IsLine(64)
  readonly timezone!: string;

  @ApiProperty({
    type: 'object',
    properties: Object.fromEntries(WEEKDAYS.map((day) => [day, INTERVALS])),
    additionalProperties: false,
    description: 'The hours of each weekday. One that is left out is closed; across midnight is two intervals.',
  })
  @Rule('isWeek', isWeek, `must be an object of ${WEEKDAYS.join(', ')} with lists of [from, to]`)
  readonly weekly!: ServiceCalendar['weekly'];

  @ApiPropertyOptional({ type: [String], maxItems: MOST_DATES, ...DATES })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_DATES)
  @IsLine(10, { each: true })
  readonly holidays?: string[];

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: INTERVALS,
    description: 'Other hours on one local date, such as 24 December. They win over the week and over a holiday.',
  })
  @IsOptional()
  @Rule('isHoursByDate', isHoursByDate, 'must be an object of dates with lists of [from, to]')
  readonly dates?: ServiceCalendar['dates'];
}

@ApiSchema({ name: 'PauseToCount' })
export class PauseDto {
  @ApiProperty({ type: String, format: 'date-time' })
  @IsInstant()
  readonly from!: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true, description: 'Null: it has no end yet.' })
  @IsOptional()
  @IsInstant()
  readonly to?: string | null;
}

@ApiSchema({ name: 'TargetChangeToCount' })
export class ChangeDto {
  @ApiProperty({ type: String, format: 'date-time' })
  @IsInstant()
  readonly at!: string;

  @ApiProperty({ type: 'number', minimum: 0, maximum: LONGEST_MINUTES })
  @IsNumber()
  @Min(0)
  @Max(LONGEST_MINUTES)
  readonly targetMinutes!: number;

  @ApiProperty({
    enum: CHANGE_POLICIES,
    description:
      '`proportional` keeps the share that is used up, `recompute` measures from the start, `reset` begins anew.',
  })
  @IsIn(CHANGE_POLICIES)
  readonly policy!: ChangePolicy;
}

@ApiSchema({ name: 'SlaCaseToPreview', description: 'A case without a ticket. Pauses and changes come in any order.' })
export class PreviewDto {
  @ApiProperty({ type: CalendarDto })
  @IsObject()
  @ValidateNested()
  @Type(() => CalendarDto)
  readonly calendar!: CalendarDto;

  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: LONGEST_MINUTES,
    example: 480,
    description: 'In minutes of service; fractions are allowed.',
  })
  @IsNumber()
  @Min(0)
  @Max(LONGEST_MINUTES)
  readonly targetMinutes!: number;

  @ApiProperty({ type: String, format: 'date-time' })
  @IsInstant()
  readonly startedAt!: string;

  @ApiPropertyOptional({ type: [PauseDto], maxItems: MOST_PAUSES })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_PAUSES)
  @ValidateNested({ each: true })
  @Type(() => PauseDto)
  readonly pauses?: PauseDto[];

  @ApiPropertyOptional({ type: [ChangeDto], maxItems: MOST_PAUSES })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_PAUSES)
  @ValidateNested({ each: true })
  @Type(() => ChangeDto)
  readonly changes?: ChangeDto[];

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'When the clock is read; what begins later is not known.',
  })
  @IsInstant()
  readonly now!: string;
}
