import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsObject, IsOptional, Max, Min } from 'class-validator';
import { isId } from '#libs/kernel';
import { CHANNEL_KINDS, LONGEST_WAIT_MINUTES, MOST_REPEATS, MOST_STEPS, type ChannelKind } from '#libs/sla/model';
import { ListQuery } from '../http/page.query.js';
import { IsLine, IsText, Rule } from '../http/text.decorators.js';

const LONGEST_REASON = 2_000;
const MOST_TRIGGERS = 200;
const STATUSES = ['running', 'acknowledged', 'ended'] as const;

const STEPS = {
  type: 'array',
  maxItems: MOST_STEPS,
  items: { type: 'object', additionalProperties: true },
  description:
    'In their order: {kind: "wait", minutes}; {kind: "notify", receivers: [{kind: "person", subject} | {kind: "schedule" | "team", id} | ' +
    '{kind: "channel", name}]}; {kind: "raise_priority", to?}; {kind: "reassign", team?, technician?}; {kind: "conference"}. All but wait take ' +
    'within: {timezone, weekly, outside: "wait" | "skip"}.',
  example: [
    { kind: 'notify', receivers: [{ kind: 'person', subject: 'erna@msp' }] },
    { kind: 'wait', minutes: 15 },
  ],
} as const;

@ApiSchema({ name: 'EscalationChainToPut' })
export class ChainDto {
  @ApiProperty(STEPS)
  @IsArray()
  @ArrayMaxSize(MOST_STEPS)
  @IsObject({ each: true })
  readonly steps!: object[];

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MOST_REPEATS, description: 'How often it begins anew.' })
  @IsOptional()
  @IsInt()
  readonly repeat?: number;

  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    minimum: 1,
    maximum: LONGEST_WAIT_MINUTES,
    description: 'After how many minutes an acknowledgement expires; null: never.',
  })
  @IsOptional()
  @IsInt()
  readonly acknowledgementMinutes?: number | null;
}

@ApiSchema({ name: 'EscalationTriggersToPut' })
export class TriggersDto {
  @ApiProperty({
    type: 'array',
    maxItems: MOST_TRIGGERS,
    items: { type: 'object', additionalProperties: true },
    description:
      '{on: "warning" | "breach", clock: "first_response" | "update" | "resolution", priorities?, chain}. Alerts start no chain yet.',
    example: [{ on: 'breach', clock: 'resolution', priorities: ['critical'], chain: 'night' }],
  })
  @IsArray()
  @ArrayMaxSize(MOST_TRIGGERS)
  @IsObject({ each: true })
  readonly triggers!: object[];
}

@ApiSchema({ name: 'EscalationToStart' })
export class StartEscalationDto {
  @ApiProperty({ maxLength: 63, description: 'A chain of the customer’s, else of the MSP’s.' })
  @IsLine(63)
  readonly chain!: string;

  @ApiProperty({ maxLength: LONGEST_REASON })
  @IsText(LONGEST_REASON)
  readonly reason!: string;
}

@ApiSchema({ name: 'NotificationChannelToPut' })
export class ChannelDto {
  @ApiProperty({ enum: CHANNEL_KINDS })
  @IsIn(CHANNEL_KINDS)
  readonly kind!: ChannelKind;

  @ApiProperty({ maxLength: 2_000, description: 'An http(s) address, or secret://<name> of one.' })
  @IsLine(2_000)
  readonly url!: string;

  @ApiPropertyOptional({ enum: ['POST', 'PUT'] })
  @IsOptional()
  @IsLine(10)
  readonly method?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Values may hold secret://<name>.',
  })
  @IsOptional()
  @IsObject()
  readonly headers?: object;

  @ApiPropertyOptional({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: 'Of sms and voice: what the provider takes, with {to}, {text}, {url} and {id} in its texts.',
  })
  @IsOptional()
  @IsObject()
  readonly body?: object | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'JSON Pointer to the id in a provider’s answer.' })
  @IsOptional()
  @IsLine(1_000)
  readonly idAt?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'secret://<name> that a webhook is signed with.' })
  @IsOptional()
  @IsLine(100)
  readonly secret?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: 'How a provider’s answers are taken: {secret, idAt, answerAt, accepts}.',
  })
  @IsOptional()
  @IsObject()
  readonly callback?: object | null;
}

@ApiSchema({ name: 'EscalationSettings' })
export class SettingsDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 500,
    description: 'Of the MSP: where a conference is, with {ticket} and {customer}.',
    example: 'https://meet.example/{ticket}',
  })
  @IsOptional()
  @IsLine(500)
  readonly conferenceTemplate?: string | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: 60, description: 'Business days.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(60)
  readonly remindAfterDays?: number | null;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: 60, description: 'Business days.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(60)
  readonly closeAfterDays?: number | null;
}

export class EscalationListQuery extends ListQuery {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @Rule('isUuid', (value) => typeof value === 'string' && isId(value), 'must be an id')
  readonly ticket?: string;

  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  readonly status?: string;
}
