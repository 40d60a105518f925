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

/** An incident has targets, no date. */
export class TicketNotPlannable extends AppError {
  readonly code = 'ticket.not_plannable';
  readonly title = 'Only planned work has an agreed date';
  readonly kind = 'conflict';
}

export class DateInvalid extends AppError {
  readonly code = 'ticket.date_invalid';
  readonly title = 'That date cannot be agreed';
  readonly kind = 'invalid';
}

export class DateProposalNotFound extends AppError {
  readonly code = 'ticket.date_proposal_not_found';
  readonly title = 'Proposal not found';
  readonly kind = 'not_found';
}

/** Answered before, replaced by another, or one's own side's. */
export class DateProposalNotOpen extends AppError {
  readonly code = 'ticket.date_proposal_not_open';
  readonly title = 'There is nothing to answer';
  readonly kind = 'conflict';
}
