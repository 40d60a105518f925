import type { JsonSchema } from '#libs/kernel';
import type { SystemConnection } from '../block.js';
import { SystemConfigInvalid } from '../errors.js';
import { parseSystemConfig } from '../json-schema.js';
import { caOf } from '../system-ca.js';
import { HttpOriginRefused } from './http-errors.js';

/** A customer's HTTP systems: where calls may go. */
export interface HttpConfig {
  /** Scheme, host and port; null: everywhere, which was said explicitly. */
  readonly origins: readonly string[] | null;
  /** The PEM of the CA that signed the systems' certificates; null: the machine's own CAs. */
  readonly ca: string | null;
  /** How long an answer may take, in milliseconds. */
  readonly answerMs: number;
}

interface RawConfig {
  readonly origins?: readonly string[];
  readonly anyOrigin?: boolean;
  readonly caPem?: string;
  readonly caFile?: string;
  readonly answerWithinSeconds?: number;
}

/** What an activity has time for: a setting may only shorten it. */
const LONGEST_ANSWER_SECONDS = 15;

/** The `config` of a system of the kind `http`. */
export const httpConfigSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    origins: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^https?://[^\\s/]+/?$' } },
    anyOrigin: { type: 'boolean' },
    caPem: { type: 'string', minLength: 1 },
    caFile: { type: 'string', minLength: 1 },
    answerWithinSeconds: { type: 'integer', minimum: 1, maximum: LONGEST_ANSWER_SECONDS },
  },
};

/**
 * Parses a system's configuration once. A URL may come from a customer's request, so where calls may go has to be said:
 * else our worker would reach into networks that only it can see. Throws `SystemConfigInvalid`.
 */
export function parseHttpConfig(system: SystemConnection): HttpConfig {
  const { origins, anyOrigin, answerWithinSeconds, ...raw } = parseSystemConfig<RawConfig>(system, httpConfigSchema);
  const common = { ca: caOf(system, raw), answerMs: (answerWithinSeconds ?? LONGEST_ANSWER_SECONDS) * 1000 };
  if (origins) return { origins: origins.map((origin) => new URL(origin).origin), ...common };
  if (anyOrigin === true) return { origins: null, ...common };
  throw new SystemConfigInvalid(`Say under origins where calls of the system ${system.name} may go.`);
}

/** The parsed address of a call. Throws `HttpOriginRefused`. */
export function allowedUrl(config: HttpConfig, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new HttpOriginRefused('Only http:// and https:// addresses can be called.', { context: { url: text } });
  }
  // fetch would send them as a login, and the address is shown and recorded
  if (url.username !== '' || url.password !== '')
    throw new HttpOriginRefused('Take the login out of the address; use a header.');
  if (config.origins === null || config.origins.includes(url.origin)) return url;
  const context = { origin: url.origin, allowed: config.origins };
  throw new HttpOriginRefused(`Calls may not go to ${url.origin}. Add it to the system's origins if they should.`, {
    context,
  });
}
