import { AppError } from '#libs/kernel';

export class TicketMailTextInvalid extends AppError {
  readonly code = 'ticket_mail.text_invalid';
  readonly title = 'The text cannot be used';
  readonly kind = 'invalid';
}

/** Nobody reads what comes there, or it answers by itself. */
export class TicketMailToNoReply extends AppError {
  readonly code = 'ticket_mail.no_reply_address';
  readonly title = 'The address takes no answers';
  readonly kind = 'conflict';
}

export class TicketMailWouldBounce extends AppError {
  readonly code = 'ticket_mail.address_bounced';
  readonly title = 'A mail to this address came back';
  readonly kind = 'conflict';
}

/** Something answers our confirmations, or somebody floods us: both end here. */
export class TicketMailFlood extends AppError {
  readonly code = 'ticket_mail.too_many';
  readonly title = 'The address gets too many of these mails';
  readonly kind = 'conflict';
}

/** No server took it in time. */
export class TicketMailGivenUp extends AppError {
  readonly code = 'ticket_mail.given_up';
  readonly title = 'No mail server took the mail in time';
  readonly kind = 'unavailable';
}

/** A mail of ours came back. */
export class TicketMailCameBack extends AppError {
  readonly code = 'ticket_mail.came_back';
  readonly title = 'The mail could not be delivered';
  readonly kind = 'conflict';
}
