import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { readPlace } from '#libs/platform/outgoing';
import { UsageWrong } from './owner.errors.js';

export const USAGE = `Usage:
  npm run owner -- create --mail <address> --name <name>
    [--issuer <address> --subject <who they are there>]
    [--client-id <of Stellwerk there> [--secret-ref secret://sign-in-<name>] [--allow <another host of the issuer>]...] [--language de|en] [--by <your name>] [--another --reason <why>]
  npm run owner -- emergency --name <name> [--key-for <subject>] [--by <your name>] [--another --reason <why>]`;

interface Common {
  readonly name: string;
  /** Whoever runs the command. */
  readonly by: string;
  /** Why there has to be another one; null: it is the first. */
  readonly anotherFor: string | null;
}

/** Who becomes an owner. */
export interface OwnerWish extends Common {
  readonly kind: 'owner';
  readonly mail: string;
  readonly language: 'de' | 'en';
  /** Who they are at an issuer; null: they get a link that registers a passkey. */
  readonly identity: {
    readonly issuer: string;
    readonly subject: string;
    /** What the MSP's provider is made with, where there is none of this issuer yet. */
    readonly client: {
      readonly id: string;
      readonly secretRef: string | null;
      /** Hosts beside the issuer's own that hold its tokens and keys. */
      readonly alsoAt: readonly string[];
    } | null;
  } | null;
}

/** An account for emergencies, or a further key for one. */
export interface EmergencyWish extends Common {
  readonly kind: 'emergency';
  readonly language: 'de' | 'en';
  /** The emergency account that gets a further key; null: a new one. */
  readonly keyFor: string | null;
}

const text = { type: 'string' } as const;
const OPTIONS = {
  ...{ mail: text, name: text, issuer: text, subject: text, language: text, by: text, reason: text },
  ...{ 'client-id': text, 'secret-ref': text, 'key-for': text, another: { type: 'boolean' } as const },
  allow: { type: 'string', multiple: true } as const,
};
const LONGEST = 200;

/** Reads the command's words. Throws `UsageWrong`. */
export function readWish(words: readonly string[]): OwnerWish | EmergencyWish {
  const { positionals, values } = parse(words);
  const language = values.language ?? 'de';
  if (language !== 'de' && language !== 'en') throw usage('--language is de or en.');
  if (values.another && !values.reason?.trim()) throw usage('--another needs --reason: it stays on record.');
  const common = {
    language: language as 'de' | 'en',
    name: need('--name', values.name),
    by: line('--by', values.by ?? userInfo().username),
    anotherFor: values.another ? values.reason!.trim() : null,
  } as const;
  switch (positionals.join(' ')) {
    case 'create':
      return { kind: 'owner', ...common, mail: readMail(values.mail), identity: readIdentity(values) };
    case 'emergency':
      return { kind: 'emergency', ...common, keyFor: values['key-for'] ?? null };
    default:
      throw usage('Say create or emergency.');
  }
}

function readMail(value: string | undefined): string {
  const mail = need('--mail', value);
  if (!/^[^\s@]+@[^\s@]+$/.test(mail)) throw usage('--mail is no mail address.');
  return mail;
}

function readIdentity(values: ReturnType<typeof parse>['values']): OwnerWish['identity'] {
  if (values.issuer === undefined && values.subject === undefined) return null;
  return { issuer: readIssuer(values.issuer), subject: need('--subject', values.subject), client: readClient(values) };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function readIssuer(value: string | undefined): string {
  const issuer = need('--issuer', value);
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  if (url?.protocol !== 'https:' || url.search + url.hash + url.username + url.password !== '')
    throw usage('--issuer is an https address without query, fragment or login.');
  return issuer;
}

function readClient(values: ReturnType<typeof parse>['values']): NonNullable<OwnerWish['identity']>['client'] {
  if (values['client-id'] === undefined) return null;
  const secretRef = values['secret-ref'] ?? null;
  if (secretRef !== null && !/^secret:\/\/sign-in-[a-z0-9-]{1,60}$/.test(secretRef))
    throw usage('--secret-ref is secret://sign-in-<name>.');
  return { id: line('--client-id', values['client-id']), secretRef, alsoAt: (values.allow ?? []).map(readHost) };
}

function readHost(value: string): string {
  if (readPlace(value)?.host === value) return value;
  throw usage('--allow is a host name, or *. and one.');
}

function need(option: string, value: string | undefined): string {
  if (value === undefined) throw usage(`${option} is missing.`);
  return line(option, value);
}

function line(option: string, value: string): string {
  const trimmed = value.trim();
  if (trimmed === '' || trimmed.length > LONGEST || /[\p{Cc}\p{Cs}]/u.test(trimmed))
    throw usage(`${option} is one line of at most ${LONGEST} characters.`);
  return trimmed;
}

function usage(fault: string): UsageWrong {
  return new UsageWrong(`${fault}\n${USAGE}`);
}
