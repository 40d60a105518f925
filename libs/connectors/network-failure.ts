import { types } from 'node:util';
import type { AppError } from '#libs/kernel';
import { OutgoingTimeout } from '#libs/platform/outgoing';
import { SystemUnreachable, TlsRefused } from './errors.js';

// Node names what is wrong with a certificate by OpenSSL's codes, and what is wrong with TLS by ERR_TLS_… and ERR_SSL_…
const CERTIFICATE = /CERT|UNABLE_TO_|^ERR_TLS_|^ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED/;
const NETWORK =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_\w+|EADDRNOTAVAIL|UND_ERR_(SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT))$/;

/**
 * The error to raise when `error` (or a cause of it) says that a system could not be reached or that its TLS is not to be
 * trusted; null when it says something else. `where` names the system's address for the reader.
 */
export function networkFailure(error: unknown, where: string): AppError | null {
  if (error instanceof OutgoingTimeout)
    return new SystemUnreachable(error.message, { cause: error, context: { where, reason: error.code } });
  const code = codes(error).find((one) => CERTIFICATE.test(one) || NETWORK.test(one));
  if (code === undefined) return null;
  const options = { cause: error, context: { where, reason: code } };
  return CERTIFICATE.test(code)
    ? new TlsRefused(
        `${where} shows a certificate that is not trusted (${code}). Check its certificate and our CA.`,
        options,
      )
    : new SystemUnreachable(`${where} cannot be reached (${code}). It is tried again.`, options);
}

interface NodeFailure extends Error {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  /** Of an `AggregateError`: one failure per address that was tried. */
  readonly errors?: readonly unknown[];
}

function codes(error: unknown, depth = 0): string[] {
  if (!types.isNativeError(error) || depth > 4) return [];
  const { code, originalCode, errors = [], cause } = error as NodeFailure;
  const inner = [cause, ...errors];
  return [code, originalCode]
    .filter((one): one is string => typeof one === 'string')
    .concat(inner.flatMap((one) => codes(one, depth + 1)));
}
