import { AppError } from '#libs/kernel';

export class TicketNotFound extends AppError {
  readonly code = 'ticket.not_found';
  readonly title = 'There is no such ticket';
  readonly kind = 'not_found';
}

export class TicketClosed extends AppError {
  readonly code = 'ticket.closed';
  readonly title = 'The ticket is closed';
  readonly kind = 'conflict';
}

export class TicketStatusImpossible extends AppError {
  readonly code = 'ticket.status_impossible';
  readonly title = 'The ticket cannot get this status now';
  readonly kind = 'conflict';
}

export class TicketReasonMissing extends AppError {
  readonly code = 'ticket.reason_missing';
  readonly title = 'Waiting needs a reason';
  readonly kind = 'invalid';
}

export class TicketContactUnknown extends AppError {
  readonly code = 'ticket.contact_unknown';
  readonly title = 'The customer has no such contact';
  readonly kind = 'invalid';
}
