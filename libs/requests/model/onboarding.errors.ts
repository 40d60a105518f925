import { AppError } from '#libs/kernel';

/** A time that is over. */
export class TimePast extends AppError {
  readonly code = 'request.time_past';
  readonly title = 'A time is in the past';
  readonly kind = 'invalid';
}

/** A time on the clock that does not exist, because the clock is put forward over it. */
export class TimeNonexistent extends AppError {
  readonly code = 'request.time_nonexistent';
  readonly title = 'A time does not exist on that day';
  readonly kind = 'invalid';
}

export class TimeTooFar extends AppError {
  readonly code = 'request.time_too_far';
  readonly title = 'A time is too far ahead';
  readonly kind = 'invalid';
}

/** An end that does not come after its beginning. */
export class TimesInDisorder extends AppError {
  readonly code = 'request.times_in_disorder';
  readonly title = 'An end lies before its beginning';
  readonly kind = 'invalid';
}

/** Days out of range, or of a step that the request does not do. */
export class OffsetNotAllowed extends AppError {
  readonly code = 'request.offset_not_allowed';
  readonly title = 'A step cannot be moved by so many days';
  readonly kind = 'invalid';
}

/** The joiner's name has no letter that a user name can have. */
export class UserNameImpossible extends AppError {
  readonly code = 'request.user_name_impossible';
  readonly title = 'No user name can be formed of this name';
  readonly kind = 'invalid';
}

/** A user name or a mail address that the customer's rules do not allow. */
export class UserNameNotAllowed extends AppError {
  readonly code = 'request.user_name_not_allowed';
  readonly title = 'The customer’s rules do not allow this user name';
  readonly kind = 'invalid';
}

/** Every user name that may be tried belongs to somebody. */
export class UserNameTaken extends AppError {
  readonly code = 'request.user_name_taken';
  readonly title = 'Every user name that may be tried is taken';
  readonly kind = 'conflict';
}

/** Steps need something that the request does not say: a password needs a receiver. */
export class StepNeedsField extends AppError {
  readonly code = 'request.step_needs_field';
  readonly title = 'A selected step needs a field';
  readonly kind = 'invalid';
}

export class NothingToChange extends AppError {
  readonly code = 'request.nothing_to_change';
  readonly title = 'The request changes nothing';
  readonly kind = 'invalid';
}

/** Somebody gets a leaver's mail or data whom it may not be given to. */
export class GrantNotAllowed extends AppError {
  readonly code = 'request.grant_not_allowed';
  readonly title = 'This cannot be granted';
  readonly kind = 'invalid';
}

/** The same user has a request of this kind that is not closed; its id is in the context. */
export class AlreadyOpen extends AppError {
  readonly code = 'request.already_open';
  readonly title = 'There is an open request for this user already';
  readonly kind = 'conflict';
}

/**
 * The same user has an open request that is not shown to the caller. Neither title nor detail may say so: whoever must not
 * know of a confidential request must not learn of it here.
 */
export class RequestNotTaken extends AppError {
  readonly code = 'request.not_taken';
  readonly title = 'The request cannot be taken now';
  readonly kind = 'conflict';
}

/** A group is to be added and removed, or groups are named besides a colleague's. */
export class GroupsAmbiguous extends AppError {
  readonly code = 'request.groups_ambiguous';
  readonly title = 'It is not clear which groups these are to be';
  readonly kind = 'invalid';
}
