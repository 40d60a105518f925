import { types } from 'node:util';
import { AppError } from '#libs/kernel';
import { OutgoingTimeout } from '#libs/platform/outgoing';
import { CredentialRefused, SystemUnreachable, TlsRefused } from '../errors.js';
import { networkFailure } from '../network-failure.js';

/** The mail server asks to come back later (4xx), as greylisting does. */
export class MailTemporarilyRefused extends AppError {
  readonly code = 'mail.temporarily_refused';
  readonly title = 'The mail server does not take a mail now';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** The mail server will not take this mail (5xx), or not for some of its recipients. */
export class MailRefused extends AppError {
  readonly code = 'mail.refused';
  readonly title = 'The mail server refused a mail';
  readonly kind = 'conflict';
}

/** A header would hold a line break, with which more headers or another mail could be smuggled in. */
export class MailHeaderRefused extends AppError {
  readonly code = 'mail.header_refused';
  readonly title = 'A mail header must be one line';
  readonly kind = 'invalid';
}

/** A recipient that was refused, with the server's answer. */
export type RefusedRecipient = {
  readonly recipient: string;
  readonly responseCode: number | null;
  readonly response: string;
};

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly rejectedErrors?: readonly SmtpError[];
  readonly recipient?: string;
}

/** nodemailer's codes of a connection that did not come about or broke. */
const CONNECTION: ReadonlySet<string> = new Set(['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'EPROTOCOL']);

/** Translates what nodemailer threw. What it does not know (a defect of ours) comes back as it is. */
export function toMailError(thrown: unknown, where: string): unknown {
  const isOurs = thrown instanceof AppError && !(thrown instanceof OutgoingTimeout);
  if (!types.isNativeError(thrown) || isOurs) return thrown;
  const error = thrown as SmtpError;
  const failure = networkFailure(error, where);
  if (failure) return failure;
  const context = { where, response: error.response ?? null, refused: refusedOf(error.rejectedErrors) };
  if (error.code === 'ETLS') {
    const message = `${where} offers no TLS that can be used. Check the server or the system's startTls.`;
    return new TlsRefused(message, { cause: error, context });
  }
  if (error.responseCode !== undefined) return refusal(error, error.responseCode, { cause: error, context });
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH') {
    const message = `${where} takes no login with our account. Check account and server.`;
    return new CredentialRefused(message, { cause: error });
  }
  if (!CONNECTION.has(error.code ?? '')) return error;
  return new SystemUnreachable(`${where} cannot be reached. It is tried again.`, { cause: error, context: { where } });
}

/** Refused recipients as plain data. */
export function refusedOf(errors: readonly SmtpError[] = []): RefusedRecipient[] {
  return errors.map(({ recipient = '', responseCode = null, response = '' }) => ({
    recipient,
    responseCode,
    response,
  }));
}

type RefusalOptions = ConstructorParameters<typeof MailRefused>[1] & object;

function refusal(error: SmtpError, responseCode: number, options: RefusalOptions): AppError {
  const context = { ...options.context, responseCode };
  if (error.code === 'EAUTH' && responseCode >= 500) {
    return new CredentialRefused('The mail server refused our login. Check account and password.', {
      ...options,
      context,
    });
  }
  return responseCode < 500
    ? new MailTemporarilyRefused(`The mail server said ${responseCode}. It is tried again.`, { ...options, context })
    : new MailRefused(`The mail server said ${responseCode}. Check the recipients and the mail.`, {
        ...options,
        context,
      });
}
