import { Resolver } from 'node:dns/promises';

/** Asks for records of a name, as Node's `resolve` gives them. Rejects with its codes (`ENOTFOUND`, `ENODATA`, `ETIMEOUT` …). */
export type MailDns = (name: string, type: string) => Promise<string[] | string[][]>;

/** The name servers of this machine. Whose names are asked for, strangers choose: a slow one is given up soon. */
export function machineMailDns(): MailDns {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return (name, type) => resolver.resolve(name, type) as unknown as Promise<string[] | string[][]>;
}
