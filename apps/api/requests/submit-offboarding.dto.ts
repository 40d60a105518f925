import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
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
import {
  DEFAULT_OFFBOARDING_STEPS,
  OFFBOARDING_STEPS,
  isLastWorkingAt,
  type OffboardingStep,
  type OffboardingWish,
} from '#libs/requests';
import { IsLine, Rule } from '../http/text.decorators.js';

const MOST_RECIPIENTS = 20;

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

@ApiSchema({ name: 'SubmitRequest', description: 'A request for a leaver’s off-boarding.' })
export class SubmitOffboardingDto {
  @ApiProperty({ enum: ['offboarding'] })
  @IsIn(['offboarding'])
  readonly type!: 'offboarding';

  @ApiProperty({
    description: 'The leaver’s user name in the customer’s directory; a mail address is not looked for.',
    example: 'eva.beck',
    maxLength: 256,
  })
  @IsLine(256)
  readonly user!: string;

  @ApiProperty({
    description:
      'Last working day and hour: local time in the customer’s zone, or with `Z` or an offset. At most 400 days ahead.',
    example: '2026-11-30T17:00',
  })
  @Rule(
    'isLastWorkingAt',
    (value) => typeof value === 'string' && isLastWorkingAt(value),
    'must be a date with a time, YYYY-MM-DDTHH:mm[:ss]',
  )
  readonly lastWorkingAt!: string;

  @ApiPropertyOptional({
    enum: OFFBOARDING_STEPS,
    isArray: true,
    default: DEFAULT_OFFBOARDING_STEPS,
    uniqueItems: true,
  })
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(OFFBOARDING_STEPS, { each: true })
  readonly steps?: OffboardingStep[];

  @ApiPropertyOptional({ description: 'Yours, e.g. a ticket’s number.', maxLength: 200 })
  @IsOptional()
  @IsLine(200)
  readonly reference?: string;

  @ApiPropertyOptional({ type: NotifyDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NotifyDto)
  readonly notify?: NotifyDto;

  toWish(): OffboardingWish {
    const { user, lastWorkingAt, steps, reference, notify } = this;
    const told = notify && {
      ...(notify.mail ? { mail: notify.mail } : {}),
      ...(notify.webhook ? { webhook: notify.webhook } : {}),
    };
    return { user, lastWorkingAt, steps: steps ?? null, reference: reference ?? null, notify: told ?? null };
  }
}
