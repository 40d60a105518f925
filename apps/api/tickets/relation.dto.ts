import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { isId } from '#libs/kernel';
import {
  GRADES,
  RELATIONS,
  SHOWN_RELATIONS,
  THINGS,
  TICKET_TYPES,
  WORK_CLASSES,
  type Grade,
  type Relation,
  type Thing,
  type TicketType,
  type WorkClass,
} from '#libs/tickets';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

const LONGEST_REASON = 2_000;
const LONGEST_NAME = 200;
const MOST = 50;

const Id = (): PropertyDecorator =>
  Rule('isUuid', (value) => typeof value === 'string' && isId(value), 'must be an id');

@ApiSchema({ name: 'TicketToLink' })
export class LinkTicketDto {
  @ApiProperty({ enum: RELATIONS })
  @IsIn(RELATIONS)
  readonly kind!: Relation;

  @ApiProperty({ format: 'uuid', description: 'Another ticket of the same customer.' })
  @Id()
  readonly ticketId!: string;
}

@ApiSchema({ name: 'ThingToLink' })
export class LinkThingDto {
  @ApiProperty({ enum: THINGS })
  @IsIn(THINGS)
  readonly kind!: Thing;

  @ApiProperty({ maxLength: LONGEST_NAME, description: 'What it is called where it is kept.' })
  @IsLine(LONGEST_NAME)
  readonly externalId!: string;

  @ApiPropertyOptional({ maxLength: LONGEST_NAME })
  @IsOptional()
  @IsLine(LONGEST_NAME)
  readonly label?: string;
}

@ApiSchema({ name: 'RunToLink' })
export class LinkRunDto {
  @ApiProperty({ format: 'uuid', description: 'A run of the same customer.' })
  @Id()
  readonly runId!: string;
}

@ApiSchema({ name: 'TicketWatchersToSet' })
export class WatchersDto {
  @ApiProperty({ type: [String], maxItems: MOST, description: 'Subjects of the MSP or of the customer.' })
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsLine(LONGEST_NAME, { each: true })
  readonly subjects!: string[];
}

@ApiSchema({ name: 'TicketTagsToSet' })
export class TagsDto {
  @ApiProperty({ type: [String], maxItems: 20, items: { type: 'string', maxLength: 40 } })
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsLine(40, { each: true })
  readonly tags!: string[];
}

@ApiSchema({ name: 'TicketWorkClassToSet' })
export class WorkClassDto {
  @ApiProperty({ enum: WORK_CLASSES })
  @IsIn(WORK_CLASSES)
  readonly workClass!: WorkClass;

  @ApiProperty({ maxLength: LONGEST_REASON, description: 'The customer sees it.' })
  @IsText(LONGEST_REASON)
  readonly reason!: string;
}

@ApiSchema({ name: 'TicketTypeToSet' })
export class TypeDto {
  @ApiProperty({ enum: TICKET_TYPES })
  @IsIn(TICKET_TYPES)
  readonly type!: TicketType;

  @ApiProperty({ maxLength: LONGEST_REASON, description: 'The customer sees it.' })
  @IsText(LONGEST_REASON)
  readonly reason!: string;
}

@ApiSchema({ name: 'TicketToMerge' })
export class MergeDto {
  @ApiProperty({ format: 'uuid', description: 'The ticket that goes on, of the same customer.' })
  @Id()
  readonly ticketId!: string;

  @ApiProperty({ maxLength: LONGEST_REASON, description: 'The customer sees it.' })
  @IsText(LONGEST_REASON)
  readonly reason!: string;
}

@ApiSchema({ name: 'TicketToSplit' })
export class SplitDto {
  @ApiProperty({ maxLength: 300 })
  @IsLine(300)
  readonly subject!: string;

  @ApiPropertyOptional({ enum: TICKET_TYPES, description: 'Left out: the same.' })
  @IsOptional()
  @IsIn(TICKET_TYPES)
  readonly type?: TicketType;

  @ApiPropertyOptional({ enum: GRADES, description: 'Left out: the same.' })
  @IsOptional()
  @IsIn(GRADES)
  readonly impact?: Grade;

  @ApiPropertyOptional({ enum: GRADES, description: 'Left out: the same.' })
  @IsOptional()
  @IsIn(GRADES)
  readonly urgency?: Grade;

  @ApiProperty({ type: [Number], minItems: 1, maxItems: MOST, description: 'Sequences of the comments that go along.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(2_147_483_647, { each: true })
  readonly comments!: number[];
}

const TEXT_OR_NULL = { type: String, nullable: true } as const;

@ApiSchema({ name: 'LinkedTicket' })
export class LinkedTicketView {
  @ApiProperty({ format: 'uuid', description: 'Of the link.' })
  readonly id!: string;
  @ApiProperty({ enum: SHOWN_RELATIONS, description: 'What this ticket is to the other.' })
  readonly kind!: string;
  @ApiProperty({ format: 'uuid' })
  readonly ticketId!: string;
  @ApiProperty({ type: 'integer' })
  readonly number!: number;
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty()
  readonly status!: string;
}

@ApiSchema({ name: 'LinkedThing' })
export class LinkedThingView {
  @ApiProperty({ format: 'uuid', description: 'Of the link.' })
  readonly id!: string;
  @ApiProperty({ enum: THINGS })
  readonly kind!: string;
  @ApiProperty()
  readonly externalId!: string;
  @ApiProperty(TEXT_OR_NULL)
  readonly label!: string | null;
}

@ApiSchema({ name: 'RequestOfTicket' })
export class TicketRequestView {
  @ApiProperty({ format: 'uuid' })
  readonly requestId!: string;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'uuid' })
  readonly runId!: string | null;
  @ApiProperty()
  readonly type!: string;
  @ApiProperty()
  readonly status!: string;
}

@ApiSchema({ name: 'TicketLinks', description: 'In both directions; only what the caller sees.' })
export class LinksView {
  @ApiProperty({ type: [LinkedTicketView] })
  readonly tickets!: LinkedTicketView[];
  @ApiProperty({ type: [LinkedThingView] })
  readonly things!: LinkedThingView[];
  @ApiProperty({ type: [TicketRequestView] })
  readonly requests!: TicketRequestView[];
}

@ApiSchema({ name: 'TicketWatchers' })
export class WatchersView {
  @ApiProperty({ type: [String] })
  readonly subjects!: string[];
}
