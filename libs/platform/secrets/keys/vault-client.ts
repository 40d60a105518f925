import { readFileSync } from 'node:fs';
import type { VaultConfig } from '../../config/index.js';
import { guardedFetch, policyForUrl, type GuardedFetch } from '../../outgoing/index.js';
import { KeyRingUnavailable, MasterKeyMissing, WrappedKeyInvalid } from './key-ring.js';

const LIMIT_MS = 5_000;
/** A batch of one wrapped key is below 1 KiB. */
const MOST_BYTES = 64 * 1024;

/** What Vault says of a ciphertext below `min_decryption_version` (sdk/helper/keysutil, ErrTooOld). */
const TOO_OLD = /version is disallowed by policy \(too old\)/;

/** What went wrong, by Vault's status codes. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'does not take what it was asked',
  403: 'refuses the token. Renew it, or give its policy the right',
  404: 'does not have that',
  412: 'is not up to date yet',
  429: 'takes no more calls at the moment, or is a standby',
  472: 'is a standby for disaster recovery',
  473: 'is a standby',
  500: 'failed',
  503: 'is sealed or being maintained. Unseal it',
};

/**
 * Calls Vault's HTTP API with a token. A call that does not get its answer within five seconds, and any answer but 2xx, is
 * `KeyRingUnavailable`; 400 to a decryption is `WrappedKeyInvalid`, or `MasterKeyMissing` where the version may no longer open. Neither carries what was sent.
 */
export class VaultClient {
  private readonly fetch: GuardedFetch;

  constructor(
    private readonly config: VaultConfig,
    limitMs = LIMIT_MS,
  ) {
    const limits = { connectMs: limitMs, firstByteMs: limitMs, wholeMs: limitMs, responseBytes: MOST_BYTES };
    const ca = config.caFile === null ? null : readFileSync(config.caFile, 'utf8');
    this.fetch = guardedFetch(policyForUrl(config.address), { ...limits, ca });
  }

  /** The answer's `data`. `opens`: a 400 means that what should be opened does not. */
  async call(
    method: 'GET' | 'POST',
    path: string,
    body?: Readonly<Record<string, unknown>>,
    { opens = false } = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const { status, text } = await this.send(method, path, body);
    if (opens && status === 400 && TOO_OLD.test(faultsOf(text)))
      throw new MasterKeyMissing(
        'Vault no longer opens what this version of its key wrapped. Lower min_decryption_version again.',
      );
    if (opens && status === 400)
      throw new WrappedKeyInvalid(
        `Vault does not open a wrapped key (${faultsOf(text)}): damaged, or of another place.`,
      );
    if (status < 200 || status > 299) {
      const reason = REASONS[status] ?? `answers ${status}`;
      throw new KeyRingUnavailable(`Vault ${reason} (${method} ${path}: ${status} ${faultsOf(text)}).`);
    }
    return parsed(text)?.['data'] ?? {};
  }

  private async send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; text: string }> {
    try {
      const answer = await this.fetch(`${this.config.address}/v1/${path}`, {
        method,
        headers: this.headers(),
        body: body === undefined ? null : JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new KeyRingUnavailable(`Vault at ${this.config.address} does not answer: ${why}`, { cause });
    }
  }

  private headers(): Record<string, string> {
    const { namespace } = this.config;
    return {
      'x-vault-request': 'true',
      'x-vault-token': this.token(),
      'content-type': 'application/json',
      ...(namespace === null ? {} : { 'x-vault-namespace': namespace }),
    };
  }

  /** Read at each call: an agent beside us renews it. */
  private token(): string {
    const { token, tokenFile } = this.config;
    if (tokenFile === null) return token ?? '';
    try {
      return readFileSync(tokenFile, 'utf8').trim();
    } catch (cause) {
      throw new KeyRingUnavailable(`Vault's token cannot be read from ${tokenFile}. Put it there.`, { cause });
    }
  }
}

/** Vault's own words; they name paths and versions, never what was encrypted. */
function faultsOf(text: string): string {
  const errors: unknown = parsed(text)?.['errors'];
  return Array.isArray(errors) ? errors.map(String).join('; ').slice(0, 300) : '';
}

function parsed(text: string): { readonly data?: Record<string, unknown>; readonly errors?: unknown } | null {
  try {
    return JSON.parse(text) as Record<string, Record<string, unknown>>;
  } catch {
    return null;
  }
}
