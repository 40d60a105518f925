import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  CHANGE_POLICIES,
  TARGET_KINDS,
  WAITING_STATUSES,
  type ChangePolicy,
  type TargetKind,
  type TicketStatus,
} from '#libs/sla';
import { PRIORITIES, TICKET_TYPES, type Priority, type TicketType } from '#libs/tickets';
import { IsInstant } from '../http/instant.decorator.js';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';
import { CalendarDto } from './preview.dto.js';

const MOST_LINES = 100;
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** Names of tiers and calendars: a letter, then letters, digits and hyphens, all lower case. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

const NAME_RULE = 'must be a lower-case name of letters, digits and hyphens, at most 40';

/** What every saving of a promise may say. */
class SavingDto {
  @ApiPropertyOptional({ format: 'date-time', description: 'From when it counts; left out, or past: from now on.' })
  @IsOptional()
  @IsInstant()
  readonly countsFrom?: string;

  @ApiPropertyOptional({ maxLength: 2000, description: 'Shown where a deadline moved by it.' })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;
}

@ApiSchema({ name: 'HolidayRegion', description: 'Whose public holidays are proposed.' })
export class RegionDto {
  @ApiProperty({ example: 'DE', description: 'ISO 3166-1.' })
  @Rule(
    'isCountry',
    (value) => typeof value === 'string' && /^[A-Z]{2}$/.test(value),
    'must be a country of two letters',
  )
  readonly country!: string;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'BY', description: 'ISO 3166-2 without the country.' })
  @IsOptional()
  @Rule('isState', (value) => typeof value === 'string' && /^[A-Z0-9]{1,3}$/.test(value), 'must be a state’s code')
  readonly state?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Augsburg', description: 'A town with its own.' })
  @IsOptional()
  @IsLine(100)
  readonly place?: string | null;
}

@ApiSchema({ name: 'NamedCalendarToPut' })
export class NamedCalendarDto extends CalendarDto {
  @ApiPropertyOptional({ type: RegionDto, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RegionDto)
  readonly region?: RegionDto | null;

  @ApiPropertyOptional({ format: 'date-time', description: 'From when it counts; left out, or past: from now on.' })
  @IsOptional()
  @IsInstant()
  readonly countsFrom?: string;

  @ApiPropertyOptional({ maxLength: 2000, description: 'Shown where a deadline moved by it.' })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;
}

function isTargets(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([kind, minutes]) =>
      (TARGET_KINDS as readonly string[]).includes(kind) &&
      (minutes === null || (typeof minutes === 'number' && Number.isFinite(minutes))),
  );
}

@ApiSchema({ name: 'SlaPolicyLine', description: 'What is promised for tickets of a type, a priority, both, or all.' })
export class PolicyLineDto {
  @ApiPropertyOptional({ enum: TICKET_TYPES, description: 'Left out: every type.' })
  @IsOptional()
  @IsIn(TICKET_TYPES)
  readonly type?: TicketType;

  @ApiPropertyOptional({ enum: PRIORITIES, description: 'Left out: every priority.' })
  @IsOptional()
  @IsIn(PRIORITIES)
  readonly priority?: Priority;

  @ApiProperty({
    type: 'object',
    properties: Object.fromEntries(
      TARGET_KINDS.map((kind) => [kind, { type: 'number', nullable: true, minimum: 0.01, maximum: 525_600 }]),
    ),
    additionalProperties: false,
    example: { first_response: 60, resolution: 480, update: null },
    description: 'Business minutes. null is "no SLA"; what is left out a more general line says.',
  })
  @Rule('isTargets', isTargets, `must give minutes or null for some of ${TARGET_KINDS.join(', ')}`)
  readonly targets!: Partial<Record<TargetKind, number | null>>;

  @ApiProperty({ example: 'office', description: 'A calendar’s name; `always` is around the clock.' })
  @Rule('isName', isName, NAME_RULE)
  readonly calendar!: string;
}

@ApiSchema({ name: 'SlaRules' })
export class RulesDto {
  @ApiProperty({ enum: CHANGE_POLICIES, description: 'How a change of target or calendar treats what is used up.' })
  @IsIn(CHANGE_POLICIES)
  readonly onChange!: ChangePolicy;

  @ApiProperty({ enum: ['continue', 'reset'] })
  @IsIn(['continue', 'reset'])
  readonly onReopen!: 'continue' | 'reset';

  @ApiProperty({ enum: [true, false], description: 'Whether taking a ticket into work is its first response.' })
  @IsBoolean()
  readonly statusIsResponse!: boolean;

  @ApiProperty({ enum: WAITING_STATUSES, isArray: true, uniqueItems: true, description: 'When clocks stand still.' })
  @IsArray()
  @ArrayUnique()
  @IsIn(WAITING_STATUSES, { each: true })
  readonly pausingStatuses!: TicketStatus[];
}

@ApiSchema({ name: 'SlaAvailability' })
export class AvailabilityDto {
  @ApiProperty({ type: 'number', minimum: 1, maximum: 100, example: 99.5, description: 'Of the hours of a month.' })
  @IsNumber()
  @Min(1)
  @Max(100)
  readonly percent!: number;

  @ApiProperty({ example: 'always' })
  @Rule('isName', isName, NAME_RULE)
  readonly calendar!: string;
}

@ApiSchema({ name: 'SlaPolicyToPut', description: 'What a tier promises.' })
export class SlaPolicyDto extends SavingDto {
  @ApiProperty({ type: [PolicyLineDto], minItems: 1, maxItems: MOST_LINES })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_LINES)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => PolicyLineDto)
  readonly lines!: PolicyLineDto[];

  @ApiPropertyOptional({ type: RulesDto, description: 'Left out: those of the MSP’s policy, else the usual ones.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RulesDto)
  readonly rules?: RulesDto;

  @ApiPropertyOptional({ type: AvailabilityDto, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AvailabilityDto)
  readonly availability?: AvailabilityDto | null;
}

@ApiSchema({ name: 'SlaTierToPut' })
export class TierDto {
  @ApiProperty({ type: String, nullable: true, example: 'gold', description: 'null: no SLA.' })
  @Rule('isName', (value) => value === null || isName(value), NAME_RULE)
  readonly tier!: string | null;

  @ApiPropertyOptional({ maxLength: 2000, description: 'Shown where a deadline moved by it.' })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;
}

@ApiSchema({ name: 'SlaWhatIf', description: 'Targets to try on closed tickets.' })
export class WhatIfDto {
  @ApiProperty({ format: 'date-time', description: 'Closed from here on.' })
  @IsInstant()
  readonly from!: string;

  @ApiProperty({ format: 'date-time', description: 'Closed before.' })
  @IsInstant()
  readonly to!: string;

  @ApiPropertyOptional({ enum: TICKET_TYPES })
  @IsOptional()
  @IsIn(TICKET_TYPES)
  readonly type?: TicketType;

  @ApiPropertyOptional({ enum: PRIORITIES })
  @IsOptional()
  @IsIn(PRIORITIES)
  readonly priority?: Priority;

  @ApiProperty({
    type: 'object',
    properties: Object.fromEntries(TARGET_KINDS.map((kind) => [kind, { type: 'number', minimum: 0.01 }])),
    additionalProperties: false,
    example: { resolution: 240 },
    description: 'Business minutes by what is measured.',
  })
  @Rule(
    'isProposal',
    (value) =>
      isTargets(value) &&
      Object.values(value as object).length > 0 &&
      Object.values(value as object).every((minutes) => minutes !== null && minutes >= 0.01 && minutes <= 525_600),
    `must give minutes above 0 for some of ${TARGET_KINDS.join(', ')}`,
  )
  readonly targets!: Partial<Record<TargetKind, number>>;
}

/** Which version. */
export class PromiseVersionQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'Left out: the newest.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  readonly version?: number;
}

/** Of which tenant. */
export class PromiseQuery {
  @ApiPropertyOptional({ description: 'One tenant; without it, all that you see.' })
  @IsOptional()
  @IsLine(40)
  readonly tenant?: string;
}
