import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import {
  DEFAULT_OFFBOARDING_STEPS,
  OFFBOARDING_STEPS,
  isLastWorkingAt,
  type OffboardingStep,
  type Submission,
} from '#libs/requests';
import { Rule } from '../http/text.decorators.js';
import { Line, OptionalChoice } from './request-fields.decorators.js';
import { GrantingRequestDto, partsOf } from './request-parts.dto.js';

@ApiSchema({ name: 'SubmitOffboarding', description: 'A request for a leaver’s off-boarding.' })
export class SubmitOffboardingDto extends GrantingRequestDto {
  @ApiProperty({ enum: ['offboarding'] })
  @IsIn(['offboarding'])
  readonly type!: 'offboarding';

  @Line(256, {
    description: 'The leaver’s user name in the customer’s directory; a mail address is not looked for.',
    example: 'eva.beck',
  })
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

  @OptionalChoice(OFFBOARDING_STEPS, { default: DEFAULT_OFFBOARDING_STEPS })
  readonly steps?: OffboardingStep[];

  toSubmission(): Submission {
    return { type: 'offboarding', ...partsOf(this) };
  }
}
