import { lookup } from 'node:dns/promises';

/** Looks a name up: all its IP addresses. Rejects like Node's `lookup` (`ENOTFOUND`, `EAI_AGAIN` …). */
export type Resolver = (name: string) => Promise<readonly string[]>;

/** As the machine does it: its hosts file and its name servers. */
export const machineResolver: Resolver = async (name) =>
  (await lookup(name, { all: true })).map(({ address }) => address);
