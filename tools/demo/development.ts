import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxDescription } from '../sandbox/index.js';

/** What `.stellwerk/dev.json` holds: addresses and keys of the running development system. */
export interface Development {
  readonly api: string;
  readonly temporalUi: string | null;
  readonly kafka: string;
  readonly database: string;
  readonly sandbox: string;
  readonly hooks: string;
  readonly directories: Readonly<
    Record<string, { url: string; baseDn: string; bindDn: string; password: string; caFile?: string }>
  >;
  readonly mail: { readonly smtp: string; readonly received: string };
  readonly keys: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Who can sign in at the issuers, by tenant. */
  readonly people: Readonly<Record<string, readonly { readonly user: string; readonly password: string }[]>>;
}

export function readDevelopment(file: string): Development {
  return JSON.parse(readFileSync(file, 'utf8')) as Development;
}

export async function readSandbox(development: Development): Promise<SandboxDescription> {
  return (await (await fetch(development.sandbox)).json()) as SandboxDescription;
}

/** The process id that the supervisor noted for one of its servers. */
export function readPid(runDir: string, name: string): number {
  return Number(readFileSync(join(runDir, `${name}.pid`), 'utf8').split('\n')[0]);
}
