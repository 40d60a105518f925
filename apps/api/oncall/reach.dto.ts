import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  ValidateNested,
} from 'class-validator';
import { isId } from '#libs/kernel';
import { CONTACT_KINDS, type ContactKind, type ContactMethod, type TeamRow } from '#libs/oncall';
import type { Row } from '#libs/platform/database';
import { IsLine, Rule } from '../http/text.decorators.js';

const LONGEST_NAME = 200;
const MOST_MEMBERS = 200;
const MOST_METHODS = 10;

@ApiSchema({ name: 'TeamToPut' })
export class TeamDto {
  @ApiProperty({ maxLength: LONGEST_NAME, example: 'Network' })
  @IsLine(LONGEST_NAME)
  readonly name!: string;

  @ApiProperty({ type: [String], minItems: 1, maxItems: MOST_MEMBERS, description: 'Subjects.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_MEMBERS)
  @ArrayUnique()
  @IsLine(LONGEST_NAME, { each: true })
  readonly members!: string[];
}

@ApiSchema({ name: 'Team' })
export class TeamView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: [String] })
  readonly members!: readonly string[];
}

@ApiSchema({ name: 'Teams' })
export class TeamsView {
  @ApiProperty({ type: [TeamView], description: 'By name; 200 at most.' })
  readonly items!: TeamView[];
}

const KIND = { enum: CONTACT_KINDS, enumName: 'ContactKind' } as const;

@ApiSchema({ name: 'ContactMethodToSet' })
export class ContactMethodDto {
  @ApiProperty(KIND)
  @IsIn(CONTACT_KINDS)
  readonly kind!: ContactKind;

  @ApiProperty({ example: '+4989123456', description: 'A mail address, or a number with + and the country’s code.' })
  @IsLine(254)
  readonly address!: string;
}

@ApiSchema({ name: 'ContactMethodsToSet', description: 'By what you are reached, in the order in which it is tried.' })
export class ContactMethodsDto {
  @ApiProperty({ type: [ContactMethodDto], maxItems: MOST_METHODS })
  @IsArray()
  @ArrayMaxSize(MOST_METHODS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ContactMethodDto)
  readonly methods!: ContactMethodDto[];
}

@ApiSchema({ name: 'ContactMethod' })
export class ContactMethodView {
  @ApiProperty(KIND)
  readonly kind!: ContactKind;
  @ApiProperty()
  readonly address!: string;
}

@ApiSchema({ name: 'ContactMethods' })
export class ContactMethodsView {
  @ApiProperty({ type: [ContactMethodView] })
  readonly methods!: ContactMethodView[];
  @ApiProperty({ description: 'Nobody set any: the account’s mail address is what is tried.' })
  readonly isUsual!: boolean;
}

@ApiSchema({ name: 'CalendarFeedToMake' })
export class FeedDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'A schedule; left out: your own shifts of all schedules.' })
  @IsOptional()
  @Rule('isUuid', (value) => typeof value === 'string' && isId(value), 'must be an id')
  readonly schedule?: string;
}

@ApiSchema({ name: 'CalendarFeed' })
export class FeedView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ type: String, nullable: true, format: 'uuid' })
  readonly schedule!: string | null;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

@ApiSchema({ name: 'MadeCalendarFeed' })
export class MadeFeedView extends FeedView {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'For the calendar program; shown this once, null in a repeat. Whoever has it sees the shifts.',
  })
  readonly address!: string | null;
}

@ApiSchema({ name: 'CalendarFeeds' })
export class FeedsView {
  @ApiProperty({ type: [FeedView], description: 'Your own that hold; 200 at most.' })
  readonly items!: FeedView[];
}

export function teamView({ id, tenant_id: tenant, name, members }: TeamRow): TeamView {
  return { id, tenant, name, members };
}

export function contactMethodsView(methods: readonly ContactMethod[], isUsual: boolean): ContactMethodsView {
  return { methods: methods.map(({ kind, address }) => ({ kind, address })), isUsual };
}

export function feedView({ id, schedule_id: schedule, created_at }: Row<'oncall_feeds'>): FeedView {
  return { id, schedule, createdAt: created_at.toISOString() };
}
