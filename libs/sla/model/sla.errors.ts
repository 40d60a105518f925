import { AppError } from '#libs/kernel';

/** A share of nothing cannot be kept. */
export class ProportionalWithoutTarget extends AppError {
  readonly code = 'sla.proportional_without_target';
  readonly title = 'A share of a target of 0 cannot be kept';
  readonly kind = 'invalid';

  constructor(
    message = 'The policy "proportional" needs a target above 0 before and after. Use "recompute" or "reset".',
  ) {
    super(message);
  }
}

/** The calendar opens too rarely for the target. */
export class TargetOutOfReach extends AppError {
  readonly code = 'sla.target_out_of_reach';
  readonly title = 'The calendar is not open long enough to reach the target';
  readonly kind = 'invalid';
}

/** A pause that is over before it begins. */
export class EndBeforeStart extends AppError {
  readonly code = 'sla.end_before_start';
  readonly title = 'The end lies before the start';
  readonly kind = 'invalid';
}

/** A policy that cannot be kept: a target of nothing, a calendar that there is none of. */
export class SlaPolicyInvalid extends AppError {
  readonly code = 'sla.policy_invalid';
  readonly title = 'The policy cannot be used';
  readonly kind = 'invalid';
}

export class SlaTierUnknown extends AppError {
  readonly code = 'sla.tier_unknown';
  readonly title = 'There is no policy for that tier';
  readonly kind = 'not_found';
}

export class SlaCalendarNotFound extends AppError {
  readonly code = 'sla.calendar_not_found';
  readonly title = 'Calendar not found';
  readonly kind = 'not_found';
}

export class HolidayRegionUnknown extends AppError {
  readonly code = 'sla.region_unknown';
  readonly title = 'There are no holidays of that region';
  readonly kind = 'not_found';
}
