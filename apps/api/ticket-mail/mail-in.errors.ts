import { AppError } from '#libs/kernel';

export class MailUnreadable extends AppError {
  readonly code = 'ticket_mail.unreadable';
  readonly title = 'The mail cannot be read';
  readonly kind = 'invalid';
}

export class MailLoops extends AppError {
  readonly code = 'ticket_mail.loop';
  readonly title = 'The mail goes round in circles';
  readonly kind = 'conflict';
}
