import type { JsonSchema } from '#libs/kernel';
import type { SystemConnection } from '../block.js';
import { SystemConfigInvalid } from '../errors.js';
import { parseSystemConfig } from '../json-schema.js';
import { caOf } from '../system-ca.js';

/** A mail server as configured. */
export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  /** `starttls` upgrades a plain connection, `tls` encrypts from the start, `none` not at all. */
  readonly encryption: 'starttls' | 'tls' | 'none';
  readonly from: string;
  /** The login name; null: no login. The password is behind the system's secret. */
  readonly user: string | null;
  readonly ca: string | null;
}

interface RawConfig {
  readonly host: string;
  readonly port: number;
  readonly from: string;
  readonly startTls: boolean;
  readonly user?: string;
  readonly caPem?: string;
  readonly caFile?: string;
  readonly insecure?: boolean;
}

/** A bare mail address; nothing in it can end a header or start another. */
export const MAIL_ADDRESS = '^[^\\s@<>(),;:"\\[\\]\\\\]+@[^\\s@<>(),;:"\\[\\]\\\\]+$';

/** The `config` of a system of the kind `smtp`. */
export const smtpConfigSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'port', 'from', 'startTls'],
  properties: {
    host: { type: 'string', minLength: 1, pattern: '^[^\\s/]+$' },
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    from: { type: 'string', pattern: MAIL_ADDRESS },
    startTls: { type: 'boolean' },
    insecure: { type: 'boolean' },
    user: { type: 'string', minLength: 1 },
    caPem: { type: 'string', minLength: 1 },
    caFile: { type: 'string', minLength: 1 },
  },
};

/**
 * Parses a system's configuration once. `startTls: true` upgrades, `false` means TLS from the start, and only
 * `insecure: true` with it means no encryption. Throws `SystemConfigInvalid`, also for a login without encryption.
 */
export function parseSmtpConfig(system: SystemConnection): SmtpConfig {
  const raw = parseSystemConfig<RawConfig>(system, smtpConfigSchema);
  const encryption = raw.startTls ? 'starttls' : raw.insecure === true ? 'none' : 'tls';
  if (encryption === 'none' && raw.user !== undefined) {
    throw new SystemConfigInvalid(
      `${system.name} would send its password unencrypted. Use startTls or leave out insecure.`,
    );
  }
  const ca = caOf(system, raw);
  return { host: raw.host, port: raw.port, encryption, from: raw.from, user: raw.user ?? null, ca };
}
