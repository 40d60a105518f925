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

export class IncomingMailNotFound extends AppError {
  readonly code = 'incoming_mail.not_found';
  readonly title = 'There is no such mail';
  readonly kind = 'not_found';
}

/** Somebody decided on the mail, or it needed no decision. */
export class IncomingMailDecided extends AppError {
  readonly code = 'incoming_mail.decided';
  readonly title = 'The mail does not wait for a decision';
  readonly kind = 'conflict';
}

export class MailboxNotFound extends AppError {
  readonly code = 'mailbox.not_found';
  readonly title = 'There is no such mailbox';
  readonly kind = 'not_found';
}

export class MailboxInvalid extends AppError {
  readonly code = 'mailbox.invalid';
  readonly title = 'The mailbox cannot be read like this';
  readonly kind = 'invalid';
}

export class TooManyMailboxes extends AppError {
  readonly code = 'mailbox.too_many';
  readonly title = 'The tenant has as many mailboxes as it may';
  readonly kind = 'conflict';
}

/** No mail about tickets is of this kind, or in this language. */
export class TicketMailTextUnknown extends AppError {
  readonly code = 'ticket_mail.text_unknown';
  readonly title = 'There is no such text';
  readonly kind = 'not_found';
}
