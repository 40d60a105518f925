import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { UsageWrong } from './owner.errors.js';

export const USAGE = `Usage:
  npm run owner -- create --mail <address> --name <name> --issuer <address> --subject <who they are there>
    [--client-id <of Stellwerk there> [--secret-ref secret://sign-in-<name>]] [--language de|en] [--by <your name>] [--another --reason <why>]`;

/** Who becomes an owner, and how. */
export interface OwnerWish {
  readonly mail: string;
  readonly name: string;
  readonly language: 'de' | 'en';
  readonly identity: {
    readonly issuer: string;
    readonly subject: string;
    /** What the MSP's provider is made with, where there is none of this issuer yet. */
    readonly client: { readonly id: string; readonly secretRef: string | null } | null;
  };
  /** Whoever runs the command. */
  readonly by: string;
  /** Why there has to be another one; null: it is the first. */
  readonly anotherFor: string | null;
}

const text = { type: 'string' } as const;
const OPTIONS = {
  ...{ mail: text, name: text, issuer: text, subject: text, language: text, by: text, reason: text },
  ...{ 'client-id': text, 'secret-ref': text, another: { type: 'boolean' } as const },
};
const LONGEST = 200;

/** Reads the command's words. Throws `UsageWrong`. */
export function readWish(words: readonly string[]): OwnerWish {
  const { positionals, values } = parse(words);
  if (positionals.join(' ') !== 'create') throw usage('Say create.');
  const language = values.language ?? 'de';
  if (language !== 'de' && language !== 'en') throw usage('--language is de or en.');
  const mail = need('--mail', values.mail);
  if (!/^[^\s@]+@[^\s@]+$/.test(mail)) throw usage('--mail is no mail address.');
  if (values.another && !values.reason?.trim()) throw usage('--another needs --reason: it stays on record.');
  return {
    ...{ mail, language, name: need('--name', values.name) },
    identity: {
      issuer: readIssuer(values.issuer),
      subject: need('--subject', values.subject),
      client: readClient(values),
    },
    by: line('--by', values.by ?? userInfo().username),
    anotherFor: values.another ? values.reason!.trim() : null,
  };
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

function readClient(values: ReturnType<typeof parse>['values']): OwnerWish['identity']['client'] {
  if (values['client-id'] === undefined) return null;
  const secretRef = values['secret-ref'] ?? null;
  if (secretRef !== null && !/^secret:\/\/sign-in-[a-z0-9-]{1,60}$/.test(secretRef))
    throw usage('--secret-ref is secret://sign-in-<name>.');
  return { id: line('--client-id', values['client-id']), secretRef };
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
