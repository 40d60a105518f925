import { types } from 'node:util';
import { ResultCodeError } from 'ldapts';
import { AppError } from '#libs/kernel';
import { CredentialRefused, SystemUnreachable } from '../errors.js';
import { networkFailure } from '../network-failure.js';
import { DirectoryAccessDenied, DirectoryOperationRefused, LastMember, PasswordRefused } from './ldap-errors.js';

/** What was being done, because some answers mean different things. */
export type LdapOperation = 'bind' | 'search' | 'modify' | 'membership' | 'password' | 'move' | 'delete' | 'add';

/** The LDAP result codes (RFC 4511, RFC 4528) that are told apart. */
export const LDAP = {
  timeLimitExceeded: 3,
  noSuchAttribute: 16,
  constraintViolation: 19,
  valueExists: 20,
  noSuchObject: 32,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccess: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  objectClassViolation: 65,
  entryAlreadyExists: 68,
  assertionFailed: 122,
} as const;

// ldapts gives these as plain errors without a code.
const DISCONNECTED =
  /^(Connection timeout|Connection closed before|Socket error|Socket connection not established)|Operation timed out$/;

/** The directory's answer to a refused operation, or null when the error is none. */
export function ldapCodeOf(error: unknown): number | null {
  return error instanceof ResultCodeError ? error.code : null;
}

/** Whether a conditional write met another state than the one it was meant for. */
export function isUnmetCondition(error: unknown): boolean {
  const unmet: readonly number[] = [LDAP.noSuchAttribute, LDAP.valueExists, LDAP.noSuchObject, LDAP.assertionFailed];
  return unmet.includes(ldapCodeOf(error) ?? -1);
}

/**
 * Translates what ldapts threw. What it does not know (a defect of ours) comes back as it is. A server's text that
 * repeats `secret` is left out.
 */
export function toAppError(error: unknown, operation: LdapOperation, url: string, secret?: string): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof ResultCodeError) return fromCode(error, operation, url, secret);
  const failure = networkFailure(error, url);
  if (failure) return failure;
  if (types.isNativeError(error) && DISCONNECTED.test(error.message.split('\n')[0] ?? '')) {
    return new SystemUnreachable(`${url} did not answer. It is tried again.`, {
      cause: error,
      context: { where: url },
    });
  }
  return error;
}

function fromCode(error: ResultCodeError, operation: LdapOperation, url: string, secret?: string): AppError {
  const text = error.message.replace(/ ?Code: 0x[0-9a-f]+$/, '').trim();
  const repeatsSecret = secret !== undefined && text.includes(secret);
  const said = repeatsSecret ? '' : text;
  const options = {
    ...(repeatsSecret ? {} : { cause: error }),
    context: { where: url, ldapCode: error.code, operation, said },
  };
  switch (error.code) {
    case LDAP.busy:
    case LDAP.unavailable:
    case LDAP.timeLimitExceeded:
      return new SystemUnreachable(`${url} is busy. It is tried again.`, options);
    case LDAP.insufficientAccess:
      return new DirectoryAccessDenied(`Give our account the right for this ${operation} in the directory.`, options);
    case LDAP.invalidCredentials:
    case LDAP.inappropriateAuthentication:
      return new CredentialRefused(`Check the account and password for ${url}.`, options);
    case LDAP.objectClassViolation:
      if (operation === 'membership')
        return new LastMember(`${said || 'An attribute must keep a value'}. Plan again.`, options);
      break;
    case LDAP.constraintViolation:
    case LDAP.unwillingToPerform:
      if (operation === 'password')
        return new PasswordRefused(`${said || 'The policy refused it'}. Check the policy.`, options);
      break;
  }
  return new DirectoryOperationRefused(
    `The directory refused the ${operation}: ${said || `code ${error.code}`}.`,
    options,
  );
}
