import { AppError } from '#libs/kernel';

export class ScheduleInvalid extends AppError {
  readonly code = 'oncall.schedule_invalid';
  readonly title = 'The schedule cannot be used';
  readonly kind = 'invalid';
}

export class OnCallPersonUnknown extends AppError {
  readonly code = 'oncall.person_unknown';
  readonly title = 'Nobody with an account has that name';
  readonly kind = 'invalid';
}

export class OnCallNameTaken extends AppError {
  readonly code = 'oncall.name_taken';
  readonly title = 'There is one with that name already';
  readonly kind = 'conflict';
}

export class ScheduleNotFound extends AppError {
  readonly code = 'oncall.schedule_not_found';
  readonly title = 'Schedule not found';
  readonly kind = 'not_found';
}

export class TeamNotFound extends AppError {
  readonly code = 'oncall.team_not_found';
  readonly title = 'Team not found';
  readonly kind = 'not_found';
}

export class OverrideNotFound extends AppError {
  readonly code = 'oncall.override_not_found';
  readonly title = 'Span not found';
  readonly kind = 'not_found';
}

export class SwapNotFound extends AppError {
  readonly code = 'oncall.swap_not_found';
  readonly title = 'Swap not found';
  readonly kind = 'not_found';
}

export class FeedNotFound extends AppError {
  readonly code = 'oncall.feed_not_found';
  readonly title = 'Calendar address not found';
  readonly kind = 'not_found';
}

/** A span that ends before it begins, or is too long or too far away. */
export class SpanInvalid extends AppError {
  readonly code = 'oncall.span_invalid';
  readonly title = 'The span cannot be used';
  readonly kind = 'invalid';
}

/** Somebody gives away what is not theirs, or takes what is not the other's. */
export class SwapImpossible extends AppError {
  readonly code = 'oncall.swap_impossible';
  readonly title = 'That cannot be swapped';
  readonly kind = 'conflict';
}

export class ContactMethodInvalid extends AppError {
  readonly code = 'oncall.contact_method_invalid';
  readonly title = 'That is no way to reach somebody';
  readonly kind = 'invalid';
}
