import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, getSchemaPath } from '@nestjs/swagger';
import {
  AgainstTemplate,
  AlreadyOpen,
  ConfidentialUntilPast,
  ConfidentialUntilTooFar,
  GrantNotAllowed,
  GroupsAmbiguous,
  LastWorkingAtNonexistent,
  LastWorkingAtPast,
  LastWorkingAtTooFar,
  NoStepSelected,
  NothingToChange,
  OffsetNotAllowed,
  RequestNotTaken,
  RequestTicketUnknown,
  StepNeedsField,
  TenantNotLive,
  TenantTakesNoRequests,
  TimeNonexistent,
  TimePast,
  TimesInDisorder,
  TimeTooFar,
  UserNameImpossible,
  UserNameNotAllowed,
  type Submission,
} from '#libs/requests';
import { ParseByType } from '../http/validation.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { SubmitAbsenceDto } from './submit-absence.dto.js';
import { SubmitMoverDto } from './submit-mover.dto.js';
import { SubmitOffboardingDto } from './submit-offboarding.dto.js';
import { SubmitOnboardingDto } from './submit-onboarding.dto.js';

/** The body of a request, by its field `type`. */
export interface SubmissionDto {
  toSubmission(): Submission;
}

export const SUBMISSIONS = {
  onboarding: SubmitOnboardingDto,
  offboarding: SubmitOffboardingDto,
  mover: SubmitMoverDto,
  absence: SubmitAbsenceDto,
} as const satisfies Record<Submission['type'], new () => SubmissionDto>;

export const parseSubmission = new ParseByType<SubmissionDto>(SUBMISSIONS);

/** Declares that a route takes a request of any type, with what its rules may answer. */
export function TakesSubmission(): MethodDecorator {
  const entries = Object.entries(SUBMISSIONS);
  const mapping = Object.fromEntries(entries.map(([type, Dto]) => [type, getSchemaPath(Dto)]));
  const oneOf = entries.map(([, Dto]) => ({ $ref: getSchemaPath(Dto) }));
  return applyDecorators(
    ApiExtraModels(...Object.values(SUBMISSIONS)),
    ApiBody({ required: true, schema: { oneOf, discriminator: { propertyName: 'type', mapping } } }),
    MayAnswer(...SUBMISSION_PROBLEMS),
  );
}

/** What a submission may be refused for, apart from wrong fields. */
const SUBMISSION_PROBLEMS = [
  NoStepSelected,
  LastWorkingAtPast,
  LastWorkingAtNonexistent,
  LastWorkingAtTooFar,
  TimePast,
  TimeNonexistent,
  TimeTooFar,
  TimesInDisorder,
  AgainstTemplate,
  OffsetNotAllowed,
  StepNeedsField,
  UserNameImpossible,
  UserNameNotAllowed,
  NothingToChange,
  GrantNotAllowed,
  GroupsAmbiguous,
  ConfidentialUntilPast,
  ConfidentialUntilTooFar,
  AlreadyOpen,
  RequestNotTaken,
  RequestTicketUnknown,
  TenantNotLive,
  TenantTakesNoRequests,
] as const;
