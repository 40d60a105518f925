import { types } from 'node:util';
import { ResultCodeError } from 'ldapts';
import { AppError } from '#libs/kernel';
import { OutgoingTimeout } from '#libs/platform/outgoing';
import { CredentialRefused, SystemUnreachable } from '../errors.js';
import { networkFailure } from '../network-failure.js';
import {
  AttributeUnknown,
  EncryptionRequired,
  EntryHasChildren,
  LimitExceeded,
  OtherDomain,
  ValueRefused,
  ValuesRefused,
} from './active-directory-errors.js';
import { refusalOf, type Refusal } from './active-directory-refusals.js';
import {
  DirectoryAccessDenied,
  DirectoryOperationRefused,
  LastMember,
  NameTaken,
  PasswordRefused,
} from './ldap-errors.js';

/** What was being done, because some answers mean different things. */
export type LdapOperation = 'bind' | 'search' | 'modify' | 'membership' | 'password' | 'move' | 'delete' | 'add';

/** The LDAP result codes (RFC 4511, RFC 4528) that are told apart. */
export const LDAP = {
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  confidentialityRequired: 13,
  noSuchAttribute: 16,
  undefinedAttribute: 17,
  constraintViolation: 19,
  valueExists: 20,
  invalidSyntax: 21,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccess: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
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

/**
 * Whether a conditional write met another state than the one it was meant for. A value that is there already is a member
 * of a group that somebody else added; elsewhere it can be a refusal of the values (`ValuesRefused`).
 */
export function isUnmetCondition(error: unknown, operation: LdapOperation): boolean {
  const unmet: readonly number[] = [LDAP.noSuchAttribute, LDAP.noSuchObject, LDAP.assertionFailed];
  const code = ldapCodeOf(error) ?? -1;
  return unmet.includes(code) || (operation === 'membership' && code === LDAP.valueExists);
}

/**
 * Translates what ldapts threw. What it does not know (a defect of ours) comes back as it is. A server's text that
 * repeats `secret` is left out.
 */
export function toAppError(error: unknown, operation: LdapOperation, url: string, secret?: string): unknown {
  if (error instanceof AppError && !(error instanceof OutgoingTimeout)) return error;
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

/** Codes of LDAP itself that mean one thing only, whatever server says them. */
function plainRefusal(code: number): Refusal | null {
  switch (code) {
    case LDAP.sizeLimitExceeded:
    case LDAP.adminLimitExceeded:
      return { kind: LimitExceeded, advice: 'Ask for less at once or raise the limit' };
    case LDAP.strongerAuthRequired:
    case LDAP.confidentialityRequired:
      return { kind: EncryptionRequired, advice: 'Use ldaps:// or startTls' };
    case LDAP.referral:
      return { kind: OtherDomain, advice: 'Name a server that holds the entry in the system’s url' };
    case LDAP.undefinedAttribute:
      return { kind: AttributeUnknown, advice: 'Check the attribute’s name' };
    case LDAP.valueExists:
      return { kind: ValuesRefused, advice: 'Give one value, or leave out what is there twice' };
    case LDAP.invalidSyntax:
    case LDAP.invalidDnSyntax:
      return { kind: ValueRefused, advice: 'Check the value' };
    case LDAP.notAllowedOnNonLeaf:
      return { kind: EntryHasChildren, advice: 'Move or delete what lies below it first' };
    default:
      return null;
  }
}

function fromCode(error: ResultCodeError, operation: LdapOperation, url: string, secret?: string): AppError {
  const text = error.message.replace(/ ?Code: 0x[0-9a-f]+$/, '').trim();
  const repeatsSecret = secret !== undefined && text.includes(secret);
  const said = repeatsSecret ? '' : text;
  const options = {
    ...(repeatsSecret ? {} : { cause: error }),
    context: { where: url, ldapCode: error.code, operation, said },
  };
  const refusal = refusalOf(text, operation) ?? plainRefusal(error.code);
  if (refusal) return new refusal.kind(`The directory refused the ${operation}. ${refusal.advice}.`, options);
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
    case LDAP.entryAlreadyExists:
      if (operation === 'move') return new NameTaken('Another entry has this name. Rename one of the two.', options);
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
