import { AppError, type AppErrorOptions } from '#libs/kernel';

/** No allowance opens this way; when somebody adds one, the same call succeeds. Until then the run waits. */
export class DestinationNotAllowed extends AppError {
  readonly code = 'outgoing.not_allowed';
  readonly title = 'No allowance lets us connect there';
  readonly kind = 'unavailable';
  override readonly retryable = true;

  /** `act`: what opens the way, for whoever reads it. */
  constructor(
    where: string,
    readonly act: string,
    options: AppErrorOptions,
  ) {
    super(`${where} is not allowed. ${act}`, options);
  }
}

/** An address that nobody may connect to and that no allowance opens: metadata services, multicast, tunnels … */
export class AddressForbidden extends AppError {
  readonly code = 'outgoing.address_forbidden';
  readonly title = 'Nobody may connect to this address';
  readonly kind = 'forbidden';
}

/** Not a host name or IP address in its usual form. */
export class HostInvalid extends AppError {
  readonly code = 'outgoing.host_invalid';
  readonly title = 'This is no host that can be connected to';
  readonly kind = 'invalid';
}

/** The other side did not answer in time. */
export class OutgoingTimeout extends AppError {
  readonly code = 'outgoing.timeout';
  readonly title = 'A system did not answer in time';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** The answer, sent or unpacked, is larger than what is read of an answer. */
export class AnswerTooLarge extends AppError {
  readonly code = 'outgoing.answer_too_large';
  readonly title = 'An answer is larger than what is read of one';
  readonly kind = 'too_large';
}

/** The answer is packed in a way that is not read, or damaged. */
export class AnswerUnreadable extends AppError {
  readonly code = 'outgoing.answer_unreadable';
  readonly title = 'An answer cannot be unpacked';
  readonly kind = 'conflict';
}

/** Too many redirects, or one that would give up encryption. */
export class RedirectRefused extends AppError {
  readonly code = 'outgoing.redirect_refused';
  readonly title = 'A redirect is not followed';
  readonly kind = 'forbidden';
}

/** An SSH server's key that no person trusted yet: until somebody does, nothing is sent. */
export class HostKeyNotTrusted extends AppError {
  readonly code = 'outgoing.host_key_not_trusted';
  readonly title = 'Nobody trusted an SSH server’s key yet';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** An SSH server shows another key than the one that is trusted: somebody may stand in between. */
export class HostKeyChanged extends AppError {
  readonly code = 'outgoing.host_key_changed';
  readonly title = 'An SSH server shows another key than the trusted one';
  readonly kind = 'forbidden';
}
