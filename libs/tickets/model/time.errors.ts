import { AppError } from '#libs/kernel';

export class TimeSpanInvalid extends AppError {
  readonly code = 'ticket.time_invalid';
  readonly title = 'The time cannot have been worked like this';
  readonly kind = 'invalid';
}

export class TimeOverlaps extends AppError {
  readonly code = 'ticket.time_overlaps';
  readonly title = 'The technician was at other work then';
  readonly kind = 'conflict';
}

export class TimeEntryNotFound extends AppError {
  readonly code = 'ticket.time_not_found';
  readonly title = 'There is no such time entry';
  readonly kind = 'not_found';
}

/** It has ended, or was withdrawn. */
export class TimeEntryEnded extends AppError {
  readonly code = 'ticket.time_ended';
  readonly title = 'The time entry has ended';
  readonly kind = 'conflict';
}

export class TechnicianUnknown extends AppError {
  readonly code = 'ticket.technician_unknown';
  readonly title = 'The MSP has no such person';
  readonly kind = 'invalid';
}
