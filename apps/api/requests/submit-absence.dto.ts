import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { ABSENCE_STEPS, DEFAULT_ABSENCE_STEPS, type AbsenceStep, type Submission } from '#libs/requests';
import { DayAndHour, Line, OptionalChoice } from './request-fields.decorators.js';
import { GrantingRequestDto, partsOf } from './request-parts.dto.js';

@ApiSchema({ name: 'SubmitAbsence', description: 'A request to suspend somebody who is away, until the return.' })
export class SubmitAbsenceDto extends GrantingRequestDto {
  @ApiProperty({ enum: ['absence'] })
  @IsIn(['absence'])
  readonly type!: 'absence';

  @Line(256, { description: 'The user name in the customer’s directory.', example: 'eva.beck' })
  readonly user!: string;

  @DayAndHour({ description: 'When it begins: local time in the customer’s zone, or with an offset. Today or later.' })
  readonly from!: string;

  @DayAndHour({ description: 'When it ends, and everything is taken back; after the last of its steps.' })
  readonly until!: string;

  @OptionalChoice(ABSENCE_STEPS, { default: DEFAULT_ABSENCE_STEPS })
  readonly steps?: AbsenceStep[];

  toSubmission(): Submission {
    return { type: 'absence', ...partsOf(this) };
  }
}
