import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  ValidateNested,
} from 'class-validator';
import { isId } from '#libs/kernel';
import {
  GRADES,
  PRIORITIES,
  STATUSES,
  TICKET_TYPES,
  WORK_CLASSES,
  type Grade,
  type Priority,
  type PriorityMatrix,
  type Status,
  type TicketType,
  type WorkClass,
} from '#libs/tickets';
import { IsInstant } from '../http/instant.decorator.js';
import { ListQuery } from '../http/page.query.js';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

const LONGEST_SUBJECT = 300;
const LONGEST_BODY = 20_000;
const LONGEST_REASON = 2_000;
const MOST_TAGS = 20;
const LONGEST_TAG = 40;
const LONGEST_NAME = 200;

@ApiSchema({ name: 'TicketToOpen' })
export class OpenTicketDto {
  @ApiProperty({ enum: TICKET_TYPES })
  @IsIn(TICKET_TYPES)
  readonly type!: TicketType;

  @ApiPropertyOptional({ enum: WORK_CLASSES, description: 'Left out: what the type usually is.' })
  @IsOptional()
  @IsIn(WORK_CLASSES)
  readonly workClass?: WorkClass;

  @ApiProperty({ maxLength: LONGEST_SUBJECT, example: 'The printer on the second floor prints blank pages' })
  @IsLine(LONGEST_SUBJECT)
  readonly subject!: string;

  @ApiPropertyOptional({ maxLength: LONGEST_BODY })
  @IsOptional()
  @IsText(LONGEST_BODY)
  readonly description?: string;

  @ApiProperty({ enum: GRADES, description: 'How much is affected.' })
  @IsIn(GRADES)
  readonly impact!: Grade;

  @ApiProperty({ enum: GRADES, description: 'How soon it hurts. The customer’s matrix gives the priority.' })
  @IsIn(GRADES)
  readonly urgency!: Grade;

  @ApiPropertyOptional({ type: [String], maxItems: MOST_TAGS, items: { type: 'string', maxLength: LONGEST_TAG } })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_TAGS)
  @ArrayUnique()
  @IsLine(LONGEST_TAG, { each: true })
  readonly tags?: string[];

  @ApiPropertyOptional({ format: 'uuid', description: 'The contact whose concern it is; else it is the caller’s own.' })
  @IsOptional()
  @Rule('isUuid', (value) => typeof value === 'string' && isId(value), 'must be an id')
  readonly contactId?: string;
}

@ApiSchema({ name: 'TicketCommentToAdd' })
export class CommentDto {
  @ApiProperty({ maxLength: LONGEST_BODY })
  @IsText(LONGEST_BODY)
  readonly body!: string;

  @ApiPropertyOptional({ enum: [true, false], default: false, description: 'For the MSP alone.' })
  @IsOptional()
  @IsBoolean()
  readonly internal?: boolean;
}

@ApiSchema({ name: 'TicketStatusToSet' })
export class StatusDto {
  @ApiProperty({ enum: STATUSES })
  @IsIn(STATUSES)
  readonly status!: Status;

  @ApiPropertyOptional({ maxLength: LONGEST_REASON, description: 'Waiting needs one; the customer sees it.' })
  @IsOptional()
  @IsText(LONGEST_REASON)
  readonly reason?: string;
}

@ApiSchema({ name: 'TicketRating' })
export class RateDto {
  @ApiProperty({ enum: GRADES })
  @IsIn(GRADES)
  readonly impact!: Grade;

  @ApiProperty({ enum: GRADES })
  @IsIn(GRADES)
  readonly urgency!: Grade;

  @ApiProperty({ maxLength: LONGEST_REASON, description: 'The customer sees it.' })
  @IsText(LONGEST_REASON)
  readonly reason!: string;
}

@ApiSchema({ name: 'TicketAssignment', description: 'What is left out or null is taken away.' })
export class AssignDto {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: LONGEST_NAME })
  @IsOptional()
  @IsLine(LONGEST_NAME)
  readonly team?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: LONGEST_NAME, description: 'A subject of the MSP.' })
  @IsOptional()
  @IsLine(LONGEST_NAME)
  readonly technician?: string | null;
}

const PRIORITY = { enum: PRIORITIES, enumName: 'TicketPriority' } as const;

/** Priorities of one impact, by urgency. */
export class PrioritiesByUrgencyDto {
  @ApiProperty(PRIORITY)
  @IsIn(PRIORITIES)
  readonly high!: Priority;

  @ApiProperty(PRIORITY)
  @IsIn(PRIORITIES)
  readonly medium!: Priority;

  @ApiProperty(PRIORITY)
  @IsIn(PRIORITIES)
  readonly low!: Priority;
}

/** Priorities by impact, then by urgency. */
@ApiSchema({ name: 'PriorityMatrix', description: 'The priority by impact, then by urgency.' })
export class PriorityMatrixDto implements PriorityMatrix {
  @ApiProperty({ type: PrioritiesByUrgencyDto })
  @IsObject()
  @ValidateNested()
  @Type(() => PrioritiesByUrgencyDto)
  readonly high!: PrioritiesByUrgencyDto;

  @ApiProperty({ type: PrioritiesByUrgencyDto })
  @IsObject()
  @ValidateNested()
  @Type(() => PrioritiesByUrgencyDto)
  readonly medium!: PrioritiesByUrgencyDto;

  @ApiProperty({ type: PrioritiesByUrgencyDto })
  @IsObject()
  @ValidateNested()
  @Type(() => PrioritiesByUrgencyDto)
  readonly low!: PrioritiesByUrgencyDto;
}

/** Which tickets. */
export class TicketListQuery extends ListQuery {
  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  readonly status?: Status;

  @ApiPropertyOptional({ enum: PRIORITIES })
  @IsOptional()
  @IsIn(PRIORITIES)
  readonly priority?: Priority;

  @ApiPropertyOptional({ description: 'A subject.' })
  @IsOptional()
  @IsLine(LONGEST_NAME)
  readonly technician?: string;

  @ApiPropertyOptional({
    description:
      'Words of subject, description, tags or comments that you see; "…" for a phrase, - before what must not be there.',
  })
  @IsOptional()
  @IsLine(200)
  readonly words?: string;

  @ApiPropertyOptional({ enum: TICKET_TYPES })
  @IsOptional()
  @IsIn(TICKET_TYPES)
  readonly type?: TicketType;

  @ApiPropertyOptional()
  @IsOptional()
  @IsLine(LONGEST_NAME)
  readonly team?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsLine(LONGEST_TAG)
  readonly tag?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsInstant()
  readonly openedFrom?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Until before it.' })
  @IsOptional()
  @IsInstant()
  readonly openedTo?: string;
}
