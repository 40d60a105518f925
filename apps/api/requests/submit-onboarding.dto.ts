import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { MOST_MANUAL_STEPS, ONBOARDING_STEPS, type OnboardingStep, type Submission } from '#libs/requests';
import {
  DayAndHour,
  Line,
  OptionalChoice,
  OptionalCountry,
  OptionalDomain,
  OptionalLine,
  OptionalLines,
  OptionalMail,
} from './request-fields.decorators.js';
import { partsOf, RequestDto } from './request-parts.dto.js';

@ApiSchema({ name: 'SubmitOnboarding', description: 'A request for a joiner’s on-boarding.' })
export class SubmitOnboardingDto extends RequestDto {
  @ApiProperty({ enum: ['onboarding'] })
  @IsIn(['onboarding'])
  readonly type!: 'onboarding';

  @Line(64, { example: 'Jörg' })
  readonly givenName!: string;

  @Line(64, { example: 'Müller' })
  readonly surname!: string;

  @DayAndHour({
    description: 'First day and hour: local time in the customer’s zone, or with an offset. Today or later.',
  })
  readonly firstDayAt!: string;

  @OptionalLine(256, { description: 'Without it, by the customer’s format.' })
  readonly displayName?: string;

  @OptionalLine(64, { description: 'Without it, by the customer’s format.', example: 'joerg.mueller' })
  readonly userName?: string;

  @OptionalDomain({ description: 'The mail address is the user name in this domain.', example: 'muster.example' })
  readonly domain?: string;

  @OptionalLines(20, 256, { description: 'Further addresses, whole or without a domain.' })
  readonly aliases?: string[];

  @OptionalLine(128)
  readonly title?: string;

  @OptionalLine(64)
  readonly department?: string;

  @OptionalLine(64)
  readonly company?: string;

  @OptionalLine(256)
  readonly streetAddress?: string;

  @OptionalLine(40)
  readonly postalCode?: string;

  @OptionalLine(128)
  readonly city?: string;

  @OptionalLine(128)
  readonly state?: string;

  @OptionalCountry({ description: 'Where the joiner uses what is given: a country (ISO 3166-1).', example: 'DE' })
  readonly usageLocation?: string;

  @OptionalLines(5, 64)
  readonly businessPhones?: string[];

  @OptionalLine(64)
  readonly mobilePhone?: string;

  @OptionalLine(16)
  readonly employeeNumber?: string;

  @OptionalLine(256, { description: 'The manager’s user name.' })
  readonly manager?: string;

  @OptionalLine(256, { description: 'The user name of whoever answers for the joiner, where that is not the manager.' })
  readonly sponsor?: string;

  @OptionalLine(256, { description: 'The user name of a colleague whose groups the joiner gets.' })
  readonly copyGroupsFrom?: string;

  @OptionalLines(100, 256, { description: 'Groups by name or DN.' })
  readonly groups?: string[];

  @OptionalLines(MOST_MANUAL_STEPS, 200, {
    description: 'A manual step each, due on the first day.',
    example: ['Notebook'],
  })
  readonly equipment?: string[];

  @OptionalMail({ description: 'Who gets the first password, by a one-time link.' })
  readonly passwordTo?: string;

  @OptionalMail({ description: 'Who gets the welcome mail.' })
  readonly welcomeMailTo?: string;

  @OptionalChoice(ONBOARDING_STEPS, { description: 'Without a choice, all that have something to do.' })
  readonly steps?: OnboardingStep[];

  toSubmission(): Submission {
    return { type: 'onboarding', ...partsOf(this) };
  }
}
