import { AppError } from '#libs/kernel';

export class TicketLinkImpossible extends AppError {
  readonly code = 'ticket.link_impossible';
  readonly title = 'The ticket cannot be linked to that';
  readonly kind = 'invalid';
}

export class TicketLinkNotFound extends AppError {
  readonly code = 'ticket.link_not_found';
  readonly title = 'There is no such link';
  readonly kind = 'not_found';
}

export class TicketWatcherUnknown extends AppError {
  readonly code = 'ticket.watcher_unknown';
  readonly title = 'Neither the MSP nor the customer has such a person';
  readonly kind = 'invalid';
}

export class TicketMergeImpossible extends AppError {
  readonly code = 'ticket.merge_impossible';
  readonly title = 'The tickets cannot be merged';
  readonly kind = 'invalid';
}

export class TicketSplitImpossible extends AppError {
  readonly code = 'ticket.split_impossible';
  readonly title = 'This cannot be split off';
  readonly kind = 'invalid';
}

/** A run belongs to one ticket. */
export class RunBound extends AppError {
  readonly code = 'ticket.run_bound';
  readonly title = 'The run belongs to another ticket';
  readonly kind = 'conflict';
}

/** A confidential request stays out of what more people see. */
export class RunConfidential extends AppError {
  readonly code = 'ticket.run_confidential';
  readonly title = 'The run is confidential';
  readonly kind = 'conflict';
}
