import { availableParallelism } from 'node:os';
import ipaddr from 'ipaddr.js';
import { AppError } from '#libs/kernel';
import { readMasterKeysConfig, type MasterKeysConfig } from './master-keys-config.js';
import { readTicketMailConfig, type TicketMailConfig } from './ticket-mail-config.js';

/** The settings are wrong; the message names each variable and what it should hold. */
export class ConfigInvalid extends AppError {
  readonly code = 'config.invalid';
  readonly title = 'A setting is missing or wrong';
  readonly kind = 'internal';
}

export interface DatabaseConfig {
  readonly url: string;
  readonly poolSize: number;
}
export interface KafkaConfig {
  readonly brokers: readonly string[];
  /** Put before every topic and consumer group; empty in production. */
  readonly prefix: string;
  readonly tls?: boolean;
  readonly login?: KafkaLogin | null;
}
export interface KafkaLogin {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}
export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  readonly tls: boolean;
  readonly apiKey: string | null;
  /** Task queue of workflows; a site's activities run on `<taskQueue>-site-<site>`. */
  readonly taskQueue: string;
}
export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  readonly bodyLimitBytes: number;
  /** What the API answers reaches people by TLS, which a proxy before it may end. */
  readonly behindTls?: boolean;
  /** Addresses and networks whose `X-Forwarded-For` is believed; none unless it is said. */
  readonly trustedProxies?: readonly string[];
  /** Milliseconds that a caller has for sending a whole request; 30 s unless it is said. */
  readonly requestTimeoutMs?: number;
}
export interface Config {
  readonly database: DatabaseConfig;
  readonly kafka: KafkaConfig;
  readonly temporal: TemporalConfig;
  readonly http: HttpConfig;
  /** JSON file `{tenant: {name: value}}` behind `secret://name`, asked for what the database does not have; null: none. */
  readonly secretsFile: string | null;
  /** What wraps the data keys of secrets, sealed values and payloads. */
  readonly masterKeys: MasterKeysConfig;
  /** Origin of the Temporal UI, whose pages may have payloads decoded for whoever is signed in; null: none may. */
  readonly temporalUiOrigin: string | null;
  /** Where people reach the API, without a slash at its end: links in mails begin with it. */
  readonly publicUrl: string;
  /** PEM file with the Ed25519 key that signs certificates, then keys that are only published; null: none are signed. */
  readonly signingKeyFile: string | null;
  /** Cores of all machines of the installation; a tenant's usual limits grow with them. */
  readonly cores: number;
  /** Seconds between two comparisons of our open requests with Temporal. */
  readonly reconcileSeconds: number;
  /** Seconds without progress, while Temporal and PostgreSQL answer, after which the bridge ends itself. */
  readonly watchdogSeconds: number;
  readonly logLevel: string;
  /** Where mails about tickets come in; nowhere unless it is said. */
  readonly ticketMail?: TicketMailConfig;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads every setting from the environment at once. This file is the only reader of `process.env`.
 * Throws `ConfigInvalid` naming all variables that are missing or malformed.
 */
export function loadConfig(environment: Environment = process.env): Config {
  const faults: string[] = [];
  const text = (name: string, fallback?: string): string => {
    const value = environment[name] ?? fallback;
    if (value === undefined || (value === '' && fallback !== '')) faults.push(`${name} is not set`);
    return value ?? '';
  };
  const integer = (name: string, fallback: number, least: number): number => {
    const value = Number(environment[name] ?? fallback);
    if (!Number.isInteger(value) || value < least) faults.push(`${name} must be a whole number of at least ${least}`);
    return value;
  };
  const flag = (name: string): boolean => {
    const value = environment[name] ?? '';
    if (!/^(true|1|false|0|)$/.test(value)) faults.push(`${name} must be true or false`);
    return value === 'true' || value === '1';
  };
  const oneOf = (name: string, fallback: string, known: readonly string[]): string => {
    const value = environment[name] ?? fallback;
    if (!known.includes(value)) faults.push(`${name} must be one of ${known.join(', ')}`);
    return value;
  };
  const config: Config = {
    database: { url: text('STELLWERK_DATABASE_URL'), poolSize: integer('STELLWERK_DATABASE_POOL', 10, 1) },
    kafka: {
      brokers: text('STELLWERK_KAFKA_BROKERS')
        .split(',')
        .map((broker) => broker.trim()),
      prefix: text('STELLWERK_KAFKA_TOPIC_PREFIX', ''),
      tls: flag('STELLWERK_KAFKA_TLS'),
      login: kafkaLogin(environment, faults),
    },
    temporal: {
      address: text('STELLWERK_TEMPORAL_ADDRESS'),
      namespace: text('STELLWERK_TEMPORAL_NAMESPACE', 'stellwerk'),
      tls: flag('STELLWERK_TEMPORAL_TLS') || Boolean(environment['STELLWERK_TEMPORAL_API_KEY']),
      apiKey: environment['STELLWERK_TEMPORAL_API_KEY'] || null,
      taskQueue: text('STELLWERK_TASK_QUEUE', 'stellwerk'),
    },
    http: {
      host: text('STELLWERK_HTTP_HOST', '127.0.0.1'),
      port: integer('STELLWERK_HTTP_PORT', 20000, 0),
      bodyLimitBytes: integer('STELLWERK_BODY_LIMIT_BYTES', 262_144, 1024),
      behindTls: /^https:/i.test(environment['STELLWERK_PUBLIC_URL'] ?? ''),
      trustedProxies: trustedProxies(environment['STELLWERK_TRUSTED_PROXIES'] ?? '', faults),
    },
    secretsFile: environment['STELLWERK_SECRETS_FILE'] || null,
    masterKeys: readMasterKeysConfig(environment, faults),
    temporalUiOrigin: origin(environment['STELLWERK_TEMPORAL_UI_ORIGIN'] || null, faults),
    publicUrl: publicUrl(environment['STELLWERK_PUBLIC_URL'] ?? 'http://127.0.0.1:20000', faults),
    signingKeyFile: environment['STELLWERK_SIGNING_KEY_FILE'] || null,
    cores: integer('STELLWERK_CORES', availableParallelism(), 1),
    reconcileSeconds: integer('STELLWERK_RECONCILE_SECONDS', 30, 1),
    watchdogSeconds: integer('STELLWERK_WATCHDOG_SECONDS', 120, 5),
    ticketMail: readTicketMailConfig(environment, faults),
    logLevel: oneOf('STELLWERK_LOG_LEVEL', 'info', LOG_LEVELS),
  };
  if (faults.length > 0) throw new ConfigInvalid(`Set these variables: ${faults.join('; ')}.`);
  return config;
}

/** Whoever is believed names any address as the caller's, so a list, never "everybody". */
function trustedProxies(text: string, faults: string[]): readonly string[] {
  const proxies = text.split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim()]));
  const isFit = (entry: string): boolean =>
    ipaddr.isValid(entry) || (ipaddr.isValidCIDR(entry) && ipaddr.parseCIDR(entry)[1] > 0);
  if (!proxies.every(isFit))
    faults.push('STELLWERK_TRUSTED_PROXIES must be IP addresses and networks, separated by commas (none with /0)');
  return proxies;
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Whoever reads a link on its way can open it, so it is https unless it stays on this machine. */
function publicUrl(text: string, faults: string[]): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isBare = url !== null && url.search + url.hash + url.username + url.password === '';
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!isBare || !isSafe)
    faults.push('STELLWERK_PUBLIC_URL must be an https address without query or login (http on the loopback only)');
  return text.replace(/\/+$/, '');
}

/** As browsers send it: scheme, host and port. Signed-in people's cookies go along, so it is https outside the loopback. */
function origin(text: string | null, faults: string[]): string | null {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (url?.origin !== text || !isSafe)
    faults.push(
      'STELLWERK_TEMPORAL_UI_ORIGIN must be an origin such as https://temporal.example, without a slash at its end',
    );
  return text;
}

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

function kafkaLogin(environment: Environment, faults: string[]): KafkaLogin | null {
  const username = environment['STELLWERK_KAFKA_USERNAME'];
  if (!username) return null;
  const password = environment['STELLWERK_KAFKA_PASSWORD'] ?? '';
  if (password === '') faults.push('STELLWERK_KAFKA_PASSWORD is not set');
  const wanted = environment['STELLWERK_KAFKA_SASL_MECHANISM'] ?? 'scram-sha-512';
  const mechanism = MECHANISMS.find((known) => known === wanted);
  if (!mechanism) faults.push(`STELLWERK_KAFKA_SASL_MECHANISM must be one of ${MECHANISMS.join(', ')}`);
  return { mechanism: mechanism ?? 'plain', username, password };
}
