import { ApiPropertyOptional, ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsIn,
  IsObject,
  IsOptional,
  IsUrl,
  ValidateNested,
} from 'class-validator';
import { isId } from '#libs/kernel';
import {
  FIRST_OFFSET_DAYS,
  GRANT_KINDS,
  LAST_OFFSET_DAYS,
  MOST_DUE_DAYS,
  MOST_GRANTS,
  MOST_MANUAL_STEPS,
  type ConfidentialWish,
  type GrantKind,
  type GrantWish,
  type ManualStepWish,
  type Notify,
} from '#libs/requests';
import {
  DayAndHour,
  Line,
  OptionalDays,
  OptionalLine,
  OptionalLines,
  OptionalOffsets,
  OptionalText,
} from './request-fields.decorators.js';
import { Rule } from '../http/text.decorators.js';

const MOST_RECIPIENTS = 20;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

@ApiSchema({ name: 'Notify', description: 'Whom to tell once the steps have run.' })
export class NotifyDto {
  @ApiPropertyOptional({ type: [String], maxItems: MOST_RECIPIENTS, example: ['hr@muster.example'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_RECIPIENTS)
  @ArrayUnique()
  @IsEmail({}, { each: true })
  readonly mail?: string[];

  @ApiPropertyOptional({ format: 'uri', example: 'https://muster.example/hooks/leavers' })
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false, disallow_auth: true })
  readonly webhook?: string;
}

@ApiSchema({ name: 'Confidential', description: 'Who sees the request until when.' })
export class ConfidentialDto {
  @ApiPropertyOptional({ format: 'date-time', description: 'An instant; without it, the start of the run.' })
  @IsOptional()
  @Rule(
    'isLocalTime',
    (value) => typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value)),
    'must be an instant with an offset, such as 2026-11-30T17:00:00Z',
  )
  readonly until?: string;

  @OptionalLines(20, 256, {
    description: 'People of the MSP who see it besides the requester and the customer’s approvers.',
    example: ['operator@msp'],
  })
  readonly technicians?: string[];
}

@ApiSchema({ name: 'ManualStep', description: 'Something that a person does.' })
export class ManualStepDto {
  @Line(200)
  readonly title!: string;

  @OptionalText(4000)
  readonly instructions?: string;

  @OptionalLine(200, { description: 'A person or team; without it, whoever takes it.' })
  readonly assignee?: string;

  @OptionalDays(FIRST_OFFSET_DAYS, LAST_OFFSET_DAYS, { default: 0, description: 'Days after the request’s hour.' })
  readonly offsetDays?: number;

  @OptionalDays(0, MOST_DUE_DAYS, { default: 1, description: 'Days after that by which it is due.' })
  readonly dueDays?: number;
}

@ApiSchema({
  name: 'Grant',
  description: 'What somebody gets of the user’s mail or data until a day; the run ends it.',
})
export class GrantDto {
  @ApiProperty({ enum: GRANT_KINDS })
  @IsIn(GRANT_KINDS)
  readonly kind!: GrantKind;

  @OptionalLine(256, { description: 'The address that mail goes to, or the user name of who gets access.' })
  readonly to?: string;

  @OptionalText(4000, { description: 'What the mailbox answers.' })
  readonly text?: string;

  @Line(500, { description: 'What it is for.' })
  readonly purpose!: string;

  @Line(256, { description: 'Who answers for it; not whom it is about.' })
  readonly approver!: string;

  @DayAndHour({ description: 'When it ends: local time in the customer’s zone, or with an offset.' })
  readonly until!: string;
}

/** What requests of every type can have. */
export abstract class RequestDto {
  @OptionalLine(200, { description: 'Yours, e.g. a ticket’s number.' })
  readonly reference?: string;

  @ApiPropertyOptional({ type: NotifyDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NotifyDto)
  readonly notify?: NotifyDto;

  @OptionalOffsets()
  readonly offsets?: Record<string, number>;

  @ApiPropertyOptional({ type: [ManualStepDto], maxItems: MOST_MANUAL_STEPS })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_MANUAL_STEPS)
  @ValidateNested({ each: true })
  @Type(() => ManualStepDto)
  readonly manualSteps?: ManualStepDto[];

  @ApiPropertyOptional({ type: ConfidentialDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ConfidentialDto)
  readonly confidential?: ConfidentialDto;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The ticket that it is made for: its run stands there, and its end.',
  })
  @IsOptional()
  @Rule('isUuid', (value) => typeof value === 'string' && isId(value), 'must be an id')
  readonly ticketId?: string;
}

/** Requests about somebody who is gone or away can grant others what is theirs. */
export abstract class GrantingRequestDto extends RequestDto {
  @ApiPropertyOptional({ type: [GrantDto], maxItems: MOST_GRANTS })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_GRANTS)
  @ValidateNested({ each: true })
  @Type(() => GrantDto)
  readonly grants?: GrantDto[];
}

/** What a request of any type says besides its own fields. */
export interface SharedWish {
  readonly reference?: string;
  readonly notify?: Notify;
  readonly offsets?: Readonly<Record<string, number>>;
  readonly manualSteps?: readonly ManualStepWish[];
  readonly grants?: readonly GrantWish[];
}

/** A submission's parts: confidentiality stands beside the wish. A field that is null is as if it were left out. */
export function partsOf<Dto extends RequestDto>(
  dto: Dto,
): {
  readonly wish: Omit<Dto, 'confidential' | 'ticketId' | 'type' | 'toSubmission'>;
  readonly confidential?: ConfidentialWish;
  readonly ticketId?: string;
} {
  const { confidential, ticketId, ...fields } = dto as Dto & { readonly type: string };
  const wish = withoutNothing(fields, ['type']) as Omit<Dto, 'confidential' | 'ticketId' | 'type' | 'toSubmission'>;
  const beside = ticketId == null ? {} : { ticketId };
  return confidential
    ? { wish, confidential: withoutNothing(confidential) as ConfidentialWish, ...beside }
    : { wish, ...beside };
}

/** As plain data without what is null or absent; an empty list stays, it can mean something. */
function withoutNothing(value: object, except: readonly string[] = []): object {
  const entries = Object.entries(value).filter(([name, field]) => field != null && !except.includes(name));
  return Object.fromEntries(entries.map(([name, field]) => [name, plain(field)]));
}

function plain(field: unknown): unknown {
  if (Array.isArray(field)) return field.map(plain);
  return typeof field === 'object' && field !== null ? withoutNothing(field) : field;
}
