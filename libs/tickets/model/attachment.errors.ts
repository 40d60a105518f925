import { AppError } from '#libs/kernel';

export class AttachmentNotFound extends AppError {
  readonly code = 'ticket.attachment_not_found';
  readonly title = 'There is no such attachment';
  readonly kind = 'not_found';
}

export class AttachmentEmpty extends AppError {
  readonly code = 'ticket.attachment_empty';
  readonly title = 'The file is empty';
  readonly kind = 'invalid';
}

export class AttachmentTooLarge extends AppError {
  readonly code = 'ticket.attachment_too_large';
  readonly title = 'The file is too large';
  readonly kind = 'too_large';
}

export class AttachmentTypeRefused extends AppError {
  readonly code = 'ticket.attachment_type_refused';
  readonly title = 'Files of this kind are not taken';
  readonly kind = 'invalid';
}

/** The files of one ticket have a limit in all. */
export class TicketFilesFull extends AppError {
  readonly code = 'ticket.files_full';
  readonly title = 'The ticket takes no more files';
  readonly kind = 'conflict';
}
