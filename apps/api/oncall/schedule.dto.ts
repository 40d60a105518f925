import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { ON_CALL_WEEKDAYS, USUAL_REST_HOURS, type LayerHours } from '#libs/oncall';
import { IsInstant } from '../http/instant.decorator.js';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

const LONGEST_NAME = 200;
const MOST_LAYERS = 10;
const MOST_PEOPLE = 100;
const MOST_SPANS = 10;

function isHours(value: unknown): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([day, spans]) => ON_CALL_WEEKDAYS.includes(day as 'mon') && Array.isArray(spans) && isSpans(spans as unknown[]),
  );
}

function isSpans(spans: readonly unknown[]): boolean {
  const isPair = (span: unknown): boolean =>
    Array.isArray(span) && span.length === 2 && span.every((time) => typeof time === 'string' && time.length <= 5);
  return spans.length <= MOST_SPANS && spans.every(isPair);
}

@ApiSchema({ name: 'OnCallLayerToPut', description: 'People who take turns.' })
export class LayerDto {
  @ApiProperty({ type: [String], minItems: 1, maxItems: MOST_PEOPLE, description: 'Subjects, in the order of turns.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_PEOPLE)
  @IsLine(LONGEST_NAME, { each: true })
  readonly people!: string[];

  @ApiProperty({ example: '2026-01-05', description: 'Local date of the first turn.' })
  @IsLine(10)
  readonly startsOn!: string;

  @ApiPropertyOptional({ type: String, nullable: true, example: '2027-01-01', description: 'The date after the last.' })
  @IsOptional()
  @IsLine(10)
  readonly endsOn?: string | null;

  @ApiProperty({ example: '08:00', description: 'Local time at which one hands over to the next.' })
  @IsLine(5)
  readonly handoverAt!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 366, description: 'Days of a turn.' })
  @IsInt()
  @Min(1)
  @Max(366)
  readonly turnDays!: number;

  @ApiPropertyOptional({
    type: 'object',
    nullable: true,
    additionalProperties: { type: 'array', items: { type: 'array', items: { type: 'string' } } },
    example: { mon: [['18:00', '24:00']] },
    description: 'Local hours of weekdays that it is for; left out: all the time.',
  })
  @IsOptional()
  @Rule('isHours', isHours, `must give [from, to] by weekday (${ON_CALL_WEEKDAYS.join(', ')})`)
  readonly hours?: LayerHours | null;
}

@ApiSchema({ name: 'OnCallScheduleToPut' })
export class ScheduleDto {
  @ApiProperty({ maxLength: LONGEST_NAME, example: 'Nights and weekends' })
  @IsLine(LONGEST_NAME)
  readonly name!: string;

  @ApiProperty({ example: 'Europe/Berlin', description: 'IANA name.' })
  @IsLine(64)
  readonly timezone!: string;

  @ApiProperty({
    type: [LayerDto],
    minItems: 1,
    maxItems: MOST_LAYERS,
    description: 'From the lowest: where a higher one has somebody, it wins.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_LAYERS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => LayerDto)
  readonly layers!: LayerDto[];

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 48, default: USUAL_REST_HOURS })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(48)
  readonly restHours?: number;

  @ApiPropertyOptional({ format: 'date-time', description: 'From when it counts; left out, or past: from now on.' })
  @IsOptional()
  @IsInstant()
  readonly countsFrom?: string;
}

@ApiSchema({ name: 'OnCallSpan', description: 'A span of real time; its end does not belong to it.' })
export class SpanDto {
  @ApiProperty({ format: 'date-time' })
  @IsInstant()
  readonly from!: string;

  @ApiProperty({ format: 'date-time' })
  @IsInstant()
  readonly to!: string;
}

@ApiSchema({ name: 'OnCallOverrideToEnter', description: 'Somebody takes a span, whosever turn it is.' })
export class OverrideDto extends SpanDto {
  @ApiProperty({ maxLength: LONGEST_NAME, description: 'A subject.' })
  @IsLine(LONGEST_NAME)
  readonly person!: string;

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;
}

@ApiSchema({ name: 'OnCallSwapToPropose' })
export class SwapDto {
  @ApiPropertyOptional({ description: 'Who gives; without it, you. For somebody else an operator says so.' })
  @IsOptional()
  @IsLine(LONGEST_NAME)
  readonly giver?: string;

  @ApiProperty({ maxLength: LONGEST_NAME, description: 'Who takes it, by subject.' })
  @IsLine(LONGEST_NAME)
  readonly taker!: string;

  @ApiProperty({ type: SpanDto, description: 'What is given: the giver is on call all of it.' })
  @IsObject()
  @ValidateNested()
  @Type(() => SpanDto)
  readonly gives!: SpanDto;

  @ApiPropertyOptional({ type: SpanDto, description: 'What the giver takes for it.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SpanDto)
  readonly takes?: SpanDto;
}

@ApiSchema({ name: 'OnCallSwapAnswer' })
export class SwapAnswerDto {
  @ApiProperty({ enum: ['accepted', 'refused'] })
  @IsIn(['accepted', 'refused'])
  readonly answer!: 'accepted' | 'refused';
}

/** Of which span. */
export class ShiftsQuery {
  @ApiPropertyOptional({ format: 'date-time', description: 'Left out: now.' })
  @IsOptional()
  @IsInstant()
  readonly from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Left out: 14 days after `from`; 92 days at most.' })
  @IsOptional()
  @IsInstant()
  readonly to?: string;
}

/** Of which tenant. */
export class OnCallQuery {
  @ApiPropertyOptional({ description: 'One tenant; without it, all that you see.' })
  @IsOptional()
  @IsLine(40)
  readonly tenant?: string;
}
